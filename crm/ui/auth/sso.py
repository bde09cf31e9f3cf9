"""Signing in with the organisation's OpenID Connect provider; it ends in the same sessions as a password does.

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
from crm.foundation.language import tr
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
                # Made anew at each start: a sign-in that was under way then begins again.
                secret_key=secrets.token_hex(32),
                session_cookie="mallard-sso",
                max_age=SECONDS_FOR_SIGNING_IN,
                # The provider sends people back from its own site: a browser would hold a strict cookie back.
                same_site="lax",
                https_only=self._settings.encrypted,
            )
        ]
        return [
            Route("/sso/start", self.start, middleware=remembering),
            Route("/sso/callback", self.callback, middleware=remembering),
        ]

    async def start(self, request: Request) -> Response:
        """Redirect to the provider; `again=1` has it ask the person anew, however lately it did."""
        # Authlib keeps a state for each sign-in that was begun: one at a time is enough.
        request.session.clear()
        request.session["next"] = inside(request.query_params.get("next", "/"))
        base = self._settings.base_url or str(request.base_url)
        # A provider may ignore `prompt`; with `max_age` it has to say when it asked (`auth_time`).
        again = {"prompt": "login", "max_age": 0} if request.query_params.get("again") == "1" else {}
        to = f"{base.rstrip('/')}/sso/callback"
        try:
            answer: Response = await self._client.authorize_redirect(request, to, **again)
        except Exception as fault:  # the shell's edge: a provider may be down, or say anything
            return _not_reached(fault)
        return answer

    async def callback(self, request: Request) -> Response:
        """Sign in the person whom the provider sends back. Authlib checks state, nonce, signature, audience, time."""
        next_path = request.session.get("next", "/")
        try:
            if not request.query_params.get("code") and not request.query_params.get("error"):
                return _begin_anew()
            claims = _Claims.model_validate((await self._client.authorize_access_token(request))["userinfo"])
            found = await run_in_threadpool(
                signing_in.by_identity,
                process.store(),
                # Issuer and subject say who it is. An address alone may belong to somebody else by now.
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
                tr("Not signed in"),
                tr(
                    "Your organisation knows you, but there is no account here with your verified address. Ask an "
                    "administrator to add you, then try again."
                ),
                403,
            )
        except Exception as fault:  # the shell's edge: a provider may be down, or say anything
            return _not_reached(fault)
        finally:
            # A state is good once: a link that is followed again is refused.
            request.session.clear()
        return await self._auth_routes.go_on(request, found, next_path)


def _asked_just_now(auth_time: object) -> bool:
    """Whether the provider asked the person for their password, or the like, within these last minutes."""
    if not isinstance(auth_time, int | float):
        return False
    # A provider may let in for days whomever it knows, without asking again.
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
        # Some providers send the text “false”, which Python takes for true.
        return value is True


def _begin_anew() -> Response:
    return auth_pages.notice(
        tr("Not signed in"),
        tr(
            "The sign-in took too long, was ended at your organisation, or its link had been followed before. Begin "
            "again at the sign-in page."
        ),
        403,
    )


def _not_reached(fault: Exception) -> Response:
    LOG.warning("The sign-in by OpenID Connect failed: %s", type(fault).__name__)  # no more: tokens may be in it
    return auth_pages.notice(
        tr("Not signed in"),
        tr(
            "Your organisation's sign-in does not answer as it should. Try again in a moment; if it lasts, tell an "
            "administrator, or sign in with your password."
        ),
        503,
    )
