"""Saved queries: the common part of segments and saved views.

A saved query is a filter and a search under a name. It belongs to its creator, who may share it; its name is unique
among theirs in the same place, and the workspace limits their number. A `SavedQueryType` says where it is stored and
which further columns it has.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records import filters, listing
from crm.records.edits import refuse_stale
from crm.records.filters import Filter
from crm.records.listing import ListQuery, Source
from crm.store import Reading, Row, Writing


class SavedQuery(BaseModel, frozen=True):
    id: int
    name: str
    filter: Filter | None
    search: str
    user_id: int
    """Its owner: who created it."""
    user_name: str
    shared: bool
    created_at: datetime
    updated_at: datetime
    version: int


Q = TypeVar("Q", bound=SavedQuery)


@dataclass(frozen=True)
class SavedQueryType(Generic[Q]):
    record: type[Q]
    table: str
    limit: str
    """The workspace's column with the limit for each person."""
    when_full: str
    label: str
    """Its name in sentences."""
    kind: str
    """Its kind of subject in the log."""
    place: str
    """The column within which names of one person are unique."""
    settable: tuple[str, ...]
    """The columns that an edit may set."""
    checked: Callable[[Reading, Mapping[str, Any], Q | None], dict[str, Any]]
    """The fields in their stored form, of a new query or of the one being edited. Raises Invalid."""

    @property
    def with_article(self) -> str:
        return f"a {self.label}"

    @property
    def plural(self) -> str:
        return f"{self.label}s"


def get(tx: Reading, query_type: SavedQueryType[Q], query_id: int, *, version: int | None = None) -> Q:
    """A query. Raises NotFound where it is neither the actor's nor shared, Stale where `version` is not the current
    one."""
    found = tx.rows(f"SELECT * FROM {query_type.table} WHERE id = $id", id=query_id)
    if not found:
        raise NotFound(tr(query_type.label))
    query = from_row(query_type, found[0])
    refuse_stale(tx, query_type.kind, query, query.name, version)
    return query


def from_row(query_type: SavedQueryType[Q], row: Row) -> Q:
    """The query of a row of its view."""
    return query_type.record(**{**row, "filter": filters.parse(row["filter"])})


def create(tx: Writing, query_type: SavedQueryType[Q], fields: Mapping[str, Any]) -> Q:
    """Create a query for the actor. Raises Invalid where they have as many as the workspace allows."""
    columns = _columns(query_type.checked(tx, fields, None))
    limit = int(tx.value(f"SELECT {query_type.limit} FROM workspace"))
    if tx.value(f"SELECT count(*) FROM base.{query_type.table} WHERE user_id = $me", me=tx.actor.id) >= limit:
        full = tr(
            "You have {limit:,} {queries}, as many as the workspace allows.", limit=limit, queries=tr(query_type.plural)
        )
        raise Invalid(f"{full} {tr(query_type.when_full)}", "name")
    query_id = tx.insert(
        f"""
        INSERT INTO base.{query_type.table} ({", ".join(columns)}, user_id, created_at, updated_at)
        VALUES ({", ".join(f"${name}" for name in columns)}, $me, $now, $now)
        RETURNING id
        """,
        **columns,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record(f"{query_type.kind}.created", query_type.kind, query_id, **columns)
    return get(tx, query_type, query_id)


def edit(tx: Writing, query_type: SavedQueryType[Q], before: Q, changes: Mapping[str, Any]) -> Q:
    """Set some fields of a query. Only its owner may."""
    if before.user_id != tx.actor.id:
        raise Forbidden(
            tr(
                "“{name}” belongs to {person}. Duplicate it to have one of your own.",
                name=before.name,
                person=before.user_name,
            )
        )
    unknown = changes.keys() - set(query_type.settable)
    if unknown:
        raise Invalid(
            tr(
                "{a_kind} has no field “{field}” that can be set.",
                a_kind=tr(query_type.with_article).capitalize(),
                field=min(unknown),
            ),
            min(unknown),
        )
    current = _fields(query_type, before)
    old_columns, new_columns = _columns(current), _columns(query_type.checked(tx, {**current, **changes}, before))
    differing = {name: value for name, value in new_columns.items() if old_columns[name] != value}
    if not differing:
        return before
    tx.run(
        f"""
        UPDATE base.{query_type.table} SET
            {", ".join(f"{name} = ${name}" for name in differing)},
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **differing,
        now=tx.now,
        id=before.id,
    )
    changed = {name: [old_columns[name], value] for name, value in differing.items()}
    tx.record(f"{query_type.kind}.changed", query_type.kind, before.id, changes=changed)
    return get(tx, query_type, before.id)


def duplicate(tx: Writing, query_type: SavedQueryType[Q], query: Q, name: str | None) -> Q:
    """Copy a query to an unshared one of the actor's."""
    fields = _fields(query_type, query)
    free = name or _free_name(tx, query_type, query.name, fields[query_type.place])
    return create(tx, query_type, fields | {"name": free, "shared": False})


def delete(tx: Writing, query_type: SavedQueryType[Q], query: Q, **payload: object) -> None:
    """Delete a query. Its owner may, and an administrator where it is shared."""
    if query.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run(f"DELETE FROM base.{query_type.table} WHERE id = $id", id=query.id)
    tx.record(f"{query_type.kind}.deleted", query_type.kind, query.id, name=query.name, **payload)


def checked(
    tx: Reading, query_type: SavedQueryType[Q], source: Source, fields: Mapping[str, Any], before: Q | None
) -> dict[str, Any]:
    """The fields with name and search in their stored form. Raises Invalid where the name is missing or taken, or where
    a new filter does not compile."""
    name, search = identity.text(fields["name"], later("name"), limit=80), (fields["search"] or "").strip()
    if not name:
        raise Invalid(tr("{a_kind} needs a name.", a_kind=tr(query_type.with_article).capitalize()), "name")
    if _taken(tx, query_type, name, fields[query_type.place], before):
        raise Invalid(
            tr("You have {a_kind} called “{name}” already.", a_kind=tr(query_type.with_article), name=name), "name"
        )
    # Only what changed is compiled: a filter that broke since it was saved is no reason to refuse a new name.
    if before is None or (before.filter, before.search) != (fields["filter"], search):
        listing.condition(tx, source, ListQuery(filter=fields["filter"], search=search))
    return {**fields, "name": name, "search": search}


def _fields(query_type: SavedQueryType[Q], query: Q) -> dict[str, Any]:
    return {name: getattr(query, name) for name in dict.fromkeys((query_type.place, *query_type.settable))}


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as columns of the table."""
    texts = {name: json.dumps(list(value)) for name, value in fields.items() if isinstance(value, tuple)}
    return {**fields, **texts, "filter": filters.dump(fields["filter"])}


def _taken(tx: Reading, query_type: SavedQueryType[Q], name: str, place: Any, editing: Q | None = None) -> bool:
    found = tx.rows(
        f"SELECT name FROM base.{query_type.table} WHERE user_id = $me AND {query_type.place} = $place AND id <> $own",
        me=tx.actor.id,
        place=place,
        own=editing.id if editing else 0,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)


def _free_name(tx: Reading, query_type: SavedQueryType[Q], name: str, place: Any) -> str:
    # Cut, so that the number fits into the 80 characters of a name.
    names = [name, *(f"{name[:70]} ({number})" for number in range(2, 1_000))]
    return next(one for one in names if not _taken(tx, query_type, one, place))
