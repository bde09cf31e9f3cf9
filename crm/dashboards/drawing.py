"""The chart of a tile on paper, drawn as lines and areas in the colours of the light pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import ceil, floor, log10

from babel.numbers import format_compact_decimal, format_percent
from fpdf.enums import Align

from crm.dashboards.content import Chart, Series, Tone, Unit
from crm.platform.printing.page import GRAY, INK, LEFT, RULE, WIDTH, Colour, Page

TONES: dict[Tone, Colour] = {
    "primary": (51, 70, 211),
    "green": (18, 128, 92),
    "orange": (194, 97, 12),
    "red": (200, 50, 59),
    "quiet": (180, 186, 200),
    "faint": (204, 209, 244),
}
HEIGHT = 46.0
"""Millimetres of a chart over time without its labels and legend."""
AXIS = 16.0
"""Millimetres at the left for the numbers of the axis."""
LABELS = 9.0
LEGEND = 6.0
ROW = 6.4
NAMES, BEHIND = 46.0, 34.0
"""Millimetres beside bars of things: of their names, and of the number behind the longest bar."""


@dataclass(frozen=True)
class Plot:
    """Where values stand on paper: `low` at the bottom of the area, `high` at its top."""

    left: float
    top: float
    width: float
    low: float
    high: float
    places: int

    def y(self, value: float) -> float:
        return self.top + HEIGHT * (1 - (value - self.low) / (self.high - self.low))

    @property
    def slot(self) -> float:
        return self.width / self.places

    def middle(self, place: int) -> float:
        return self.left + self.slot * (place + 0.5)


def height(chart: Chart) -> float:
    """Millimetres that `draw` takes."""
    legend = LEGEND if len(chart.series) > 1 else 0.0
    if chart.shape == "rows":
        return legend + ROW * len(chart.labels) + 2
    return legend + HEIGHT + LABELS + 4


def draw(page: Page, chart: Chart) -> None:
    """Draw the chart at the height where the page is, which has room for it, and go on below it."""
    top = page.get_y()
    end = top + height(chart)
    if len(chart.series) > 1:
        _legend(page, chart.series)
        top += LEGEND
    if chart.labels:
        if chart.shape == "rows":
            _rows(page, chart, top)
        else:
            _over_time(page, chart, top + 3)
    page.set_line_width(0.2)
    page.set_xy(LEFT, end)


def cut(page: Page, text: str, width: float) -> str:
    """The text in the face that is set, cut with “…” where it is wider than `width` millimetres."""
    shown = page.fit(text)
    while len(shown) > 1 and page.get_string_width(shown) > width:
        shown = shown.removesuffix("…")[:-1] + "…"
    return shown


def _legend(page: Page, series: tuple[Series, ...]) -> None:
    page.face(7.5, GRAY)
    page.set_x(LEFT)
    room = WIDTH / len(series)
    for each in series:
        left = page.get_x()
        page.set_fill_color(*TONES[each.tone])
        page.rect(left, page.get_y() + 1, 2.4, 2.4, style="F")
        name = cut(page, each.name, room - 9)
        page.set_x(left + 3.5)
        page.cell(page.get_string_width(name) + 5, 4.4, name)


def _rows(page: Page, chart: Chart, top: float) -> None:
    """Bars from the left, of several series below each other, with their names before and their numbers behind."""
    values = [value or 0.0 for series in chart.series for value in series.values]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (WIDTH - NAMES - BEHIND) / ((high - low) or 1.0)
    zero = LEFT + NAMES - low * scale
    thick = (ROW - 1.8) / len(chart.series)
    for place, label in enumerate(chart.labels):
        page.set_xy(LEFT, top + place * ROW)
        page.face(8)
        page.cell(NAMES - 3, ROW, cut(page, label, NAMES - 4), align=Align.R)
        for number, series in enumerate(chart.series):
            value = series.values[place] or 0.0
            above = top + place * ROW + 0.9 + number * thick
            page.set_fill_color(*TONES[series.tone])
            page.rect(min(zero, zero + value * scale), above, abs(value) * scale, thick, style="F")
            page.face(min(8.0, thick * 2), GRAY)
            page.set_xy(zero + max(value, 0.0) * scale + 1, above)
            page.cell(BEHIND, thick, cut(page, series.texts[place], BEHIND - 2))


def _over_time(page: Page, chart: Chart, top: float) -> None:
    low, high = _range(chart)
    steps = list(_steps(low, high))
    plot = Plot(
        LEFT + AXIS, top, WIDTH - AXIS, min(low, steps[0]), max(high, steps[-1], steps[0] + 1e-9), len(chart.labels)
    )
    _axis(page, plot, steps, chart.unit)
    _labels(page, plot, chart)
    {"columns": _columns, "line": _line, "waterfall": _waterfall}[chart.shape](page, plot, chart)


def _range(chart: Chart) -> tuple[float, float]:
    if chart.shape == "waterfall":
        tops = _tops(chart)
        low, high = min(tops), max(tops)
        # What changed in a week is small beside a pipeline: the axis begins near the lowest step, as on the pages.
        return (max(low - (high - low) * 0.6, 0.0) if low > 0 else low), high + (high - low) * 0.15
    if chart.shape == "columns":
        stacks = [[series.values[place] or 0.0 for series in chart.series] for place in range(len(chart.labels))]
        return (
            min(0.0, *(sum(value for value in stack if value < 0) for stack in stacks)),
            max(0.0, *(sum(value for value in stack if value > 0) for stack in stacks)),
        )
    values = [value for series in chart.series for value in series.values if value is not None]
    values += [end for series in chart.series for end in (*series.lows, *series.highs)]
    return min(0.0, *values), 1.0 if chart.unit == "share" and max(0.0, *values) <= 1 else max(0.0, *values)


def _tops(chart: Chart) -> list[float]:
    """The height after each step of a waterfall, its first total before them and its last behind."""
    values = [value or 0.0 for value in chart.series[0].values]
    return [*accumulate(values[:-1]), values[-1]]


def _steps(low: float, high: float) -> Iterator[float]:
    """Round values from `low` to `high`, about five."""
    span = high - low
    if span <= 0:
        yield from (low, low + 1)
        return
    rough = span / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * each for each in (1, 2, 5, 10) if power * each >= rough * 0.999)
    for number in range(floor(low / step), ceil(high / step) + 1):
        yield number * step


def _axis(page: Page, plot: Plot, steps: list[float], unit: Unit) -> None:
    page.set_line_width(0.15)
    page.set_draw_color(*RULE)
    page.face(7, GRAY)
    for step in steps:
        if plot.low <= step <= plot.high:
            page.line(plot.left, plot.y(step), plot.left + plot.width, plot.y(step))
            page.set_xy(LEFT, plot.y(step) - 2)
            page.cell(AXIS - 2, 4, page.fit(_number(step, unit, page.in_locale)), align=Align.R)


def _number(value: float, unit: Unit, locale: str) -> str:
    if unit == "share":
        return str(format_percent(value, "#,##0%", locale=locale))
    return str(format_compact_decimal(value, fraction_digits=1, locale=locale))


def _labels(page: Page, plot: Plot, chart: Chart) -> None:
    """The names of the places, as many as fit beside each other, in up to two lines."""
    page.face(7, GRAY)
    names = chart.ticks or tuple(
        label.replace(" ", "\n", 1) if chart.shape == "waterfall" else label for label in chart.labels
    )
    widest = max(page.get_string_width(line) for name in names for line in page.fit(name).split("\n"))
    # A waterfall's causes are all needed; of the names along a time every second or third says enough.
    every = 1 if chart.shape == "waterfall" else max(1, ceil((min(widest, 30.0) + 2) / plot.slot))
    for place, name in enumerate(names):
        if place % every:
            continue
        for number, line in enumerate(name.split("\n")[:2]):
            page.set_xy(plot.middle(place) - plot.slot * every / 2, plot.top + HEIGHT + 1 + number * 3.4)
            page.cell(plot.slot * every, 3.4, cut(page, line, plot.slot * every - 0.5), align=Align.C)


def _columns(page: Page, plot: Plot, chart: Chart) -> None:
    wide = min(plot.slot * 0.65, 18.0)
    for place in range(plot.places):
        above = below = 0.0
        for series in chart.series:
            value = series.values[place] or 0.0
            start = above if value >= 0 else below
            _bar(page, plot, place, wide, (start, start + value), TONES[series.tone])
            above, below = (above + value, below) if value >= 0 else (above, below + value)


def _bar(page: Page, plot: Plot, place: int, wide: float, ends: tuple[float, float], colour: Colour) -> None:
    top, bottom = plot.y(max(ends)), plot.y(max(min(ends), plot.low))
    if bottom > top:
        page.set_fill_color(*colour)
        page.rect(plot.middle(place) - wide / 2, top, wide, bottom - top, style="F")


def _line(page: Page, plot: Plot, chart: Chart) -> None:
    for series in chart.series:
        page.set_line_width(0.25)
        page.set_draw_color(*TONES["quiet"])
        for place, (low, high) in enumerate(zip(series.lows, series.highs, strict=True)):
            if series.values[place] is not None:
                page.line(plot.middle(place), plot.y(low), plot.middle(place), plot.y(high))
        page.set_line_width(0.5)
        page.set_draw_color(*TONES[series.tone])
        page.set_fill_color(*TONES[series.tone])
        before: tuple[float, float] | None = None
        for place, value in enumerate(series.values):
            here = None if value is None else (plot.middle(place), plot.y(value))
            if here and before:
                page.line(*before, *here)
            if here:
                page.circle(*here, 0.8, style="F")
            before = here


def _waterfall(page: Page, plot: Plot, chart: Chart) -> None:
    [series] = chart.series
    tops = _tops(chart)
    wide = min(plot.slot * 0.7, 18.0)
    for place, value in enumerate(series.values):
        total = place in (0, plot.places - 1)
        ends = (0.0, tops[place]) if total else (tops[place - 1], tops[place])
        tone: Tone = "primary" if total else "green" if (value or 0.0) >= 0 else "red"
        _bar(page, plot, place, wide, ends, TONES[tone])
        if place:
            page.set_line_width(0.15)
            page.set_draw_color(*RULE)
            level = plot.y(tops[place - 1])
            page.line(plot.middle(place - 1) + wide / 2, level, plot.middle(place) - wide / 2, level)
        page.face(7, INK)
        page.set_xy(plot.middle(place) - plot.slot / 2, plot.y(max(ends)) - 3.6)
        page.cell(plot.slot, 3.2, cut(page, series.texts[place], plot.slot), align=Align.C)
