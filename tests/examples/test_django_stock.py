"""The example's own tests, as its README runs them."""

import os
import subprocess
import sys

import pytest

from lessons.kit.course.steps import ROOT

ANOTHER_SITES = {"DJANGO_SETTINGS_MODULE", "DATABASE_URL"}


def run_tests(*arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "test", *arguments],
        cwd=ROOT / "examples" / "django_stock",
        env={name: value for name, value in os.environ.items() if name not in ANOTHER_SITES},
        capture_output=True,
        text=True,
    )


def test_it_keeps_the_promise_and_knows_djangos_traps():
    pytest.importorskip("rest_framework_simplejwt")
    done = run_tests()
    assert done.returncode == 0, done.stderr
    assert "Ran 0 tests" not in done.stderr


def test_it_ends_what_allauth_gives_out():
    pytest.importorskip("allauth")
    pytest.importorskip("rest_framework_simplejwt")
    done = run_tests("tests.test_allauth", "--settings", "tests.allauth_settings")
    assert done.returncode == 0, done.stderr
    assert "Ran 0 tests" not in done.stderr
    assert "skipped" not in done.stderr
