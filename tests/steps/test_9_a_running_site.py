"""Step 9: a site with people signed in gets it all in three releases, and nobody is logged out.

The releases run side by side on one database. Release 0 is the app of step 0, releases 1 and 2 are
in `releases/`, and release 3 is the app of this step.
"""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from itsdangerous import TimestampSigner

from lessons.kit.course.steps import find_step
from lessons.kit.stage import ALICE, BOB, SECRET_KEY, Browser, Rollout, Thief, payload, signed
from tests.support.databases import execute, open_connection, tokens
from tests.support.readers import until

STEP = find_step(9)
pytestmark = pytest.mark.a_running_site
LAST = "0007_require_session_token"


@pytest.fixture(autouse=True)
def no_two_cookies_in_one_second(monkeypatch):
    """On release 0 they would be the same, and the two browsers one."""
    seconds = itertools.count(int(time.time()))
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: next(seconds))


@pytest.fixture
def rollout(request, snapshot, empty_database):
    """Release 0 runs. Release 3 is the app under test; a learner's has no releases beside it."""
    made = Rollout(empty_database, request.config.getoption("--app") or STEP.folder)
    yield made
    made.close()


def upgrade(rollout, to, look=lambda: None):
    """Bring the site to this release, one after the other. `look` at each pair side by side."""
    for number in range(min(rollout.running) + 1, to + 1):
        start(rollout, number)
        look()
        rollout.stop(number - 1)


def start(rollout, number):
    applied = rollout.start(number)
    if number == 3:
        assert applied[:1] == [LAST]  # a later step may have more


def nobody_is_logged_out(rollout, *browsers):
    def look():
        assert refused(rollout, *browsers) == []

    return look


def sign_in_all(rollout):
    """Two browsers of Alice's and one of Bob's, signed in on what runs."""
    laptop, phone, bob = (rollout.browser(name) for name in ("laptop", "phone", "bob"))
    laptop.sign_in(ALICE)
    phone.sign_in(ALICE)
    bob.sign_in(BOB)
    return laptop, phone, bob


def refused(rollout, *browsers):
    """Which of them a running release refuses, and which release."""
    return answered(rollout, browsers, False)


def let_in(rollout, *browsers):
    """A copy of whose cookie a running release lets in, and which release."""
    return answered(rollout, browsers, True, Thief)


def answered(rollout, browsers, expected, copy=lambda browser: browser):
    names = {browser: name for name, browser in rollout.browsers.items()}
    return [
        f"{names.get(browser, 'another browser')} by release {number}"
        for browser in browsers
        for number, is_in in zip(rollout.running, rollout.lets_in(copy(browser)), strict=True)
        if is_in is expected
    ]


def end_with_the_model(rollout, number):
    with rollout.only(number):
        rollout.user(number, ALICE).invalidate_sessions()


def end_on_the_page(rollout, number):
    with rollout.only(number):
        browser = Browser(rollout.site)
        browser.sign_in(ALICE)
        browser.log_out_everywhere()


def end_with_a_new_password(rollout, number):
    """Somebody signs in and sets a new password: their browser stays in."""
    with rollout.only(number):
        browser = Browser(rollout.site)
        browser.sign_in(ALICE)
        browser.change_password(ALICE.password, ALICE.password)
    assert refused(rollout, browser) == []


def end_with_sql(rollout, number):
    rollout.sql("UPDATE users SET session_token = 'ended' WHERE email = ?", ALICE.email)


ENDS = [end_with_the_model, end_on_the_page, end_with_a_new_password, end_with_sql]
PAIRS = [(0, 1), (1, 2), (2, 3)]


# Nobody is logged out.


def test_peers_21_three_releases_log_nobody_out(rollout):
    everybody = sign_in_all(rollout)
    upgrade(rollout, 3, nobody_is_logged_out(rollout, *everybody))
    assert refused(rollout, *everybody) == []
    assert "session_id" in payload(everybody[0])


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_browser_signed_in_on_any_release_is_in_on_the_next(rollout, number):
    upgrade(rollout, number)
    everybody = sign_in_all(rollout)
    upgrade(rollout, 3, nobody_is_logged_out(rollout, *everybody))
    assert refused(rollout, *everybody) == []


@pytest.mark.parametrize(("old", "new"), PAIRS)
@pytest.mark.parametrize("was_ended", [False, True])
def test_side_by_side_each_lets_in_who_signed_in_on_the_other(rollout, old, new, was_ended):
    upgrade(rollout, old)
    start(rollout, new)
    if was_ended:
        end_with_sql(rollout, new)
    for number in (old, new):
        with rollout.only(number):
            everybody = sign_in_all(rollout)
        if not (was_ended and number == 0):
            assert refused(rollout, *everybody) == []


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_roll_back_logs_nobody_out(rollout, old, new):
    """The old release runs with the new one's tables."""
    upgrade(rollout, old)
    before = sign_in_all(rollout)
    start(rollout, new)
    assert refused(rollout, *before) == []
    with rollout.only(new):
        since = sign_in_all(rollout)
    rollout.stop(new)
    assert refused(rollout, *before, *since) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_login_gives_no_token_to_a_user_who_was_never_ended(rollout, number):
    old = sign_in_all(rollout)
    upgrade(rollout, number)
    sign_in_all(rollout)
    assert set(tokens(rollout.url).values()) == {None}
    assert refused(rollout, *old) == []


# Sessions end from the first release on.


@pytest.mark.parametrize(
    ("number", "end"), [*((1, end) for end in ENDS), (2, ENDS[0]), (3, ENDS[0])]
)
def test_sessions_from_before_end_at_any_release(rollout, number, end):
    laptop, phone, bob = sign_in_all(rollout)
    copies = [Thief(laptop)]
    for step in range(1, number + 1):
        upgrade(rollout, step)
        assert refused(rollout, laptop, phone, bob) == []
        copies.append(Thief(laptop))
    assert refused(rollout, copies[-1]) == []
    end(rollout, number)
    assert let_in(rollout, *copies, laptop, phone) == []
    assert refused(rollout, bob) == []
    laptop.sign_in(ALICE)
    assert refused(rollout, laptop) == []
    assert let_in(rollout, *copies) == []


@pytest.mark.parametrize("end", [end_with_the_model, end_with_a_new_password])
@pytest.mark.parametrize(("old", "new", "where"), [(1, 2, 1), (1, 2, 2), (2, 3, 2), (2, 3, 3)])
def test_an_end_on_either_release_counts_on_both(rollout, old, new, where, end):
    laptop, phone, bob = sign_in_all(rollout)
    upgrade(rollout, old)
    assert refused(rollout, laptop, phone, bob) == []
    start(rollout, new)
    assert refused(rollout, laptop, bob) == []
    copies = [Thief(browser) for browser in (laptop, phone)]
    assert refused(rollout, *copies) == []
    end(rollout, where)
    assert let_in(rollout, *copies, laptop, phone) == []
    assert refused(rollout, bob) == []
    rollout.stop(new)
    assert let_in(rollout, *copies, laptop, phone) == []
    assert refused(rollout, bob) == []


@pytest.mark.parametrize("number", [1, 2])
def test_who_was_ended_stays_so_in_every_later_release(rollout, number):
    laptop, phone, bob = sign_in_all(rollout)
    copies = [Thief(laptop)]
    upgrade(rollout, number)
    assert refused(rollout, laptop, phone, bob) == []
    copies += [Thief(laptop), Thief(phone)]
    end_with_the_model(rollout, number)
    out = [*copies, laptop, phone]

    def look():
        assert let_in(rollout, *out) == []
        assert refused(rollout, bob) == []

    look()
    upgrade(rollout, 3, look)
    look()


def test_release_0_knows_no_end(rollout):
    """So a site counts on an end when the last process of release 0 has stopped."""
    laptop, _, _ = sign_in_all(rollout)
    start(rollout, 1)
    end_with_the_model(rollout, 1)
    copy = Thief(laptop)
    assert rollout.lets_in(copy) == [True, False]
    rollout.stop(0)
    assert let_in(rollout, copy) == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_stamp_is_no_pass_to_a_user_without_a_token(rollout, number):
    upgrade(rollout, number)
    browser = Browser(rollout.site)
    for stamp in ("", "x", "never ended", "None", 0, [], {}):
        browser.extra_environ["HTTP_COOKIE"] = signed({"user_id": 1, "session_token": stamp})
        assert not browser.is_signed_in(), stamp


@pytest.mark.parametrize("number", [1, 2])
def test_a_user_who_joins_has_a_token_from_the_start(rollout, number):
    upgrade(rollout, number)
    User = rollout.parts[number].models.User
    with rollout.parts[number].database.db.connection_context():
        User.create(email="carol@example.com", name="Carol", password="carol's own")
    assert tokens(rollout.url)["carol@example.com"]
    browser = Browser(rollout.site)
    browser.post("/login", {"email": "carol@example.com", "password": "carol's own"}, status=303)
    forged = Browser(rollout.site)
    forged.extra_environ["HTTP_COOKIE"] = signed({"user_id": 3})
    upgrade(rollout, 3, nobody_is_logged_out(rollout, browser))
    assert refused(rollout, browser) == []
    assert not forged.is_signed_in()


# The price, and when it is no longer paid.


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_key_alone_opens_a_session_only_while_there_is_no_token(rollout, number):
    upgrade(rollout, number)
    forged = Browser(rollout.site)
    forged.extra_environ["HTTP_COOKIE"] = signed({"user_id": 1}, SECRET_KEY)
    assert forged.is_signed_in() is (number < 3)
    end_with_sql(rollout, number)
    assert not forged.is_signed_in()


def test_a_browser_that_was_not_seen_in_release_2_signs_in_once_more(rollout):
    laptop, phone, _ = sign_in_all(rollout)
    upgrade(rollout, 2)
    assert refused(rollout, laptop) == []
    upgrade(rollout, 3)
    assert refused(rollout, laptop) == []
    assert let_in(rollout, phone) == []
    phone.sign_in(ALICE)
    assert refused(rollout, laptop, phone) == []


def test_the_limits_begin_when_release_2_sees_a_browser(rollout):
    laptop, phone, _ = sign_in_all(rollout)
    upgrade(rollout, 2)
    assert refused(rollout, laptop) == []
    rollout.wait(minutes=31)
    assert refused(rollout, phone) == []
    assert let_in(rollout, laptop) == []


def test_a_logout_in_release_2_ends_the_copies_of_a_cookie_with_a_row(rollout):
    laptop, phone, _ = sign_in_all(rollout)
    upgrade(rollout, 2)
    assert refused(rollout, laptop, phone) == []
    copy = Thief(laptop)
    assert refused(rollout, copy) == []
    laptop.log_out()
    assert let_in(rollout, copy) == []
    upgrade(rollout, 3)
    assert let_in(rollout, copy) == []
    assert refused(rollout, phone) == []


def test_an_old_cookie_that_is_sent_again_and_again_has_one_row(rollout):
    """Or the rows of a program that keeps no cookies would push out those of the browsers.

    What decodes the signature skips the letters that it does not know.
    """
    laptop, _, _ = sign_in_all(rollout)
    program, thief = Thief(laptop), Thief(laptop)
    upgrade(rollout, 2)
    assert refused(rollout, *[program] * 3) == []
    for letters in ("=", "!!!!", "%*()"):
        thief.extra_environ["HTTP_COOKIE"] = program.cookie + letters
        assert refused(rollout, thief) == []
    assert rollout.sql("SELECT count(*) FROM sessions") == [(1,)]
    assert refused(rollout, laptop) == []
    assert rollout.sql("SELECT count(*) FROM sessions") == [(1,)]
    assert payload(laptop)["session_id"]
    upgrade(rollout, 3)
    assert refused(rollout, laptop) == []
    assert let_in(rollout, program) == []


def test_a_browser_whose_first_request_to_release_2_is_a_logout_leaves_no_row(rollout):
    laptop, _, _ = sign_in_all(rollout)
    upgrade(rollout, 2)
    laptop.log_out()
    assert rollout.sql("SELECT * FROM sessions") == []
    assert laptop.cookies == {}


def test_a_row_from_before_the_first_end_is_not_let_in_by_a_late_login(rollout):
    """The login reads the row, the sessions end, and the login writes its session."""
    upgrade(rollout, 2)
    late = Browser(rollout.site)
    with rollout.only(2) as part:
        sign_in = part.sessions.sign_in

        def end_then_sign_in(user, remember=False):
            execute(rollout.url, "UPDATE users SET session_token = 'ended'")
            return sign_in(user, remember)

        part.sessions.sign_in = end_then_sign_in
        late.sign_in(ALICE)
        part.sessions.sign_in = sign_in
    assert late.cookies
    assert let_in(rollout, late) == []
    upgrade(rollout, 3)
    assert let_in(rollout, late) == []


# The migration of release 3.


def test_it_gives_each_user_a_token_and_keeps_those_that_are_there(rollout):
    after = with_20_more_users(rollout)
    assert after.pop(ALICE.email) == "ended"
    assert len(set(after.values())) == 21


def test_the_new_tokens_have_128_bits(rollout):
    after = with_20_more_users(rollout)
    del after[ALICE.email]
    short = [token for token in after.values() if len(token) < 22]  # 128 bits in Base64
    assert short == []


def with_20_more_users(rollout):
    """The tokens after the migration. Alice had one, and the others had none."""
    upgrade(rollout, 2)
    end_with_sql(rollout, 2)
    columns = "INSERT INTO users (email, name, password_digest) VALUES (?, 'x', 'x')"
    for number in range(20):
        rollout.sql(columns, f"{number}@example.com")
    assert list(tokens(rollout.url).values()).count(None) == 21
    upgrade(rollout, 3)
    return tokens(rollout.url)


def test_sessions_that_end_while_it_runs_stay_ended(rollout):
    """SQLite has one writer: there the end comes first, and the migration waits for it."""
    laptop, _, bob = sign_in_all(rollout)
    upgrade(rollout, 2)
    assert refused(rollout, laptop, bob) == []
    if rollout.url.startswith("sqlite"):
        end_with_sql(rollout, 2)
        start(rollout, 3)
    else:
        start_3_while_sessions_end(rollout)
    assert tokens(rollout.url)[ALICE.email] == "ended"
    assert let_in(rollout, laptop) == []
    assert refused(rollout, bob) == []


def test_a_late_login_while_it_runs_revives_no_ended_session(rollout):
    """Its row says "never ended", and its user has a token. On SQLite it comes before."""
    upgrade(rollout, 2)
    login = Browser(rollout.site)
    login.sign_in(ALICE)
    (row,) = rollout.sql("SELECT digest, expires_at FROM sessions")
    rollout.sql("DELETE FROM sessions")
    end_with_sql(rollout, 2)
    if rollout.url.startswith("sqlite"):
        insert_late(rollout.url, *row)
        start(rollout, 3)
    else:
        start_3_while_a_login_writes(rollout, *row)
    assert let_in(rollout, login) == []


def insert_late(url, digest, expires_at):
    columns = (
        "digest, user_id, session_token, signed_in_at, seen_at, expires_at, remembered, browser"
    )
    values = f"'{digest}', 1, 'never ended', 0, 0, {expires_at}, FALSE, ''"
    execute(url, f"INSERT INTO sessions ({columns}) VALUES ({values})")


def start_3_while_a_login_writes(rollout, *row):
    """The migration waits in its middle, for Bob's row. The login's row is written meanwhile."""
    with closing(open_connection(rollout.url)) as release_2, ThreadPoolExecutor() as pool:
        release_2.execute("BEGIN")
        release_2.execute("SELECT id FROM users WHERE id = 2 FOR UPDATE")
        migrating = pool.submit(start, rollout, 3)
        assert until(lambda: migrating.done() or is_waiting(rollout.url))
        writing = pool.submit(insert_late, rollout.url, *row)
        until(lambda: writing.done() or waiting(rollout.url) == 2)
        release_2.execute("COMMIT")
        migrating.result()
        writing.result()


def start_3_while_sessions_end(rollout):
    with closing(open_connection(rollout.url)) as release_2, ThreadPoolExecutor() as pool:
        release_2.execute("BEGIN")
        release_2.execute("UPDATE users SET session_token = 'ended' WHERE id = 1")
        migrating = pool.submit(start, rollout, 3)
        assert until(lambda: migrating.done() or is_waiting(rollout.url))
        release_2.execute("COMMIT")
        migrating.result()


def is_waiting(url):
    return waiting(url) > 0


def waiting(url):
    """How many wait for another's lock."""
    here = "datname = current_database() AND wait_event_type = 'Lock'"
    return len(execute(url, f"SELECT pid FROM pg_stat_activity WHERE {here}"))


def test_no_token_can_be_missing_from_then_on(rollout):
    upgrade(rollout, 3)
    with pytest.raises(Exception, match=r"(?i)not.null"):
        rollout.sql("UPDATE users SET session_token = NULL")


def test_the_way_leads_to_the_same_database_as_a_new_one(rollout, snapshot):
    upgrade(rollout, 3)
    arrived, names = shape(rollout.url), applied(rollout.url)
    rebuild(rollout.url, snapshot)
    assert shape(rollout.url) == arrived
    assert applied(rollout.url) == names


def test_a_new_database_and_a_second_run_are_left_as_they_are(database_url, snapshot):
    assert (snapshot.database.MIGRATIONS / f"{LAST}.py").exists()
    before = all_of(database_url)
    assert snapshot.database.rollback(database_url, LAST)[-1:] == [LAST]
    assert snapshot.database.migrate(database_url)[:1] == [LAST]
    assert all_of(database_url) == before


def test_undone_it_leaves_all_as_it_is(rollout):
    """Release 2 runs with the columns and tokens of release 3."""
    upgrade(rollout, 3)
    rollback = rollout.parts[3].database.rollback
    for later in [name for name in applied(rollout.url) if name > LAST][:1]:
        rollback(rollout.url, later)
    before = all_of(rollout.url)
    assert rollback(rollout.url, LAST) == [LAST]
    assert all_of(rollout.url) == before


def all_of(url):
    """The shape, the tokens, and on SQLite the statement that made the table."""
    made = "SELECT sql FROM sqlite_master WHERE name = 'users'"
    return shape(url), tokens(url), url.startswith("sqlite") and execute(url, made)


def rebuild(url, snapshot):
    """Undo everything, and migrate from nothing with the app under test."""
    snapshot.database.rollback(url, "0001_create_users")
    snapshot.database.migrate(url)


def applied(url):
    return [name for (name,) in execute(url, "SELECT name FROM schema_migration ORDER BY name")]


def shape(url):
    """The columns, indexes and triggers, as the database tells them."""
    if url.startswith("sqlite"):
        tables = ("users", "sessions", "audit")
        columns = [execute(url, f"PRAGMA table_info({table})") for table in tables]
        made = "SELECT type, name, sql FROM sqlite_master WHERE type <> 'table' ORDER BY name"
        return [*columns, execute(url, made)]
    columns = "table_name, column_name, data_type, is_nullable, column_default, ordinal_position"
    triggers = "FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
    public = "WHERE table_schema = 'public' ORDER BY 1, 6"
    return [
        execute(url, f"SELECT {columns} FROM information_schema.columns {public}"),
        execute(url, "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"),
        execute(url, f"SELECT tgname, tgenabled::text {triggers}"),
    ]


def test_live_sessions_outlive_it_and_ended_rows_do_not(rollout):
    upgrade(rollout, 2)
    live = [sign_in_all(rollout), sign_in_all(rollout)]
    ended = Browser(rollout.site)
    ended.sign_in(ALICE)
    end_with_sql(rollout, 2)
    rollout.sql("UPDATE users SET session_token = NULL WHERE email = ?", BOB.email)
    upgrade(rollout, 3)
    assert let_in(rollout, ended) == []
    assert refused(rollout, *(bob for _, _, bob in live)) == []
    for browser in itertools.chain.from_iterable(pair[:2] for pair in live):
        assert let_in(rollout, browser) == []
