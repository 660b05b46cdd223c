"""Flask-Security's own token, and what ends with it."""

import pytest

from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, Thief

pytest.importorskip("flask_security")
pytest.importorskip("flask_sqlalchemy")


@pytest.fixture(scope="module")
def site():
    from flask_security import hash_password

    from examples.flask_security_app import create_app, db, users
    from tests.support.flask_site import alone

    app = create_app(
        {
            "SECRET_KEY": SECRET_KEY,
            "SQLALCHEMY_DATABASE_URI": "sqlite://",
            "SECURITY_PASSWORD_SALT": "a salt for tests",
            "SECURITY_PASSWORD_HASH": "plaintext",
            "SECURITY_PASSWORD_SCHEMES": ["plaintext"],
            "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
            "SECURITY_RECOVERABLE": True,
            "WTF_CSRF_ENABLED": False,
        }
    )
    with app.app_context():
        db.create_all()
        for person in (ALICE, BOB):
            users.create_user(email=person.email, password=hash_password(person.password))
        users.commit()
    yield alone(app)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def visit(site):
    def sign_in(person=ALICE, **fields):
        browser = Browser(site)
        browser.send("/login", email=person.email, password=person.password, **fields)
        assert is_in(browser)
        return browser

    return sign_in


def is_in(browser, **headers):
    return browser.open("/", **headers).status_int == 200


def change(site, do):
    """Do it with Alice's object."""
    from examples.flask_security_app import users

    with site.app.app_context():
        done = do(users.find_user(email=ALICE.email))
        users.commit()
        return done


def user_of(site, link):
    """The address of the user who can set a new password by the link."""
    from flask_security.recoverable import reset_password_token_status

    with site.app.test_request_context():
        user = reset_password_token_status(link)[2]
        return user and user.email


def test_a_new_uniquifier_ends_all_that_alice_came_in_with(site, visit):
    from flask_security.recoverable import generate_reset_password_token

    laptop, phone, bob = visit(), visit(remember="y"), visit(BOB)
    thief = Thief(phone)
    key = {"Authentication-Token": laptop.send("/api-key").json["key"]}
    link = change(site, generate_reset_password_token)
    assert user_of(site, link) == ALICE.email
    program = Browser(site)
    assert is_in(program, **key)

    laptop.send("/sessions/invalidate")
    assert [is_in(each) for each in (laptop, phone, thief, bob)] == [False, False, False, True]
    assert not is_in(program, **key)
    assert user_of(site, link) is None
    assert is_in(visit())


def test_a_user_who_is_activated_again_has_no_session(site, visit):
    from examples.flask_security_app import deactivate, users

    laptop = visit()
    change(site, deactivate)
    change(site, users.activate_user)
    assert not is_in(laptop)
    assert is_in(visit())
