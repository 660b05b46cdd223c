"""Gives the site the repository's own shape: a link that holds on the code host holds there too.

Beside that it adds each lesson's notebook, and puts the pictures of flights into the page, where
they follow the switch between light and dark. Without it they are pictures all the same.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

from lessons.kit.course.mistakes import find_mistake
from lessons.kit.course.steps import ROOT, read_step
from lessons.kit.pages.mistake_pages import all_mistake_pages
from lessons.kit.pages.sections import link as link_to
from lessons.kit.site import addresses, captions, code, description, lab, navigation, search

LESSON_PAGES = "lessons/step_*/README.md"
PAGES = [
    "CONTRIBUTING.md",
    "SECURITY.md",
    "CHANGELOG.md",
    "docs/**/*.md",
    LESSON_PAGES,
    "examples/*/README.md",
]
LAB_PAGE = "docs/lab.md"
LAB_FILES = ["docs/lab/**/*.js", "docs/lab/*.css", "docs/lab/python/*.py"]
LINK = re.compile(r"\]\(([^)\s#]+)")
MISTAKES = ROOT / "docs" / "mistakes"
TO_A_MISTAKE = re.compile(r"\]\([^)\s]*mistakes/(\w+)\.toml\)")
STEP_HEAD_ENDS = "</details>\n\n<!-- end of step -->"
QUIZ = re.compile("<!-- generated: quiz -->(.*?)<!-- end of quiz -->", re.DOTALL)
PICTURE = re.compile(
    r'<img alt="[^"]*" src="[^"]*?(lessons/step_\w+|step_\w+|)/?((?:flight|order)\.svg)" ?/?>'
)


def on_config(config) -> None:
    config.nav = navigation.expanded(config.nav)
    if config.repo_url:
        config.edit_uri = "edit/main/"


def on_files(files: Files, config) -> Files:
    """Replace the pages of docs/ by those of the whole repository, under their own paths."""
    shown = Files([file for file in files if is_asset(file) or is_of_theme(file)])
    mistakes = all_mistake_pages()
    for path, text in mistakes.items():
        uri = path.relative_to(ROOT).as_posix()
        shown.append(as_text(uri, text, config))
    pages = {path: path.read_text("utf-8") for pattern in PAGES for path in ROOT.glob(pattern)}
    linked = {file for page in (pages | mistakes).items() for file in linked_files(*page)}
    loaded = {path for pattern in LAB_FILES for path in ROOT.glob(pattern)}
    for path in sorted({*pages, *linked, *loaded}):
        shown.append(as_file(path, config))
    for path in filter(code.is_shown, sorted(linked)):
        shown.append(code.page_of(path, config))
    for lesson in sorted(ROOT.glob(LESSON_PAGES)):
        uri = lesson.with_name(notebook_name(lesson)).relative_to(ROOT).as_posix()
        shown.append(as_text(uri, as_notebook(lesson), config))
    for file in lab_files(config):
        shown.append(file)
    for file in addresses.redirects(shown, config):
        shown.append(file)
    search.let_the_index_wait(shown)
    return shown


def linked_files(page: Path, text: str) -> Iterator[Path]:
    """The files of the repository that a page links, other than pages."""
    for target in LINK.findall(text):
        file = (page.parent / target).resolve()
        if file.is_file() and file.suffix != ".md" and file.is_relative_to(ROOT):
            yield file


def lab_files(config) -> list[File]:
    """What the live lab loads, if its assets are there."""
    if lab.problem():
        return []
    repository = as_text("docs/lab/repository.json", lab.repository(), config)
    paths = [path for path in sorted(lab.ASSETS.rglob("*")) if path.is_file()]
    return [repository, *(as_asset(path, config) for path in paths)]


def as_asset(path: Path, config) -> File:
    uri = f"docs/lab/assets/{path.relative_to(lab.ASSETS).as_posix()}"
    return addresses.place(File.generated(config, uri, abs_src_path=str(path)))


def on_page_markdown(markdown: str, page, **_) -> str:
    """Below the head of a lesson, link its notebook.

    A link to a mistake's file leads to its page, which the site has besides.
    """
    page.meta["search"] = {"boost": search.boost(page.file.src_uri)}
    if code.shown_file(page.file.src_uri):
        page.meta["hide"] = ["navigation", "toc"]
        page.meta["search"] = {"exclude": True}
        return markdown
    lesson = ROOT / page.file.src_uri
    link = (
        f"[Download this lesson as a notebook]({notebook_name(lesson)}), to run where the kit is."
    )
    if lesson.parent != MISTAKES or lesson.name == "index.md":
        markdown = TO_A_MISTAKE.sub(
            lambda match: f"]({link_to(MISTAKES / f'{match[1]}.md', lesson)})", markdown
        )
    markdown = markdown.replace(STEP_HEAD_ENDS, f"{link}\n\n{STEP_HEAD_ENDS}", 1)
    return code.with_links_to_pages(markdown, lesson)


def on_page_content(html: str, page, **_) -> str:
    """Put the pictures of flights into the page itself, and the lab where it belongs."""
    page.meta["description"] = description.of_page(page.meta, html)
    if file := code.shown_file(page.file.src_uri):
        return html + code.highlighted(file)
    html = code.with_lines(captions.without_noise(html))
    return with_lab(with_pictures(with_quiz(html), page), page)


def with_quiz(html: str) -> str:
    """Mark the questions, for the script that lets one answer them."""
    return QUIZ.sub(r'<div class="quiz">\1</div>', html)


def with_lab(html: str, page) -> str:
    """The lab in its page, one of the own step in each lesson, a link on each mistake's page."""
    link, source = link_from(page), ROOT / page.file.src_uri
    if page.file.src_uri == LAB_PAGE:
        return html.replace("<!-- lab -->", lab.section(link))
    if lab.problem():
        return html
    if source.match(LESSON_PAGES):
        step = read_step(source.parent)
        panel = lab.section(link, step.number, link(LAB_PAGE))
    elif source.parent == MISTAKES and source.name != "index.md":
        mistake = find_mistake(source.stem)
        step, panel = mistake.step, lab.link_to_mistake(mistake, link(LAB_PAGE))
    else:
        return html
    return with_panel(html, panel) if lab.has(step) else html


def with_panel(html: str, panel: str) -> str:
    """The panel at the end of the section that shows the failure, or else of the first."""
    fails = html.find('<h2 id="see-it-fail"')
    end = html.find("<h2", max(fails, html.find("<h2")) + 1)
    return f"{html[:end]}{panel}\n{html[end:]}"


def link_from(page):
    return lambda uri: get_relative_url(addresses.address(uri), page.url)


def with_pictures(html: str, page) -> str:
    home = (ROOT / page.file.src_uri).parent

    def drawn(match: re.Match) -> str:
        folder = ROOT / "lessons" / Path(match[1]).name if match[1] else home
        return (folder / match[2]).read_text("utf-8")

    return PICTURE.sub(drawn, html)


def notebook_name(lesson: Path) -> str:
    return f"{lesson.parent.name}.ipynb"


def as_notebook(lesson: Path) -> str:
    return jupytext.writes(jupytext.reads(lesson.read_text("utf-8"), fmt="md"), fmt="ipynb")


def is_asset(file: File) -> bool:
    return file.src_uri.startswith("assets/")


def is_of_theme(file: File) -> bool:
    return file.abs_src_path is None or not Path(file.abs_src_path).is_relative_to(ROOT / "docs")


def as_file(path: Path, config) -> File:
    uri = path.relative_to(ROOT).as_posix()
    file = addresses.place(File.generated(config, uri, abs_src_path=str(path)))
    file.edit_uri = uri
    return file


def as_text(uri: str, content: str, config) -> File:
    return addresses.place(File.generated(config, uri, content=content))


def on_post_page(output: str, **_) -> str:
    """The theme calls its search a dialog, and gives it no name."""
    search = 'class="md-search" data-md-component="search" role="dialog"'
    return output.replace(search, f'{search} aria-label="Search"')
