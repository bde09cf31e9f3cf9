"""Segments: saved filters and searches of a list, whose records are determined anew at every use.

A segment belongs to one person, who may share it. Each person sees only those of its records that they may see.
"""

from collections.abc import Mapping
from dataclasses import replace
from operator import itemgetter
from typing import Annotated, Any

from crm.foundation import bounds
from crm.foundation.errors import Invalid, ModuleOff, NotFound
from crm.foundation.language import later, tr
from crm.records import filtering, filters, listing, lists, registry, saved_queries
from crm.records.declaration import RecordType, Trait
from crm.records.filters import Filter
from crm.records.listing import ListQuery, Source
from crm.records.saved_queries import SavedQuery, SavedQueryType
from crm.records.type_words import PluralOf
from crm.store import Reading, Writing
from crm.store.kept import kept

Kind = Annotated[str, PluralOf(Trait.SEGMENTS)]


class Segment(SavedQuery, frozen=True):
    kind: Kind


def kinds() -> list[str]:
    """The plurals of the types that have segments, those of modules that are off included."""
    return [of.plural for of in registry.having(Trait.SEGMENTS)]


def source(tx: Reading, kind: str) -> Source:
    """The list source of this kind. Raises Invalid where it has no segments, ModuleOff where its module is off."""
    return lists.source(_type(tx, kind))


@kept
def of_kind(tx: Reading, kind: str | None = None) -> list[Segment]:
    """The actor's segments and the shared ones, by name: of every list whose module is on, or of one."""
    wanted = {of.plural for of in registry.having(Trait.SEGMENTS) if of.is_on(tx.actor) and kind in (None, of.plural)}
    # Chosen and sorted here: the engine takes longer to plan that for a few rows than to read them.
    found = [row for row in tx.rows("SELECT *, lower(name) AS sorting FROM segments") if row["kind"] in wanted]
    found.sort(key=itemgetter("sorting", "id"))
    return [saved_queries.from_row(QUERY_TYPE, row) for row in found]


def get(tx: Reading, segment_id: int, *, version: int | None = None) -> Segment:
    """A segment. Raises NotFound where it is neither the actor's nor shared, Stale where `version` is not the current
    one."""
    segment = saved_queries.get(tx, QUERY_TYPE, segment_id, version=version)
    _type(tx, segment.kind)
    return segment


def list_query(segment: Segment, further: ListQuery | None = None) -> ListQuery:
    """The query for the segment's records, narrowed by `further`."""
    return replace(further or ListQuery(), within=ListQuery(filter=segment.filter, search=segment.search))


def narrowed(tx: Reading, kind: str, further: ListQuery, segment_id: int | None, ids: str = "") -> ListQuery:
    """The query of a URL: `further`, within a segment of this list, of picked records (`ids`, separated by commas).
    Raises NotFound where the segment is of another list."""
    picked = tuple(found for found in map(bounds.whole, ids.split(",")) if found is not None)
    # Ids that are none pick nothing, where no ids at all pick everything.
    query = replace(further, ids=picked) if ids else further
    if segment_id is None:
        return query
    segment = get(tx, segment_id)
    if segment.kind != kind:
        raise NotFound(tr("segment"))
    return list_query(segment, query)


@kept
def counts(tx: Reading, segments: tuple[Segment, ...]) -> dict[int, int | None]:
    """{segment id: number of its records that the actor sees}; None where its filter is broken."""
    # A broken filter would fail the common statement, and so the counts of all others.
    valid = [segment for segment in segments if not broken(tx, segment)]
    found: dict[int, int | None] = dict.fromkeys((segment.id for segment in segments), None)
    for kind in dict.fromkeys(segment.kind for segment in valid):
        same_kind, source = (
            [segment for segment in valid if segment.kind == kind],
            lists.source(registry.by_plural(kind)),
        )
        counted = listing.counts(tx, source, [list_query(segment) for segment in same_kind])
        found |= {segment.id: count for segment, count in zip(same_kind, counted, strict=True)}
    return found


@kept
def broken(tx: Reading, segment: Segment) -> list[str]:
    """The faults of its filter, a sentence each: a field, value, stage or person that no longer exists."""
    return filters.broken(segment.filter, filtering.fields_of(tx, segment.kind))


def create(
    tx: Writing, *, kind: str, name: str, filter: Filter | None = None, search: str = "", shared: bool = False
) -> Segment:
    """Create a segment of the actor's. Raises Invalid where it has neither filter nor search, where its filter does not
    compile, or where the actor has as many as the workspace allows."""
    fields = {"kind": kind, "name": name, "filter": filter, "search": search, "shared": shared}
    return saved_queries.create(tx, QUERY_TYPE, fields)


def edit(tx: Writing, /, segment_id: int, *, version: int | None = None, **changes: Any) -> Segment:
    """Set some of name, filter, search and shared. Only its owner may. Raises Stale where it was changed after
    `version`."""
    return saved_queries.edit(tx, QUERY_TYPE, get(tx, segment_id, version=version), changes)


def duplicate(tx: Writing, segment_id: int, *, name: str | None = None) -> Segment:
    """Copy a segment to an unshared one of the actor's."""
    return saved_queries.duplicate(tx, QUERY_TYPE, get(tx, segment_id), name)


def delete(tx: Writing, segment_id: int, *, version: int | None = None) -> None:
    """Delete a segment; its records stay. Its owner may, and an administrator where it is shared."""
    segment = get(tx, segment_id, version=version)
    saved_queries.delete(tx, QUERY_TYPE, segment, kind=segment.kind)


def _checked(tx: Reading, fields: Mapping[str, Any], before: Segment | None) -> dict[str, Any]:
    list_source = source(tx, fields["kind"])
    if fields["filter"] is None and not (fields["search"] or "").strip():
        raise Invalid(tr("A segment needs a filter or a search. Without one it would hold everybody."), "filter")
    return saved_queries.checked(tx, QUERY_TYPE, list_source, fields, before)


def _type(tx: Reading, kind: str) -> RecordType[Any]:
    refusal = later("There are no segments of “{plural}”, only of {known}.")
    found = registry.by_plural(kind, trait=Trait.SEGMENTS, refusal=refusal)
    if found.module and not tx.actor.has(found.module):
        raise ModuleOff(found.module)
    return found


QUERY_TYPE = SavedQueryType(
    record=Segment,
    table="segments",
    limit="segment_limit",
    when_full=later("Delete one, or ask an administrator."),
    label=later("segment"),
    kind="segment",
    place="kind",
    settable=("name", "filter", "search", "shared"),
    checked=_checked,
)
