"""The app in a process of its own, reached by HTTP as a browser does."""

import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from lessons.kit.course.steps import all_steps
from tests.support.servers import Visitor, address_of, people_of

DEMOS = [("reference_app", ["demo", "--port", "0"])] + [
    pytest.param(
        "lessons",
        ["run", str(step.number), "--port", "0"],
        marks=[] if step.tag == "login_stamping" else pytest.mark.slow,
    )
    for step in all_steps()
]


@pytest.mark.parametrize(("module", "words"), DEMOS, ids=lambda value: str(value))
def test_a_demo_can_be_signed_in_to_as_it_says(running, module, words, tmp_path):
    with running(*words, module=module) as process:
        address = address_of(process)
        alice, bob = people_of(process)
        page = Visitor(address).sign_in(*alice)
        assert ("Your session has expired" if words[1] == "3" else "Hello, Alice") in page
        assert "Invalid credentials" not in page
        assert alice[0] != bob[0]
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_logging_out_everywhere_in_one_browser_ends_the_other(running):
    with running("demo", "--port", "0") as process:
        address = address_of(process)
        alice, bob = people_of(process)
        laptop, phone, bobs = Visitor(address), Visitor(address), Visitor(address)
        for visitor, person in ((laptop, alice), (phone, alice), (bobs, bob)):
            assert "Hello, " in visitor.sign_in(*person)
        assert "Log in" in phone.open("sessions/invalidate", current_password=alice[1])
        assert "Your session has expired. Please log in again." in laptop.open()
        assert "Hello, Bob" in bobs.open()
        assert "Hello, Alice" in laptop.sign_in(*alice)


def test_a_busy_port_is_reported(running, command):
    with running("demo", "--port", "0") as process:
        port = address_of(process).rstrip("/").rsplit(":", 1)[1]
        for module, words in (("reference_app", ["demo"]), ("lessons", ["run", "7"])):
            done = command(*words, "--port", port, module=module)
            assert done.returncode == 1
            assert done.stderr.splitlines()[-1].startswith("Error: Cannot serve on 127.0.0.1 port")
            assert "Traceback" not in done.stderr


def test_a_step_that_does_not_exist_is_refused(command):
    done = command("run", "99", module="lessons")
    assert (done.returncode, done.stderr) == (1, "Error: There is no step 99.\n")


@pytest.mark.parametrize(
    ("proxy", "cookie"), [("127.0.0.1", "__Host-session"), ("192.0.2.7", "session")]
)
def test_the_scheme_is_believed_from_the_named_proxy_alone(running, with_alice, proxy, cookie):
    with running("serve", "--port", "0", "--behind-proxy", proxy) as process:
        visitor = Visitor(address_of(process), **{"X-Forwarded-Proto": "https"})
        request = urllib.request.Request(  # noqa: S310
            visitor.address + "login",
            urlencode({"email": "alice@example.com", "password": "a password"}).encode(),
            {"X-Forwarded-Proto": "https"},
        )
        with pytest.raises(urllib.error.HTTPError) as redirected:
            urllib.request.build_opener(Stay, urllib.request.ProxyHandler({})).open(request)
        with redirected.value as answer:
            assert answer.headers["Set-Cookie"].startswith(f"{cookie}=")
        redirected.value.close()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
