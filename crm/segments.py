"""Segments: a filter and a search of a list under a name, counted anew whenever they are looked at.

A segment is one person's, who may share it. Whoever opens it sees the records that they may see, no others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from crm import companies, contacts, criteria, filters, identity, listing
from crm.access import Module, Permission
from crm.changes import refuse_stale
from crm.errors import Forbidden, Invalid, ModuleOff, NotFound
from crm.filters import Filter
from crm.listing import Asked, Source
from crm.store import Reading, Row, Writing

Kind = Literal["contacts", "companies"]

SOURCES: dict[str, Source] = {"contacts": contacts.SOURCE, "companies": companies.SOURCE}


class Segment(BaseModel, frozen=True):
    id: int
    kind: Kind
    name: str
    filter: Filter | None
    search: str
    user_id: int
    """Whose it is: who made it."""
    user_name: str
    shared: bool
    created_at: datetime
    updated_at: datetime
    version: int


def source(tx: Reading, kind: str) -> Source:
    """What the list of this kind stands on; ModuleOff where its module is."""
    _require_module(tx, kind)
    return SOURCES[kind]


def of_kind(tx: Reading, kind: str | None = None) -> list[Segment]:
    """The actor's own and those shared with everybody, by name; of the lists whose module is on."""
    found = tx.rows(
        """
        SELECT *
        FROM segments
        WHERE kind = coalesce($kind, kind) AND ($has_companies OR kind <> 'companies')
        ORDER BY lower(name), id
        """,
        kind=kind,
        has_companies=tx.actor.has(Module.COMPANIES),
    )
    return [_segment(row) for row in found]


def get(tx: Reading, segment_id: int, *, version: int | None = None) -> Segment:
    """NotFound where it is neither the actor's nor shared, Stale where `version` is not its current one."""
    found = tx.rows("SELECT * FROM segments WHERE id = $id", id=segment_id)
    if not found:
        raise NotFound("segment")
    segment = _segment(found[0])
    _require_module(tx, segment.kind)
    refuse_stale(tx, "segment", segment, segment.name, version)
    return segment


def asked(segment: Segment, further: Asked | None = None) -> Asked:
    """The records of the segment, or what is asked for further among them."""
    return replace(further or Asked(), within=Asked(filter=segment.filter, search=segment.search))


def narrowed(tx: Reading, kind: str, further: Asked, segment_id: int | None, ids: str = "") -> Asked:
    """What an address asks for: within a segment of this list, of records picked by hand (ids, commas between)."""
    picked = tuple(int(one) for one in ids.split(",") if one.isascii() and one.isdigit() and len(one) <= 18)
    wanted = replace(further, ids=picked) if ids else further
    if segment_id is None:
        return wanted
    segment = get(tx, segment_id)
    if segment.kind != kind:
        raise NotFound("segment")
    return asked(segment, wanted)


def counts(tx: Reading, segments: Sequence[Segment]) -> dict[int, int | None]:
    """How many records each holds now, for the actor; None where a criterion is broken."""
    whole = [segment for segment in segments if not broken(tx, segment)]
    found: dict[int, int | None] = dict.fromkeys((segment.id for segment in segments), None)
    for kind, source in SOURCES.items():
        of_this = [segment for segment in whole if segment.kind == kind]
        many = listing.counts(tx, source, [asked(segment) for segment in of_this])
        found |= {segment.id: count for segment, count in zip(of_this, many, strict=True)}
    return found


def broken(tx: Reading, segment: Segment) -> list[str]:
    """What is wrong with its criteria, a sentence each: a field, value, stage or person that is gone."""
    return filters.broken(segment.filter, criteria.fields(tx, segment.kind))


def create(
    tx: Writing, *, kind: str, name: str, filter: Filter | None = None, search: str = "", shared: bool = False
) -> Segment:
    """A segment of the actor's. Invalid where it would hold everything, where its criteria make no sense, or where
    the actor has as many as the administrator allows."""
    fields = _checked(tx, {"kind": kind, "name": name, "filter": filter, "search": search, "shared": shared})
    limit = int(tx.value("SELECT segment_limit FROM workspace"))
    if tx.value("SELECT count(*) FROM base.segments WHERE user_id = $me", me=tx.actor.id) >= limit:
        raise Invalid(
            f"You have {limit:,} segments, as many as the workspace allows. Delete one, or ask an administrator.",
            "name",
        )
    segment_id = tx.insert(
        """
        INSERT INTO base.segments (kind, name, filter, search, user_id, shared, created_at, updated_at)
        VALUES ($kind, $name, $filter, $search, $me, $shared, $now, $now)
        RETURNING id
        """,
        **_columns(fields),
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record("segment.created", "segment", segment_id, **_columns(fields))
    return get(tx, segment_id)


def edit(tx: Writing, segment_id: int, *, version: int | None = None, **changes: Any) -> Segment:
    """Set some of name, filter, search and shared. Only the owner may; Stale where it changed after `version`."""
    before = get(tx, segment_id, version=version)
    if before.user_id != tx.actor.id:
        raise Forbidden(f"“{before.name}” belongs to {before.user_name}. Duplicate it to have one of your own.")
    unknown = changes.keys() - {"name", "filter", "search", "shared"}
    if unknown:
        raise Invalid(f"A segment has no field “{min(unknown)}” that can be set.", min(unknown))
    known = before.model_dump(include={"kind", "name", "search", "shared"}) | {"filter": before.filter}
    fields = _columns(_checked(tx, known | changes, own_id=segment_id))
    was = _columns(known)
    if fields == was:
        return before
    tx.run(
        """
        UPDATE base.segments SET
            name = $name,
            filter = $filter,
            search = $search,
            shared = $shared,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **{name: value for name, value in fields.items() if name != "kind"},
        now=tx.now,
        id=segment_id,
    )
    differing = {name: [was[name], value] for name, value in fields.items() if was[name] != value}
    tx.record("segment.changed", "segment", segment_id, changes=differing)
    return get(tx, segment_id)


def duplicate(tx: Writing, segment_id: int, *, name: str | None = None) -> Segment:
    """A segment of the actor's own with the same criteria, shared with nobody."""
    found = get(tx, segment_id)
    wanted = name or _free_name(tx, found)
    return create(tx, kind=found.kind, name=wanted, filter=found.filter, search=found.search)


def delete(tx: Writing, segment_id: int, *, version: int | None = None) -> None:
    """Its owner's to do; an administrator's too, where it is shared. The records stay as they are."""
    segment = get(tx, segment_id, version=version)
    if segment.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run("DELETE FROM base.segments WHERE id = $id", id=segment_id)
    tx.record("segment.deleted", "segment", segment_id, name=segment.name, kind=segment.kind)


def _segment(row: Row) -> Segment:
    return Segment(**{**row, "filter": filters.parse(row["filter"])})


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "filter": filters.dump(fields["filter"])}


def _checked(tx: Reading, fields: Mapping[str, Any], *, own_id: int | None = None) -> dict[str, Any]:
    """The fields as they are kept. A criterion that broke since it was saved is no reason to refuse a new name."""
    kind, search = fields["kind"], (fields["search"] or "").strip()
    if kind not in SOURCES:
        raise Invalid(f"There are no segments of “{kind}”, only of {', '.join(SOURCES)}.", "kind")
    _require_module(tx, kind)
    name = identity.text(fields["name"], "name", limit=80)
    if not name:
        raise Invalid("A segment needs a name.", "name")
    if fields["filter"] is None and not search:
        raise Invalid("A segment needs a filter or a search. Without one it would hold everybody.", "filter")
    if _taken(tx, kind, name, own_id):
        raise Invalid(f"You have a segment called “{name}” already.", "name")
    if own_id is None or (fields["filter"], search) != _criteria(tx, own_id):
        listing.wanted(tx, SOURCES[kind], Asked(filter=fields["filter"], search=search))
    return {**fields, "name": name, "search": search}


def _criteria(tx: Reading, segment_id: int) -> tuple[Filter | None, str]:
    segment = get(tx, segment_id)
    return segment.filter, segment.search


def _taken(tx: Reading, kind: str, name: str, own_id: int | None = None) -> bool:
    found = tx.rows(
        "SELECT name FROM base.segments WHERE user_id = $me AND kind = $kind AND id <> coalesce($own_id, 0)",
        me=tx.actor.id,
        kind=kind,
        own_id=own_id,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)


def _free_name(tx: Reading, segment: Segment) -> str:
    names = [segment.name, *(f"{segment.name[:70]} ({number})" for number in range(2, 1_000))]
    return next(name for name in names if not _taken(tx, segment.kind, name))


def _require_module(tx: Reading, kind: str) -> None:
    if kind == "companies" and not tx.actor.has(Module.COMPANIES):
        raise ModuleOff(Module.COMPANIES)
