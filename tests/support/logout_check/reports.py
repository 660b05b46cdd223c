"""What the tester says of an app."""

from logout_check.config import read_app
from logout_check.runner import run
from logout_check.scenarios import SCENARIOS
from logout_check.webapp import Site
from tests.support.logout_check.right import file_of


def report_of(app, folder, *numbers):
    with file_of(app, folder) as path:
        return report_on(path, *numbers)


def report_on(path, *numbers):
    app = read_app(path)
    with Site(app.url, app.ca) as site:
        return run(app, site, [SCENARIOS[number] for number in numbers])


def verdict_of(app, folder, number):
    (result,) = report_of(app, folder, number).results
    return result
