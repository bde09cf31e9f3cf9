"""Live updates of open pages: a hub that the store's commits feed, and its streams of server-sent events.

An event holds the kinds of record that changed and where in the log, never a record: each page then reads the data
itself, with its own person's permissions.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterable
from uuid import uuid4

from crm.store import Committed, Store
from crm.store.events import Link

HEARTBEAT = 20.0
"""Seconds between heartbeats: proxies drop a silent stream after 30 or 60."""

_PLACE = re.compile(r"(?:(?P<hub>[0-9a-f]{32})/)?(?P<seq>[0-9]{1,18})")


class Hub:
    """Sends each commit to all streams. `publish` may be called from any thread, the rest from the event loop only.

    It remembers for each kind of record which event changed it last, so that a stream can begin with what changed
    before it was opened, and nothing is read for that.
    """

    def __init__(self, store: Store, kinds_changed: Callable[[Store, tuple[Link, ...]], set[str]]) -> None:
        """`kinds_changed` says which kinds of record some events changed."""
        self._store = store
        self._kinds_changed = kinds_changed
        self._loop = asyncio.get_running_loop()
        self._name = uuid4().hex
        self._began = self._last = store.seq
        self._changed: dict[str, int] = {}
        self._streams: set[Stream] = set()
        self.closed = False

    def publish(self, committed: Committed) -> None:
        if committed.events:
            # In the committing thread, since it reads the store: the event loop serves everybody and must not wait.
            kinds = self._kinds_changed(self._store, committed.events)
            self._loop.call_soon_threadsafe(self._send, committed.events[-1].seq, kinds)

    def open_stream(self, after: str = "") -> "Stream":
        """A stream that begins with what changed since `after`: the sequence number that a page was read at, or the id
        of the last event that it had of a stream. Without it, with nothing."""
        stream = Stream(self, self._changed_since(after))
        self._streams.add(stream)
        return stream

    def forget(self, stream: "Stream") -> None:
        self._streams.discard(stream)

    def close(self) -> None:
        """End every stream, so that the server can end."""
        self.closed = True
        for stream in self._streams:
            stream.pending.set()

    def event(self, kinds: dict[str, int] | None) -> str:
        """A server-sent event, whose id a page gives back where its connection was lost."""
        return f"id: {self._name}/{self._last}\ndata: {json.dumps({'seq': self._last, 'kinds': kinds})}\n\n"

    def __len__(self) -> int:
        return len(self._streams)

    def _send(self, seq: int, kinds: Iterable[str]) -> None:
        # Of two commits the later one may come first, since listeners are called when the next may be written already.
        # What comes late counts as changed by the last event: pages may have heard of that one.
        self._last = max(self._last, seq)
        changed = dict.fromkeys(kinds, self._last)
        self._changed |= changed
        for stream in self._streams:
            stream.add(changed)

    def _changed_since(self, after: str) -> dict[str, int] | None:
        """The kinds that changed, each with its last event; None where that is not known, because the page was read, or
        the stream heard, before this process began."""
        place = _PLACE.fullmatch(after)
        if place is None:
            return {}
        seq = int(place["seq"])
        if place["hub"] not in (None, self._name) or not self._began <= seq <= self._store.seq:
            return None
        return {kind: last for kind, last in self._changed.items() if last >= seq}


class Stream:
    """The pending update of one open page: at most one event, however slowly the page reads."""

    def __init__(self, hub: Hub, kinds: dict[str, int] | None) -> None:
        self._hub = hub
        self._kinds = kinds
        self.pending = asyncio.Event()
        self.pending.set()

    def add(self, kinds: dict[str, int]) -> None:
        if self._kinds is not None:
            self._kinds |= kinds
        self.pending.set()

    async def events(self) -> AsyncGenerator[str | None, None]:
        """At once what changed before the stream was opened, and then all changes since the last event:
        `{"seq", "kinds"}`, the last event of the log, and each kind that changed with its own last one; `kinds` is null
        where anything may have changed. None is a heartbeat where nothing did."""
        try:
            while not self._hub.closed:
                try:
                    await asyncio.wait_for(self.pending.wait(), HEARTBEAT)
                except TimeoutError:
                    yield None
                    continue
                if self._hub.closed:
                    return
                self.pending.clear()
                kinds, self._kinds = self._kinds, {}
                yield self._hub.event(kinds)
        finally:
            self._hub.forget(self)
