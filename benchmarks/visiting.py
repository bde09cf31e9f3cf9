"""Somebody's browser at a served page of Streamlit, without the browser: a real WebSocket client."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.served import Served


@dataclass(frozen=True)
class Place:
    page: str
    query: str = ""
    path: str | None = None
    """Where it is other than under its name: the home page answers to the bare address alone."""


@dataclass
class Measured:
    waits: dict[str, list[float]] = field(default_factory=dict)
    """Page → seconds."""
    faults: list[str] = field(default_factory=list)
    bytes: int = 0

    def waited(self, page: str, seconds: float) -> None:
        self.waits.setdefault(page, []).append(seconds)


class Visitor:
    """One person's browser, without the browser."""

    def __init__(self, socket: websockets.ClientConnection, measured: Measured) -> None:
        self._socket = socket
        self._measured = measured
        self._known: set[str] = set()

    async def go(self, place: Place) -> float:
        """Ask for a page; the seconds until its script has ended."""
        started = time.perf_counter()
        await self.read(place)
        return time.perf_counter() - started

    async def read(self, place: Place) -> list[ForwardMsg]:
        """Ask for a page; all messages until its script has ended."""
        request = BackMsg()
        request.rerun_script.page_name = place.page if place.path is None else place.path
        request.rerun_script.query_string = place.query
        request.rerun_script.cached_message_hashes.extend(self._known)
        await self._socket.send(request.SerializeToString())
        messages = [await self._next()]
        while not self._is_end(messages[-1], place):
            messages.append(await self._next())
        return messages

    async def _next(self) -> ForwardMsg:
        raw = await self._socket.recv()
        self._measured.bytes += len(raw)
        message = ForwardMsg.FromString(raw)
        if message.metadata.cacheable and message.hash:
            # As a browser does: a message that it has is not sent again.
            self._known.add(message.hash)
        return message

    def _is_end(self, message: ForwardMsg, place: Place) -> bool:
        kind = message.WhichOneof("type")
        if kind == "delta":
            self._note_fault(message, place)
        if kind == "page_not_found":
            self._measured.faults.append(f"{place.page}: no such page")
        # A run that ends early is followed by another one, which draws the page.
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _note_fault(self, message: ForwardMsg, place: Place) -> None:
        element = message.delta.new_element
        if element.WhichOneof("type") == "exception":
            self._measured.faults.append(f"{place.page}: {element.exception.message}")
        if element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
            self._measured.faults.append(f"{place.page}: {element.alert.body}")


@asynccontextmanager
async def visitor(server: Served, measured: Measured, cookie: str = "") -> AsyncIterator[Visitor]:
    """A visitor of the server, signed in by the cookie."""
    opening = websockets.connect(
        server.socket_url,
        subprotocols=[websockets.Subprotocol("streamlit")],
        additional_headers={"Cookie": f"mallard={cookie}"},
        # A page may be larger than the library's limit; compressing it would take time of the cores under test.
        max_size=None,
        ping_interval=None,
        compression=None,
    )
    async with opening as socket:
        yield Visitor(socket, measured)
