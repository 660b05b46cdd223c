"""Beyond step 3: what was shown to somebody signed in is not kept by the browser."""

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, signed
from tests.support.databases import execute

STEP = find_step(3)


def test_a_page_behind_the_check_is_not_stored(alice_laptop, database_url):
    sql = "SELECT id, session_token FROM users WHERE email = ?"
    ((user_id, token),) = execute(database_url, sql, ALICE.email)
    cookie = signed({"user_id": user_id, "session_token": token})
    answer = alice_laptop.open("/", Cookie=cookie)
    assert "Hello, Alice" in answer.text
    assert answer.headers.get("Cache-Control") == "no-store"


def test_the_login_page_may_be(alice_laptop):
    answer = alice_laptop.get("/login", status=200)
    assert answer.headers.get("Cache-Control") != "no-store"
