"""The deals of a figure on two days, side by side: both ends counted by the query of the report itself."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from crm.deals.counted import counted
from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform import rates
from crm.reports import causes, closings, conversion, forecast, velocity
from crm.reports.amounts import Amounts
from crm.reports.causes import Cause
from crm.reports.conversion import Conversion
from crm.reports.figure_codes import BOARD, Figure, Measure, Part
from crm.reports.periods import Grain, Period, grain_start, months_after
from crm.reports.query import ReportFilters
from crm.store import Reading


class Side(NamedTuple):
    """One end: its filters, and the day that its figures look forward and back from."""

    name: str
    filters: ReportFilters
    day: date


def both_ends(
    tx: Reading, figure: Figure, parts: Sequence[Part], filters: ReportFilters, first: date
) -> dict[str, pl.DataFrame]:
    """{part: as `causes.explained` takes it, one row per deal that stands in either end}."""
    then = filters.model_copy(update={"scope": filters.scope.model_copy(update={"as_of": first})})
    sides = (Side("before", then, first), Side("after", filters, filters.scope.today(tx)))
    funnel = _funnel(tx, filters) if figure.report == "conversion" else None
    # Parts of the same deals are read once.
    read = {
        (cells, side.name): _deals(tx, figure, cells, side, first, funnel)
        for cells in dict.fromkeys(part.cells for part in parts)
        for side in sides
    }
    found = {
        part.name: _joined(
            {side.name: _of_part(read[part.cells, side.name], figure, part, filters) for side in sides}, part.measure
        )
        for part in parts
    }
    differ = {
        deal_id for ends in found.values() for deal_id in ends.filter(pl.col("in_before") != pl.col("in_after"))["id"]
    }
    for side in sides:
        states = _states(tx, side, sorted(differ))
        found = {name: ends.join(states, on="id", how="left") for name, ends in found.items()}
    return found


def _deals(
    tx: Reading, figure: Figure, cells: tuple[str, ...], side: Side, first: date, funnel: Conversion | None
) -> pl.DataFrame:
    """One row per deal that the cells hold, or would with a rate: `was`, its status; `rated`, whether it has a rate;
    `valued`, whether it has a value; the `days` from opened to won; `plain`, its amount at the rate of its day, to be
    multiplied by `weight`; `at_first`, the same at the rate of the day `first`."""
    sql, params, priced = _picked(tx, figure, cells, side, funnel)
    if figure.report == "conversion":
        # It counts deals alone.
        return tx.frame(
            f"""
            SELECT
                deal_id AS id,
                NULL::VARCHAR AS was,
                true AS rated,
                true AS valued,
                NULL::BIGINT AS days,
                {_exact("0")} AS plain,
                {_exact("1")} AS weight,
                {_exact("0")} AS at_first
            FROM ({sql})
            """,
            **params,
        )
    if priced.alone:
        rated, at_first = f"SELECT *, rate AS own_rate FROM ({sql})", "value"
    else:
        dated = f"SELECT * EXCLUDE (rate, rated_on), rate AS own_rate, $first_day::DATE AS first_day FROM ({sql})"
        rated, params = rates.rated(dated, "first_day"), params | {"first_day": first}
        at_first = (
            f"if(rated_on IS NULL AND rate IS NOT NULL, value, {rates.converted('value', 'rate', priced.currency)})"
        )
    return tx.frame(
        f"""
        SELECT
            deal_id AS id,
            status AS was,
            own_rate IS NOT NULL AS rated,
            coalesce(value, 0) <> 0 AS valued,
            {"NULL" if figure.report == "forecast" else "cycle"}::BIGINT AS days,
            {_exact("amount")} AS plain,
            {_exact("weight")} AS weight,
            {_exact(at_first)} AS at_first
        FROM ({rated})
        """,
        **params,
    )


def _exact(sql: str) -> str:
    return f"coalesce({sql}, 0)::DECIMAL(38, 8)"


def _of_part(deals: pl.DataFrame, figure: Figure, part: Part, filters: ReportFilters) -> pl.DataFrame:
    """The deals of one end with `in`, whether each counts; `unrated` and `unvalued`, whether it does not for want of a
    rate or of a value; and `amount`, what it gives."""
    # Closings count deals without a rate; so does a velocity, but for one of a single currency.
    by_count = part.measure in (Measure.COUNT, Measure.DAYS)
    all_count = figure.report in ("closings", "conversion") or (figure.report == "velocity" and not filters.currency)
    rated = pl.lit(value=True) if by_count and all_count else pl.col("rated")
    valued = pl.col("valued") if part.measure is Measure.VALUED else pl.lit(value=True)
    one = pl.lit(1).cast(causes.AMOUNT)
    amount = {
        Measure.VALUE: pl.col("plain"),
        Measure.WEIGHTED: (pl.col("plain") * pl.col("weight")).cast(causes.AMOUNT),
        Measure.DAYS: pl.col("days").cast(causes.AMOUNT),
    }
    found = deals.with_columns(amount.get(part.measure, one).alias("amount"), unrated=~rated, unvalued=rated & ~valued)
    return found.with_columns((rated & valued).alias("in"))


def _joined(sides: dict[str, pl.DataFrame], measure: Measure) -> pl.DataFrame:
    before, after = (ends.select("id", pl.exclude("id").name.suffix(f"_{side}")) for side, ends in sides.items())
    weight = pl.col("weight_before") if measure is Measure.WEIGHTED else pl.lit(1).cast(causes.AMOUNT)
    # A deal that closed since is worth its value at the first day's rate, and the rest by the rate; of one that was
    # closed before, neither has another day.
    at_first = pl.when(pl.col("was_before") == "open").then(pl.col("at_first_after")).otherwise(pl.col("plain_after"))
    by_amount = measure in (Measure.VALUE, Measure.WEIGHTED)
    nothing = pl.lit(0).cast(causes.AMOUNT)
    became = pl.col("was_before").ne_missing(pl.col("was_after"))
    return before.join(after, on="id", how="full", coalesce=True).with_columns(
        pl.col("^(in|unrated|unvalued)_(before|after)$").fill_null(value=False),
        before=pl.col("amount_before"),
        after=pl.col("amount_after"),
        by_value=(at_first - pl.col("plain_before")) * weight if by_amount else nothing,
        by_rate=(pl.col("plain_after") - at_first) * weight if by_amount else nothing,
        # Of one that was reopened and closed again, other days too.
        rest=pl.when(became & (pl.col("was_after") == "won"))
        .then(pl.lit(Cause.WON.value))
        .when(became | pl.lit(measure is Measure.DAYS))
        .then(pl.lit(Cause.REOPENED.value))
        .otherwise(pl.lit(Cause.PROBABILITY.value)),
    )


def _picked(
    tx: Reading, figure: Figure, codes: tuple[str, ...], side: Side, funnel: Conversion | None
) -> tuple[str, dict[str, Any], Amounts]:
    """SQL of the deals of these cells at one end, by the query of its report."""
    filters, period = side.filters, side.filters.period
    priced, scope = Amounts.of(tx, filters.currency), filters.scope
    if funnel:
        # The steps are those of the end asked about: the same in both.
        then = funnel.model_copy(update={"scope": funnel.scope.model_copy(update={"as_of": scope.as_of})})
        return *conversion.picked(tx, then, _cell(funnel, codes[0])), priced
    if figure.code.startswith(f"{BOARD}:"):
        period = _of_the_board(figure, side.day)
    if figure.report == "velocity":
        cells = [velocity.Cell.parse(code) for code in codes]
        return *velocity.picked(tx, *cells, scope=scope, priced=priced), priced
    asked: dict[str, Any] = {"period": period, "grain": filters.grain, "scope": scope, "priced": priced}
    if figure.report == "closings":
        return *closings.picked(tx, *map(closings.Cell.parse, codes), **asked), priced
    return *forecast.picked(tx, *map(forecast.Cell.parse, codes), **asked), priced


def _of_the_board(figure: Figure, day: date) -> Period:
    """The quarter of the day, or the days that the win rate looks back from it."""
    if figure.report == "closings":
        return velocity.window(day)
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


def _states(tx: Reading, side: Side, ids: list[int]) -> pl.DataFrame:
    """What the causes compare of these deals at one end, in columns `…_before` or `…_after`."""
    if not ids:
        return pl.DataFrame(
            schema={"id": pl.Int64(), **{f"{name}_{side.name}": type_ for name, type_ in causes.STATE.items()}}
        )
    columns = ", ".join(f"{name} AS {name}_{side.name}" for name in causes.STATE if name != "in_scope")
    scope = side.filters.scope
    return tx.frame(
        f"""
        SELECT id, {columns}, {scope.condition()} AS in_scope_{side.name}
        FROM ({counted(with_bin=True)})
        WHERE id IN (SELECT unnest($ids::BIGINT[]))
        """,
        **scope.params(tx),
        ids=ids,
    )
