"""The middleware that admits nobody without a session, to no page, socket, file or upload: default deny.

Pure ASGI, since Starlette's own BaseHTTPMiddleware never sees a WebSocket. What is behind it learns who is there
from one header, which is stripped from what clients send and set here alone.
"""

import base64
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.people import sessions

TRUSTED_HEADER = b"x-mallard-session"

PUBLIC = frozenset(
    {
        "/login",
        "/login/code",
        "/login/second-factor",
        "/logout",
        "/setup",
        "/sso/start",
        "/sso/callback",
        "/healthz",
        "/metrics",
        "/_stcore/health",
        "/favicon.png",
    }
)
PUBLIC_FOLDERS = ("/api/", "/static/", "/app/static/")
"""The API asks for its token itself, metrics for this machine; the folders hold the product's own scripts and fonts."""

OF_STREAMLIT = ("/_stcore/stream", "/_stcore/health", "/_stcore/host-config")
OF_STREAMLIT_FOLDERS = ("/_stcore/upload_file/", "/_stcore/bidi-components/")
"""What our pages ask of Streamlit's own addresses. Its metrics and its site for agents are for nobody."""

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def _own_scripts() -> str:
    """Streamlit's page holds a script in place: it runs by its hash, and no other does."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    digests = (hashlib.sha256(found.encode()).digest() for found in re.findall(r"<script>(.*?)</script>", page, re.S))
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


# Streamlit builds components from blobs and styles in place, and reads its messages by WebAssembly.
PAGE_POLICY = (
    f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' {_own_scripts()} blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; frame-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
).encode()
STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000")


@dataclass(frozen=True)
class Site:
    """How this process is reached: the hosts it answers to, and whether the way to it is encrypted."""

    hosts: frozenset[str]
    secure: bool

    @classmethod
    def of(cls, settings: Settings) -> "Site":
        public = {urlsplit(settings.base_url).hostname or ""} if settings.base_url else set()
        return cls(frozenset({settings.address, *public}) | LOOPBACK, settings.encrypted)

    @property
    def cookie(self) -> str:
        """`__Host-` binds the cookie to this host and to TLS; browsers refuse it on plain HTTP."""
        return "__Host-mallard" if self.secure else "mallard"

    @property
    def browser_cookie(self) -> str:
        """By which a browser is known again; it lets nobody in."""
        return f"{self.cookie}-browser"


class AuthMiddleware:
    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        sending = self._with_headers(asked.url.path, send)
        if self._is_foreign(asked):
            await _refuse(scope, receive, sending, 403)
            return
        if asked.scope["type"] == "http" and asked.scope["method"] not in METHODS:
            await _refuse(scope, receive, sending, 405)
            return
        id_hash = await self._session_of(asked)
        if id_hash is None and not _is_public(scope):
            await _refuse(scope, receive, sending, 401)
            return
        if _is_of_no_page(scope["path"]):
            await _refuse(scope, receive, sending, 404)
            return
        with suppress(ClientDisconnect):  # nobody is left to answer
            await self._app(_marked(scope, id_hash), receive, sending)

    def _is_foreign(self, asked: HTTPConnection) -> bool:
        """A host we do not answer to (DNS rebinding), or a change or socket that another site's page asks for."""
        host = asked.headers.get("host", "")
        if (_parts(f"//{host}").hostname or "").rstrip(".") not in self._site.hosts:
            return True
        if asked.scope["type"] == "http" and asked.scope["method"] in SAFE_METHODS:
            return False
        origin = asked.headers.get("origin")
        return origin is not None and _parts(origin).netloc != host

    async def _session_of(self, asked: HTTPConnection) -> str | None:
        session_id = asked.cookies.get(self._site.cookie)
        if not session_id:
            return None
        id_hash = sessions.hashed(session_id)
        sighting = asked.url.path != "/events"
        user_id = await run_in_threadpool(sessions.user_of, process.store(), id_hash, counts_as_use=sighting)
        return id_hash if user_id else None

    def _with_headers(self, path: str, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = Headers(raw=message["headers"])
                added = [header for header in HEADERS if header[0].decode() not in own]
                if "content-security-policy" not in own and not path.startswith("/api/"):
                    added.append((b"content-security-policy", PAGE_POLICY))
                if self._site.secure:
                    added.append(STRICT_TRANSPORT)
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        return sending


def _parts(address: str) -> SplitResult:
    """An address that cannot be read is nowhere."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_public(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["type"] == "http" and (path in PUBLIC or path.startswith(PUBLIC_FOLDERS))


def _is_of_no_page(path: str) -> bool:
    ours = path in OF_STREAMLIT or path.startswith(OF_STREAMLIT_FOLDERS)
    return path in ("/auth/login", "/auth/logout", "/oauth2callback") or (path.startswith("/_stcore") and not ours)


def _marked(scope: Scope, id_hash: str | None) -> Scope:
    """The scope with our header in place of any that the client sent."""
    headers = [header for header in scope["headers"] if header[0].lower() != TRUSTED_HEADER]
    if id_hash:
        headers.append((TRUSTED_HEADER, id_hash.encode()))
    return {**scope, "headers": headers}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    """A socket is closed before it opens; a person's page leads to the sign-in; all else is told plainly."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    asked = HTTPConnection(scope)
    answer: Response
    if status == 403:
        answer = PlainTextResponse("This request came by a name or from a site that is not this product's own.", 403)
    elif status == 405:
        answer = PlainTextResponse(
            "This product does not take that method.", 405, {"Allow": ", ".join(sorted(METHODS))}
        )
    elif status == 404:
        answer = PlainTextResponse("There is nothing at this address.", 404)
    elif scope["method"] == "GET" and "text/html" in asked.headers.get("accept", ""):
        wanted = asked.url.path + (f"?{asked.url.query}" if asked.url.query else "")
        answer = RedirectResponse(f"/login?next={quote(wanted)}", 303)
    else:
        answer = JSONResponse({"detail": "Sign in first."}, 401)
    await answer(scope, receive, send)
