"""Counts the changes of each table, so that what was read from it can be known to be unchanged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from crm.store.row_keys import Rows

Part: TypeAlias = str | tuple[str, int]
"""A table, or the rows of it that have one key."""
_Counted: TypeAlias = str | tuple[str, int | None]
"""A table, its rows of one key, or with None those of any key: what was changed without saying which rows."""

MAX_ROWS = 2000
"""Keys whose changes are told apart. Beyond, their tables count as changed whole."""


def part_of(rows: Rows, params: Mapping[str, object]) -> Part:
    """The rows that a statement names by a parameter; their whole table where its value is no plain number."""
    key = params.get(rows.parameter)
    # Not bool, which equals a number; nor a text or a fraction, which the engine would convert.
    return (rows.table, key) if type(key) is int else rows.table


@dataclass(frozen=True)
class Versions:
    """How often each table has been changed, as of one commit: replaced whole with each, so that one look at it is
    consistent. A table without a number was not changed since the store was opened."""

    number: int = 0
    """The number of commits."""
    schema: int = 0
    """The commit that last changed tables or views themselves, or may have changed any table."""
    tables: "MappingProxyType[_Counted, int]" = field(default_factory=lambda: MappingProxyType({}))

    def raised(self, changed: frozenset[Part] | None) -> "Versions":
        """As of the next commit, which changed these tables and rows; any, where None."""
        number = self.number + 1
        if changed is None:
            return Versions(number, number)
        if not changed:
            return Versions(number, self.schema, self.tables)
        counted: dict[_Counted, int] = dict(self.tables)
        for part in changed:
            table = part if isinstance(part, str) else part[0]
            counted[table] = number
            counted[(table, None) if isinstance(part, str) else part] = number
        return Versions(number, self.schema, MappingProxyType(_bounded(counted, number)))

    def changed_rows(self, tables: Iterable[str], since: "Versions") -> frozenset[int] | None:
        """The keys of the rows of these tables that were changed after `since`, which is no later; None where more than
        single rows may have been."""
        those = frozenset(tables)
        if not since.same_for(((table, None) for table in those), self):
            return None
        return frozenset(
            part[1]
            for part, number in self.tables.items()
            if number > since.number and not isinstance(part, str) and part[1] is not None and part[0] in those
        )

    def same_for(self, parts: Iterable[_Counted], other: "Versions") -> bool:
        if self.schema != other.schema:
            return False
        mine, its = self.tables, other.tables
        return all(mine.get(each) == its.get(each) for each in _counted(parts))


def _counted(parts: Iterable[_Counted]) -> Iterable[_Counted]:
    for part in parts:
        yield part
        if not isinstance(part, str):
            yield part[0], None


def _bounded(counted: dict[_Counted, int], number: int) -> dict[_Counted, int]:
    """Without the single rows, where they are too many: their tables are then changed whole."""
    rows = [part for part in counted if not isinstance(part, str) and part[1] is not None]
    if len(rows) <= MAX_ROWS:
        return counted
    kept = {part: version for part, version in counted.items() if isinstance(part, str) or part[1] is None}
    return {**kept, **{(part[0], None): number for part in rows}}


class Changes:
    """The versions of a store's tables. Only the thread that holds the writer lock changes them."""

    def __init__(self) -> None:
        self.versions = Versions()
        self._begun = 0

    def begin_commit(self) -> None:
        """Call before a commit: from here on a snapshot may hold more than `versions` says."""
        self._begun = self.versions.number + 1

    def end_commit(self, changed: frozenset[Part] | None) -> None:
        """Call after a commit, also after one that failed, since it may have been kept all the same."""
        self.versions = self.versions.raised(changed)

    def exact(self, versions: Versions) -> bool:
        """Whether a snapshot that was begun after these versions were read, and before now, holds exactly their
        commits."""
        return self._begun == versions.number
