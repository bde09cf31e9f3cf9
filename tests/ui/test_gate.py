"""The gate by itself: an application behind it that says what reached it."""

import asyncio
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm.foundation import language
from crm.foundation.access import SYSTEM
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.people import sessions, users
from crm.store import Store
from crm.ui.auth.auth_middleware import AuthMiddleware, Site
from crm.ui.routes import texts
from tests.people import Team

HERE = "http://127.0.0.1:8501"


class Behind:
    """Answers 200 to everything and keeps what it was asked."""

    def __init__(self) -> None:
        self.reached: list[dict[str, Any]] = []
        self.language = ""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.reached.append(scope)
        self.language = language.current()
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"inside"})
        else:
            await send({"type": "websocket.accept"})

    def header(self, name: str) -> list[str]:
        return [value.decode() for key, value in self.reached[-1]["headers"] if key.decode() == name]


@pytest.fixture
def behind() -> Behind:
    return Behind()


@pytest.fixture
def gate(store: Store, behind: Behind) -> AuthMiddleware:
    process.use(store)
    return AuthMiddleware(behind, Site.of(Settings(base_url=None)))


def session_id_of(store: Store, user_id: int) -> str:
    with store.writing(SYSTEM) as tx:
        return sessions.begin(tx, user_id)


def ask(gate: AuthMiddleware, method: str, path: str, *, base: str = HERE, **headers: str) -> httpx.Response:
    async def asking() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gate), base_url=base) as client:
            named = {key.replace("_", "-"): value for key, value in headers.items()}
            return await client.request(method, path, headers=named)

    return asyncio.run(asking())


def connect(gate: AuthMiddleware, path: str, **headers: str) -> list[dict[str, Any]]:
    """What a WebSocket handshake is answered."""
    answers: list[dict[str, Any]] = []
    raw = {"host": "127.0.0.1:8501", **{key.replace("_", "-"): value for key, value in headers.items()}}

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    scope = {
        "type": "websocket",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "scheme": "ws",
        "server": ("127.0.0.1", 8501),
        "headers": [(key.encode(), value.encode()) for key, value in raw.items()],
    }
    asyncio.run(gate(scope, receive, send))
    return answers


REFUSED_SOCKET = [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize("path", ["/", "/contacts", "/_stcore/host-config", "/media/x", "/events", "/loginx", "/api"])
def test_nobody_gets_past_without_a_session(gate: AuthMiddleware, behind: Behind, path: str) -> None:
    assert ask(gate, "GET", path).status_code == 401
    assert ask(gate, "PUT", path).status_code == 401
    assert behind.reached == []


def test_a_persons_page_leads_to_the_sign_in(gate: AuthMiddleware) -> None:
    answer = ask(gate, "GET", "/deal?deal=7", accept="text/html")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/deal%3Fdeal%3D7")


@pytest.mark.parametrize("path", ["/_stcore/stream", "/login", "/anything"])
def test_no_socket_opens_without_a_session(gate: AuthMiddleware, behind: Behind, path: str) -> None:
    assert connect(gate, path) == REFUSED_SOCKET
    assert connect(gate, path, cookie="mallard=made-up") == REFUSED_SOCKET
    assert behind.reached == []


def test_a_session_opens_pages_and_sockets_and_names_itself(
    gate: AuthMiddleware, behind: Behind, store: Store, team: Team
) -> None:
    session_id = session_id_of(store, team.ids.ana)
    assert ask(gate, "GET", "/", cookie=f"mallard={session_id}").status_code == 200
    assert behind.header("x-mallard-session") == [sessions.hashed(session_id)]
    connect(gate, "/_stcore/stream", cookie=f"mallard={session_id}")
    assert behind.header("x-mallard-session") == [sessions.hashed(session_id)]


def test_a_client_cannot_say_who_it_is(gate: AuthMiddleware, behind: Behind, store: Store, team: Team) -> None:
    adas = sessions.hashed(session_id_of(store, team.ids.ada))
    assert connect(gate, "/_stcore/stream", x_mallard_session=adas) == REFUSED_SOCKET
    veras = session_id_of(store, team.ids.vera)
    connect(gate, "/_stcore/stream", cookie=f"mallard={veras}", x_mallard_session=adas)
    assert behind.header("x-mallard-session") == [sessions.hashed(veras)]
    ask(gate, "GET", "/login", x_mallard_session=adas)
    assert behind.header("x-mallard-session") == []


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1.evil.example.com", "", "evil.example.com:8501"])
def test_other_host_names_are_not_answered(
    gate: AuthMiddleware, behind: Behind, store: Store, team: Team, host: str
) -> None:
    session_id = session_id_of(store, team.ids.ana)
    assert ask(gate, "GET", "/healthz", host=host).status_code == 403
    assert connect(gate, "/_stcore/stream", host=host, cookie=f"mallard={session_id}") == REFUSED_SOCKET
    assert behind.reached == []


@pytest.mark.parametrize("origin", ["https://evil.example.com", "http://127.0.0.1:9999", "null"])
def test_another_sites_page_can_change_nothing(
    gate: AuthMiddleware, behind: Behind, store: Store, team: Team, origin: str
) -> None:
    session_id = session_id_of(store, team.ids.ana)
    for method, path in (("POST", "/login"), ("POST", "/logout"), ("PUT", "/uploads"), ("POST", "/api/v1/deals")):
        assert ask(gate, method, path, origin=origin, cookie=f"mallard={session_id}").status_code == 403
    assert connect(gate, "/_stcore/stream", origin=origin, cookie=f"mallard={session_id}") == REFUSED_SOCKET
    assert behind.reached == []


def test_our_own_page_can(gate: AuthMiddleware, store: Store, team: Team) -> None:
    session_id = session_id_of(store, team.ids.ana)
    assert ask(gate, "PUT", "/uploads", origin=HERE, cookie=f"mallard={session_id}").status_code == 200


def test_every_answer_carries_the_headers_that_protect_it(gate: AuthMiddleware) -> None:
    for answer in (ask(gate, "GET", "/login"), ask(gate, "GET", "/contacts")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert "strict-transport-security" not in answer.headers


def test_behind_tls_the_cookie_is_bound_to_the_host(store: Store, behind: Behind, team: Team) -> None:
    process.use(store)
    site = Site.of(Settings(behind_proxy=True, address="0.0.0.0", base_url="https://crm.example.com"))  # noqa: S104
    gate = AuthMiddleware(behind, site)
    session_id = session_id_of(store, team.ids.ana)
    base = "https://crm.example.com"
    assert site.cookie == "__Host-mallard"
    assert ask(gate, "GET", "/", base=base, cookie=f"mallard={session_id}").status_code == 401
    answer = ask(gate, "GET", "/", base=base, cookie=f"__Host-mallard={session_id}")
    assert (answer.status_code, answer.headers["strict-transport-security"]) == (200, "max-age=31536000")


@pytest.mark.parametrize("header", [{"host": "[::1"}, {"host": "[x]"}, {"origin": "http://["}])
def test_a_host_or_origin_that_cannot_be_read_is_foreign(
    gate: AuthMiddleware, behind: Behind, header: dict[str, str]
) -> None:
    assert ask(gate, "POST", "/login", **header).status_code == 403
    assert not behind.reached


@pytest.mark.parametrize(
    "path",
    [
        *("/_stcore/metrics", "/_stcore/metrics/", "/_stcore/script-health-check", "/_stcore/agent/interact"),
        *("/_stcore/agent/mcp", "/_stcore/agent/openapi.json", "/_stcore/anything-to-come", "/_stcorex"),
        *("/auth/login", "/auth/logout", "/oauth2callback", "/_stcore/upload_file", "/_stcore/bidi-components"),
    ],
)
def test_what_streamlit_serves_and_no_page_asks_for_is_for_nobody(
    gate: AuthMiddleware, behind: Behind, store: Store, team: Team, path: str
) -> None:
    assert ask(gate, "GET", path).status_code == 401
    answer = ask(gate, "GET", path, cookie=f"mallard={session_id_of(store, team.ids.ada)}")
    assert answer.status_code == 404
    assert behind.reached == []


@pytest.mark.parametrize(
    "path", ["/_stcore/host-config", "/_stcore/bidi-components/board/main.js", "/media/x", "/component/x/index.html"]
)
def test_what_pages_ask_of_streamlit_is_there_with_a_session_alone(
    gate: AuthMiddleware, store: Store, team: Team, path: str
) -> None:
    assert ask(gate, "GET", path).status_code == 401
    assert ask(gate, "GET", path, cookie=f"mallard={session_id_of(store, team.ids.vera)}").status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "FOO"])
def test_odd_methods_are_refused(gate: AuthMiddleware, behind: Behind, method: str) -> None:
    answer = ask(gate, method, "/login")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert behind.reached == []


def test_pages_reach_this_product_and_nothing_else(gate: AuthMiddleware) -> None:
    policy = dict(
        part.split(" ", 1) for part in ask(gate, "GET", "/login").headers["content-security-policy"].split("; ")
    )
    assert policy["connect-src"] == "'self'"
    assert policy["default-src"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["form-action"] == policy["base-uri"] == policy["frame-ancestors"] == "'self'"


def test_what_is_behind_speaks_the_language_of_who_asks(
    gate: AuthMiddleware, behind: Behind, store: Store, team: Team
) -> None:
    with store.writing(team.ana) as tx:
        users.choose_language(tx, "pt_BR")
    mine, wish = f"mallard={session_id_of(store, team.ids.ana)}", "pt-BR,en;q=0.5"
    spoken = {}
    for path in ("/contacts", "/api/v1/deals", "/login"):
        for who, headers in {"ana": {"cookie": mine}, "nobody": {"accept-language": wish}}.items():
            behind.language = ""
            ask(gate, "GET", path, **headers)
            spoken[path, who] = behind.language
    assert spoken == {
        ("/contacts", "ana"): "pt_BR",
        ("/contacts", "nobody"): "",  # led to the sign-in
        ("/api/v1/deals", "ana"): "en",
        ("/api/v1/deals", "nobody"): "en",
        ("/login", "ana"): "pt_BR",
        ("/login", "nobody"): "pt_BR",
    }


def test_the_scripts_of_the_browser_get_their_texts() -> None:
    answers = {}
    for spoken in ("en", "pt_BR"):
        with language.speaking(spoken):
            answers[spoken] = TestClient(Starlette(routes=texts.ROUTES)).get("/texts.js")
    assert "const texts = {};" in answers["en"].text
    assert 'document.documentElement.lang = "pt-BR"' in answers["pt_BR"].text
    assert '"Search everywhere": "Pesquisar em tudo"' in answers["pt_BR"].text
    assert answers["en"].headers["cache-control"] == "no-cache"
