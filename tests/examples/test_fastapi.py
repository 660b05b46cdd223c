"""What is public in FastAPI is decided by the path that the routes see, and by nothing else."""

import pytest

from lessons.kit.stage import ALICE, Browser

USES_HTTPX = "ignore:Using `httpx` with `starlette.testclient`"


@pytest.fixture
def site(fastapi):
    """The example, with a page for every path of one part."""
    fastapi.site.app.get("/{page}")(lambda page: "behind the check")
    return fastapi.site


def refused(answer):
    return (answer.status_int, answer.headers.get("Location")) == (303, "/login")


@pytest.mark.parametrize("host", ["x/login?", "x/login#", "x\\login?", "/login?", "[", ""])
def test_a_host_that_lies_opens_nothing(site, host):
    assert refused(Browser(site).open("/report", Host=host))


@pytest.mark.parametrize(
    "path", ["/log%09in", "/login%0A", "/login%3F", "/login%23x", "/x%0D/login"]
)
def test_a_path_that_only_looks_public_is_not(site, path):
    assert refused(Browser(site).open(path))


def test_below_another_app_the_login_is_public_and_nothing_else_is(fastapi):
    from a2wsgi import ASGIMiddleware
    from fastapi import FastAPI

    parent = FastAPI()
    parent.mount("/shop", fastapi.site.app)
    laptop = Browser(ASGIMiddleware(parent))
    assert laptop.open("/shop/login").status_int == 200
    assert refused(laptop.open("/shop/"))
    assert refused(laptop.open("/shop/shop/login"))
    laptop.send("/shop/login", email=ALICE.email, password=ALICE.password)
    assert "Hello" in laptop.open("/shop/").text


def test_behind_a_prefix_that_the_proxy_leaves_or_takes_away_the_login_is_public(fastapi):
    fastapi.site.app.root_path = "/api"
    laptop = Browser(fastapi.site)
    assert laptop.open("/login").status_int == 200
    assert laptop.open("/api/login").status_int == 200
    assert refused(laptop.open("/api/"))
    assert refused(laptop.open("/api/api/login"))


def test_a_public_path_may_have_a_parameter(site):
    assert Browser(site).open("/help/passwords").status_int == 200
    assert refused(Browser(site).open("/help/passwords/more"))


@pytest.fixture
def client(fastapi):
    """A client that can open a socket, signed in as Alice."""
    from fastapi import WebSocket
    from fastapi.testclient import TestClient

    async def greet(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_text("behind the check")

    fastapi.site.app.websocket("/ws")(greet)
    made = TestClient(fastapi.site.app)
    made.post("/login", data={"email": ALICE.email, "password": ALICE.password})
    return made


@pytest.mark.filterwarnings(USES_HTTPX)
def test_a_socket_is_behind_the_check_too(fastapi, client):
    from starlette.websockets import WebSocketDisconnect

    with client.websocket_connect("/ws") as socket:
        assert socket.receive_text() == "behind the check"
    fastapi.invalidate()
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
        pass


@pytest.mark.filterwarnings(USES_HTTPX)
def test_cors_that_is_added_last_answers_preflights_and_marks_refusals(fastapi, client):
    from starlette.middleware.cors import CORSMiddleware

    origin = {"Origin": "https://shop.example"}
    fastapi.site.app.middleware_stack = None  # the client has built it already
    fastapi.site.app.add_middleware(CORSMiddleware, allow_origins=[origin["Origin"]])
    fastapi.invalidate()
    asked = {**origin, "Access-Control-Request-Method": "GET"}
    preflight = client.options("/", headers=asked)
    refused = client.get("/", headers={**origin, "Accept": "application/json"})
    assert (preflight.status_code, refused.status_code) == (200, 401)
    for answer in (preflight, refused):
        assert answer.headers["access-control-allow-origin"] == origin["Origin"]
