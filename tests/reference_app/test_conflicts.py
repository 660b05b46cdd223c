"""Two who write the same at the same moment, on PostgreSQL; and what only looks like it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from lessons.kit.stage import ALICE, BOB, Browser, alert
from tests.support.databases import execute, new_postgresql
from tests.support.meanwhile import before_each

CONFLICT = "Somebody changed the same at the same moment. Nothing was changed. Try again."


@pytest.fixture
def empty_database(postgresql):
    with new_postgresql(postgresql) as url:
        yield url


def rows(url):
    return execute(url, "SELECT * FROM users ORDER BY id")


def test_of_two_who_swap_addresses_one_is_told_to_try_again(
    app, snapshot, monkeypatch, database_url
):
    """Each holds their own row when they meet, and then wants the address of the other's."""

    def take(person, email):
        browser = Browser(app)
        browser.sign_in(person)
        return browser.send("/email", email=email, current_password=person.password)

    before = rows(database_url)
    before_each(snapshot, monkeypatch, 'SET "email"', Barrier(2, timeout=60).wait)
    with ThreadPoolExecutor(2) as threads:
        swaps = [threads.submit(take, ALICE, BOB.email), threads.submit(take, BOB, ALICE.email)]
        answers = {answer.status_int: answer for answer in (swap.result() for swap in swaps)}
    assert answers.keys() == {409, 422}
    assert alert(answers[409]) == CONFLICT
    assert alert(answers[422]) == "Somebody else has this e-mail address."
    assert rows(database_url) == before


def test_a_database_that_stops_in_the_middle_is_no_conflict(
    snapshot, monkeypatch, alice_laptop, database_url
):
    def stop():
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        sql = f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}"
        stopped.append(execute(database_url, sql))

    alice_laptop.sign_in(ALICE)
    before, stopped = rows(database_url), []
    before_each(snapshot, monkeypatch, 'SET "name"', stop)
    answer = alice_laptop.send("/profile", name="Alice Liddell")
    assert stopped == [[(True,)]]
    assert answer.status_int >= 500
    assert CONFLICT not in answer.text
    assert rows(database_url) == before
    assert alice_laptop.is_signed_in()
