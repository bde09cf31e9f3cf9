"""Dashboards: what their tiles show, in figures and in words, to whoever asks."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import Calling, needs
from crm.dashboards import model, showing
from crm.dashboards.content import Content
from crm.dashboards.model import Tile
from crm.foundation.access import Module
from crm.foundation.language import tr
from crm.reports import query as report_query
from crm.store import Reading

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
