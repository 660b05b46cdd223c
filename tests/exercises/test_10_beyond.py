"""Beyond step 10: one user holds one place."""

import pytest

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB
from lessons.kit.stage.wire import Reader, served
from tests.support.readers import act, until

STEP = find_step(10)


@pytest.fixture
def server(app):
    with served(app) as address:
        yield address


@pytest.mark.parametrize("path", ["/events", "/export"])
def test_one_more_of_the_same_user_is_refused(server, alice_laptop, alice_phone, path):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    with Reader(server, "/events", alice_laptop.cookie) as first:
        assert first.status == 200
        with Reader(server, path, alice_phone.cookie) as second:
            assert second.status == 429
            assert int(second.headers["Retry-After"]) > 0
            assert second.rest()[0]
        assert first.piece()


def test_another_user_still_gets_a_place(server, alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    with Reader(server, "/events", alice_laptop.cookie) as first:
        assert first.status == 200
        assert open_again(server, alice_laptop) == 429
        with Reader(server, "/events", bob.cookie) as second:
            assert second.status == 200


def open_again(server, browser):
    with Reader(server, "/events", browser.cookie) as reader:
        return reader.status


def test_when_the_reader_has_gone_the_next_is_let_in(server, alice_laptop):
    alice_laptop.sign_in(ALICE)
    with Reader(server, "/events", alice_laptop.cookie) as first:
        assert first.status == 200
        assert open_again(server, alice_laptop) == 429
    assert until(lambda: open_again(server, alice_laptop) == 200)


def test_when_the_session_has_ended_the_next_is_let_in(
    server, database_url, alice_laptop, alice_phone
):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    with Reader(server, "/events", alice_laptop.cookie) as first:
        assert first.status == 200
        assert open_again(server, alice_phone) == 429
        act(database_url, "DELETE FROM sessions WHERE id = 1")
        assert until(lambda: open_again(server, alice_phone) == 200)
