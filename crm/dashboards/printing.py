"""A dashboard as a PDF for one reader: each tile with its figures, its chart drawn as vectors, its table and what its
figures mean."""

import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from babel.dates import format_date
from fpdf.enums import Align, TableBordersLayout
from fpdf.fonts import FontFace

from crm import pipelines
from crm.dashboards import drawing, model, saved, showing
from crm.dashboards.content import Content, Metric, Table
from crm.foundation.language import plural, speaking, tr
from crm.platform import workspace
from crm.platform.people import teams, users
from crm.platform.printing.page import GRAY, INK, LEFT, RULE, WIDTH, Page
from crm.reports import query as report_query
from crm.reports.query import ReportFilters
from crm.reports.scope import require_crm
from crm.store import Reading

MOST_ROWS = 15
"""Of a table; what is beyond is counted."""
MOST_COLUMNS = 9
LEAST = 14.0
"""Millimetres of the narrowest column of words."""
ROW = 5.4
BREAKS_AT = 262.0
"""Millimetres from the top at which a page is full."""
TREND = (44.0, 9.0)


@dataclass(frozen=True)
class PrintedTile:
    title: str
    about: str
    content: Content


@dataclass(frozen=True)
class Printout:
    """All that the paper says, read in one snapshot with the rights of its reader."""

    name: str
    workspace_name: str
    reader: str
    locale: str
    day: date
    filters: tuple[tuple[str, str], ...]
    """(name of the filter, its value in words)."""
    tiles: tuple[PrintedTile, ...]


def of_dashboard(tx: Reading, dashboard_id: int | None, query: Mapping[str, str]) -> Printout:
    """What is printed of a dashboard for the actor, under its own filters but for those of `query`; of the sales
    overview where the id is None. Raises NotFound where the dashboard is neither the actor's nor shared with them,
    Invalid for filters that make no sense."""
    require_crm(tx)
    with speaking(tx.actor.language):
        found = None if dashboard_id is None else saved.get(tx, dashboard_id)
        given = {name: value for name in model.FILTERS if (value := query.get(name))}
        filters = report_query.parse({**(found.filters if found else {}), **given}, tx.today, period=model.PERIOD)
        return Printout(
            name=found.name if found else tr("Sales overview"),
            workspace_name=workspace.get(tx).name,
            reader=tx.actor.name,
            locale=tx.actor.language,
            day=tx.today,
            filters=tuple(_filters(tx, filters)),
            tiles=tuple(
                PrintedTile(tile.title or tr(tile.type.title), tr(tile.type.about), showing.content(tx, tile, filters))
                for tile in (found.tiles if found else model.OVERVIEW)
            ),
        )


def printed(printout: Printout) -> bytes:
    """The PDF, in the language of its reader. Takes some seconds in other scripts than Latin ones."""
    # Fonts are read from files until the page is written.
    with speaking(printout.locale), tempfile.TemporaryDirectory(prefix="mallard-dashboard-") as folder:
        return bytes(_Dashboard(printout, Path(folder)).output())


def file_name(printout: Printout) -> str:
    """Of the dashboard's name in ASCII letters and digits, with the day."""
    plain = unicodedata.normalize("NFKD", printout.name).encode("ascii", "ignore").decode().lower()
    words = "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())
    return f"{words[:60].rstrip('-') or 'dashboard'}-{printout.day}.pdf"


def words(printout: Printout) -> str:
    """All that it says of records, as one text."""
    return " ".join((*_bold(printout), *_texts(printout)))


def day_of(printout: Printout) -> str:
    return str(format_date(printout.day, "long", locale=printout.locale))


def _filters(tx: Reading, filters: ReportFilters) -> Iterator[tuple[str, str]]:
    scope, period, locale = filters.scope, filters.period, tx.actor.language
    first, last = (str(format_date(day, "medium", locale=locale)) for day in (period.first, period.last))
    yield tr("Period"), f"{first} – {last}"
    if scope.pipeline_ids:
        names = {each.id: each.name for each in pipelines.all_of(tx)}
        yield tr("Pipeline"), ", ".join(names.get(each, str(each)) for each in scope.pipeline_ids)
    if scope.owner_id is not None:
        nobody = tr("Nobody")
        yield tr("Owner"), {0: nobody, **users.names(tx)}.get(scope.owner_id, str(scope.owner_id))
    if scope.team_id is not None:
        those = {each.id: each.name for each in teams.everyone(tx)}
        yield tr("Team"), those.get(scope.team_id, str(scope.team_id))
    if scope.source is not None:
        yield tr("Source"), scope.source


def _texts(printout: Printout) -> Iterator[str]:
    yield printout.reader
    yield from (value for _, value in printout.filters)
    for tile in printout.tiles:
        content = tile.content
        yield from (tile.about, content.empty, *content.notes)
        for metric in content.metrics:
            yield from (metric.label, metric.note)
        if content.chart:
            yield from (*content.chart.labels, *(each.name for each in content.chart.series))
        if content.table:
            for row in content.table.rows[:MOST_ROWS]:
                yield from row


def _bold(printout: Printout) -> Iterator[str]:
    yield printout.name
    for tile in printout.tiles:
        yield tile.title
        yield from (metric.text for metric in tile.content.metrics)
        yield from (column.name for column in (tile.content.table.columns if tile.content.table else ()))


class _Dashboard(Page):
    def __init__(self, printout: Printout, folder: Path) -> None:
        super().__init__(printout.name, printout.locale, _bold(printout), _texts(printout), folder)
        self.printout = printout
        self.add_page()
        self.head()
        for tile in printout.tiles:
            self.tile(tile)
        if not printout.tiles:
            self.face(9, GRAY)
            self.put(tr("This dashboard has no tiles yet."), 5)
        self.note_of_lacking()

    def head(self) -> None:
        self.face(9, GRAY)
        self.put(self.printout.workspace_name, 5)
        self.face(18, style="B")
        self.put(self.printout.name, 8.4)
        self.ln(1)
        facts = (
            (tr("Day"), day_of(self.printout)),
            *self.printout.filters,
            (tr("Figures"), tr("of what {name} may see", name=self.printout.reader)),
        )
        for name, value in facts:
            self.face(9, GRAY)
            self.cell(28, 4.8, self.fit(name))
            self.face(9)
            self.put(value, 4.8, WIDTH - 28)
        self.ln(2)

    def tile(self, tile: PrintedTile) -> None:
        found = tile.content
        self.keep_together(self.estimate(tile))
        self.ln(3)
        self.set_line_width(0.2)
        self.set_draw_color(*RULE)
        self.line(LEFT, self.get_y(), LEFT + WIDTH, self.get_y())
        self.ln(3)
        self.face(11.5, style="B")
        self.put(tile.title, 5.6)
        self.ln(1)
        if found.empty:
            self.face(9, GRAY)
            self.put(found.empty, 4.6)
        for place, metric in enumerate(found.metrics):
            self.metric(metric, first=place == 0 and not metric.label)
        if found.chart:
            self.ln(2)
            drawing.draw(self, found.chart)
        if found.table:
            self.rows(found.table)
        self.face(8.5, GRAY)
        for note in found.notes:
            self.put(note, 4.4)
        self.ln(1)
        self.face(7.5, GRAY)
        self.put(tile.about, 3.8)

    def keep_together(self, height: float) -> None:
        """Begin a page where a tile of this height would be cut in two, unless it is taller than a page."""
        room = BREAKS_AT - self.get_y()
        if height > room and (height < BREAKS_AT - 14 or room < 80):
            self.add_page()

    def estimate(self, tile: PrintedTile) -> float:
        """Millimetres of a tile, about: rows may be broken into more lines."""
        found = tile.content
        table = (min(len(found.table.rows), MOST_ROWS) + 2) * ROW + 3 if found.table else 0.0
        chart = drawing.height(found.chart) + 2 if found.chart else 0.0
        texts = (*found.notes, tile.about, found.empty)
        return (
            14 + 12 * len(found.metrics) + chart + table + sum(4.2 * (len(text) // 120 + 1) for text in texts if text)
        )

    def metric(self, metric: Metric, *, first: bool) -> None:
        if first:
            top = self.get_y()
            self.face(17, style="B")
            self.put(metric.text, 8, WIDTH - TREND[0])
            if metric.progress is None:
                self.trend(metric, top)
        else:
            self.face(10, style="B")
            self.put(f"{metric.label}: {metric.text}" if metric.label else metric.text, 5.2)
        if metric.note:
            self.face(9, GRAY)
            self.put(metric.note, 4.6)
        if metric.progress is not None:
            self.ln(0.8)
            self.set_fill_color(*RULE)
            self.rect(LEFT, self.get_y(), 80, 1.6, style="F")
            self.set_fill_color(*drawing.TONES["primary"])
            self.rect(LEFT, self.get_y(), 80 * min(max(metric.progress, 0.0), 1.0), 1.6, style="F")
            self.ln(3)

    def trend(self, metric: Metric, top: float) -> None:
        """Small bars of the months at the right of the headline."""
        most = max(metric.trend, default=0.0)
        if most <= 0:
            return
        slot = min(TREND[0] / len(metric.trend), 6.0)
        left = LEFT + WIDTH - slot * len(metric.trend)
        self.set_fill_color(*drawing.TONES["primary"])
        for place, value in enumerate(metric.trend):
            tall = TREND[1] * max(value, 0.0) / most
            self.rect(left + slot * place, top + TREND[1] - tall, slot * 0.75, tall, style="F")

    def rows(self, table: Table) -> None:
        """The first rows and columns of a table, and how many more there are."""
        columns = table.columns[:MOST_COLUMNS]
        heads = tuple(column.name for column in columns)
        shown = [row[: len(columns)] for row in table.rows[:MOST_ROWS]]
        size, widths = self.columns([heads, *shown], [column.right for column in columns])
        self.ln(2)
        self.face(size)
        self.set_draw_color(*RULE)
        # A table fills its cells with what was drawn with last, such as a bar's colour.
        self.set_fill_color(255, 255, 255)
        with self.table(
            col_widths=widths,
            width=WIDTH,
            align=Align.L,
            text_align=tuple("RIGHT" if column.right else "LEFT" for column in columns),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=size * 0.44,
            padding=(0.7, 1),
            headings_style=FontFace(emphasis="BOLD", color=INK),
        ) as drawn:
            for row in (heads, *shown):
                drawn.row([self.fit(cell) for cell in row])
        self.ln(1)
        self.face(8.5, GRAY)
        if more := table.more + len(table.rows) - len(shown):
            self.put(plural("… {count:,} more row", "… {count:,} more rows", more), 4.4)
        if beyond := len(table.columns) - len(columns):
            self.put(plural("… {count:,} more column", "… {count:,} more columns", beyond), 4.4)

    def columns(self, rows: list[tuple[str, ...]], right: list[bool]) -> tuple[float, list[float]]:
        """The size of the letters and the widths of the columns: numbers stay unbroken as far as that is possible,
        words share what is left."""
        size = 8.5
        while True:
            self.face(size, style="B")  # the header's; all else is narrower
            widths = [
                2.6 + max(self.get_string_width(self.fit(row[place])) for row in rows) for place in range(len(right))
            ]
            words = [place for place, numbers in enumerate(right) if not numbers] or [0]
            room = WIDTH - sum(width for place, width in enumerate(widths) if place not in words)
            wanted = sum(widths[place] for place in words)
            if room >= LEAST * len(words) or size <= 6.0:
                break
            size -= 0.5
        for place in words:
            widths[place] = max(LEAST, widths[place] * room / wanted)
        scale = WIDTH / sum(widths)
        return size, [width * scale for width in widths]
