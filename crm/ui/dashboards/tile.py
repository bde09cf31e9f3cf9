"""One tile: its title with its definition, its figures, chart and table, and the ways to its report and file."""

from collections.abc import Mapping
from functools import partial

import polars as pl
import streamlit as st

from crm.dashboards import showing
from crm.dashboards.content import Content, Metric, Table
from crm.dashboards.model import Tile
from crm.foundation.access import Permission
from crm.foundation.language import tr
from crm.reports.query import ReportFilters
from crm.ui import session, words
from crm.ui.app import places
from crm.ui.components import lazy, sparkline
from crm.ui.dashboards import tile_chart
from crm.ui.reports import charts, report_drawer, why_drawer


def draw(tile: Tile, name: str, filters: ReportFilters, query: Mapping[str, str]) -> None:
    """`name` tells the tile from the others of the page."""
    with session.reading() as tx:
        found = showing.content(tx, tile, filters)
        locale = tx.actor.language
    with st.container(border=True, height="stretch", gap="small", key=f"tile-{name}"):
        st.markdown(f":material/{tile.type.icon}: **{_title(tile)}**", help=tr(tile.type.about))
        if found.empty:
            st.caption(words.plain(found.empty))
        for place, metric in enumerate(found.metrics):
            # Of several pipelines none is the headline.
            _metric(metric, f"{name}-{place}", first=place == 0 and not metric.label)
        if found.chart:
            st.plotly_chart(
                tile_chart.figure(found.chart, charts.palette(), locale),
                config=charts.QUIET,
                on_select=partial(report_drawer.open_marked, f"chart-{name}"),
                selection_mode="points",
                key=f"chart-{name}",
                alt=found.chart.alt,
            )
        elif found.table and found.table.links:
            _records(found.table, name)
        elif found.table and not found.metrics:
            _table(found.table, name, _title(tile))
        for note in found.notes:
            st.caption(words.plain(note))
        _foot(tile, name, found, query)


def _title(tile: Tile) -> str:
    return words.plain(tile.title) or tr(tile.type.title)


def _metric(metric: Metric, key: str, *, first: bool) -> None:
    with st.container(gap="xsmall"):
        if first:
            with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
                st.markdown(f"## {words.plain(metric.text)}", width="content")
                if metric.why:
                    why_drawer.press(metric.why, key=key)
            _words(metric, key, words.plain(metric.note))
            if metric.progress is None:
                sparkline.draw(metric.trend, "line" if metric.unit == "share" else "bar")
        else:
            text = f"{words.plain(metric.label)}: **{words.plain(metric.text)}**"
            _words(metric, key, f"{text} · {words.plain(metric.note)}" if metric.note else text)
        if metric.progress is not None:
            st.progress(min(max(metric.progress, 0.0), 1.0))


def _words(metric: Metric, key: str, text: str) -> None:
    if metric.cell:
        st.button(
            text,
            type="tertiary",
            icon=":material/arrow_forward:",
            icon_position="right",
            key=f"behind-{key}",
            on_click=report_drawer.open_cell,
            args=(metric.cell,),
        )
    else:
        st.caption(text)


def _table(table: Table, name: str, title: str) -> None:
    columns = [column.name for column in table.columns]
    figures = pl.DataFrame(table.rows, schema=columns, orient="row") if table.rows else pl.DataFrame(schema=columns)
    settings = {
        column.name: st.column_config.TextColumn(column.name, alignment="right")
        for column in table.columns
        if column.right
    }
    st.dataframe(figures, hide_index=True, column_config=settings, height="content", key=f"table-{name}", alt=title)


def _records(table: Table, name: str) -> None:
    """The records of a table, each a link with what else is told of it below."""
    actor = session.actor()
    with st.container(key=f"records-of-{name}", gap="xsmall"):
        for row, path in zip(table.rows, table.links, strict=True):
            with st.container(gap=None):
                places.link(actor, path, row[0])
                st.markdown(f":small[:gray[{' · '.join(words.plain(cell) for cell in row[1:])}]]")
    if table.more > 0:
        st.caption(tr("and {count:,} more", count=table.more))


def _foot(tile: Tile, name: str, found: Content, query: Mapping[str, str]) -> None:
    """The table of what is drawn, the file, and the report itself. Not printed."""
    place = places.of_name(tile.type.page)
    actor = session.actor()
    path = showing.csv_path(tile, query) if actor.may(Permission.EXPORT) else ""
    shown = found.table is not None and bool(found.chart or found.metrics)
    with st.container(horizontal=True, vertical_alignment="center", key=f"foot-{name}"):
        if place and place.open_to(actor):
            st.page_link(
                place.target,
                label=place.shown_title,
                icon=":material/arrow_outward:",
                query_params=showing.report_query(tile, query),
            )
        if shown and found.table:
            lazy.popover(
                tr("Table"),
                partial(_table, found.table, name, _title(tile)),
                key=f"table-of-{name}",
                type="tertiary",
                icon=":material/table:",
            )
        if path:
            st.link_button("CSV", path, icon=":material/download:", type="tertiary")
