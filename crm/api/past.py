"""A pipeline's board and its deals as of a past day, and one deal as it was then: to read."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from crm import deals
from crm.api.callers import Calling, needs
from crm.api.shapes import Listed, PathId
from crm.deals import Board, Column, PipelineQuery, past
from crm.deals import Total as CurrencySum
from crm.deals.quote import PastLine
from crm.foundation import bounds
from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.records.past_files import PastFile
from crm.store import Reading

router = APIRouter(prefix="/reports/board", tags=["reports"], dependencies=[Depends(needs(Module.CRM))])


class BoardQuery(BaseModel):
    """Left out, nothing is narrowed, and the day is now."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pipeline: str = Field(max_length=20, description="An id.")
    as_of: str = Field(
        "", max_length=10, description="A past day: the board as it stood at its end.", examples=["2026-03-31"]
    )
    owner: str = Field("", max_length=20, description="A user's id; of the day asked.")
    q: str = Field("", max_length=200, description="Words to search by.")

    def query(self) -> PipelineQuery:
        return PipelineQuery(
            pipeline_id=_id(self.pipeline, "pipeline"),
            search=self.q,
            owner_id=_id(self.owner, "owner") if self.owner else None,
        )


class BoardColumn(BaseModel):
    """A stage with its name, place and probability of the day. `value` and `weighted` are of the whole column in the
    workspace's currency, at the rates of the day; `left_out` counts by currency the deals with a value that have no
    rate. `by_currency` holds the sums before they were converted."""

    stage_id: int
    name: str
    kind: Kind
    probability: Decimal
    count: int
    currency: str
    value: Decimal
    weighted: Decimal
    by_currency: list[CurrencySum]
    left_out: dict[str, int]

    @classmethod
    def of(cls, column: Column) -> "BoardColumn":
        return cls(
            **column.stage.model_dump(include={"name", "kind", "probability"}),
            stage_id=column.stage.id,
            count=column.count,
            **dict(column.in_all),
            by_currency=list(column.totals),
            left_out=column.unrated,
        )


class BoardShown(BaseModel):
    """The stages in order; none where the pipeline was made after the day."""

    pipeline_id: int
    pipeline_name: str
    as_of: date
    columns: list[BoardColumn]


class PastDeal(BaseModel):
    """A deal as it was known at the end of a day. Title, contact and company are those of now."""

    id: int
    title: str
    pipeline_id: int
    stage_id: int
    stage_name: str
    status: Kind
    value: Decimal | None
    currency: str
    probability: Decimal
    forecast_category: str
    owner_id: int | None
    owner_name: str | None
    team_id: int | None
    expected_close: date | None
    closed_on: date | None
    contact_id: int | None
    company_id: int | None


class PastStage(BaseModel):
    """A stage of the deal's pipeline on that day; `seconds` is how long the deal had been in it by then, over all
    its visits, 0 where it never was. Won and Lost have none."""

    stage_id: int
    name: str
    kind: Kind
    probability: Decimal
    seconds: int


class PastHealth(BaseModel):
    score: int
    status: str
    idle_days: int
    reasons: list[str] = Field(description="The penalties that took points off.")


class PastDealInFull(PastDeal):
    """The title too is that of then; contact and company are those of now."""

    as_of: date
    entered_at: datetime = Field(description="When it entered the stage that it was in.")
    stages: list[PastStage]
    identifier: str | None
    priority: str | None
    source: str | None
    lines: list[PastLine] | None = Field(
        description="Null where the log does not tell them. Of a line that was removed by an older version of Mallard "
        "only name and total are known."
    )
    files: list[PastFile] = Field(description="Newest first; `is_there`: it is attached by now.")
    health: PastHealth | None = Field(
        description="Null where the deal was closed. Weights, limits set by hand and due dates are those of now."
    )
    in_bin: bool = Field(description="Whether it lies in the bin by now.")

    @classmethod
    def then(cls, found: deals.PastDeal, day: date) -> "PastDealInFull":
        return cls(
            **_told(found.deal.model_dump()),
            as_of=day,
            entered_at=found.entered_at,
            stages=[
                PastStage(
                    **stage.model_dump(include={"name", "kind", "probability"}),
                    stage_id=stage.id,
                    seconds=int(found.stood.get(stage.id, timedelta()).total_seconds()),
                )
                for stage in found.stages
            ],
            **found.deal.model_dump(include={"identifier", "priority", "source"}),
            lines=None if found.lines is None else list(found.lines),
            files=list(found.files),
            health=None if found.health is None else PastHealth(**found.health._asdict()),
            in_bin=found.is_gone,
        )


class PastDayQuery(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: str = Field(max_length=10, description="A past day.", examples=["2026-03-31"])


class BoardDealsQuery(BoardQuery):
    as_of: str = Field(max_length=10, description="A past day.", examples=["2026-03-31"])
    stage: str = Field("", max_length=20, description="A stage's id.")
    sort: str = Field("-created_at", max_length=50)
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


@router.get("")
def get_board(caller: Calling, query: Annotated[BoardQuery, Query()]) -> BoardShown:
    """How many deals each stage of a pipeline holds or held, and what they are worth."""
    with caller.reading() as tx:
        day = past.parse_day(query.as_of, tx.today)
        return _shown(_board(tx, query.query(), day), day or tx.today)


@router.get("/deals")
def list_board_deals(caller: Calling, query: Annotated[BoardDealsQuery, Query()]) -> Listed[PastDeal]:
    """The deals of a pipeline as they were at the end of a past day."""
    with caller.reading() as tx:
        day = _past_day(tx, query.as_of)
        page = deals.find_as_of(
            tx,
            query.query().list_query(
                day,
                stage_id=_id(query.stage, "stage") if query.stage else None,
                sort=query.sort,
                limit=query.limit,
                offset=query.offset,
            ),
            day,
        )
        return Listed(items=[PastDeal(**_told(row)) for row in page.items], total=page.total, next=None)


@router.get("/deals/{id}")
def get_board_deal(caller: Calling, deal_id: PathId, query: Annotated[PastDayQuery, Query()]) -> PastDealInFull:
    """A deal as it was at the end of a past day, with the time that it had spent in each stage; 404 where it was not
    made yet, or lay in the bin."""
    with caller.reading() as tx:
        day = _past_day(tx, query.as_of)
        return PastDealInFull.then(deals.deal_as_of(tx, deal_id, day), day)


def _past_day(tx: Reading, text: str) -> date:
    day = past.parse_day(text, tx.today)
    if day is None:
        raise Invalid(tr("The deals of today are under /deals. Give a day before today."), "as_of")
    return day


def _board(tx: Reading, query: PipelineQuery, day: date | None) -> Board:
    narrowed: dict[str, Any] = {"search": query.search, "owner_id": query.owner_id}
    if day is None:
        return deals.board(tx, query.pipeline_id, **narrowed)
    return deals.board_as_of(tx, query.pipeline_id, day, **narrowed)


def _shown(board: Board, day: date) -> BoardShown:
    return BoardShown(
        pipeline_id=board.pipeline.id,
        pipeline_name=board.pipeline.name,
        as_of=day,
        columns=[BoardColumn.of(column) for column in board.columns],
    )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in PastDeal.model_fields}


def _id(text: str, field: str) -> int:
    found = bounds.whole(text)
    if found is None:
        raise Invalid(tr("“{value}” is not the number of a {field}.", value=bounds.shown(text), field=tr(field)), field)
    return found
