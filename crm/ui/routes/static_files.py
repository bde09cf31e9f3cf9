"""Serves Streamlit's files and page, and the product's own files, compressed and from memory.

Streamlit reads each of them from disk for each browser, and sends it as it is: 130 requests and 4 MB before the first
board is drawn. What is not known here passes on to Streamlit.
"""

import gzip
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.foundation.settings import ROOT
from crm.ui.routes import front_page, own_scripts
from crm.ui.routes.encodings import Content

STREAMLIT = Path(streamlit.__file__).parent / "static"
OWN = ROOT / "static"

FOREVER = "public, max-age=31536000, immutable"
A_WEEK = "public, max-age=604800"
EACH_TIME = "no-cache"


class StaticFiles:
    """Answers for the files that are known by their whole address: no path is put together from what a client sends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files = {
            **{f"/{path.relative_to(STREAMLIT).as_posix()}": path for path in _below(STREAMLIT / "static")},
            **{f"/app/static/{path.relative_to(OWN).as_posix()}": path for path in _below(OWN)},
        }
        self._contents = {own_scripts.ADDRESS: Content("own.js", own_scripts.CONTENT)}
        self._index, page = _front_page()
        self._page = Content("index.html", page.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # A part of a file is Streamlit's to cut; it is never compressed.
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or "range" in Headers(scope=scope):
            await self._app(scope, receive, send)
        elif scope["path"] in self._files or scope["path"] in self._contents:
            await self._send_file(scope, receive, send)
        else:
            await self._app(scope, receive, _Page(self._index, self._page, scope, receive, send).sending)

    async def _send_file(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = scope["path"]
        if address not in self._contents:
            self._contents[address] = await run_in_threadpool(_read, self._files[address])
        content = self._contents[address]
        added = {"Cache-Control": _lifetime(address)}
        headers = Headers(scope=scope)
        if not content.is_made(headers):
            # In a thread: who takes it in this form first waits until it is compressed, and nobody else does.
            await run_in_threadpool(content.answer, headers, added)
        await content.answer(headers, added)(scope, receive, send)


class _Page:
    """Sends on what Streamlit answers, but for its page, which it serves at every address of a page: in its place goes
    ours."""

    def __init__(self, index: bytes, page: Content, scope: Scope, receive: Receive, send: Send) -> None:
        self._index = index
        self._page = page
        self._scope = scope
        self._receive = receive
        self._send = send
        self._held: list[Message] = []

    async def sending(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _may_be_page(message):
            self._held = [message]
        elif self._held:
            await self._hold(message)
        else:
            await self._send(message)

    async def _hold(self, message: Message) -> None:
        self._held.append(message)
        length = sum(len(each.get("body", b"")) for each in self._held)
        if not message.get("more_body") and self._is_index():
            await self._send_page()
        elif not message.get("more_body") or length > len(self._index):
            held, self._held = self._held, []
            for each in held:
                await self._send(each)

    def _is_index(self) -> bool:
        start, *rest = self._held
        body = b"".join(each.get("body", b"") for each in rest)
        if Headers(raw=start["headers"]).get("content-encoding") == "gzip":
            # The end of a stream is checked in it: what is no whole one is not the page either.
            with suppress(OSError, EOFError, zlib.error):
                body = gzip.decompress(body)
        return body == self._index

    async def _send_page(self) -> None:
        response = self._page.answer(Headers(scope=self._scope), {"Cache-Control": EACH_TIME})
        kept = Headers(raw=self._held[0]["headers"]).getlist("set-cookie")
        for cookie in kept:
            response.headers.append("set-cookie", cookie)
        await response(self._scope, self._receive, self._send)


@cache
def _front_page() -> tuple[bytes, str]:
    """Streamlit's page as it is, and as it is sent."""
    index = (STREAMLIT / "index.html").read_bytes()
    manifest = STREAMLIT / "manifest.json"
    page = front_page.altered(index.decode(), manifest.read_text(encoding="utf-8") if manifest.exists() else "")
    return index, page


def of_front_page() -> list[str]:
    """The addresses of the files that the first page after the sign-in loads, and that never change."""
    return front_page.files_of(_front_page()[1])


def _may_be_page(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type", "").startswith("text/html")


def _below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _read(path: Path) -> Content:
    return Content(path.name, path.read_bytes())


def _lifetime(address: str) -> str:
    if front_page.HASHED.search(address):
        return FOREVER
    return A_WEEK if address.endswith(".woff2") else EACH_TIME
