"""Live updates of open pages: a hub that the store's commits feed, and its streams of server-sent events.

A message holds the store's version and the kinds of record that changed, never a record: each page then reads the data
itself, with its own person's permissions.
"""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable

from crm.store import Committed
from crm.store.events import Link

HEARTBEAT = 20.0
"""Seconds between heartbeats: proxies drop a silent stream after 30 or 60."""


class Hub:
    """Sends each commit to all streams. `publish` may be called from any thread, the rest from the event loop only."""

    def __init__(self, kinds_changed: Callable[[tuple[Link, ...]], set[str]]) -> None:
        """`kinds_changed` says which kinds of record some events changed."""
        self._kinds_changed = kinds_changed
        self._loop = asyncio.get_running_loop()
        self._streams: set[Stream] = set()
        self._guard = threading.Lock()
        self.closed = False

    def publish(self, committed: Committed) -> None:
        if committed.events:
            # In the committing thread, since it reads the store: the event loop serves everybody and must not wait.
            kinds = self._kinds_changed(committed.events)
            self._loop.call_soon_threadsafe(self._send, committed.version, kinds)

    def open_stream(self) -> "Stream":
        stream = Stream(self)
        self._streams.add(stream)
        return stream

    def forget(self, stream: "Stream") -> None:
        self._streams.discard(stream)

    def close(self) -> None:
        """End every stream, so that the server can end."""
        self.closed = True
        for stream in self._streams:
            stream.pending.set()

    def __len__(self) -> int:
        return len(self._streams)

    def _send(self, version: int, kinds: set[str]) -> None:
        for stream in self._streams:
            stream.add(version, kinds)


class Stream:
    """The pending update of one open page: at most one message, however slowly the page reads."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._version = 0
        self._kinds: set[str] = set()
        self.pending = asyncio.Event()

    def add(self, version: int, kinds: set[str]) -> None:
        self._version = version
        self._kinds |= kinds
        self.pending.set()

    async def messages(self) -> AsyncIterator[str | None]:
        """A JSON text for all changes since the last one, or None as a heartbeat where nothing changed."""
        try:
            while not self._hub.closed:
                try:
                    await asyncio.wait_for(self.pending.wait(), HEARTBEAT)
                except TimeoutError:
                    yield None
                    continue
                self.pending.clear()
                kinds, self._kinds = sorted(self._kinds), set()
                if kinds:
                    yield json.dumps({"version": self._version, "kinds": kinds})
        finally:
            self._hub.forget(self)
