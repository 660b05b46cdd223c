"""The built site: nothing from elsewhere, no dead link, the pictures, the notebooks, its weight."""

import gzip
import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

from lessons.kit.course.mistakes import all_mistakes
from lessons.kit.course.steps import ROOT, all_steps
from lessons.kit.pages.render import FLIGHTS
from lessons.kit.site import build

pytest.importorskip("mkdocs")
pytestmark = pytest.mark.slow  # it builds the site

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
KB = 1000


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    build.build_site(folder)
    return folder


@pytest.fixture(scope="module")
def pages(built):
    """Every page as a tree, by its file. Those that only lead to another are left out, and code."""
    found = {file: read(file) for file in built.rglob("index.html")}
    code = built / "code"
    found = {f: page for f, page in found.items() if page.article and code not in f.parents}
    assert len(found) > 25
    return found


def read(file):
    return BeautifulSoup(file.read_text("utf-8"), "html.parser")


def loads(page):
    """The addresses of what a browser loads to show a page."""
    for tag, attribute in LOADED.items():
        for element in page(tag):
            if element.get("rel") in (["canonical"], ["next"], ["prev"]):
                continue
            if element.get(attribute):
                yield element[attribute]


def test_no_page_loads_anything_from_another_host(pages):
    found = [(file, url) for file, page in pages.items() for url in loads(page)]
    assert len(found) > 5 * len(pages)
    assert [(file, url) for file, url in found if urlsplit(url).netloc] == []


def test_no_style_loads_anything_from_another_host(built):
    styles = [file.read_text("utf-8") for file in built.rglob("*.css")]
    assert styles
    assert [text for text in styles if "url(http" in text or "@import" in text] == []


def test_every_link_of_ours_leads_somewhere(pages, built):
    ids = {file: {tag["id"] for tag in page(id=True)} for file, page in pages.items()}
    dead = []
    for file, page in pages.items():
        for anchor in page("a", href=True):
            url = urlsplit(anchor["href"])
            if url.scheme or url.netloc:
                continue
            target = (file.parent / unquote(url.path)).resolve() if url.path else file
            target = target / "index.html" if target.is_dir() else target
            missing = url.fragment and target in ids and url.fragment not in ids[target]
            # The theme's own toggles, and the step that the lab is to open, are no anchors.
            state = url.fragment.startswith("__") or target.parent.name == "lab"
            if not target.exists() or (missing and not state):
                dead.append(f"{file.relative_to(built)}: {anchor['href']}")
    assert dead == []


def test_every_flight_is_drawn_in_its_lesson_and_told_below(pages, built):
    places = [built / file.parent.relative_to(ROOT) / "index.html" for file in FLIGHTS]
    for file in [*places, built / "concepts" / "idea" / "index.html"]:
        picture = pages[file].find("svg", class_="flight")
        assert picture.title.text
        told = picture.find_next("details")
        assert told.summary.text == "The picture in words"
        assert len(told("li")) >= 6


def test_an_order_of_events_is_drawn_on_its_page(pages, built):
    picture = pages[built / "concepts" / "every-order" / "index.html"].find("svg", class_="flight")
    assert "the others see it now: end" in [words.text for words in picture("text")]


def test_every_mistake_has_a_page_to_which_its_lesson_leads(pages, built):
    for mistake in all_mistakes():
        file = built / "mistakes" / mistake.name / "index.html"
        assert mistake.title in pages[file].h1.text
        assert any("E   " in shown.text for shown in pages[file].find_all("pre"))
        index = pages[built / "mistakes" / "index.html"]
        assert index.find("a", href=f"{mistake.name}/", string=mistake.title)


@pytest.mark.parametrize("folder", ["mistakes", "check/scenarios"])
def test_next_leads_through_every_page_of_a_folder_under_its_tab(folder, pages, built):
    file = first = built / folder / "index.html"
    passed = []
    while file.is_relative_to(first.parent):
        passed.append(file)
        assert pages[file].select_one(".md-tabs__item--active").text.strip() == "Check it"
        assert len(pages[file].select(".md-nav--primary a")) < 80
        file = (file.parent / pages[file].find("link", rel="next")["href"]).resolve() / "index.html"
    assert sorted(passed) == sorted(first.parent.rglob("index.html"))
    assert len(passed) > 40


def test_the_home_page_opens_with_the_lab_and_lesson_0(pages, built):
    page = built / "index.html"
    doors = pages[page].find(class_="doors")("a")
    targets = [(built / door["href"]).resolve() for door in doors]
    heads = [pages[page / "index.html" if page.is_dir() else page].h1.text for page in targets]
    assert [head.partition(":")[0].rstrip("¶") for head in heads] == ["Live lab", "Step 0"]
    assert doors[1].text.endswith(f"{all_steps()[0].minutes} minutes")


def test_the_home_page_weighs_less_than_200_kb(pages, built):
    page = built / "index.html"
    parts = {(built / url).resolve() for url in loads(pages[page])} | {page}
    assert {"home.css", "home.js", "slab.woff2"} < {part.name for part in parts}
    assert sum(len(gzip.compress(part.read_bytes())) for part in parts) < 200 * KB


@pytest.mark.parametrize("page", ["index.html", "start/index.html"])
def test_who_comes_new_is_told_how_to_get_the_repository(page, pages, built):
    copy = pages[built / page].find(class_="copy")
    assert "on your machine" in copy.p.text
    assert "reference_app demo" in copy.pre.text


OLD_ADDRESSES = {
    "start.html": "start",
    "docs/lab.html": "lab",
    "docs/howto/flask.html": "howto/flask",
    "docs/mistakes/index.html": "mistakes",
    "docs/mistakes/the_one_who_pressed_stays_in.html": "mistakes/the_one_who_pressed_stays_in",
    "SECURITY.html": "report-a-vulnerability",
}


@pytest.mark.parametrize("old", OLD_ADDRESSES)
def test_an_old_address_leads_to_the_page(old, pages, built):
    refresh = read(built / old).find("meta", attrs={"http-equiv": "refresh"})["content"]
    target = (built / old).parent / refresh.removeprefix("0;url=")
    assert target.resolve() == built / OLD_ADDRESSES[old]
    assert target.resolve() / "index.html" in pages


@pytest.mark.parametrize("step", all_steps(), ids=lambda step: step.tag)
def test_a_lesson_can_be_downloaded_as_a_notebook(step, pages, built):
    name = f"{step.folder.name}.ipynb"
    folder = built / "lessons" / step.folder.name
    assert pages[folder / "index.html"].find("a", href=name)
    book = json.loads((folder / name).read_text("utf-8"))
    cells = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    assert cells
    lesson = (step.folder / "README.md").read_text("utf-8")
    assert [cell for cell in cells if f"```python\n{cell}\n```" not in lesson] == []


def test_every_page_says_in_a_line_of_its_own_what_it_is_about(pages):
    lines = [page.find("meta", attrs={"name": "description"})["content"] for page in pages.values()]
    assert [line for line in lines if not 20 < len(line) <= 160] == []
    assert len(set(lines)) == len(pages)


def test_a_list_for_machines_names_every_page(pages, built):
    listed = re.findall(r"^- \[.+\]\((\S+)\): .{20}", (built / "llms.txt").read_text("utf-8"), re.M)
    assert sorted((built / url / "index.html").resolve() for url in listed) == sorted(pages)


def test_a_linked_file_is_a_page_and_a_named_test_is_linked_at_its_line(pages, built):
    lesson = built / "lessons" / "step_4_login_stamping" / "index.html"
    links = {anchor.text: anchor["href"] for anchor in pages[lesson].article("a", href=True)}
    template = read((lesson.parent / links["home.tpl"] / "index.html").resolve())
    assert "Log out everywhere" in template.find(class_="highlight").text
    address, _, line = links[KILLER].partition("#")
    code = read((lesson.parent / address / "index.html").resolve())
    assert f"def {KILLER}(" in code.find(id=line).text


KILLER = "test_a_login_with_the_old_password_gets_no_live_session"


def test_a_diff_shows_changes_and_no_header(pages):
    diffs = [diff for page in pages.values() for diff in page(class_="language-diff")]
    assert sum(bool(diff.find(class_="filename", string="app.py")) for diff in diffs) > 20
    lines = [line for diff in diffs for line in diff.pre.text.splitlines()]
    assert [line for line in lines if line.startswith(("--- ", "+++ ", "@@"))] == []


def test_where_nothing_is_there_are_a_search_and_ways_on(built):
    page = read(built / "404.html").article
    assert page.find("input", attrs={"name": "q"})["id"] == page.label["for"]
    ways = [built / anchor["href"].strip("/") for anchor in page("a")]
    assert len(ways) > 5
    assert [way for way in ways if not (way / "index.html").exists()] == []


def test_without_a_repositorys_address_no_page_asks_for_changes(pages):
    assert [file for file, page in pages.items() if page.find(class_="page-feedback")] == []


def test_the_first_view_of_a_page_is_light(pages, built):
    """Measured as a static host sends it. The worker of the search is loaded by a script."""
    worker = next(built.glob("assets/javascripts/workers/search.*.js"))
    heavy = {}
    for file, page in pages.items():
        parts = {(file.parent / url).resolve() for url in loads(page)} | {file, worker}
        weight = sum(len(gzip.compress(part.read_bytes())) for part in parts)
        heavy[file.name] = max(weight, heavy.get(file.name, 0))
    assert min(heavy.values()) > 50 * KB, "the scripts and styles were not found"
    assert max(heavy.values()) < 300 * KB


def test_without_an_address_nothing_asks_for_one(pages, built):
    assert pages[built / "index.html"].find("meta", property="og:title")
    assert not pages[built / "index.html"].find("meta", property="og:image")


def test_with_addresses_there_are_a_map_a_card_and_ways_to_mend_a_page(tmp_path, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://docs.example.com/kit/")
    monkeypatch.setenv("REPO_URL", "https://code.example.com/kit")
    build.build_site(tmp_path)
    found = read(tmp_path / "index.html").find("meta", property="og:image")["content"]
    assert (tmp_path / found.removeprefix("https://docs.example.com/kit/")).exists()
    mapped = (tmp_path / "sitemap.xml").read_text("utf-8")
    urls = re.findall("<loc>https://docs.example.com/kit/(.*)</loc>", mapped)
    assert mapped.count("<loc>") == len(urls) > 25
    assert {"", "lab/", "howto/flask/", "lessons/step_4_login_stamping/"} <= set(urls)
    assert [url for url in urls if not (tmp_path / url / "index.html").exists()] == []
    feedback = read(tmp_path / "howto" / "flask" / "index.html").find(class_="page-feedback")
    new_issue, edit = [anchor["href"] for anchor in feedback("a")]
    assert new_issue.startswith("https://code.example.com/kit/issues/new?title=")
    repository, _, file = edit.partition("/edit/main/")
    assert (repository, (ROOT / file).exists()) == ("https://code.example.com/kit", True)
