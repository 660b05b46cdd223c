"""Where each file of the repository is on the site, and the old addresses that lead there."""

from pathlib import PurePosixPath

from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

# SECURITY.md has a namesake in docs/, and some systems do not tell them apart.
OF_ITS_OWN = {
    "docs/home.md": "index.html",
    "CONTRIBUTING.md": "contributing/index.html",
    "SECURITY.md": "report-a-vulnerability/index.html",
    "CHANGELOG.md": "changelog/index.html",
}
MOVED = {"start.html": "docs/start.md"}


def destination(uri: str) -> str:
    """The file of the site for a file of the repository: docs/ is left out, a page is a folder."""
    if uri in OF_ITS_OWN:
        return OF_ITS_OWN[uri]
    path = PurePosixPath(uri.removeprefix("docs/"))
    if path.suffix != ".md":
        return path.as_posix()
    folder = path.parent if path.stem in ("README", "index") else path.with_suffix("")
    return (folder / "index.html").as_posix()


def address(uri: str) -> str:
    """Its address, from the site's root."""
    return destination(uri).removesuffix("index.html") or "./"


def place(file: File) -> File:
    """The same file, where it belongs."""
    file.dest_uri = destination(file.src_uri)
    return file


def redirects(files: Files, config) -> list[File]:
    """At each page's old address, a page that leads to the new one."""
    template = config.theme.get_env().get_template("redirect.html")
    moved = {old_address(file.src_uri): file.src_uri for file in files if is_moved(file)} | MOVED

    def redirect(old: str, uri: str) -> File:
        page = {"meta": {"location": get_relative_url(address(uri), old)}}
        return File.generated(config, old, content=template.render(config=config, page=page))

    return [redirect(old, uri) for old, uri in moved.items()]


def is_moved(file: File) -> bool:
    """Whether the page had an address that ended in .html, and nothing else has it now."""
    return file.is_documentation_page() and old_address(file.src_uri) != file.dest_uri


def old_address(uri: str) -> str:
    path = PurePosixPath(uri)
    name = "index" if path.stem == "README" else path.stem
    return path.with_name(f"{name}.html").as_posix()
