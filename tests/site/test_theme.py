"""What the theme makes of the settings, without a build of the site."""

import pytest
from bs4 import BeautifulSoup

from lessons.kit.course.steps import ROOT

jinja2 = pytest.importorskip("jinja2")


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://code.example.com/kit", "git clone https://code.example.com/kit"),
        (None, "get a copy of the repository"),
    ],
)
def test_how_to_get_the_repository_is_said_with_the_address_that_it_has(address, says):
    theme = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "docs" / "theme"), autoescape=True
    )
    page = theme.get_template("partials/get_a_copy.html").render(config={"repo_url": address})
    words = " ".join(BeautifulSoup(page, "html.parser").text.split())
    asked = words.replace(" ,", ",")
    assert asked == f"Run the finished app on your machine: {says}, then in its folder:"
