"""Counts the changes of each table, so that what was read from it can be known to be unchanged."""

from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Versions:
    """How often each table has been changed, as of one commit: replaced whole with each, so that one look at it is
    consistent. A table without a number was not changed since the store was opened."""

    number: int = 0
    """The number of commits."""
    schema: int = 0
    """The commit that last changed tables or views themselves, or may have changed any table."""
    tables: "MappingProxyType[str, int]" = field(default_factory=lambda: MappingProxyType({}))

    def raised(self, changed: frozenset[str] | None) -> "Versions":
        """As of the next commit, which changed these tables; any, where None."""
        number = self.number + 1
        if changed is None:
            return Versions(number, number)
        if not changed:
            return Versions(number, self.schema, self.tables)
        return Versions(number, self.schema, MappingProxyType({**self.tables, **dict.fromkeys(changed, number)}))

    def same_for(self, tables: frozenset[str], other: "Versions") -> bool:
        if self.schema != other.schema:
            return False
        mine, its = self.tables, other.tables
        return all(mine.get(table) == its.get(table) for table in tables)


class Changes:
    """The versions of a store's tables. Only the thread that holds the writer lock changes them."""

    def __init__(self) -> None:
        self.versions = Versions()
        self._begun = 0

    def begin_commit(self) -> None:
        """Call before a commit: from here on a snapshot may hold more than `versions` says."""
        self._begun = self.versions.number + 1

    def end_commit(self, changed: frozenset[str] | None) -> None:
        """Call after a commit, also after one that failed, since it may have been kept all the same."""
        self.versions = self.versions.raised(changed)

    def exact(self, versions: Versions) -> bool:
        """Whether a snapshot that was begun after these versions were read, and before now, holds exactly their
        commits."""
        return self._begun == versions.number
