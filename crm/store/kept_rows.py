"""Keeps what a read function answers of single records until a row is changed that such an answer was made of.

    @kept_by_row
    def cards(tx: Reading, ids: Sequence[int]) -> dict[int, Card]: …

It is given only the keys of which there is no answer that is still valid: after one deal of a board was moved, the card
of that deal is read, not the hundreds beside it. What an answer depends on is found as in crm/store/kept.py; of tables
that `Reading.rows_of` reads by key, the rows of its own key.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import wraps
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from crm.foundation import language
from crm.store.frozen import freeze
from crm.store.kept import values_of
from crm.store.uses import LANGUAGE, Uses
from crm.store.versions import Versions

if TYPE_CHECKING:
    from crm.store.work import Reading

T = TypeVar("T")

MAX_BYTES = 32 * 2**20
MEASURED = 8
"""Answers of one read whose size is measured, for all of them: they are alike."""
TOLD_APART = 8
"""Keys that count one by one for the kept function around. Of more, any change of their tables does: to ask for each of
hundreds takes longer than to put the answers together again."""
_NONE = object()
"""In place of an answer: the function gave none for this key."""


def kept_by_row(build: Callable[["Reading", Sequence[int]], Mapping[int, T]]) -> Callable[..., dict[int, T]]:
    """A read function that gives {key: answer} and is kept by key. An answer depends on its own key alone, not on the
    others that are asked for with it; it is a value or a tuple of values, since others hold the same. A key may have
    none."""

    @wraps(build)
    def read(tx: "Reading", keys: Iterable[int], /) -> dict[int, T]:
        return tx.answer_rows(build, tuple(dict.fromkeys(keys)))

    return read


class _Rows:
    """The answers of one function for all who see the same; whoever reads or computes them holds `working`."""

    def __init__(self) -> None:
        self.working = threading.RLock()
        self.bytes = 0
        self.dropped = False
        """Whether there is no room for it: what is still computed is kept nowhere."""
        self._answers: dict[int, Any] = {}
        self._versions = Versions()
        self._whole: frozenset[str] = frozenset()
        self._by_key: frozenset[str] = frozenset()

    def answers(self, keys: Iterable[int]) -> dict[int, Any]:
        return {key: self._answers[key] for key in keys if key in self._answers}

    def reaches(self, versions: Versions) -> bool:
        """Whether from here on it holds answers of these versions: it drops those that were changed since its own. Not
        where its own are later."""
        if versions.number < self._versions.number:
            return False
        changed = versions.changed_rows(self._by_key, self._versions)
        if changed is None or not self._versions.same_for(self._whole, versions):
            self._answers.clear()
            self.bytes = 0
        elif self._answers:
            each = self.bytes // len(self._answers)
            for key in changed:
                if self._answers.pop(key, None) is not None:
                    self.bytes -= each
        self._versions = versions
        return True

    def put(self, answers: Mapping[int, Any], uses: Uses) -> None:
        """Keep answers of the versions that it holds."""
        whole, by_key = _tables(uses, answers)
        self._whole |= whole
        self._by_key = (self._by_key | by_key) - self._whole
        self._answers.update(answers)
        sample = list(islice(answers.values(), MEASURED))
        self.bytes += sum(freeze(each).size for each in sample if each is not _NONE) * len(answers) // len(sample)

    def uses(self, keys: Sequence[int], facets: Iterable[str]) -> Uses:
        """What its answers of these keys depend on."""
        if len(keys) > TOLD_APART:
            return Uses(set(self._whole | self._by_key), set(facets))
        return Uses(set(self._whole) | {(table, key) for table in self._by_key for key in keys}, set(facets))


class RowAnswers:
    """The answers by row of one store: about `max_bytes` of them, those of the function and the sight that were asked
    for the longest time ago given up first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.max_bytes = max_bytes
        self._places: OrderedDict[Hashable, _Rows] = OrderedDict()
        self._facets: dict[Callable[..., Any], frozenset[str]] = {}
        self._guard = threading.Lock()

    def read(self, tx: "Reading", build: Callable[..., Any], keys: tuple[int, ...]) -> dict[int, Any]:
        place = self._place(tx, build)
        with place.working:
            found = place.answers(keys) if tx.shares_answers and place.reaches(tx.versions) else {}
            if found:
                self._include(tx, build, place, [*found])
            missing = tuple(key for key in keys if key not in found)
            if missing:
                found |= self._compute(tx, build, missing)
                if len(missing) < len(keys) and not tx.shares_answers:
                    # The snapshot that began here holds more commits than the other answers do.
                    found = self._compute(tx, build, keys)
        return {key: found[key] for key in keys if found[key] is not _NONE}

    def _compute(self, tx: "Reading", build: Callable[..., Any], keys: tuple[int, ...]) -> dict[int, Any]:
        asked = language.number_of_uses()
        with tx.watching() as uses:
            answers = build(tx, keys)
        if language.number_of_uses() > asked:
            uses.facets.add(LANGUAGE)
        made = {key: answers.get(key, _NONE) for key in keys}
        place = self._keep(tx, build, made, uses)
        if place is not None:
            self._include(tx, build, place, keys)
        elif tx.uses is not None:
            tx.uses.include(uses)
        return made

    def _keep(self, tx: "Reading", build: Callable[..., Any], made: Mapping[int, Any], uses: Uses) -> _Rows | None:
        """Where the answers are kept now; None where they cannot be."""
        if not tx.shares_answers or not uses.known:  # asked after the read: only then is its snapshot known
            return None
        with self._guard:
            self._facets[build] = self._facets.get(build, frozenset()) | uses.facets
        # What a function depends on may be known in full only after it ran: its answers have other places now.
        place = self._place(tx, build)
        with place.working:
            if place.dropped or not place.reaches(tx.versions):
                return None
            place.put(made, uses)
        self._make_room()
        return place

    def _include(self, tx: "Reading", build: Callable[..., Any], place: _Rows, keys: Sequence[int]) -> None:
        if tx.uses is not None:
            tx.uses.include(place.uses(keys, self._facets.get(build, ())))

    def _place(self, tx: "Reading", build: Callable[..., Any]) -> _Rows:
        key = build, values_of(tx, self._facets.get(build, frozenset()))
        with self._guard:
            place = self._places.setdefault(key, _Rows())
            self._places.move_to_end(key)
            return place

    def _make_room(self) -> None:
        with self._guard:
            while self._places and sum(place.bytes for place in self._places.values()) > self.max_bytes:
                self._places.popitem(last=False)[1].dropped = True


def _tables(uses: Uses, keys: Iterable[int]) -> tuple[frozenset[str], frozenset[str]]:
    """The tables of which any change counts for an answer, and those of which only rows of its own key do."""
    rows = [part for part in uses.tables if not isinstance(part, str)]
    own = set(keys)
    # A row of another key was read by what the function called: it counts for all of them.
    whole = {part for part in uses.tables if isinstance(part, str)} | {table for table, key in rows if key not in own}
    return frozenset(whole), frozenset(table for table, _ in rows) - whole
