"""Signing in by the organisation's provider, through the real gate: refusals are answers, never faults."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from authlib.integrations.base_client import OAuthError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse

from crm.foundation.access import SYSTEM
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.people import presence, sessions
from crm.store import Store
from crm.ui.auth.auth_middleware import AuthMiddleware, Site
from crm.ui.auth.auth_routes import AuthRoutes
from crm.ui.auth.sso import SingleSignOn
from tests.people import Team

HERE = "http://127.0.0.1:8501"
ANA = {"iss": "https://id.example.com", "sub": "sub-1", "email": "ana@mallard.test.example.com", "email_verified": True}
SETTINGS = Settings(base_url=None, oidc_issuer="https://id.example.com", oidc_client_id="mallard")

Ask = Callable[..., httpx.Response]


class Provider:
    """Stands for Authlib's client: gives these claims once, or raises."""

    def __init__(self) -> None:
        self.gives: Any = {"userinfo": ANA}

    async def authorize_redirect(self, *_: object, **__: object) -> RedirectResponse:
        if isinstance(self.gives, Exception):
            raise self.gives
        return RedirectResponse("https://id.example.com/authorize")

    async def authorize_access_token(self, _: object) -> Any:
        if isinstance(self.gives, Exception):
            raise self.gives
        return self.gives


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def ask(store: Store, team: Team, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Ask:
    process.use(store)
    site = Site.of(SETTINGS)
    auth_routes = AuthRoutes(site, sso=True)
    own = SingleSignOn(SETTINGS, auth_routes)
    monkeypatch.setattr(own, "_client", provider)
    app = Starlette(routes=[*auth_routes.routes, *own.routes], middleware=[Middleware(AuthMiddleware, site=site)])

    def asking(path: str, **cookies: str) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=HERE, cookies=cookies) as client:
                return await client.get(path)

        return asyncio.run(sent())

    return asking


def test_who_the_provider_vouches_for_comes_in_and_their_browsers_former_session_ends(
    ask: Ask, store: Store, team: Team
) -> None:
    with store.writing(SYSTEM) as tx:
        former = sessions.begin(tx, team.ids.bob)
    answer = ask("/sso/callback?code=x&state=y", mallard=former)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert presence.user_of(store, sessions.hashed(former)) is None
    made = answer.cookies["mallard"]
    assert made != former
    assert presence.user_of(store, sessions.hashed(made)) == team.ids.ana


@pytest.mark.parametrize(
    ("gives", "status", "said"),
    [
        (OAuthError("mismatching_state"), 403, "link had been followed before"),
        (OAuthError("access_denied", "<script>alert(1)</script>"), 403, "ended at your organisation"),
        (httpx.ConnectError("nobody there"), 503, "does not answer"),
        (ValueError("Expecting value: line 1"), 503, "does not answer"),
        (KeyError("keys"), 503, "does not answer"),
        (RuntimeError('Missing "jwks_uri" in metadata'), 503, "does not answer"),
        ({"access_token": "no id token"}, 503, "does not answer"),
        ({"userinfo": {}}, 503, "does not answer"),
        ({"userinfo": ANA | {"sub": ""}}, 503, "does not answer"),
        ({"userinfo": ANA | {"sub": ["a"]}}, 503, "does not answer"),
        ({"userinfo": ANA | {"email": 7}}, 503, "does not answer"),
        ({"userinfo": ANA | {"email_verified": "false"}}, 403, "no account here"),
        ({"userinfo": ANA | {"email_verified": 1}}, 403, "no account here"),
        ({"userinfo": ANA | {"email": "stranger@example.com"}}, 403, "no account here"),
        ({"userinfo": ANA | {"email": "not an address"}}, 403, "no account here"),
    ],
)
def test_what_a_provider_says_wrongly_is_a_refusal(
    ask: Ask, provider: Provider, gives: Any, status: int, said: str
) -> None:
    provider.gives = gives
    answer = ask("/sso/callback?code=x&state=y")
    assert answer.status_code == status
    assert said in answer.text
    assert "Traceback" not in answer.text
    assert "alert(1)" not in answer.text
    assert "mallard=" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize("path", ["/sso/callback", "/sso/callback?state=y", "/sso/callback?code=&state=y"])
def test_a_callback_without_a_code_is_a_refusal(ask: Ask, path: str) -> None:
    answer = ask(path)
    assert answer.status_code == 403
    assert "Begin again" in answer.text


def test_a_provider_that_is_down_is_said_at_the_start(ask: Ask, provider: Provider) -> None:
    provider.gives = httpx.ConnectTimeout("too late")
    answer = ask("/sso/start?next=/deal")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


@pytest.mark.parametrize("next_path", ["https://evil.example.com", "//evil.example.com", "/\\evil.example.com"])
def test_nobody_is_led_elsewhere_after_the_sign_in(ask: Ask, next_path: str) -> None:
    begun = ask(f"/sso/start?next={next_path}")
    answer = ask("/sso/callback?code=x&state=y", **dict(begun.cookies))
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("token", ["", "wrong", "é", "%00", "%ff"])
def test_a_set_up_link_that_is_not_ours_is_a_refusal(ask: Ask, token: str) -> None:
    answer = ask(f"/setup?token={token}")
    assert answer.status_code == 404
    assert "No set-up here" in answer.text
