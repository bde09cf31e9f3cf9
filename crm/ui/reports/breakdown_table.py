"""The part of the conversion page that compares owners, teams, sources, segments or values of a list attribute."""

from functools import partial

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from plotly.subplots import make_subplots

from crm.foundation import money
from crm.foundation.language import later, plural, tr
from crm.reports import breakdown, closings, conversion, membership, split
from crm.reports.breakdown import Breakdown, Part
from crm.reports.conversion import Conversion, Measure
from crm.reports.drilldown import Behind
from crm.reports.split import NONE, OF_NOW, By, Split
from crm.store import Reading
from crm.ui.reports import charts, report_cards, report_drawer, report_filters, report_tables, stage_details

PREFIX = "part"
"""The code of a figure of one part: part:, the figure's own code, @ and the part's key."""

ABOUT = later("""
The figures of this page for each owner, team, source, segment or value of a list attribute alone.

**Won of those**: of the deals that arrived in the period, with the band up to all undecided ones being won.
**Win rate**: of the deals closed in the period, with the Wilson 95 % interval. **Median cycle**: of the deals won.
**V per day**: sales velocity over the last 90 days.

Owner and team are those of the time asked, of closed deals those of the closing. Sources, segments and attributes are
those of now: nobody records when they change. Segments overlap: a deal is in each that it counts to, and in none of
them where it counts to none.
""")
NAMES = {By.OWNER: later("Owner"), By.TEAM: later("Team"), By.SOURCE: later("Source")}
SEGMENTS_OF = {
    "deals": later("Segments of deals"),
    "contacts": later("Segments of contacts"),
    "companies": later("Segments of companies"),
}
NOBODY = {By.OWNER: later("Nobody"), By.TEAM: later("No team")}
NO_VALUE = later("None")
MOST_DRAWN = 15
FIGURES = {
    "Won": str(closings.Cell(result=closings.Result.WON)),
    "Lost": str(closings.Cell(result=closings.Result.LOST)),
    "Open now": "velocity:open",
}
EXPLAINED = {
    "Won of those, %": "conversion:won",
    "Win rate": "closings:rate",
    "Median cycle": "closings:count:won",
    "V per day": "velocity:per_day",
}
"""Figures that open why they have changed."""


def chosen() -> str:
    """What the address breaks the page down by; the owner where it says nothing."""
    return str(st.query_params.get("split", By.OWNER.value))


def name_of(tx: Reading, each: Split) -> str:
    if each.by is By.ATTRIBUTE:
        return membership.attribute(tx, each.key).name
    return tr(SEGMENTS_OF[each.key]) if each.by is By.SEGMENT else tr(NAMES[each.by])


def choices(tx: Reading) -> dict[str, str]:
    """{split as in the address: its name}."""
    return {str(each): name_of(tx, each) for each in split.choosable(tx)}


def draw(found: Breakdown, funnel: Conversion, options: dict[str, str], locale: str) -> None:
    report_cards.headline(tr("Comparison"), ABOUT, csv="breakdown", pipeline_id=funnel.pipeline_id)
    with st.container(width=320):
        report_filters.choice(tr("Compare by"), "split", options, default=By.OWNER.value, key="conversion-split")
    if found.split.by in OF_NOW:
        st.caption(tr("As they stand now: nobody records when these change, so past figures follow them."))
    if not found.parts:
        st.info(tr("No deals to compare."), icon=":material/inbox:")
        return
    st.plotly_chart(
        chart(found, funnel, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "conversion-parts"),
        selection_mode="points",
        key="conversion-parts",
        alt=tr("Conversion and win rate of each part"),
    )
    table = figures(found, locale)
    right = ("Won of those, %", "At most", "Win rate", "95 %", "By value", "Median cycle", "V per day")
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, right),
        on_select=report_cards.opening("parts-table", partial(_code_at, found, funnel), partial(_why_at, found)),
        selection_mode="single-cell",
        key="parts-table",
        alt=tr("Conversion and win rate of each part"),
    )
    stages = reached(found)
    st.dataframe(
        stages,
        hide_index=True,
        column_config=report_tables.columns(stages.select("Part")),
        on_select=report_cards.opening("parts-stages", partial(_reached_at, found, funnel, stages.columns)),
        selection_mode="single-cell",
        key="parts-stages",
        alt=tr("Deals of each part that reached each stage"),
    )
    if found.left_out:
        st.caption(
            plural(
                "{count:,} part with fewer deals is not shown.",
                "{count:,} parts with fewer deals are not shown.",
                found.left_out,
            )
        )


def chart(found: Breakdown, funnel: Conversion, colours: charts.Palette, locale: str) -> go.Figure:
    """Beside each other: won of the arrivals with the band of undecided ones, and the win rate with its interval."""
    parts = [part for part in found.parts if part.arrived or part.rate.closings][:MOST_DRAWN]
    places = list(range(len(parts)))
    conversion_title, rate_title = tr("Won of those"), tr("Win rate")
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.06, subplot_titles=[conversion_title, rate_title]
    )
    won = str(conversion.Cell(measure=Measure.REACHED, stage_id=funnel.steps[-1].stage_id))
    arrived = [[_code(won, part), part_name(found, part)] for part in parts]
    undecided = tr("Undecided")
    for name, shares, colour in (
        (conversion_title, [part.conversion for part in parts], colours.primary),
        (
            undecided,
            [part.undecided / part.arrived if part.arrived else None for part in parts],
            charts.faint(colours.quiet),
        ),
    ):
        figure.add_bar(
            x=shares,
            y=places,
            orientation="h",
            name=name,
            marker={"color": colour, "cornerradius": 3},
            customdata=arrived,
            hovertemplate=f"%{{customdata[1]}} · {name}: <b>%{{x:.1%}}</b><extra></extra>",
            row=1,
            col=1,
        )
    rates = [part.rate for part in parts]
    spans = [closings.wilson(rate.won.count, rate.closings) if rate.closings else (0.0, 0.0) for rate in rates]
    middles = [rate.by_count or 0 for rate in rates]
    closed = tr("{count} closed", count="%{customdata[2]:,}")
    figure.add_scatter(
        x=[rate.by_count for rate in rates],
        y=places,
        mode="markers",
        name=rate_title,
        showlegend=False,
        marker={"size": 10, "color": colours.primary},
        error_x={
            "type": "data",
            "array": [high - middle for (_, high), middle in zip(spans, middles, strict=True)],
            "arrayminus": [middle - low for (low, _), middle in zip(spans, middles, strict=True)],
            "color": colours.quiet,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[[_code(FIGURES["Won"], part), part_name(found, part), part.rate.closings] for part in parts],
        hovertemplate=f"%{{customdata[1]}}: <b>%{{x:.1%}}</b> ({closed})<extra></extra>",
        row=1,
        col=2,
    )
    charts.apply_theme(figure, colours, locale, height=110 + 30 * len(parts), legend=False)
    figure.update_layout(barmode="stack", hovermode="closest", bargap=0.35, margin={"t": 40})
    figure.update_xaxes(tickformat=".0%", range=[0, 1.02], showgrid=True, gridcolor=colours.border, nticks=4)
    figure.update_yaxes(
        range=[len(parts) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        tickvals=places,
        ticktext=[charts.shortened(part_name(found, part)) for part in parts],
    )
    return figure


def figures(found: Breakdown, locale: str) -> pl.DataFrame:
    percent = partial(charts.percent, locale=locale)

    def row(part: Part) -> dict[str, object]:
        rate, pace = part.rate, part.velocity
        per_day = pace.per_day if pace else None
        return {
            later("Part"): part_name(found, part),
            "Arrived": part.arrived,
            "Won of those": part.won,
            later("Won of those, %"): percent(part.conversion),
            "At most": percent(part.conversion_at_most),
            "Won": rate.won.count,
            "Lost": rate.lost.count,
            "Win rate": percent(rate.by_count),
            "95 %": f"{percent(rate.interval[0])} – {percent(rate.interval[1])}" if rate.interval else "",
            "By value": percent(rate.by_value),
            "Median cycle": stage_details.days(part.cycle.median, locale),
            later("Open now"): pace.open if pace else 0,
            later("V per day"): money.shown(per_day, found.amounts.currency, locale),
        }

    return pl.DataFrame([row(part) for part in found.parts], infer_schema_length=None)


def reached(found: Breakdown) -> pl.DataFrame:
    """How many deals of each part reached each stage; two stages may have the same name."""
    names: list[str] = []
    for name in found.stages:
        names.append(f"{name} ({len(names) + 1})" if name in ("Part", *names) else name)
    rows = [{"Part": part_name(found, part), **dict(zip(names, part.reached, strict=True))} for part in found.parts]
    return pl.DataFrame(rows, infer_schema_length=None)


def part_name(found: Breakdown, part: Part) -> str:
    return part.name or tr(NOBODY.get(found.split.by, NO_VALUE))


def _code(code: str, part: Part) -> str:
    return f"{PREFIX}:{code}@{part.key}"


def _code_at(found: Breakdown, funnel: Conversion, row: int, column: str) -> str:
    places = {"Arrived": 0, "Won of those": -1}
    if column in places:
        code = str(conversion.Cell(measure=Measure.REACHED, stage_id=funnel.steps[places[column]].stage_id))
    else:
        code = FIGURES.get(column, "")
    return _code(code, found.parts[row]) if code else ""


def _why_at(found: Breakdown, row: int, column: str) -> str:
    return f"{EXPLAINED[column]}@{found.parts[row].key}" if column in EXPLAINED else ""


def _reached_at(found: Breakdown, funnel: Conversion, columns: list[str], row: int, column: str) -> str:
    place = columns.index(column) - 1
    if place < 0:
        return ""
    step = funnel.steps[place]
    return _code(str(conversion.Cell(measure=Measure.REACHED, stage_id=step.stage_id)), found.parts[row])


def drill_down(found: Breakdown, code: str) -> tuple[str, report_drawer.LookUp]:
    """Title and look-up of the deals behind a figure of one part."""
    figure, _, key = code.removeprefix(f"{PREFIX}:").partition("@")

    def look_up(tx: Reading, limit: int, offset: int) -> Behind:
        return breakdown.drill_down(tx, found, key, figure, limit=limit, offset=offset)

    return name_of_key(found, key), look_up


def name_of_key(found: Breakdown, key: str) -> str:
    part = next((each for each in found.parts if each.key == key), None)
    if part is None and key != NONE.get(found.split.by):
        return key
    return (part.name if part else None) or tr(NOBODY.get(found.split.by, NO_VALUE))
