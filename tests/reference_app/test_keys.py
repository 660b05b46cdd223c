"""The secret keys, replaced while people are signed in."""

from lessons.kit.stage import ALICE, BOB, Browser
from reference_app.keys import add_key, make_keys, read_keys, retire_key
from tests.support.clock import MINUTE, take_the_clock


def test_no_remembered_session_needs_the_old_key_after_a_week(
    snapshot, database_url, monkeypatch, tmp_path
):
    file = tmp_path / "keys"
    make_keys(file)
    clock = take_the_clock(snapshot, monkeypatch)

    def restart():
        return snapshot.app.create_app(database_url, secret_keys=read_keys(file))

    visitor, absent = Browser(restart()), Browser(restart())
    for browser in (visitor, absent):
        fields = {"email": ALICE.email, "password": ALICE.password, "remember": "yes"}
        browser.post("/login", fields, status=303)
    add_key(file)
    visitor.app = absent.app = restart()
    clock.advance(snapshot.sessions.REMEMBERED_IDLE_LIMIT - MINUTE)
    assert visitor.is_signed_in()
    clock.advance(MINUTE)
    assert not absent.is_signed_in()  # with both keys
    retire_key(file)
    visitor.app = restart()
    assert visitor.is_signed_in()


def test_a_key_is_replaced_and_whoever_visits_stays_in(
    snapshot, database_url, monkeypatch, tmp_path
):
    file = tmp_path / "keys"
    make_keys(file)
    clock = take_the_clock(snapshot, monkeypatch)

    def restart(*browsers):
        keys = read_keys(file)
        app = snapshot.app.create_app(database_url, secret_keys=keys)
        for browser in browsers:
            browser.app = Browser(app).app
        return app

    app = restart()
    visitor, absent = Browser(app), Browser(app)
    visitor.sign_in(ALICE)
    absent.sign_in(BOB)
    add_key(file)
    restart(visitor, absent)
    clock.advance(MINUTE)
    assert visitor.is_signed_in()
    retire_key(file)
    assert len(read_keys(file)) == 1
    restart(visitor, absent)
    assert visitor.is_signed_in()
    assert not absent.is_signed_in()
