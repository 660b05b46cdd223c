"""The scenarios by which fourteen systems were measured: those that no lesson's test holds yet."""

from statistics import median
from time import perf_counter

import bcrypt
import pytest

from lessons.kit.stage import ALICE, BOB, EXPIRED, Browser, Thief, alert, payload
from reference_app.keys import add_key, make_keys, read_keys, retire_key
from tests.support.clock import MINUTE, take_the_clock
from tests.support.databases import execute

NEW = "a new password"


def alice_row(User):
    return User.get(User.email == ALICE.email)


def test_peers_1_two_devices_and_bob_sign_in(alice_laptop, alice_phone, bob):
    for browser, person in ((alice_laptop, ALICE), (alice_phone, ALICE), (bob, BOB)):
        assert not browser.is_signed_in()
        browser.sign_in(person)
    for browser, person in ((alice_laptop, ALICE), (alice_phone, ALICE), (bob, BOB)):
        assert f"Hello, {person.name}" in browser.get("/", status=200).text


def test_peers_2_a_rotation_kills_both_devices_and_a_copied_cookie(User, alice_laptop, alice_phone):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    alice_row(User).invalidate_sessions()
    for browser in (thief, alice_laptop, alice_phone):
        assert alert(browser.open("/").follow()) == EXPIRED


def test_peers_3_bob_and_a_fresh_login_are_unaffected(User, alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_laptop.is_signed_in()
    alice_row(User).invalidate_sessions()
    assert not alice_laptop.is_signed_in()
    assert bob.is_signed_in()
    alice_phone.sign_in(ALICE)
    assert alice_phone.is_signed_in()


def test_peers_4_a_password_change_ends_the_other_sessions(alice_laptop, alice_phone, bob):
    alice_laptop.sign_in(ALICE)
    alice_phone.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_phone.is_signed_in()
    alice_laptop.change_password(ALICE.password, NEW)
    assert not alice_phone.is_signed_in()
    assert bob.is_signed_in()


def test_peers_7_a_copied_cookie_is_dead_after_the_password_change(alice_laptop):
    alice_laptop.sign_in(ALICE)
    thief = Thief(alice_laptop)
    assert thief.is_signed_in()
    alice_laptop.change_password(ALICE.password, NEW)
    assert not thief.is_signed_in()
    assert alice_laptop.is_signed_in()


def test_peers_15_an_unknown_address_takes_as_long_as_a_wrong_password(
    snapshot, database_url, User, monkeypatch
):
    """At bcrypt's cost 10 the check is nearly all of it; one that is missing halves the time."""
    monkeypatch.setattr(snapshot.models, "BCRYPT_ROUNDS", 10)
    execute(database_url, "UPDATE users SET password_digest = ?", with_cost(10))
    app = snapshot.app.create_app(database_url, secret_keys=["a key"])
    times = {ALICE.email: [], "nobody@example.com": []}
    for _ in range(8):
        for email, measured in times.items():
            begun = perf_counter()
            Browser(app).post("/login", {"email": email, "password": "wrong"}, status=401)
            measured.append(perf_counter() - begun)
    known, unknown = (median(measured) for measured in times.values())
    assert 0.5 < unknown / known < 2


def with_cost(rounds):
    return bcrypt.hashpw(ALICE.password.encode(), bcrypt.gensalt(rounds)).decode()


@pytest.mark.parametrize("odd", ["", "\0", "a\0b", "é" * 37, "x" * 5000, "' OR 1=1 --", "{{name}}"])
def test_peers_16_odd_passwords_addresses_and_cookies_never_give_a_500(app, alice_laptop, odd):
    alice_laptop.sign_in(ALICE)
    for fields in ({"email": ALICE.email, "password": odd}, {"email": odd, "password": odd}):
        assert Browser(app).send("/login", **fields).status_int == 401
    fields = {"current_password": ALICE.password, "new_password": odd}
    assert alice_laptop.send("/password", **fields).status_int in (303, 422)
    cookie = "session=" + odd.replace("\0", "%00").encode().decode("latin-1")
    assert Browser(app).open("/", Cookie=cookie).status_int == 303


def test_peers_17_a_cookie_from_before_the_login_is_not_valid_after_it(app, alice_laptop):
    before = alice_laptop.open("/login").headers.get("Set-Cookie")
    planted = "session=planted-by-somebody"
    fields = {"email": ALICE.email, "password": ALICE.password}
    alice_laptop.post("/login", fields, headers={"Cookie": planted}, status=303)
    assert before is None
    assert "planted" not in alice_laptop.cookie
    assert alice_laptop.is_signed_in()
    assert Browser(app).open("/", Cookie=planted).status_int == 303


def test_peers_18_a_second_user_on_the_same_browser_inherits_nothing(alice_laptop):
    alice_laptop.sign_in(ALICE)
    alices = payload(alice_laptop)
    alice_laptop.sign_in(BOB)
    page = alice_laptop.get("/", status=200).text
    assert "Hello, Bob" in page
    assert ALICE.email not in page
    assert payload(alice_laptop)["session_id"] != alices["session_id"]
    assert payload(alice_laptop).keys() == alices.keys()


def test_peers_19_the_cookie_is_httponly_and_samesite(alice_laptop):
    cookie = alice_laptop.sign_in(ALICE).headers["Set-Cookie"]
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert "Secure" not in cookie


def test_peers_20_a_json_client_gets_401_and_no_redirect(User, alice_laptop):
    stranger = alice_laptop.open("/", Accept="application/json")
    assert (stranger.status_int, stranger.json) == (401, {"error": "not_signed_in"})
    alice_laptop.sign_in(ALICE)
    assert alice_laptop.open("/", Accept="application/json").status_int == 200
    alice_row(User).invalidate_sessions()
    dead = alice_laptop.open("/", Accept="application/json")
    assert (dead.status_int, dead.json) == (401, {"error": "session_expired"})


def test_peers_22_a_key_is_rotated_without_logging_everybody_out(
    snapshot, database_url, monkeypatch, tmp_path
):
    clock = take_the_clock(snapshot, monkeypatch)
    make_keys(tmp_path / "keys")

    def started():
        keys = read_keys(tmp_path / "keys")
        return snapshot.app.create_app(database_url, secret_keys=keys)

    first = Browser(started())
    first.sign_in(ALICE)
    add_key(tmp_path / "keys")
    clock.advance(MINUTE)
    answer = Browser(started()).open("/", Cookie=first.cookie)
    assert answer.status_int == 200
    renewed = answer.headers["Set-Cookie"].partition(";")[0]
    retire_key(tmp_path / "keys")
    app = started()
    assert Browser(app).open("/", Cookie=renewed).status_int == 200
    assert Browser(app).open("/", Cookie=first.cookie).status_int == 303


def test_peers_27_a_deleted_user_is_out_without_a_500(User, alice_laptop, bob):
    alice_laptop.sign_in(ALICE)
    bob.sign_in(BOB)
    assert alice_laptop.is_signed_in()
    alice_row(User).delete_instance()
    assert alert(alice_laptop.open("/").follow()) == EXPIRED
    assert bob.is_signed_in()


def test_peers_28_over_https_the_cookie_is_secure_and_host_bound_without_a_setting(app):
    alice = Browser(app, "https")
    cookie = alice.sign_in(ALICE).headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert {"secure", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
    plain = alice.cookie.replace("__Host-", "")
    assert alice.is_signed_in()
    assert Browser(app, "https").open("/", Cookie=plain).status_int == 303
