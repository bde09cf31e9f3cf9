"""The routes of every record type, from its declaration: list, create, get, edit, delete, restore, and merges.

What a type does differently is in a module of its own, whose routes replace those of the same name here.
"""

from collections.abc import Collection, Iterable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from crm import objects
from crm.api import bodies, links, merging
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.paths import list_path, words
from crm.api.shapes import Body, Listed, ListParams, PathId, Route, shown
from crm.foundation.language import ENGLISH, capitalized, speaking
from crm.records import registry, writing
from crm.records.declaration import R, RecordType, Trait
from crm.store import Writing


def router(of: RecordType[Any]) -> APIRouter:
    """A router at the address of a type, which is closed while the type's module is off."""
    switch = [Depends(needs(of.module))] if of.module else []
    return APIRouter(prefix=list_path(of), tags=[of.plural_name or of.plural], dependencies=switch)


def declared(of: RecordType[Any], by_hand: Collection[str] = ()) -> APIRouter:
    """The routes of a type, without those whose names are in `by_hand`."""
    found = router(of)
    with speaking(ENGLISH):
        routes = [
            *_routes(of),
            *(merging.routes(of) if of.has(Trait.MERGE) else ()),
            *((*_upsert(of), *links.routes(of)) if of.custom else ()),
        ]
    for route in routes:
        if route.name not in by_hand:
            found.add_api_route(
                route.path,
                bodies.takes(route.body())(route.work) if route.body else route.work,
                methods=[route.method],
                name=route.name,
                summary=_summary(of, route.name),
                status_code=route.status,
                response_model=route.answer,
                description=route.about,
            )
    return found


def _summary(of: RecordType[Any], name: str) -> str | None:
    """The heading of a route in the reference, with the name that a team gave the type: List NPS surveys. FastAPI makes
    all others from the route's name."""
    if not of.called.given:
        return None
    one, many = words(of)
    heading = "list_{many}" if name == f"list_{many}" else name.replace(one, "{one}").replace(many, "{many}")
    return capitalized(heading.replace("_", " ").format(many=of.called.plural, one=of.called.singular))


def _routes(of: RecordType[Any]) -> Iterable[Route]:
    def room() -> registry.Room:
        # At the request: the fields of a custom type may have changed since these routes were made.
        return registry.room(of.key)

    def list_records(caller: Calling, params: Annotated[ListParams, Query()]) -> Response:
        with caller.reading() as tx:
            return shown(params.page(tx, room().find, registry.get(of.key).record))

    def create(change: Changing, body: Body) -> Response:
        return change.create(of.key, lambda tx: labelled(tx, of, room().create(tx, **fields(body)), body))

    def get(caller: Calling, record_id: PathId) -> Response:
        with caller.reading() as tx:
            return shown(room().get(tx, record_id))

    def edit(change: Changing, record_id: PathId, body: Body, version: ExpectedVersion) -> Response:
        return change.make(
            lambda tx: labelled(tx, of, room().edit(tx, record_id, version=version, **fields(body)), body)
        )

    def delete(change: Changing, record_id: PathId, version: ExpectedVersion) -> Response:
        return change.drop(lambda tx: room().delete(tx, record_id, version=version))

    def restore(change: Changing, record_id: PathId) -> Response:
        return change.make(lambda tx: room().restore(tx, record_id))

    one, many = words(of)
    yield Route("GET", "", f"list_{many}", list_records, Listed[of.record])  # type: ignore[name-defined]
    yield Route("POST", "", f"create_{one}", create, of.record, partial(bodies.given, of), status=201)
    yield Route("GET", "/{id}", f"get_{one}", get, of.record)
    yield Route("PATCH", "/{id}", f"edit_{one}", edit, of.record, partial(bodies.change, of), about=of.about_edit)
    if of.has(Trait.BIN):
        yield Route("DELETE", "/{id}", f"delete_{one}", delete, None, status=204, about=_about_bin(of))
        yield Route("POST", "/{id}/restore", f"restore_{one}", restore, of.record)


def _upsert(of: RecordType[Any]) -> Iterable[Route]:
    def upsert(change: Changing, external_id: str, body: Body, version: ExpectedVersion) -> Response:
        def work(tx: Writing) -> tuple[BaseModel, bool]:
            now = registry.get(of.key)
            record, is_new = objects.upsert(tx, now, external_id, fields(body), version=version)
            return labelled(tx, now, record, body), is_new

        return change.upsert(of.key, work)

    yield Route(
        "PUT",
        "/by-external-id/{external_id:path}",
        f"upsert_{words(of)[0]}",
        upsert,
        of.record,
        partial(bodies.change, of),
        about=f"The {of.one} with this external id is made (201), or changed where it is there (200): the same twice, "
        "or two at once, give one. What is left out stays as it is.",
    )


def fields(body: Body) -> dict[str, Any]:
    return {key: value for key, value in body.given().items() if key != "labels"}


def labelled(tx: Writing, of: RecordType[R], record: R, body: Body) -> R:
    # An empty list takes every label off; a body without one leaves them.
    if "labels" not in body.model_fields_set:
        return record
    now: RecordType[R] = registry.get(of.key)
    return writing.set_labels(tx, now, record.id, body.given()["labels"])


def _about_bin(of: RecordType[Any]) -> str:
    about = "Into the bin, from which it can be restored for 30 days."
    keys = [key.replace("_", " ") for key in of.uniques]
    if not keys:
        return about
    *others, last = keys
    freed = f"{', '.join(others)} and {last} are" if others else f"{last} is"
    return f"{about} Its {freed} free at once."
