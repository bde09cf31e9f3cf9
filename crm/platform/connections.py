"""Limits the time and the number of connections, so that clients who send or read very slowly hold nobody up.

Open pages (WebSockets) and event streams may stay open; they only count among the connections.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from crm.foundation.settings import Settings


@dataclass(frozen=True)
class Limits:
    in_all: int
    """Most connections in all. Keep it below the open files of a process, 1,024 on most systems."""
    from_one: int | None
    """Most connections of one address; None behind a proxy, where all come from the same."""
    head_seconds: float = 10
    """Seconds from the connection's start, or a request's first byte, to the end of its headers."""
    body_seconds: float = 20
    body_bytes: int = 20 * 1024
    """Bytes that a body must bring in each `body_seconds`: a large file may take hours, a slow drip may not."""
    read_seconds: float = 60
    """Seconds that a response may wait for a client who reads nothing of it."""

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        from_one = None if settings.behind_proxy else settings.connections_per_address
        return cls(settings.connections, from_one)


class LimitedConnection(H11Protocol):
    """uvicorn's connection with timeouts for what the client does, refused beyond the limits.

    Between two requests uvicorn's own keep-alive timeout runs (five seconds).
    """

    _limits: ClassVar[Limits]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head: asyncio.TimerHandle | None = None
        self._body: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None
        self._arrived = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # After super(), which adds this connection to those that are counted.
        if self._is_beyond_limits():
            self._end(503, "Too many connections. Close some, or try again in a moment.")
        else:
            self._head = self.loop.call_later(self._limits.head_seconds, self._head_is_late)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._arrived += len(data)
        super().data_received(data)
        if self.transport.get_protocol() is not self:  # a WebSocket now
            self._stop_clocks()
            return
        if self.conn.their_state is not h11.IDLE:
            _stop(self._head)
            self._head = None
        # Started once and not again by further bytes: headers that drip in must not take longer for it.
        elif self._head is None:
            self._head = self.loop.call_later(self._limits.head_seconds, self._head_is_late)
        if self.conn.their_state is h11.SEND_BODY and self._body is None:
            self._watch_body()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_clocks()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        # Aborted, since close() would first wait to send what nobody reads.
        self._reader = self.loop.call_later(self._limits.read_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        _stop(self._reader)
        self._reader = None
        super().resume_writing()

    def _is_beyond_limits(self) -> bool:
        if len(self.connections) > self._limits.in_all:
            return True
        if self._limits.from_one is None or self.client is None:
            return False
        clients = (getattr(other, "client", None) for other in self.connections)  # open pages among them
        return [client[0] for client in clients if client].count(self.client[0]) > self._limits.from_one

    def _head_is_late(self) -> None:
        self._head = None
        self._end(408, "The headers of this request took too long.")

    def _watch_body(self) -> None:
        self._arrived = 0
        self._body = self.loop.call_later(self._limits.body_seconds, self._judge_body)

    def _judge_body(self) -> None:
        self._body = None
        if self.conn.their_state is not h11.SEND_BODY:
            return
        if self._arrived < self._limits.body_bytes and not self._are_we_slow():
            self._end(408, "The body of this request came too slowly.")
        else:
            self._watch_body()

    def _are_we_slow(self) -> bool:
        """Whether the client is waiting for us: reading is paused, or it awaits “100 Continue”."""
        awaits_go_ahead = self.cycle is not None and self.cycle.waiting_for_100_continue
        return bool(self.flow.read_paused or awaits_go_ahead)

    def _end(self, status: int, reason: str) -> None:
        """Send the reason, unless a response has begun, and close the connection."""
        self._stop_clocks()
        if self.conn.their_state is h11.IDLE or not self.cycle.response_started:
            self.transport.write(_answer(status, reason))
        if self.cycle is not None and not self.cycle.response_complete:
            # The application would otherwise wait for the rest of the body forever.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def _stop_clocks(self) -> None:
        for clock in (self._head, self._body, self._reader):
            _stop(clock)
        self._head = self._body = self._reader = None


def limited(limits: Limits) -> type[LimitedConnection]:
    """The class for uvicorn, which makes the connections itself."""
    return type("LimitedConnection", (LimitedConnection,), {"_limits": limits})


def _stop(clock: asyncio.TimerHandle | None) -> None:
    if clock is not None:
        clock.cancel()


def _answer(status: int, reason: str) -> bytes:
    name = {408: "Request Timeout", 503: "Service Unavailable"}[status]
    head = f"HTTP/1.1 {status} {name}\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\n"
    return f"{head}content-length: {len(reason)}\r\nconnection: close\r\n\r\n{reason}".encode()
