"""Saved questions: what segments and saved views have in common.

A question is a filter and a search under a name. It is its maker's, who may share it and has no other of that name in
the same place; each person keeps as many as the workspace allows. Each sort of question has a shelf, which says where
it is kept and what else belongs to it.
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
from crm.records import filters, listing
from crm.records.changes import refuse_stale
from crm.records.filters import Filter
from crm.records.listing import Asked, Source
from crm.store import Reading, Row, Writing


class Question(BaseModel, frozen=True):
    id: int
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


Q = TypeVar("Q", bound=Question)


@dataclass(frozen=True)
class Shelf(Generic[Q]):
    record: type[Q]
    table: str
    limit: str
    """The column of the workspace that says how many each person may have."""
    when_full: str
    noun: str
    """In sentences."""
    kind: str
    """In the log."""
    place: str
    """The column within which a person's names differ."""
    settable: tuple[str, ...]
    """The columns that an edit may set."""
    checked: Callable[[Reading, Mapping[str, Any], Q | None], dict[str, Any]]
    """The fields as they are kept, of a new question or of the one that is edited; Invalid where they make no sense."""


def get(tx: Reading, shelf: Shelf[Q], question_id: int, *, version: int | None = None) -> Q:
    """NotFound where it is neither the actor's nor shared, Stale where `version` is not its current one."""
    found = tx.rows(f"SELECT * FROM {shelf.table} WHERE id = $id", id=question_id)
    if not found:
        raise NotFound(shelf.noun)
    question = made(shelf, found[0])
    refuse_stale(tx, shelf.kind, question, question.name, version)
    return question


def made(shelf: Shelf[Q], row: Row) -> Q:
    """The question of a row of its view."""
    return shelf.record(**{**row, "filter": filters.parse(row["filter"])})


def create(tx: Writing, shelf: Shelf[Q], given: Mapping[str, Any]) -> Q:
    """A question of the actor's. Invalid where they have as many as the workspace allows."""
    fields = _columns(shelf.checked(tx, given, None))
    limit = int(tx.value(f"SELECT {shelf.limit} FROM workspace"))
    if tx.value(f"SELECT count(*) FROM base.{shelf.table} WHERE user_id = $me", me=tx.actor.id) >= limit:
        said = f"You have {limit:,} {shelf.noun}s, as many as the workspace allows. {shelf.when_full}"
        raise Invalid(said, "name")
    question_id = tx.insert(
        f"""
        INSERT INTO base.{shelf.table} ({", ".join(fields)}, user_id, created_at, updated_at)
        VALUES ({", ".join(f"${name}" for name in fields)}, $me, $now, $now)
        RETURNING id
        """,
        **fields,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record(f"{shelf.kind}.created", shelf.kind, question_id, **fields)
    return get(tx, shelf, question_id)


def edit(tx: Writing, shelf: Shelf[Q], before: Q, changes: Mapping[str, Any]) -> Q:
    """Set some of its fields. Only the owner may."""
    if before.user_id != tx.actor.id:
        raise Forbidden(f"“{before.name}” belongs to {before.user_name}. Duplicate it to have one of your own.")
    unknown = changes.keys() - set(shelf.settable)
    if unknown:
        raise Invalid(f"A {shelf.noun} has no field “{min(unknown)}” that can be set.", min(unknown))
    known = _fields(shelf, before)
    was, fields = _columns(known), _columns(shelf.checked(tx, {**known, **changes}, before))
    differing = {name: value for name, value in fields.items() if was[name] != value}
    if not differing:
        return before
    tx.run(
        f"""
        UPDATE base.{shelf.table} SET
            {", ".join(f"{name} = ${name}" for name in differing)},
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **differing,
        now=tx.now,
        id=before.id,
    )
    told = {name: [was[name], value] for name, value in differing.items()}
    tx.record(f"{shelf.kind}.changed", shelf.kind, before.id, changes=told)
    return get(tx, shelf, before.id)


def duplicate(tx: Writing, shelf: Shelf[Q], question: Q, name: str | None) -> Q:
    """A question of the actor's own with the same criteria, shared with nobody."""
    fields = _fields(shelf, question)
    free = name or _free_name(tx, shelf, question.name, fields[shelf.place])
    return create(tx, shelf, fields | {"name": free, "shared": False})


def delete(tx: Writing, shelf: Shelf[Q], question: Q, **told: object) -> None:
    """Its owner's to do; an administrator's too, where it is shared. What meets it stays as it is."""
    if question.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run(f"DELETE FROM base.{shelf.table} WHERE id = $id", id=question.id)
    tx.record(f"{shelf.kind}.deleted", shelf.kind, question.id, name=question.name, **told)


def checked(tx: Reading, shelf: Shelf[Q], source: Source, fields: Mapping[str, Any], own: Q | None) -> dict[str, Any]:
    """The fields with name and search as they are kept. A criterion that broke since it was saved is no reason to
    refuse a new name."""
    name, search = identity.text(fields["name"], "name", limit=80), (fields["search"] or "").strip()
    if not name:
        raise Invalid(f"A {shelf.noun} needs a name.", "name")
    if _taken(tx, shelf, name, fields[shelf.place], own):
        raise Invalid(f"You have a {shelf.noun} called “{name}” already.", "name")
    if own is None or (own.filter, own.search) != (fields["filter"], search):
        listing.wanted(tx, source, Asked(filter=fields["filter"], search=search))
    return {**fields, "name": name, "search": search}


def _fields(shelf: Shelf[Q], question: Q) -> dict[str, Any]:
    return {name: getattr(question, name) for name in dict.fromkeys((shelf.place, *shelf.settable))}


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """As the table holds them."""
    texts = {name: json.dumps(list(value)) for name, value in fields.items() if isinstance(value, tuple)}
    return {**fields, **texts, "filter": filters.dump(fields["filter"])}


def _taken(tx: Reading, shelf: Shelf[Q], name: str, place: Any, own: Q | None = None) -> bool:
    found = tx.rows(
        f"SELECT name FROM base.{shelf.table} WHERE user_id = $me AND {shelf.place} = $place AND id <> $own",
        me=tx.actor.id,
        place=place,
        own=own.id if own else 0,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)


def _free_name(tx: Reading, shelf: Shelf[Q], name: str, place: Any) -> str:
    names = [name, *(f"{name[:70]} ({number})" for number in range(2, 1_000))]
    return next(one for one in names if not _taken(tx, shelf, one, place))
