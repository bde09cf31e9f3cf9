"""The middleware that admits nobody without a session, to no page, socket, file or upload: default deny.

Pure ASGI, since Starlette's own BaseHTTPMiddleware never sees a WebSocket. What is behind it learns whose session it is
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

from crm.foundation import language
from crm.foundation.access import Actor
from crm.foundation.language import tr
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.people import presence, sessions

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
STATIC_FOLDERS = ("/static/", "/app/static/")
PUBLIC_FOLDERS = ("/api/", *STATIC_FOLDERS)
"""The API asks for its token itself, metrics for this machine; the folders hold the product's own scripts and fonts."""

STREAMLIT_PATHS = ("/_stcore/stream", "/_stcore/health", "/_stcore/host-config")
STREAMLIT_FOLDERS = ("/_stcore/upload_file/", "/_stcore/bidi-components/")
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
    """The hashes of the inline scripts in Streamlit's page, in the form of a policy."""
    # From the installed package: another version of Streamlit brings another script, and with it another hash.
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
    """Checks origin, method, session and address of a request, in this order, and adds the headers of its answer."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Lifespan messages carry no request.
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        sending = self._with_headers(request.url.path, send)
        if self._is_foreign(request):
            await _refuse(scope, receive, sending, 403)
            return
        if request.scope["type"] == "http" and request.scope["method"] not in METHODS:
            await _refuse(scope, receive, sending, 405)
            return
        # A hundred files come with the first page, the same for everybody: whose session it is costs 3 ms each.
        is_file = scope["path"].startswith(STATIC_FOLDERS)
        actor, id_hash = (None, None) if is_file else await self._behind(request)
        language.use(_language_for(request, actor))
        if id_hash is None and not _is_public(scope):
            await _refuse(scope, receive, sending, 401)
            return
        if _is_unserved(scope["path"]):
            await _refuse(scope, receive, sending, 404)
            return
        with suppress(ClientDisconnect):  # nobody is left to answer
            await self._app(_with_session_header(scope, id_hash), receive, sending)

    def _is_foreign(self, request: HTTPConnection) -> bool:
        """Whether the host is not ours (DNS rebinding), or another site's page asks for a change or a socket."""
        host = request.headers.get("host", "")
        # `example.com.` is the same host, with the root of all domains written out.
        if (_split(f"//{host}").hostname or "").rstrip(".") not in self._site.hosts:
            return True
        # A WebSocket opens with a GET that browsers send across sites, cookies included: its origin always counts.
        if request.scope["type"] == "http" and request.scope["method"] in SAFE_METHODS:
            return False
        origin = request.headers.get("origin")
        # Programs send none; a browser that carries cookies across sites always does.
        return origin is not None and _split(origin).netloc != host

    async def _behind(self, request: HTTPConnection) -> tuple[Actor, str] | tuple[None, None]:
        """Whose session it is, and its hash."""
        session_id = request.cookies.get(self._site.cookie)
        if not session_id:
            return None, None
        id_hash = sessions.hashed(session_id)
        # An open page alone does not keep its session alive.
        counts_as_use = request.url.path != "/events"
        actor = await run_in_threadpool(presence.actor_of, process.store(), id_hash, counts_as_use=counts_as_use)
        return (actor, id_hash) if actor else (None, None)

    def _with_headers(self, path: str, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = Headers(raw=message["headers"])
                # A route that sets its own, such as the sandbox of an attached file, keeps it.
                added = [header for header in HEADERS if header[0].decode() not in own]
                if "content-security-policy" not in own and not path.startswith("/api/"):
                    added.append((b"content-security-policy", PAGE_POLICY))
                if self._site.secure:
                    added.append(STRICT_TRANSPORT)
                message = {**message, "headers": [*message["headers"], *added]}
            await send(message)

        return sending


def _language_for(request: HTTPConnection, actor: Actor | None) -> str:
    """The language of the answer: the person's, else the one that their browser asks for. Programs read English."""
    if request.url.path.startswith("/api/"):
        return language.ENGLISH
    if actor:
        return actor.language
    return language.preferred(request.headers.get("accept-language")) or language.ENGLISH


def _split(address: str) -> SplitResult:
    """The parts of an address; those of an empty one where it cannot be read."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_public(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["type"] == "http" and (path in PUBLIC or path.startswith(PUBLIC_FOLDERS))


def _is_unserved(path: str) -> bool:
    ours = path in STREAMLIT_PATHS or path.startswith(STREAMLIT_FOLDERS)
    # Streamlit's own sign-in: the cookie of `st.login` works again after a sign-out.
    return path in ("/auth/login", "/auth/logout", "/oauth2callback") or (path.startswith("/_stcore") and not ours)


def _with_session_header(scope: Scope, id_hash: str | None) -> Scope:
    """The scope with our header in place of any that the client sent."""
    headers = [header for header in scope["headers"] if header[0].lower() != TRUSTED_HEADER]
    if id_hash:
        headers.append((TRUSTED_HEADER, id_hash.encode()))
    return {**scope, "headers": headers}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    """Answer with the status: a socket is closed, a page leads to the sign-in, anything else gets a sentence."""
    if scope["type"] == "websocket":
        # ASGI wants the handshake taken before it is refused.
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    request = HTTPConnection(scope)
    answer: Response
    if status == 403:
        answer = PlainTextResponse(
            tr("This request came by a name or from a site that is not this product's own."), 403
        )
    elif status == 405:
        answer = PlainTextResponse(
            tr("This product does not take that method."), 405, {"Allow": ", ".join(sorted(METHODS))}
        )
    elif status == 404:
        answer = PlainTextResponse(tr("There is nothing at this address."), 404)
    elif scope["method"] == "GET" and "text/html" in request.headers.get("accept", ""):
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        answer = RedirectResponse(f"/login?next={quote(target)}", 303)
    else:
        answer = JSONResponse({"detail": tr("Sign in first.")}, 401)
    await answer(scope, receive, send)
