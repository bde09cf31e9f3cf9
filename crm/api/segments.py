"""Segments: filters kept under a name, and the records that each holds now."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import MAY_WRITE, Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Listed, ListParams, PathId, shown, whole
from crm.foundation.language import capitalized
from crm.records import filters, listing, registry, segments
from crm.records.declaration import RecordType, Trait
from crm.records.filters import Filter
from crm.records.listing import ListQuery
from crm.records.segments import Kind, Segment

router = APIRouter(prefix="/segments", tags=["segments"])

EXAMPLE: Any = {"kind": "rule", "field": "city", "op": "is", "value": "Recife"}


class SegmentGiven(Body):
    """A filter, a search, or both."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "contacts", "name": "In Recife", "filter": EXAMPLE}]}
    )

    kind: Kind
    name: str = Field(max_length=80)
    filter: dict[str, Any] | None = Field(None, description="The filter language.")
    search: str = Field("", max_length=200)
    shared: bool = Field(False, description="Everybody may open it; each sees in it what they may see.")


class SegmentChange(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "In Recife", "shared": True}]})

    name: str = Field("", max_length=80)
    filter: dict[str, Any] | None = None
    search: str = Field("", max_length=200)
    shared: bool = False


class CountGiven(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"kind": "contacts", "filter": EXAMPLE}]})

    kind: Kind
    filter: dict[str, Any] | None = None
    search: str = Field("", max_length=200)


class Count(BaseModel):
    count: int


class SegmentCount(BaseModel):
    """`count` is null where a criterion is broken; `broken` says which and why."""

    count: int | None
    broken: list[str]


@router.get("", response_model=Listed[Segment])
def list_segments(caller: Calling, kind: Kind | None = None) -> Response:
    """One's own and those shared with everybody, by name."""
    with caller.reading() as tx:
        return shown(whole(segments.of_kind(tx, kind)))


@router.post("", status_code=201, response_model=Segment, dependencies=MAY_WRITE)
def create_segment(change: Changing, body: SegmentGiven) -> Response:
    return change.create("segment", lambda tx: segments.create(tx, **_given(body)))


@router.post("/count", response_model=Count)
def count_records(caller: Calling, body: CountGiven) -> Response:
    """How many records meet a filter and a search that are not kept."""
    with caller.reading() as tx:
        query = ListQuery(filter=parsed(body.filter), search=body.search)
        return shown(Count(count=listing.count(tx, segments.source(tx, body.kind), query)))


@router.get("/{id}", response_model=Segment)
def get_segment(caller: Calling, segment_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(segments.get(tx, segment_id))


@router.patch("/{id}", response_model=Segment, dependencies=MAY_WRITE)
def edit_segment(change: Changing, segment_id: PathId, body: SegmentChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: segments.edit(tx, segment_id, version=version, **_given(body)))


@router.delete("/{id}", status_code=204, dependencies=MAY_WRITE)
def delete_segment(change: Changing, segment_id: PathId, version: ExpectedVersion) -> Response:
    """The records in it stay."""
    return change.drop(lambda tx: segments.delete(tx, segment_id, version=version))


@router.post("/{id}/duplicate", status_code=201, response_model=Segment, dependencies=MAY_WRITE)
def duplicate_segment(change: Changing, segment_id: PathId) -> Response:
    """A segment of one's own with the same criteria."""
    return change.create("segment", lambda tx: segments.duplicate(tx, segment_id))


@router.get("/{id}/count", response_model=SegmentCount)
def count_segment(caller: Calling, segment_id: PathId) -> Response:
    with caller.reading() as tx:
        segment = segments.get(tx, segment_id)
        count = segments.counts(tx, (segment,))[segment_id]
        return shown(SegmentCount(count=count, broken=segments.broken(tx, segment)))


def _of_segment(of: RecordType[Any]) -> Callable[..., Response]:
    def records(caller: Calling, segment_id: PathId, params: Annotated[ListParams, Query()]) -> Response:
        with caller.reading() as tx:
            within = segments.narrowed(tx, of.plural, params.list_query(), segment_id)
            return shown(listed(registry.room(of.key).find(tx, within), of.record))

    return records


for _of in (of for of in registry.declared().values() if of.has(Trait.SEGMENTS)):
    router.add_api_route(
        f"/{{id}}/{_of.plural}",
        _of_segment(_of),
        name=f"list_{_of.plural}_of_segment",
        # FastAPI would take it from the function's name, which all of them share.
        summary=f"List {capitalized(_of.called.plural)} Of Segment",
        response_model=Listed[_of.record],  # type: ignore[name-defined]  # made of the registry
        dependencies=[Depends(needs(_of.module))] if _of.module else [],
    )


@router.get("/{id}/{kind}", response_model=Listed[dict[str, Any]])
def list_records_of_segment(
    caller: Calling, segment_id: PathId, kind: Kind, params: Annotated[ListParams, Query()]
) -> Response:
    """The same for any kind that has segments: by its plural, or the slug of a custom type."""
    with caller.reading() as tx:
        of = registry.by_plural(kind)
        within = segments.narrowed(tx, kind, params.list_query(), segment_id)
        return shown(listed(registry.room(of.key).find(tx, within), of.record))


def listed(page: listing.Page, record: Any) -> Listed[Any]:
    return Listed(items=[record(**row) for row in page.items], total=page.total, next=page.next)


def parsed(given: dict[str, Any] | None) -> Filter | None:
    return filters.parse(json.dumps(given)) if given is not None else None


def _given(body: Body) -> dict[str, Any]:
    given = body.given()
    return {**given, "filter": parsed(given["filter"])} if "filter" in given else given
