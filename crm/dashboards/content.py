"""What a tile shows, in words and numbers of one reader: pages draw it, PDFs print it, the API answers with it."""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

Unit = Literal["money", "count", "share", "days"]
Tone = Literal["primary", "green", "orange", "red", "quiet", "faint"]


class Metric(BaseModel, frozen=True):
    """One figure: `text` is `amount` as the reader writes it, “–” where there is none."""

    text: str
    amount: Decimal | float | int | None
    unit: Unit
    label: str = ""
    note: str = ""
    cell: str = ""
    """The code of the deals behind it, as `drilldown.behind` takes it; empty where there are none to show."""
    why: str = ""
    """The code by which its change is explained, as /reports/why takes it; empty where it cannot be."""
    progress: float | None = None
    """How much of its target it is, from 0; more than 1 where it passed it."""
    trend: tuple[float, ...] = ()
    """The same by month or quarter of the period, the oldest first."""


class Series(BaseModel, frozen=True):
    """One value a label of its chart, None for none; `texts` are the same for people, `cells` codes of the deals."""

    name: str
    tone: Tone
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    cells: tuple[str, ...] = ()
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()
    """The 95 % interval of each value, in charts of lines."""


class Chart(BaseModel, frozen=True):
    """`columns` are stacked bars over time, `rows` bars of things with names, `line` a line over time, `waterfall` one
    series whose first and last value are totals and the others what changed the first into the last."""

    shape: Literal["columns", "rows", "line", "waterfall"]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit
    alt: str
    ticks: tuple[str, ...] = ()
    """Shorter labels for the axis of a chart over time; a line break stands before a year."""


class Column(BaseModel, frozen=True):
    name: str
    right: bool = False
    """Whether it holds numbers, which stand at the right."""


class Table(BaseModel, frozen=True):
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    links: tuple[str, ...] = ()
    """Of each row the path of the page of its record; empty where rows are no records."""
    more: int = 0
    """How many rows there are beyond these."""


class Content(BaseModel, frozen=True):
    """The first metric is the headline. `empty` says why there is nothing to show, `notes` what the figures leave
    out."""

    metrics: tuple[Metric, ...] = ()
    chart: Chart | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()
    empty: str = ""
