"""Dashboards: what their tiles show, in figures and in words, to whoever asks."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import MAY_WRITE, Caller, Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Id, Listed, PathId, shown, whole
from crm.dashboards import model, printing, saved, showing
from crm.dashboards.content import Content
from crm.dashboards.model import Tile
from crm.dashboards.saved import Dashboard
from crm.foundation.access import Module
from crm.foundation.language import tr
from crm.reports import query as report_query
from crm.store import Reading

PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}}}

router = APIRouter(prefix="/dashboards", tags=["dashboards"], dependencies=[Depends(needs(Module.CRM))])


class DashboardQuery(BaseModel):
    """Left out, nothing is narrowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pipeline: str = Field("", max_length=1_000, description="Ids, with commas between.", examples=["1,3"])
    owner: str = Field("", max_length=20, description="A user's id; 0 for deals without an owner.")
    team: str = Field("", max_length=20)
    source: str = Field("", max_length=500)
    period: str = Field(
        "",
        max_length=50,
        description="Two days, the second not included, or a name such as this-quarter, which is the default.",
    )


class TileShown(BaseModel):
    """A tile with what it shows. `content.empty` says why there is nothing to show."""

    kind: str
    title: str
    about: str
    content: Content


class DashboardShown(BaseModel):
    """The tiles in their order. Each shows what the caller may see, in their language."""

    name: str
    tiles: list[TileShown]


@router.get("/overview")
def get_overview(caller: Calling, query: Annotated[DashboardQuery, Query()]) -> DashboardShown:
    """The sales overview that everybody has: open pipeline, won against target, win rate, cycle, forecast range,
    stalled deals, what changed in a week, and the leaderboard."""
    with caller.reading() as tx:
        return _shown(tx, tr("Sales overview"), model.OVERVIEW, query)


@router.get("/overview/pdf", response_class=Response, responses=PDF)
def print_overview(caller: Calling, query: Annotated[DashboardQuery, Query()]) -> Response:
    """The sales overview with what the caller may see, in their language."""
    return _pdf(caller, None, query)


class DashboardChange(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "My week", "shared": True}]})

    name: str = Field("", max_length=80)
    tiles: list[Tile] = Field([], max_length=saved.MOST_TILES, description="In their order. `GET` shows the kinds.")
    filters: dict[str, str] = Field({}, description="pipeline, owner, team, source and period, as for reports.")
    shared: bool = Field(False, description="With everybody; each sees in it what they may see.")
    team_id: Id | None = Field(None, description="A team of yours to share it with.")


class DashboardGiven(DashboardChange):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "My week", "tiles": [{"kind": "bridge", "width": "half"}]}]}
    )

    name: str = Field(max_length=80)


@router.get("", response_model=Listed[Dashboard])
def list_dashboards(caller: Calling) -> Response:
    """One's own and those shared with oneself, by name."""
    with caller.reading() as tx:
        return shown(whole(saved.all_of(tx)))


@router.post("", status_code=201, response_model=Dashboard, dependencies=MAY_WRITE)
def create_dashboard(change: Changing, body: DashboardGiven) -> Response:
    return change.create(saved.KIND, lambda tx: saved.create(tx, **_given(body)))


@router.get("/{id}", response_model=Dashboard)
def get_dashboard(caller: Calling, dashboard_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(saved.get(tx, dashboard_id))


@router.get("/{id}/tiles")
def get_tiles_of_dashboard(
    caller: Calling, dashboard_id: PathId, query: Annotated[DashboardQuery, Query()]
) -> DashboardShown:
    """What its tiles show to the caller, under its own filters but for those that are given."""
    with caller.reading() as tx:
        found = saved.get(tx, dashboard_id)
        given = {name: value for name, value in query.model_dump().items() if value}
        return _shown(tx, found.name, found.tiles, DashboardQuery.model_validate({**found.filters, **given}))


@router.get("/{id}/pdf", response_class=Response, responses=PDF)
def print_dashboard(caller: Calling, dashboard_id: PathId, query: Annotated[DashboardQuery, Query()]) -> Response:
    """The dashboard with what the caller may see, in their language, under its own filters but for those that are
    given."""
    return _pdf(caller, dashboard_id, query)


@router.patch("/{id}", response_model=Dashboard, dependencies=MAY_WRITE)
def edit_dashboard(change: Changing, dashboard_id: PathId, body: DashboardChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: saved.edit(tx, dashboard_id, version=version, **_given(body)))


@router.delete("/{id}", status_code=204, dependencies=MAY_WRITE)
def delete_dashboard(change: Changing, dashboard_id: PathId, version: ExpectedVersion) -> Response:
    return change.drop(lambda tx: saved.delete(tx, dashboard_id, version=version))


@router.post("/{id}/duplicate", status_code=201, response_model=Dashboard, dependencies=MAY_WRITE)
def duplicate_dashboard(change: Changing, dashboard_id: PathId) -> Response:
    """A dashboard of one's own with the same tiles."""
    return change.create(saved.KIND, lambda tx: saved.duplicate(tx, dashboard_id))


def _given(body: DashboardChange) -> dict[str, Any]:
    given = body.given()
    return {**given, "tiles": tuple(body.tiles)} if "tiles" in given else given


def _shown(tx: Reading, name: str, tiles: tuple[Tile, ...], query: DashboardQuery) -> DashboardShown:
    filters = report_query.parse(query.model_dump(), tx.today, period=model.PERIOD)
    return DashboardShown(
        name=name,
        tiles=[
            TileShown(
                kind=tile.kind,
                title=tile.title or tr(tile.type.title),
                about=tr(tile.type.about),
                content=showing.content(tx, tile, filters),
            )
            for tile in tiles
        ],
    )


def _pdf(caller: Caller, dashboard_id: int | None, query: DashboardQuery) -> Response:
    with caller.reading() as tx:
        printout = printing.of_dashboard(tx, dashboard_id, query.model_dump())
    # Outside of the reading: printing takes longer than a snapshot should be held.
    return Response(
        printing.printed(printout),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{printing.file_name(printout)}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
