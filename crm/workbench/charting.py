"""Charts of a query's result: which columns are drawn, how, and the points of the drawing. A screen draws them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, cast

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, ValidationError

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

MOST_VALUES = 8
"""Columns of values in one chart."""
MOST_SERIES = 12
"""Beyond them no two colours can be told apart."""
MOST_POINTS = 5_000
LONGEST_NAME = 500

Kind = Literal["number", "time", "text"]
Number = int | float | Decimal


class ChartKind(StrEnum):
    TABLE = later("table")
    NUMBER = later("number")
    BAR = later("bar")
    LINE = later("line")
    AREA = later("area")
    SCATTER = later("scatter")


class Aggregation(StrEnum):
    NONE = later("as they are")
    SUM = later("sum")
    AVERAGE = later("average")
    MEDIAN = later("median")
    MINIMUM = later("minimum")
    MAXIMUM = later("maximum")
    COUNT = later("count")


class Chart(BaseModel):
    """What is drawn of a result, by the names of its columns."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ChartKind = ChartKind.TABLE
    x: str = ""
    ys: tuple[str, ...] = ()
    """None are needed to count rows."""
    colour: str = ""
    """A column whose values part the points into series; with one y alone."""
    aggregation: Aggregation = Aggregation.NONE
    """Of the rows with the same x and colour."""

    @property
    def is_plotted(self) -> bool:
        """Whether it has axes."""
        return self.kind not in (ChartKind.TABLE, ChartKind.NUMBER)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in (self.x, *self.ys, self.colour) if name))


NOTHING_DRAWN = Chart()
"""The table alone."""


@dataclass(frozen=True)
class Series:
    name: str
    """Of its y; its colour's value where there is one."""
    xs: list[Any]
    ys: list[float | None]


@dataclass(frozen=True)
class Points:
    series: tuple[Series, ...]
    x: Kind
    series_left_out: int = 0
    """Of more than MOST_SERIES the smallest."""
    points_left_out: int = 0
    """Of more than MOST_POINTS the last, and those without an x."""


def parsed(stored: Any) -> Chart:
    """A chart from its JSON; a table where there is none. Raises Invalid."""
    if stored is None or stored == "":
        return NOTHING_DRAWN
    if isinstance(stored, Chart):
        return stored
    try:
        return Chart.model_validate(json.loads(stored) if isinstance(stored, str) else stored)
    except (ValidationError, ValueError):
        raise Invalid(tr("A chart has a kind, the columns x, ys and colour, and an aggregation."), "chart") from None


def checked(chart: Chart) -> Chart:
    """The chart. Raises Invalid where it can be drawn of no result."""
    if any(len(name) > LONGEST_NAME or "\0" in name for name in chart.columns):
        raise Invalid(tr("The name of a column has at most {most} characters.", most=LONGEST_NAME), "chart")
    counts = chart.aggregation is Aggregation.COUNT
    if chart.is_plotted and not chart.x:
        raise Invalid(tr("Choose a column for the x axis."), "chart.x")
    if chart.kind is not ChartKind.TABLE and not chart.ys and not counts:
        raise Invalid(tr("Choose a column of values."), "chart.ys")
    if len(chart.ys) > (1 if chart.kind is ChartKind.NUMBER else MOST_VALUES):
        raise Invalid(tr("The chart has more columns of values than it can show."), "chart.ys")
    if chart.is_plotted and chart.colour and len(chart.ys) > 1:
        raise Invalid(tr("A colour goes with one column of values alone."), "chart.colour")
    return chart


def kinds(table: pa.Table) -> dict[str, Kind]:
    """{name of a column: what it holds}, without those that no chart can show, such as lists."""
    found = {field.name: _kind(field.type) for field in table.schema}
    return {name: kind for name, kind in found.items() if kind}


def proposed(table: pa.Table) -> Chart:
    """A chart that suits a result: values over its first time or text; a single value as a number; else the table."""
    of = kinds(table)
    numbers = [name for name, kind in of.items() if kind == "number"]
    axis = next((name for kind in ("time", "text") for name, held in of.items() if held == kind), "")
    if table.num_rows == 1 and len(of) == 1 and numbers:
        return Chart(kind=ChartKind.NUMBER, ys=(numbers[0],))
    if not axis or not numbers or table.num_rows < 2:
        return NOTHING_DRAWN
    kind = ChartKind.LINE if of[axis] == "time" else ChartKind.BAR
    others = [name for name, held in of.items() if held == "text" and name != axis]
    colour = others[0] if others and len(others) == 1 and len(numbers) == 1 else ""
    aggregation = Aggregation.SUM if len(set(table.column(axis).to_pylist())) < table.num_rows else Aggregation.NONE
    ys = numbers[:1] if colour else _comparable(table, numbers)[:3]
    return Chart(kind=kind, x=axis, ys=tuple(ys), colour=colour, aggregation=aggregation)


def _comparable(table: pa.Table, numbers: Sequence[str]) -> list[str]:
    """The first of these columns, and those whose values could be seen beside its own."""
    largest = {name: pc.max(pc.abs(pc.cast(table.column(name), pa.float64()))).as_py() or 0 for name in numbers}
    first = largest[numbers[0]]
    return [name for name in numbers if first / 20 <= largest[name] <= first * 20]


def number(chart: Chart, table: pa.Table) -> Number | None:
    """The one value of a chart of kind number: of the first row, or of all rows where they are aggregated; exact where
    the column is. None where there is none. Raises Invalid."""
    checked(chart)
    if chart.aggregation is Aggregation.COUNT and not chart.ys:
        return int(table.num_rows)
    frame = _frame(chart, table)
    column = frame[chart.ys[0]]
    if chart.aggregation is Aggregation.NONE:
        return cast(Number | None, column[0] if len(column) else None)
    if chart.aggregation is Aggregation.SUM and not column.count():
        return None  # polars gives 0
    return cast(Number | None, frame.select(_aggregated(pl.col(column.name), chart.aggregation)).item())


def points(chart: Chart, table: pa.Table) -> Points:
    """The points of a chart with axes. Raises Invalid, which names the column, where the result has it not or another
    type than is needed."""
    checked(chart)
    frame = _frame(chart, table)
    x = kinds(table)[chart.x]
    within = frame if x == "text" else frame.drop_nulls(chart.x)
    left_out = frame.height - within.height
    if x == "text":
        within = within.with_columns(pl.col(chart.x).cast(pl.String).fill_null("–"))
    elif x == "time":
        within = within.with_columns(_as_on_the_clock(within[chart.x]))
    if chart.kind in (ChartKind.LINE, ChartKind.AREA) and x != "text":
        within = within.sort(chart.x, maintain_order=True)
    made, series_left_out = _by_colour(chart, within) if chart.colour else (_by_value(chart, within), 0)
    most = MOST_POINTS // max(len(made), 1)
    cut = tuple(Series(one.name, one.xs[:most], one.ys[:most]) for one in made)
    left_out += sum(len(one.xs) - len(short.xs) for one, short in zip(made, cut, strict=True))
    return Points(cut, x, series_left_out, left_out)


def _frame(chart: Chart, table: pa.Table) -> pl.DataFrame:
    """The columns of the chart, once they are found to be of types that can be drawn."""
    of = {field.name: _kind(field.type) for field in table.schema}
    for name in chart.columns:
        if name not in of:
            raise Invalid(tr("The result has no column “{name}”.", name=bounds.shown(name)), "chart")
        if of[name] is None:
            raise Invalid(tr("“{name}” holds values that no chart can show.", name=bounds.shown(name)), "chart")
    if chart.aggregation is not Aggregation.COUNT:
        for name in chart.ys:
            if of[name] != "number":
                raise Invalid(tr("“{name}” holds no numbers.", name=bounds.shown(name)), "chart.ys")
    if not chart.columns:
        return pl.DataFrame()
    return cast(pl.DataFrame, pl.from_arrow(table.select(list(chart.columns))))


def _by_value(chart: Chart, frame: pl.DataFrame) -> list[Series]:
    grouped = _grouped(chart, frame, [chart.x])
    return [
        Series(tr("Rows") if name is None else name, grouped[chart.x].to_list(), _floats(grouped[column]))
        for name, column in _columns(chart)
    ]


def _by_colour(chart: Chart, frame: pl.DataFrame) -> tuple[list[Series], int]:
    """The largest series, and how many are left out."""
    coloured = frame.with_columns(pl.col(chart.colour).cast(pl.String).fill_null("–").alias(_COLOUR))
    grouped = _grouped(chart, coloured, [chart.x, _COLOUR])
    ((_, column),) = _columns(chart)
    totals = grouped.group_by(_COLOUR, maintain_order=True).agg(pl.col(column).cast(pl.Float64).abs().sum())
    largest = totals.sort(column, descending=True, maintain_order=True).head(MOST_SERIES)
    parts = grouped.join(largest.select(_COLOUR), on=_COLOUR, how="semi", maintain_order="left").partition_by(
        _COLOUR, maintain_order=True
    )
    made = [Series(str(part[_COLOUR][0]), part[chart.x].to_list(), _floats(part[column])) for part in parts]
    return made, totals.height - largest.height


_COLOUR = "\0colour"
"""No column of a result is called so, nor what follows it."""
_VALUE = "\0value"


def _columns(chart: Chart) -> list[tuple[str | None, str]]:
    """(name of a column of values, what `_grouped` calls it)."""
    return [(name, f"{_VALUE}{place}") for place, name in enumerate(chart.ys or (None,))]


def _grouped(chart: Chart, frame: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    if chart.aggregation is Aggregation.NONE:
        return frame.with_columns(pl.col(name).alias(column) for name, column in _columns(chart) if name)
    values = [
        (pl.len() if name is None else _aggregated(pl.col(name), chart.aggregation)).alias(column)
        for name, column in _columns(chart)
    ]
    return frame.group_by(by, maintain_order=True).agg(values)


def _aggregated(column: pl.Expr, aggregation: Aggregation) -> pl.Expr:
    match aggregation:
        case Aggregation.SUM:
            return column.sum()
        case Aggregation.AVERAGE:
            return column.mean()
        case Aggregation.MEDIAN:
            return column.median()
        case Aggregation.MINIMUM:
            return column.min()
        case Aggregation.MAXIMUM:
            return column.max()
    return column.count()


def _floats(column: pl.Series) -> list[float | None]:
    found = column.cast(pl.Float64)
    return found.set(~found.is_finite().fill_null(False), None).to_list()


def _as_on_the_clock(column: pl.Series) -> pl.Series:
    """Moments as the clock of their zone, which is the workspace's, shows them: a chart's axis knows no zones."""
    has_zone = isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None
    return column.dt.replace_time_zone(None) if has_zone else column


def _kind(type: pa.DataType) -> Kind | None:
    if pa.types.is_integer(type) or pa.types.is_floating(type) or pa.types.is_decimal(type):
        return "number"
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        return "time"
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_boolean, pa.types.is_dictionary)
    return "text" if any(is_such(type) for is_such in texts) else None
