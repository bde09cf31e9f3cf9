"""Segments: a filter and a search of a list under a name, counted anew whenever they are looked at.

A segment is one person's, who may share it. Whoever opens it sees the records that they may see, no others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from crm.foundation import bounds
from crm.foundation.errors import Invalid, ModuleOff, NotFound
from crm.records import filtering, filters, listing, lists, registry, saved_queries
from crm.records.declaration import RecordType, Trait
from crm.records.filters import Filter
from crm.records.listing import ListQuery, Source
from crm.records.saved_queries import SavedQuery, SavedQueryType
from crm.records.type_words import PluralOf
from crm.store import Reading, Writing

Kind = Annotated[str, PluralOf(Trait.SEGMENTS)]


class Segment(SavedQuery, frozen=True):
    kind: Kind


def kinds() -> list[str]:
    """The lists that have segments, whatever the modules."""
    return [of.plural for of in registry.having(Trait.SEGMENTS)]


def source(tx: Reading, kind: str) -> Source:
    """What the list of this kind stands on; Invalid where it has no segments, ModuleOff where its module is off."""
    return lists.source(_type(tx, kind))


def of_kind(tx: Reading, kind: str | None = None) -> list[Segment]:
    """The actor's own and those shared with everybody, by name; of the lists whose module is on."""
    found = tx.rows(
        """
        SELECT *
        FROM segments
        WHERE kind = coalesce($kind, kind) AND list_contains($on::VARCHAR[], kind)
        ORDER BY lower(name), id
        """,
        kind=kind,
        on=[of.plural for of in registry.having(Trait.SEGMENTS) if of.is_on(tx.actor)],
    )
    return [saved_queries.made(QUERY_TYPE, row) for row in found]


def get(tx: Reading, segment_id: int, *, version: int | None = None) -> Segment:
    """NotFound where it is neither the actor's nor shared, Stale where `version` is not its current one."""
    segment = saved_queries.get(tx, QUERY_TYPE, segment_id, version=version)
    _type(tx, segment.kind)
    return segment


def list_query(segment: Segment, further: ListQuery | None = None) -> ListQuery:
    """The records of the segment, or what is asked for further among them."""
    return replace(further or ListQuery(), within=ListQuery(filter=segment.filter, search=segment.search))


def narrowed(tx: Reading, kind: str, further: ListQuery, segment_id: int | None, ids: str = "") -> ListQuery:
    """What an address asks for: within a segment of this list, of records picked by hand (ids, commas between)."""
    picked = tuple(found for found in map(bounds.whole, ids.split(",")) if found is not None)
    wanted = replace(further, ids=picked) if ids else further
    if segment_id is None:
        return wanted
    segment = get(tx, segment_id)
    if segment.kind != kind:
        raise NotFound("segment")
    return list_query(segment, wanted)


def counts(tx: Reading, segments: Sequence[Segment]) -> dict[int, int | None]:
    """How many records each holds now, for the actor; None where a criterion is broken."""
    whole = [segment for segment in segments if not broken(tx, segment)]
    found: dict[int, int | None] = dict.fromkeys((segment.id for segment in segments), None)
    for kind in dict.fromkeys(segment.kind for segment in whole):
        of_this, source = [one for one in whole if one.kind == kind], lists.source(registry.by_plural(kind))
        many = listing.counts(tx, source, [list_query(segment) for segment in of_this])
        found |= {segment.id: count for segment, count in zip(of_this, many, strict=True)}
    return found


def broken(tx: Reading, segment: Segment) -> list[str]:
    """What is wrong with its criteria, a sentence each: a field, value, stage or person that is gone."""
    return filters.broken(segment.filter, filtering.fields_of(tx, segment.kind))


def create(
    tx: Writing, *, kind: str, name: str, filter: Filter | None = None, search: str = "", shared: bool = False
) -> Segment:
    """A segment of the actor's. Invalid where it would hold everything, where its criteria make no sense, or where
    the actor has as many as the administrator allows."""
    given = {"kind": kind, "name": name, "filter": filter, "search": search, "shared": shared}
    return saved_queries.create(tx, QUERY_TYPE, given)


def edit(tx: Writing, /, segment_id: int, *, version: int | None = None, **changes: Any) -> Segment:
    """Set some of name, filter, search and shared. Only the owner may; Stale where it changed after `version`."""
    return saved_queries.edit(tx, QUERY_TYPE, get(tx, segment_id, version=version), changes)


def duplicate(tx: Writing, segment_id: int, *, name: str | None = None) -> Segment:
    """A segment of the actor's own with the same criteria, shared with nobody."""
    return saved_queries.duplicate(tx, QUERY_TYPE, get(tx, segment_id), name)


def delete(tx: Writing, segment_id: int, *, version: int | None = None) -> None:
    """Its owner's to do; an administrator's too, where it is shared. The records stay as they are."""
    segment = get(tx, segment_id, version=version)
    saved_queries.delete(tx, QUERY_TYPE, segment, kind=segment.kind)


def _checked(tx: Reading, fields: Mapping[str, Any], own: Segment | None) -> dict[str, Any]:
    found = source(tx, fields["kind"])
    if fields["filter"] is None and not (fields["search"] or "").strip():
        raise Invalid("A segment needs a filter or a search. Without one it would hold everybody.", "filter")
    return saved_queries.checked(tx, QUERY_TYPE, found, fields, own)


def _type(tx: Reading, kind: str) -> RecordType[Any]:
    found = next((of for of in registry.having(Trait.SEGMENTS) if of.plural == kind), None)
    if found is None:
        raise Invalid(f"There are no segments of “{kind}”, only of {', '.join(kinds())}.", "kind")
    if found.module and not tx.actor.has(found.module):
        raise ModuleOff(found.module)
    return found


QUERY_TYPE = SavedQueryType(
    record=Segment,
    table="segments",
    limit="segment_limit",
    when_full="Delete one, or ask an administrator.",
    noun="segment",
    kind="segment",
    place="kind",
    settable=("name", "filter", "search", "shared"),
    checked=_checked,
)
