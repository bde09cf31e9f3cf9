"""“Why did this number change?”: what any figure of a report was on a day before, and the deals that make the
difference, by cause, summing to it exactly.

A figure is the sum of what some deals give: 1 each, their amount, or their weighted amount. Both ends are counted by
the query of the report itself, as of each day; whoever stands in one end and not in the other, or at another amount, is
put under a cause (crm/reports/causes.py). A rate has two parts, each explained by itself: what is counted, and of what.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import polars as pl
from pydantic import BaseModel

from crm.deals.counted import counted
from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.pipelines import Category
from crm.platform import rates
from crm.reports import bridge, causes, closings, conversion, forecast
from crm.reports.amounts import Amounts
from crm.reports.bridge import BridgedDeals
from crm.reports.causes import Cause, Total
from crm.reports.closings import Result
from crm.reports.conversion import Conversion
from crm.reports.forecast import SUREST_FIRST, State
from crm.reports.periods import Grain, Period, grain_start, months_after
from crm.reports.query import ReportFilters
from crm.reports.scope import require_crm
from crm.store import Reading
from crm.store.kept import kept

WINDOW = timedelta(days=90)
"""The win rate and the cycle above a board are of the deals closed in this many days."""


class Measure(StrEnum):
    COUNT = "count"
    VALUE = "value"
    WEIGHTED = "weighted"


class Back(StrEnum):
    """How far back a figure is compared."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"

    def before(self, day: date) -> date:
        if self is Back.MONTH:
            first = months_after(day.replace(day=1), -1)
            return min(months_after(first, 1) - timedelta(days=1), first + timedelta(days=day.day - 1))
        return day - timedelta(days=1 if self is Back.DAY else 7)


Report = Literal["forecast", "closings", "conversion"]
PICKED: dict[str, Any] = {"forecast": forecast, "closings": closings}
BOARD = "board"


class Part(NamedTuple):
    """What is summed: the cells of a report that hold its deals. Of a rate, `of` is what it is counted of."""

    name: Literal["", "counted", "of"]
    cells: tuple[str, ...]


class Figure(BaseModel, frozen=True):
    """A figure of a report by its code. `forecast:value:open:2026-12-01`, and so with `count` and `weighted`: a cell of
    the forecast · `forecast:expected:2026-12-01` (a month, or none) · `forecast:at_least:commit` ·
    `closings:count:won`, `closings:value:lost`: a cell of the closings · `closings:rate` (or of a month) ·
    `conversion:count:reached:3` · `conversion:rate:3`: from a stage to the next · `conversion:won`: won of those that
    arrived · `board:open`, `board:weighted`, `board:won`, `board:win-rate`, `board:cycle` (the deals it is of)."""

    code: str
    report: Report
    measure: Measure
    parts: tuple[Part, ...]

    @property
    def is_rate(self) -> bool:
        return len(self.parts) > 1

    @property
    def measures(self) -> dict[Measure, str]:
        """{measure: the code of the same cell by it}, where a cell has more than one."""
        kind, how, cell = [*self.code.split(":", 2), ""][:3]
        if kind == BOARD or how not in set(Measure):
            return {}
        of = {"forecast": list(Measure), "closings": [Measure.COUNT, Measure.VALUE]}.get(kind, [])
        return {measure: f"{kind}:{measure}:{cell}" for measure in of}

    @classmethod
    def parse(cls, code: str) -> "Figure":
        """Raises Invalid where the code is none."""
        kind, _, rest = code.partition(":")
        how, _, cell = rest.partition(":")
        try:
            report, measure, parts = _READ[kind](how, cell)
        except (KeyError, ValueError, Invalid):
            raise Invalid(tr("“{value}” is not a figure of a report.", value=bounds.shown(code)), "figure") from None
        return cls(code=code, report=report, measure=measure, parts=parts)


Read = tuple[Report, Measure, tuple[Part, ...]]


def _of_forecast(how: str, cell: str) -> Read:
    if how == "expected":
        cells = [forecast.Cell.parse(f"{state}:{cell}".rstrip(":")) for state in (State.WON, State.OPEN)]
        return "forecast", Measure.WEIGHTED, (Part("", tuple(map(str, cells))),)
    if how == "at_least":
        surer = SUREST_FIRST[: SUREST_FIRST.index(Category(cell)) + 1]
        return "forecast", Measure.VALUE, (Part("", ("won", *(f"category:{each}" for each in surer))),)
    return "forecast", Measure(how), (Part("", (str(forecast.Cell.parse(cell)),)),)


def _of_closings(how: str, cell: str) -> Read:
    if how == "rate":
        won, lost = (str(closings.Cell.parse(f"{result}:{cell}".rstrip(":"))) for result in Result)
        return "closings", Measure.COUNT, (Part("counted", (won,)), Part("of", (won, lost)))
    if Measure(how) is Measure.WEIGHTED:
        raise ValueError(how)
    return "closings", Measure(how), (Part("", (str(closings.Cell.parse(cell)),)),)


def _of_conversion(how: str, cell: str) -> Read:
    if how == "won" and not cell:
        return "conversion", Measure.COUNT, (Part("counted", ("last",)), Part("of", ("first",)))
    if how == "rate":
        stage = bounds.whole(cell)
        if stage is None:
            raise ValueError(cell)
        return "conversion", Measure.COUNT, (Part("counted", (f"next:{stage}",)), Part("of", (f"reached:{stage}",)))
    if Measure(how) is not Measure.COUNT:
        raise ValueError(how)
    return "conversion", Measure.COUNT, (Part("", (str(conversion.Cell.parse(cell)),)),)


def _of_board(how: str, cell: str) -> Read:
    if cell:
        raise ValueError(cell)
    still_open = Part("", tuple(state.value for state in State if state is not State.WON))
    of_board: dict[str, Read] = {
        "open": ("forecast", Measure.VALUE, (still_open,)),
        "weighted": ("forecast", Measure.WEIGHTED, (still_open,)),
        "won": ("forecast", Measure.VALUE, (Part("", ("won",)),)),
        "win-rate": ("closings", Measure.COUNT, (Part("counted", ("won",)), Part("of", ("won", "lost")))),
        "cycle": ("closings", Measure.COUNT, (Part("", ("won",)),)),
    }
    return of_board[how]


_READ: dict[str, Callable[[str, str], Read]] = {
    "forecast": _of_forecast,
    "closings": _of_closings,
    "conversion": _of_conversion,
    BOARD: _of_board,
}


class Explained(BaseModel, frozen=True):
    """One sum of a figure: `before` + the sum of `causes` = `after`, exactly; amounts of counts are counts."""

    name: Literal["", "counted", "of"]
    before: Total
    after: Total
    causes: dict[Cause, Total]

    @property
    def difference(self) -> Decimal:
        return self.after.amount - self.before.amount


class Why(BaseModel, frozen=True):
    """A figure at the end of two days. `currency` is None where it counts deals. A rate is None where nothing is
    counted."""

    figure: Figure
    filters: ReportFilters
    first: date
    last: date
    currency: str | None
    parts: tuple[Explained, ...]

    @property
    def before(self) -> Decimal | None:
        return self._of("before")

    @property
    def after(self) -> Decimal | None:
        return self._of("after")

    def _of(self, side: Literal["before", "after"]) -> Decimal | None:
        amounts = [getattr(part, side).amount for part in self.parts]
        if not self.figure.is_rate:
            return Decimal(amounts[0])
        return Decimal(amounts[0] / amounts[1]).normalize() if amounts[1] else None


@kept
def explained(tx: Reading, figure: Figure, filters: ReportFilters, back: Back) -> Why:
    """What the figure of the report under these filters was a day, a week or a month before, and what made the
    difference. The period is the same days in both ends, but for the figures above a board, which look back from each
    day. Raises Invalid where the figure needs a pipeline and the filters name none."""
    require_crm(tx)
    last = filters.scope.today(tx)
    first = back.before(last)
    return Why(
        figure=figure,
        filters=filters,
        first=first,
        last=last,
        currency=None if figure.measure is Measure.COUNT else Amounts.of(tx, filters.currency).currency,
        parts=tuple(
            Explained(
                name=part.name,
                before=causes.total(ends, "before"),
                after=causes.total(ends, "after"),
                causes=causes.by_cause(causes.explained(ends)),
            )
            for part in figure.parts
            for ends in [_ends(tx, figure, part, filters, first)]
        ),
    )


def deals_of(tx: Reading, why: Why, name: str, cause: Cause, *, limit: int = 50, offset: int = 0) -> BridgedDeals:
    """The deals under one cause of a part, the largest amounts first."""
    require_crm(tx)
    part = next((part for part in why.figure.parts if part.name == name), why.figure.parts[0])
    found = causes.explained(_ends(tx, why.figure, part, why.filters, why.first)).filter(pl.col("cause") == cause)
    found = found.sort(pl.col("amount").abs(), "id", descending=[True, False])
    page = found.slice(offset, limit)
    titles = {
        row["id"]: row["title"]
        for row in tx.rows(
            "SELECT id, title FROM past_deals WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=page["id"].to_list()
        )
    }
    items = bridge.page_of(
        page.with_columns(title=pl.col("id").replace_strict(titles, default="", return_dtype=pl.String)),
        cause,
        limit=limit,
        offset=0,
    ).items
    return BridgedDeals(items=items, total=Total(count=found.height, amount=found["amount"].sum() or Decimal(0)))


def _ends(tx: Reading, figure: Figure, part: Part, filters: ReportFilters, first: date) -> pl.DataFrame:
    """As `causes.explained` takes it: one row per deal that stands in either end."""
    then = filters.model_copy(update={"scope": filters.scope.model_copy(update={"as_of": first})})
    sides = {"before": (then, first), "after": (filters, filters.scope.today(tx))}
    funnel = _funnel(tx, filters) if figure.report == "conversion" else None
    before, after = (
        _amounts(tx, figure, part, each, day, first, funnel).select("id", pl.exclude("id").name.suffix(f"_{side}"))
        for side, (each, day) in sides.items()
    )
    ends = before.join(after, on="id", how="full", coalesce=True).with_columns(
        pl.col("in_before", "in_after", "unrated_before", "unrated_after").fill_null(value=False),
        before=pl.col("amount_before"),
        after=pl.col("amount_after"),
        by_value=(pl.col("at_first_after") - pl.col("plain_before")) * pl.col("weight_before"),
        by_rate=(pl.col("plain_after") - pl.col("at_first_after")) * pl.col("weight_before"),
    )
    differ = ends.filter(pl.col("in_before") != pl.col("in_after"))["id"].to_list()
    for side, (each, _) in sides.items():
        ends = ends.join(_states(tx, each, differ, side), on="id", how="left")
    return ends


def _amounts(
    tx: Reading,
    figure: Figure,
    part: Part,
    filters: ReportFilters,
    day: date,
    first: date,
    funnel: Conversion | None,
) -> pl.DataFrame:
    """One row per deal of the figure: `in`, whether it counts; `unrated`, whether it does not for want of a rate;
    `amount`, what it gives; `plain`, without its `weight`; `at_first`, that at the rate of the day `first`."""
    sql, params, priced = _picked(tx, figure, part, filters, day, funnel)
    if figure.measure is Measure.COUNT:
        # A forecast leaves out what it cannot convert; closings and conversions count it.
        counts = "rate IS NOT NULL" if figure.report == "forecast" else "true"
        one = "1::DECIMAL(38, 8)"
        return tx.frame(
            f"""
            SELECT
                deal_id AS id,
                {counts} AS "in",
                NOT {counts} AS unrated,
                {one} AS amount,
                {one} AS plain,
                {one} AS weight,
                {one} AS at_first
            FROM ({sql})
            """,
            **params,
        )
    dated = f"SELECT *, if(status = 'open', $first_day::DATE, rate_day) AS first_rate_day FROM ({sql})"
    if priced.alone:
        rated = f"SELECT *, value AS at_first FROM ({dated})"
    else:
        renamed = f"SELECT * EXCLUDE (rate, rated_on), rate AS own_rate FROM ({dated})"
        converted = rates.converted("value", "rate", priced.currency)
        rated = f"""
            SELECT * EXCLUDE (rate), own_rate AS rate, if(rated_on IS NULL AND rate IS NOT NULL, value, {converted})
                AS at_first
            FROM ({rates.rated(renamed, "first_rate_day")})
        """
    is_weighted = figure.measure is Measure.WEIGHTED
    columns = {
        "amount": "weighted_amount" if is_weighted else "amount",
        "plain": "amount",
        "weight": "weight" if is_weighted else "1",
        "at_first": "at_first",
    }
    return tx.frame(
        f"""
        SELECT
            deal_id AS id,
            rate IS NOT NULL AS "in",
            rate IS NULL AS unrated,
            {", ".join(f"coalesce({sql}, 0)::DECIMAL(38, 8) AS {name}" for name, sql in columns.items())}
        FROM ({rated})
        """,
        **params,
        first_day=first,
    )


def _picked(
    tx: Reading, figure: Figure, part: Part, filters: ReportFilters, day: date, funnel: Conversion | None
) -> tuple[str, dict[str, Any], Amounts]:
    """SQL of the deals of a part at one end, by the query of its report."""
    priced, period = Amounts.of(tx, filters.currency), filters.period
    if funnel:
        cell = _cell(funnel, part.cells[0])
        # The steps are those of the end asked about: the same in both.
        then = funnel.model_copy(update={"scope": funnel.scope.model_copy(update={"as_of": filters.scope.as_of})})
        return *conversion.picked(tx, then, cell), priced
    if figure.code.startswith(BOARD):
        period = _of_the_board(figure, day)
    report = PICKED[figure.report]
    cells = [report.Cell.parse(cell) for cell in part.cells]
    sql, params = report.picked(tx, *cells, period=period, grain=filters.grain, scope=filters.scope, priced=priced)
    return sql, params, priced


def _of_the_board(figure: Figure, day: date) -> Period:
    """The quarter of the day, or the days that the win rate looks back from it."""
    if figure.report == "closings":
        return Period(first=day - WINDOW + timedelta(days=1), end=day + timedelta(days=1))
    quarter = grain_start(day, Grain.QUARTER)
    return Period(first=quarter, end=months_after(quarter, 3))


def _funnel(tx: Reading, filters: ReportFilters) -> Conversion:
    pipeline_id = filters.pipeline_id
    if pipeline_id is None:
        raise Invalid(tr("A conversion is of one pipeline: name it."), "pipeline")
    return conversion.report(
        tx, pipeline_id=pipeline_id, period=filters.period, scope=filters.scope, grain=filters.grain
    )


def _cell(funnel: Conversion, code: str) -> conversion.Cell:
    stages = [step.stage_id for step in funnel.steps]
    name, _, stage = code.partition(":")
    if name not in ("first", "last", "next"):
        return conversion.Cell.parse(code)
    place = {"first": 0, "last": len(stages) - 1}.get(name)
    if place is None:
        place = stages.index(int(stage)) + 1 if int(stage) in stages else len(stages)
    if place >= len(stages):
        raise Invalid(tr("“{value}” is not a figure of a report.", value=bounds.shown(code)), "figure")
    return conversion.Cell(measure=conversion.Measure.REACHED, stage_id=stages[place])


def _states(tx: Reading, filters: ReportFilters, ids: list[int], side: str) -> pl.DataFrame:
    """What the causes compare of these deals at one end, in columns `…_before` or `…_after`."""
    if not ids:
        return pl.DataFrame(
            schema={"id": pl.Int64(), **{f"{name}_{side}": type_ for name, type_ in causes.STATE.items()}}
        )
    columns = ", ".join(f"{name} AS {name}_{side}" for name in causes.STATE if name != "in_scope")
    return tx.frame(
        f"""
        SELECT id, {columns}, {filters.scope.condition()} AS in_scope_{side}
        FROM ({counted(with_bin=True)})
        WHERE id IN (SELECT unnest($ids::BIGINT[]))
        """,
        **filters.scope.params(tx),
        ids=ids,
    )
