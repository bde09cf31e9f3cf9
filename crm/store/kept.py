"""Keeps the answers of read functions until a table that they read is changed, or the rows of it that they read.

    @kept
    def all_of(tx: Reading) -> tuple[Label, ...]: …

Inside a reading such a function gives the answer that was computed before, if every table it was read from is
unchanged, the actor is equal in everything that the function and the views behind its statements read of an actor, and
texts are in the same language.
Inside a writing it is always computed. Both are found by watching the function run, never declared: this process is
the only writer, every statement names its tables, and a commit raises their versions before anybody hears of it. Where
the texts of statements prove which rows they write and read (crm/store/row_keys.py), these have versions of their own.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from crm.foundation import language
from crm.foundation.errors import TooSlow
from crm.store.frozen import Frozen, freeze, size_of
from crm.store.uses import LANGUAGE, TODAY, Uses
from crm.store.versions import Part, Versions

if TYPE_CHECKING:
    from crm.store.work import Reading

P = ParamSpec("P")
T = TypeVar("T")

MAX_BYTES = 64 * 2**20
LARGEST_SHARE = 8
"""An answer, or arguments, larger than this part of `MAX_BYTES` are not kept: they would displace all others."""
STALE_SHARE = 16
"""Answers that a change has made stale are dropped each time this part of `MAX_BYTES` was added."""
MAX_ENTRIES = 20_000
OVERHEAD = 600
"""Bytes of an entry beside its answer and the arguments of its call."""
TOO_SLOW_FOR = 60.0
"""Seconds for which what took too long is not tried again: each rerun of each open page would."""


def kept(build: Callable[Concatenate["Reading", P], T]) -> Callable[Concatenate["Reading", P], T]:
    """A read function whose answer is kept. Its arguments are hashable. Models in its answer are frozen, since others
    hold the same; lists, dictionaries and sets are copied for each caller. It may read the current day; an answer that
    depends on the moment (`tx.now`) is not kept."""

    @wraps(build)
    def read(tx: "Reading", /, *args: P.args, **kwargs: P.kwargs) -> T:
        found: T = tx.answer(build, args, kwargs)
        return found

    return read


@dataclass(frozen=True)
class _Call:
    """A read function with its arguments."""

    build: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]

    def run(self, tx: "Reading") -> Any:
        return self.build(tx, *self.args, **dict(self.kwargs))


@dataclass(frozen=True)
class _Answer:
    frozen: Frozen
    uses: Uses
    tables: frozenset[Part]
    versions: Versions

    def is_stale(self, versions: Versions) -> bool:
        """Whether one of its tables was changed between it and these versions."""
        return self.versions.number < versions.number and not self.versions.same_for(self.tables, versions)


class _Entry:
    """The place of an answer; whoever computes it holds `working`."""

    def __init__(self, call: _Call) -> None:
        self._empty_size = OVERHEAD + size_of(call.args) + size_of(call.kwargs)
        # After a change every open page asks at the same moment: the first computes, the others wait for its answer.
        self.working = threading.RLock()
        self.answer: _Answer | None = None
        self.keepable = True
        """False where the last answer could not be kept: nobody waits for another then."""
        self.too_slow_until: tuple[float, float] | None = None
        """The seconds that it took, and the moment until which it is not tried again."""
        self.dropped = False
        """Whether there is no room for it: whoever still computes its answer keeps it nowhere."""

    @property
    def size(self) -> int:
        """Bytes. Arguments may hold more than the answer: the ids of a hundred thousand deals, say."""
        return self._empty_size + (self.answer.frozen.size if self.answer else 0)

    def valid(self, tx: "Reading") -> _Answer | None:
        answer = self.answer
        if answer is None or not tx.shares_answers:
            return None
        return answer if answer.versions.same_for(answer.tables, tx.versions) else None

    def refuse_again(self) -> None:
        if self.too_slow_until and time.monotonic() < self.too_slow_until[1]:
            raise TooSlow(self.too_slow_until[0])  # anew, in the language of whoever asks now


class Answers:
    """The kept answers of one store: at most `max_bytes` of them, stale ones and the least recently used given up
    first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self.bytes = 0
        self._added = 0
        """Bytes of answers since stale ones were dropped."""
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._facets: dict[Callable[..., Any], frozenset[str]] = {}
        self._guard = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def read(self, tx: "Reading", build: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The answer that is valid for this reading, computed where there is none."""
        call = _Call(build, args, tuple(sorted(kwargs.items())))
        answer = self._find(tx, call)
        if tx.uses is not None:
            tx.uses.include(answer.uses)
        return answer.frozen.thawed()

    def _find(self, tx: "Reading", call: _Call) -> _Answer:
        while True:
            facets = self._facets.get(call.build, frozenset())
            entry = self._entry(call, values_of(tx, facets))
            if answer := entry.valid(tx):
                return answer
            if not tx.shares_answers or not entry.keepable:
                return self._compute(tx, entry, call)
            with entry.working:
                if self._facets.get(call.build, frozenset()) == facets:
                    return entry.valid(tx) or self._compute(tx, entry, call)
            # Meanwhile the function was found to depend on more: its answers have other places now.

    def _compute(self, tx: "Reading", entry: _Entry, call: _Call) -> _Answer:
        if tx.limited:
            entry.refuse_again()
        versions, asked = tx.versions, language.number_of_uses()
        with tx.watching() as uses:
            try:
                value = call.run(tx)
                if language.number_of_uses() > asked:
                    uses.facets.add(LANGUAGE)
            except TooSlow as refusal:
                self._place(tx, call, uses).too_slow_until = refusal.seconds, time.monotonic() + TOO_SLOW_FOR
                raise
        answer = _Answer(freeze(value), uses, frozenset(uses.tables), versions)
        if tx.shares_answers:  # asked after the read: only then is its snapshot known
            self._keep(tx, entry, call, answer)
        return answer

    def _keep(self, tx: "Reading", entry: _Entry, call: _Call, answer: _Answer) -> None:
        entry.keepable = answer.uses.known and answer.frozen.size <= self.max_bytes // LARGEST_SHARE
        if not entry.keepable:
            return
        place = self._place(tx, call, answer.uses)
        with self._guard:
            if place.dropped:
                return
            if place.answer is not None and place.answer.versions.number > answer.versions.number:
                return  # this reading began before a later commit, of which there is an answer already
            self._put(place, answer)
            self._added += answer.frozen.size
            if self._added > self.max_bytes // STALE_SHARE:
                self._drop_stale(answer.versions)
            self._make_room()

    def _put(self, place: _Entry, answer: _Answer | None) -> None:
        self.bytes -= place.size
        place.answer = answer
        self.bytes += place.size

    def _drop_stale(self, versions: Versions) -> None:
        """Drop the answers that no reading of these versions, or of later ones, can be given. Their entries stay: an
        answer may be under way."""
        self._added = 0
        for entry in self._entries.values():
            if entry.answer is not None and entry.answer.is_stale(versions):
                self._put(entry, None)

    def _place(self, tx: "Reading", call: _Call, uses: Uses) -> _Entry:
        """Where an answer belongs: what a function depends on may be known in full only after it ran."""
        with self._guard:
            known = self._facets.get(call.build, frozenset())
            self._facets[call.build] = facets = known | uses.facets
        return self._entry(call, values_of(tx, facets))

    def _entry(self, call: _Call, values: tuple[Any, ...]) -> _Entry:
        key = call, values
        with self._guard:
            if entry := self._entries.get(key):
                self._entries.move_to_end(key)
                return entry
        new = _Entry(call)  # outside of the guard, since arguments may take long to measure
        if new.size > self.max_bytes // LARGEST_SHARE:
            new.keepable, new.dropped = False, True
            return new
        with self._guard:
            entry = self._entries.setdefault(key, new)
            if entry is new:
                self.bytes += new.size
                self._make_room()
            return entry

    def _make_room(self) -> None:
        while self.bytes > self.max_bytes or len(self._entries) > MAX_ENTRIES:
            _, oldest = self._entries.popitem(last=False)
            self.bytes -= oldest.size
            oldest.dropped, oldest.answer = True, None


def values_of(tx: "Reading", facets: frozenset[str]) -> tuple[Any, ...]:
    """What this reading's actor has for these facets."""
    actor = object.__getattribute__(tx.actor, "__dict__")
    own = {TODAY: lambda: tx.current_day, LANGUAGE: language.current}
    return tuple(own[facet]() if facet in own else actor[facet] for facet in sorted(facets))
