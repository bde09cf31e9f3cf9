"""The tiles of a segment and of a saved query: each read as its reader, whoever made the dashboard."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from crm.dashboards.content import Chart, Column, Content, Metric, Series, Table, Tone
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform import process
from crm.records import lists, registry, segments
from crm.store import Reading
from crm.store.kept import kept
from crm.store.uses import Uses
from crm.workbench import charting, running
from crm.workbench.charting import ChartKind
from crm.workbench.queries import SavedSql
from crm.workbench.running import Result

MOST_ROWS = 10
MOST_QUERIED = 5_000
KEPT_SECONDS = 300
"""After which a saved query runs again though nothing that it read has changed. Days begin with a stretch of it."""
TONES: tuple[Tone, ...] = ("primary", "green", "orange", "red", "quiet", "faint")


def segment(tx: Reading, segment_id: int) -> Content:
    """How many records of a segment the reader sees, and the first of them. Raises NotFound where it is gone or not the
    reader's to see."""
    found = segments.get(tx, segment_id)
    if faults := segments.broken(tx, found):
        return Content(empty=" ".join(faults))
    of = registry.by_plural(found.kind)
    query = segments.list_query(found)
    count = lists.count(tx, of, query)
    page = lists.find(tx, of, replace(query, limit=MOST_ROWS))
    return Content(
        metrics=(
            Metric(
                text=tr("{count:,}", count=count),
                amount=count,
                unit="count",
                note=f"{found.name} · {registry.many_of(of.plural)}",
            ),
        ),
        table=Table(
            columns=(Column(name=found.name),),
            rows=tuple((of.name_of(record),) for record in page.items),
            links=tuple(f"/{of.key}?{of.key}={record['id']}" for record in page.items),
            more=count - len(page.items),
        )
        if page.items
        else None,
    )


def saved_query(tx: Reading, query_id: int) -> Content:
    """What a saved query finds for the reader, as its chart says. Raises NotFound where it is gone or not theirs to
    see, and what the workbench refuses."""
    return _answer(tx, query_id, int(tx.now.timestamp() // KEPT_SECONDS))


@kept
def _answer(tx: Reading, query_id: int, _span: int) -> Content:
    """`_span` numbers the stretches of KEPT_SECONDS: the store's versions say nothing of `now()` and `random()`."""
    uses = Uses()
    try:
        saved, result = running.run_saved(process.store(), tx.actor, query_id, rows=MOST_QUERIED, uses=uses)
        return _content(saved, result, tx.actor.language)
    except Invalid as refusal:
        # Kept as well: a query that takes all of its time would take it at each run of each open page.
        return Content(empty=str(refusal))
    finally:
        tx.used(uses)


def _content(saved: SavedSql, result: Result, locale: str) -> Content:
    table, chart = result.table, saved.chart
    if table is None or not table.num_rows:
        return Content(empty=tr("The query finds nothing."))
    columns = [
        Column(name=field.name, right=charting.kinds(table).get(field.name) == "number") for field in table.schema
    ]
    rows = tuple(
        tuple(_shown(row[column.name], locale) for column in columns) for row in table.slice(0, MOST_ROWS).to_pylist()
    )
    shown = Table(columns=tuple(columns), rows=rows, more=table.num_rows - len(rows))
    if chart.kind is ChartKind.NUMBER:
        value = charting.number(chart, table)
        metric = Metric(text=_shown(value, locale), amount=value, unit="count", note=saved.name)
        return Content(metrics=(metric,), table=shown)
    if not chart.is_plotted or chart.kind is ChartKind.SCATTER:
        return Content(table=shown)
    return Content(chart=_chart(charting.points(chart, table), chart.kind, saved.name, locale), table=shown)


def _chart(points: charting.Points, kind: ChartKind, name: str, locale: str) -> Chart:
    places = list(dict.fromkeys(x for series in points.series for x in series.xs))[:60]
    series = []
    for tone, each in zip(TONES, points.series, strict=False):
        values = dict(zip(each.xs, each.ys, strict=True))
        series.append(
            Series(
                name=each.name,
                tone=tone,
                values=tuple(values.get(place) for place in places),
                texts=tuple(_shown(values.get(place), locale) for place in places),
            )
        )
    return Chart(
        shape="columns" if kind is ChartKind.BAR else "line",
        labels=tuple(_shown(place, locale) for place in places),
        series=tuple(series),
        unit="count",
        alt=name,
    )


def _shown(value: Any, locale: str) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return tr("yes") if value else tr("no")
        case int() | float() | Decimal():
            return str(format_decimal(Decimal(str(value)), "#,##0.####", locale=locale))
        case datetime():
            return str(format_datetime(value, "short", locale=locale))
        case date():
            return str(format_date(value, "medium", locale=locale))
    return str(value)[:200]
