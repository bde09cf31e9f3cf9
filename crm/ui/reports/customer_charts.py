"""The charts of the customers report. Tiles are bars, since Streamlit tells of no click on a heat map."""

from dataclasses import dataclass

import plotly.graph_objects as go

from crm.foundation import money
from crm.foundation.language import plural, tr
from crm.reports.customer_people import Cell, Picture
from crm.reports.customers import Bucket, Cohort, Customers, Part
from crm.reports.rfm import GROUPS, GridCell
from crm.ui import words
from crm.ui.reports import charts
from crm.ui.reports.charts import Palette

MOST_COHORTS = 36
"""The rows and columns of the picture of cohorts: more could neither be told apart nor drawn at once."""


@dataclass(frozen=True)
class Tile:
    column: int
    row: int
    shade: float | None
    """From 0 to 1; None for what does not count yet."""
    text: str
    hover: str
    code: str


def revenue_chart(report: Customers, colours: Palette, locale: str) -> go.Figure:
    """Stacked bars of the revenue from customers' first orders, from their later ones, and from nobody's."""
    names = [charts.label(bucket.period, report.grain, locale) for bucket in report.buckets]
    figure = go.Figure()
    for title, colour, parts in _layers(report.buckets, colours):
        figure.add_bar(
            x=names,
            y=[float(part.revenue) for part in parts],
            name=title,
            marker={"color": colour, "cornerradius": 3},
            customdata=[
                ["", money.shown(part.revenue, report.currency, locale), words.number(part.orders)] for part in parts
            ],
            hovertemplate=f"{title}: <b>%{{customdata[1]}}</b> · %{{customdata[2]}}<extra></extra>",
        )
    charts.apply_theme(figure, colours, locale, height=320)
    figure.update_layout(barmode="stack", hovermode="x unified", bargap=0.35)
    figure.update_yaxes(tickformat="~s", rangemode="tozero")
    charts.period_axis(figure, [bucket.period for bucket in report.buckets], report.grain, locale)
    return figure


def _layers(buckets: tuple[Bucket, ...], colours: Palette) -> list[tuple[str, str, list[Part]]]:
    layers = [
        (tr("Returning"), colours.primary, [bucket.returning for bucket in buckets]),
        (tr("New"), colours.green, [bucket.new for bucket in buckets]),
    ]
    nobody = [bucket.nobody for bucket in buckets]
    if any(part.orders for part in nobody):
        layers.append((tr("No customer"), colours.quiet, nobody))
    return layers


def cohorts_chart(report: Customers, *, by_revenue: bool, colours: Palette, locale: str) -> go.Figure:
    """A row a cohort, the latest at the bottom, a column a month or quarter after the first order."""
    shown = report.cohorts[-MOST_COHORTS:]
    tiles = [
        tile
        for row, cohort in enumerate(shown)
        for tile in _of_cohort(report, cohort, row, by_revenue=by_revenue, locale=locale)
    ]
    columns = max((tile.column for tile in tiles), default=0)
    figure = _figure(tiles, colours)
    charts.apply_theme(figure, colours, locale, height=70 + 28 * max(len(shown), 1), legend=False)
    figure.update_xaxes(
        range=[0.5, columns + 0.5], tickvals=list(range(1, columns + 1)), side="top", showline=False, zeroline=False
    )
    figure.update_yaxes(
        range=[len(shown), 0],
        tickvals=[row + 0.46 for row in range(len(shown))],
        ticktext=[charts.label(cohort.period, report.grain, locale) for cohort in shown],
        showgrid=False,
        zeroline=False,
    )
    return figure


def _of_cohort(report: Customers, cohort: Cohort, row: int, *, by_revenue: bool, locale: str) -> list[Tile]:
    if not cohort.customers:
        return []
    name = charts.label(cohort.period, report.grain, locale)
    found = []
    for cell in cohort.cells[1 : MOST_COHORTS + 1]:
        share = cohort.kept(cell.number) if by_revenue else cohort.share(cell.number)
        if share is None:
            continue
        shown = charts.percent(share, locale)
        bought = plural("{count:,} of {whole:,} customer", "{count:,} of {whole:,} customers", cell.customers,
                        whole=cohort.customers)  # fmt: skip
        revenue = money.shown(cell.revenue, report.currency, locale)
        what = revenue if by_revenue else bought
        not_over = tr("Not over yet")
        still = "" if cell.over else f"<br>{not_over}"
        found.append(
            Tile(
                column=cell.number,
                row=row,
                shade=min(share, 1.0) ** 0.5 if cell.over else None,
                text=words.number(round(100 * share)),
                hover=f"{name}, +{cell.number}: <b>{shown}</b><br>{what}{still}",
                code=str(Cell(picture=Picture.COHORT, cohort=cohort.period.first, number=cell.number))
                if cell.customers
                else "",
            )
        )
    return found


def rfm_chart(report: Customers, *, by_revenue: bool, colours: Palette, locale: str) -> go.Figure:
    """Recency to the right, frequency upwards."""
    cells = report.grid.cells
    most = max((float(cell.revenue) if by_revenue else cell.customers for cell in cells), default=0) or 1
    tiles = [
        Tile(
            column=cell.recency,
            row=cell.frequency - 1,
            shade=(max(float(cell.revenue), 0) if by_revenue else cell.customers) / most,
            text=money.compact(cell.revenue, report.currency, locale) if by_revenue else words.number(cell.customers),
            hover=rfm_hover(cell, report.currency, locale),
            code=str(Cell(picture=Picture.RFM, recency=cell.recency, frequency=cell.frequency)),
        )
        for cell in cells
    ]
    figure = _figure(tiles, colours)
    charts.apply_theme(figure, colours, locale, height=340, legend=False)
    figure.update_xaxes(
        range=[0.5, 5.5], tickvals=list(GROUPS), title=tr("Recency: bought lately →"), showline=False, zeroline=False
    )
    figure.update_yaxes(
        range=[0, 5],
        tickvals=[group - 0.54 for group in GROUPS],
        ticktext=[str(group) for group in GROUPS],
        title=tr("Frequency: bought often →"),
        showgrid=False,
        zeroline=False,
    )
    return figure


def rfm_hover(cell: GridCell, currency: str, locale: str) -> str:
    count = plural("{count:,} customer", "{count:,} customers", cell.customers)
    return "<br>".join(
        (
            f"<b>{count}</b>, {money.shown(cell.revenue, currency, locale)}",
            tr("Last order: {days}", days=days_of(cell, locale)),
            tr("Orders: {many}", many=orders_of(cell)),
        )
    )


def days_of(cell: GridCell, locale: str) -> str:
    first, last = (words.day(day, locale) for day in (cell.first_on, cell.last_on))
    return first if first == last else f"{first} – {last}"


def orders_of(cell: GridCell) -> str:
    fewest, most = words.number(cell.fewest), words.number(cell.most)
    return fewest if fewest == most else f"{fewest} – {most}"


def _figure(tiles: list[Tile], colours: Palette) -> go.Figure:
    figure = go.Figure(
        go.Bar(
            x=[tile.column for tile in tiles],
            y=[0.92] * len(tiles),
            base=[tile.row for tile in tiles],
            width=0.94,
            marker={
                "color": [
                    charts.faint(colours.quiet)
                    if tile.shade is None
                    else blend(colours.background, colours.primary, 0.08 + 0.92 * tile.shade)
                    for tile in tiles
                ],
                "cornerradius": 3,
            },
            text=[tile.text for tile in tiles],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={
                "size": 12,
                "color": [
                    "#ffffff" if tile.shade is not None and tile.shade > LIGHT_TEXT else colours.text for tile in tiles
                ],
            },
            customdata=[[tile.code, tile.hover] for tile in tiles],
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    )
    figure.update_layout(barmode="overlay", uniformtext={"minsize": 9, "mode": "hide"})
    return figure


LIGHT_TEXT = 0.55
"""Shades above this one carry white text."""


def blend(ground: str, colour: str, part: float) -> str:
    """A colour `#rrggbb` between two: `part` of `colour` on `ground`."""
    pairs = zip(_rgb(ground), _rgb(colour), strict=True)
    return "#" + "".join(f"{round(low + (high - low) * part):02x}" for low, high in pairs)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue
