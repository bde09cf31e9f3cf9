"""Saved views: how a pipeline is looked at, under a name, as one's own or shared with everybody."""

from typing import Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import MAY_WRITE, Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.segments import parsed
from crm.api.shapes import Body, Id, Listed, PathId, shown, whole
from crm.deals import pipeline_query, saved_views
from crm.deals.saved_views import Kind, SavedView
from crm.foundation.access import Module
from crm.store import Writing

router = APIRouter(prefix="/saved-views", tags=["saved views"], dependencies=[Depends(needs(Module.CRM))])


class SavedViewChange(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Closing this month", "shared": True}]})

    name: str = Field("", max_length=80)
    kind: Kind = "board"
    filter: dict[str, Any] | None = Field(None, description="The filter language.")
    search: str = Field("", max_length=200)
    owner: str = Field("everybody", max_length=20, description="everybody, me (whoever looks), or a user's id.")
    period: str = Field(
        "",
        max_length=20,
        description=f"{', '.join(pipeline_query.PERIODS)}, or `due-2026-12`, `due-2026-12-24`.",
    )
    sort: str = Field("", max_length=40, description="As of `GET /deals`.")
    columns: list[str] = Field([], max_length=saved_views.MOST_COLUMNS)
    shared: bool = Field(False, description="Everybody may open it; each sees in it what they may see.")


class SavedViewGiven(SavedViewChange):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Mine, this month", "pipeline_id": 1, "owner": "me"}]}
    )

    name: str = Field(max_length=80)
    pipeline_id: Id


class Broken(BaseModel):
    """What is wrong with its criteria, a sentence each; a view without fault has none."""

    broken: list[str]


@router.get("", response_model=Listed[SavedView])
def list_saved_views(caller: Calling, pipeline_id: int | None = Query(None, ge=1)) -> Response:
    """One's own and those shared with everybody, by name."""
    with caller.reading() as tx:
        return shown(whole(saved_views.all_of(tx, pipeline_id)))


@router.post("", status_code=201, response_model=SavedView, dependencies=MAY_WRITE)
def create_saved_view(change: Changing, body: SavedViewGiven) -> Response:
    return change.create("saved_view", lambda tx: saved_views.create(tx, **_given(body)))


@router.get("/{id}", response_model=SavedView)
def get_saved_view(caller: Calling, view_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(saved_views.get(tx, view_id))


@router.get("/{id}/broken", response_model=Broken)
def get_faults_of_saved_view(caller: Calling, view_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(Broken(broken=saved_views.broken(tx, saved_views.get(tx, view_id))))


@router.patch("/{id}", response_model=SavedView, dependencies=MAY_WRITE)
def edit_saved_view(change: Changing, view_id: PathId, body: SavedViewChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: saved_views.edit(tx, view_id, version=version, **_given(body)))


@router.delete("/{id}", status_code=204, dependencies=MAY_WRITE)
def delete_saved_view(change: Changing, view_id: PathId, version: ExpectedVersion) -> Response:
    """The deals in it stay."""
    return change.drop(lambda tx: saved_views.delete(tx, view_id, version=version))


@router.post("/{id}/duplicate", status_code=201, response_model=SavedView, dependencies=MAY_WRITE)
def duplicate_saved_view(change: Changing, view_id: PathId) -> Response:
    """A view of one's own with the same criteria."""
    return change.create("saved_view", lambda tx: saved_views.duplicate(tx, view_id))


@router.post("/{id}/default", response_model=SavedView, dependencies=MAY_WRITE)
def open_with_saved_view(change: Changing, view_id: PathId) -> Response:
    """One's pipeline page opens with it from now on."""

    def made(tx: Writing) -> SavedView:
        saved_views.open_with(tx, view_id)
        return saved_views.get(tx, view_id)

    return change.make(made)


def _given(body: SavedViewChange) -> dict[str, Any]:
    given = body.given()
    if "columns" in given:
        given["columns"] = tuple(given["columns"])
    return {**given, "filter": parsed(given["filter"])} if "filter" in given else given
