"""The tiles of a dashboard in their rows."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from crm.dashboards import model
from crm.dashboards.model import Tile
from crm.reports.query import ReportFilters
from crm.ui.components import styles
from crm.ui.dashboards import tile as one_tile

STYLE = (Path(__file__).parent / "page.css").read_text()
ROW = 6


def draw(tiles: Sequence[Tile], filters: ReportFilters, query: Mapping[str, str]) -> None:
    styles.add(STYLE, key="dashboard-style")
    number = 0
    for place, row in enumerate(model.rows(tiles)):
        widths = [tile.width.sixths for tile in row]
        rest = ROW - sum(widths)
        with st.container(key=f"row-of-tiles-{place}"):
            columns = st.columns([*widths, rest] if rest else widths)
        for column, tile in zip(columns, row, strict=False):
            with column:
                one_tile.draw(tile, f"{number}-{tile.kind}", filters, query)
            number += 1
