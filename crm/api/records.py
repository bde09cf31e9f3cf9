"""The routes of every record type, from its declaration: list, create, get, edit, delete, restore, and merges.

What a type does otherwise stands in a module of its own, whose routes take the place of those of the same name here.
"""

from collections.abc import Collection, Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from crm.api import bodies, merging
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, Seen
from crm.api.shapes import Body, Listed, ListParams, PathId, Route, shown
from crm.records import registry, writing
from crm.records.declaration import R, RecordType, Trait
from crm.store import Writing


def router(of: RecordType[Any]) -> APIRouter:
    """Where the routes of a type stand: closed while its module is off."""
    switch = [Depends(needs(of.module))] if of.module else []
    return APIRouter(prefix=f"/{of.plural}", tags=[of.plural], dependencies=switch)


def declared(of: RecordType[Any], by_hand: Collection[str] = ()) -> APIRouter:
    """The routes of a type, without those whose names are in `by_hand`."""
    found = router(of)
    for one in (*_routes(of), *(merging.routes(of) if of.has(Trait.MERGE) else ())):
        if one.name not in by_hand:
            found.add_api_route(
                one.path,
                bodies.takes(one.body())(one.work) if one.body else one.work,
                methods=[one.method],
                name=one.name,
                status_code=one.status,
                response_model=one.answer,
                description=one.about,
            )
    return found


def _routes(of: RecordType[Any]) -> Iterable[Route]:
    room = registry.room(of.key)

    def list_records(caller: Calling, asked: Annotated[ListParams, Query()]) -> Response:
        with caller.reading() as tx:
            return shown(asked.page(tx, room.find, of.record))

    def create(change: Changing, body: Body) -> Response:
        return change.create(of.key, lambda tx: labelled(tx, of, room.create(tx, **fields(body)), body))

    def get(caller: Calling, record_id: PathId) -> Response:
        with caller.reading() as tx:
            return shown(room.get(tx, record_id))

    def edit(change: Changing, record_id: PathId, body: Body, version: Seen) -> Response:
        return change.make(lambda tx: labelled(tx, of, room.edit(tx, record_id, version=version, **fields(body)), body))

    def delete(change: Changing, record_id: PathId, version: Seen) -> Response:
        return change.drop(lambda tx: room.delete(tx, record_id, version=version))

    def restore(change: Changing, record_id: PathId) -> Response:
        return change.make(lambda tx: room.restore(tx, record_id))

    yield Route("GET", "", f"list_{of.plural}", list_records, Listed[of.record])  # type: ignore[name-defined]
    yield Route("POST", "", f"create_{of.key}", create, of.record, partial(bodies.given, of), status=201)
    yield Route("GET", "/{id}", f"get_{of.key}", get, of.record)
    yield Route("PATCH", "/{id}", f"edit_{of.key}", edit, of.record, partial(bodies.change, of), about=of.about_edit)
    if of.has(Trait.BIN):
        yield Route("DELETE", "/{id}", f"delete_{of.key}", delete, None, status=204, about=_of_the_bin(of))
        yield Route("POST", "/{id}/restore", f"restore_{of.key}", restore, of.record)


def fields(body: Body) -> dict[str, Any]:
    return {key: value for key, value in body.given().items() if key != "labels"}


def labelled(tx: Writing, of: RecordType[R], record: R, body: Body) -> R:
    if "labels" not in body.model_fields_set:
        return record
    return writing.set_labels(tx, of, record.id, body.given()["labels"])


def _of_the_bin(of: RecordType[Any]) -> str:
    about = "Into the bin, from which it can be restored for 30 days."
    keys = [key.replace("_", " ") for key in of.uniques]
    if not keys:
        return about
    *others, last = keys
    freed = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    return f"{about} Its {freed} free at once."
