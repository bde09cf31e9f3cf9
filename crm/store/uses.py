"""Notes what a read function uses: tables, and fields of the actor."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from crm.foundation.access import Actor
from crm.store.sources import Sources
from crm.store.versions import Part, part_of

TODAY = "today"
"""The facet of a function that reads the current day."""
LANGUAGE = "language of texts"
"""The facet of a function that makes texts for people."""


class Watched(Actor):
    """An actor that notes which of its fields are read."""

    def __getattribute__(self, name: str) -> Any:
        if name in _FIELDS and (uses := object.__getattribute__(self, "__dict__").get("_uses")):
            uses.facets.add(name)
        return object.__getattribute__(self, name)


_FIELDS = frozenset(each.name for each in fields(Actor))


@dataclass
class Uses:
    """What a read function has used so far."""

    tables: set[Part] = field(default_factory=set)
    facets: set[str] = field(default_factory=set)
    temp_tables: set[str] = field(default_factory=set)
    """Temporary tables and frames that it made itself."""
    known: bool = True
    """False once it read something that versions say nothing about."""

    def watch(self, actor: Actor) -> Watched:
        found = object.__new__(Watched)
        found.__dict__.update(object.__getattribute__(actor, "__dict__"), _uses=self)
        return found

    def add(self, sources: Sources, params: Mapping[str, object]) -> None:
        """What a statement read, with these parameters."""
        self.tables |= sources.tables
        for rows in sources.rows:
            self.tables.add(part_of(rows, params))
        self.facets |= sources.facets
        self.known = self.known and sources.known and sources.others <= self.temp_tables

    def include(self, inner: "Uses") -> None:
        self.tables |= inner.tables
        self.facets |= inner.facets
        self.temp_tables |= inner.temp_tables
        self.known = self.known and inner.known
