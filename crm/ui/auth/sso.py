"""Signing in with the organisation's OpenID Connect provider: another site to the same sessions.

State, nonce and PKCE live in a signed cookie of ten minutes, of these two routes alone.
"""

import logging
import secrets
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.foundation import clock
from crm.foundation.errors import CrmError
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.people import signing_in
from crm.ui.auth import auth_pages
from crm.ui.auth.auth_routes import AuthRoutes, inside

SECONDS_FOR_SIGNING_IN = 600

LOG = logging.getLogger(__name__)


class SingleSignOn:
    def __init__(self, settings: Settings, auth_routes: AuthRoutes) -> None:
        self._settings = settings
        self._auth_routes = auth_routes
        self._client = OAuth().register(
            "organisation",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{(settings.oidc_issuer or '').rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
        )

    @property
    def routes(self) -> list[Route]:
        remembering = [
            Middleware(
                SessionMiddleware,
                secret_key=secrets.token_hex(32),
                session_cookie="mallard-sso",
                max_age=SECONDS_FOR_SIGNING_IN,
                same_site="lax",
                https_only=self._settings.encrypted,
            )
        ]
        return [
            Route("/sso/start", self.start, middleware=remembering),
            Route("/sso/callback", self.callback, middleware=remembering),
        ]

    async def start(self, request: Request) -> Response:
        """`again=1` has the provider ask the person anew, however lately it did."""
        request.session.clear()
        request.session["next"] = inside(request.query_params.get("next", "/"))
        base = self._settings.base_url or str(request.base_url)
        again = {"prompt": "login", "max_age": 0} if request.query_params.get("again") == "1" else {}
        to = f"{base.rstrip('/')}/sso/callback"
        try:
            answer: Response = await self._client.authorize_redirect(request, to, **again)
        except Exception as fault:  # the shell's edge: a provider may be down, or say anything
            return _not_reached(fault)
        return answer

    async def callback(self, request: Request) -> Response:
        """The provider sends people back here; Authlib checks state, nonce, signature, audience and time. A state is
        good once: a link that is followed again is refused."""
        next_path = request.session.get("next", "/")
        try:
            if not request.query_params.get("code") and not request.query_params.get("error"):
                return _begin_anew()
            claims = _Claims.model_validate((await self._client.authorize_access_token(request))["userinfo"])
            found = await run_in_threadpool(
                signing_in.by_identity,
                process.store(),
                claims.iss,
                claims.sub,
                claims.email,
                claims.email_verified,
                browser=self._auth_routes.browser_of(request),
                confirmed=_asked_just_now(claims.auth_time),
                with_second_factor=self._settings.oidc_second_factor,
            )
        except OAuthError as refusal:
            LOG.warning("The sign-in by OpenID Connect was refused: %s", refusal.error)
            return _begin_anew()
        except CrmError:
            return auth_pages.notice(
                "Not signed in",
                "Your organisation knows you, but there is no account here with your verified address. Ask an "
                "administrator to add you, then try again.",
                403,
            )
        except Exception as fault:  # the shell's edge: a provider may be down, or say anything
            return _not_reached(fault)
        finally:
            request.session.clear()
        return await self._auth_routes.go_on(request, found, next_path)


def _asked_just_now(auth_time: object) -> bool:
    """Whether the provider says that it asked the person for their password, or the like, in these last minutes. It may
    let in for days whoever it knows, without asking."""
    if not isinstance(auth_time, int | float):
        return False
    return abs(clock.now().timestamp() - auth_time) < SECONDS_FOR_SIGNING_IN


class _Claims(BaseModel):
    """What we read of an ID token whose signature holds; a provider's own fields are its own."""

    model_config = ConfigDict(strict=True)

    iss: str
    sub: str = Field(min_length=1)
    email: str | None = None
    email_verified: Any = False
    auth_time: Any = None

    @field_validator("email_verified")
    @classmethod
    def is_true(cls, value: object) -> bool:
        return value is True


def _begin_anew() -> Response:
    return auth_pages.notice(
        "Not signed in",
        "The sign-in took too long, was ended at your organisation, or its link had been followed before. Begin again "
        "at the sign-in page.",
        403,
    )


def _not_reached(fault: Exception) -> Response:
    LOG.warning("The sign-in by OpenID Connect failed: %s", type(fault).__name__)  # no more: tokens may be in it
    return auth_pages.notice(
        "Not signed in",
        "Your organisation's sign-in does not answer as it should. Try again in a moment; if it lasts, tell an "
        "administrator, or sign in with your password.",
        503,
    )
