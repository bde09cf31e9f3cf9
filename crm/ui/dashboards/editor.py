"""The tiles of a dashboard as a list: dragged into their order, added, widened, named and taken away.

Every change is written at once, as the version that was read: a change of somebody else in between is refused.
"""

from functools import partial

import streamlit as st

from crm.dashboards import saved
from crm.dashboards.model import Tile
from crm.dashboards.saved import Dashboard
from crm.dashboards.tiles import OF_SOURCES, TYPES, Width
from crm.foundation.access import Permission
from crm.foundation.language import later, tr
from crm.records import segments
from crm.ui import session, words
from crm.ui.components import sorting
from crm.workbench import queries

WIDTHS = {Width.THIRD: later("A third"), Width.HALF: later("Half"), Width.FULL: later("The whole width")}
_EDITED = "dashboard-edited"


def open_for(dashboard: Dashboard) -> None:
    st.session_state[_EDITED] = dashboard.id


def is_open(dashboard: Dashboard) -> bool:
    return bool(st.session_state.get(_EDITED) == dashboard.id) and dashboard.user_id == session.actor().id


def close() -> None:
    st.session_state.pop(_EDITED, None)


def draw(dashboard: Dashboard) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="dashboard-editor"):
        _adding(dashboard)
        st.button(tr("Done"), type="primary", icon=":material/check:", key="dashboard-done", on_click=close)
    if not dashboard.tiles:
        st.info(tr("Choose its first tile above."), icon=":material/dashboard_customize:")
        return
    order, details = st.columns([2, 3], gap="large")
    with order:
        st.caption(tr("Drag the tiles into their order."))
        names = {place: f"{place + 1}. {_name(tile)}" for place, tile in enumerate(dashboard.tiles)}
        arranged = sorting.in_order(names, key=f"dashboard-order-{dashboard.id}-{dashboard.version}")
        if arranged:
            _write(dashboard, tuple(dashboard.tiles[place] for place in arranged))
            st.rerun()
    with details:
        for place, tile in enumerate(dashboard.tiles):
            _details(dashboard, place, tile)


def _adding(dashboard: Dashboard) -> None:
    with session.reading() as tx:
        of_segments = {f"segment:{each.id}": each.name for each in segments.of_kind(tx)}
        may_query = tx.actor.may(Permission.RUN_SQL)
        of_queries = {f"sql:{each.id}": each.name for each in queries.all_of(tx)} if may_query else {}
    options = {kind: tr(each.title) for kind, each in TYPES.items() if kind not in OF_SOURCES}
    options |= {key: tr("Segment: {name}", name=name) for key, name in of_segments.items()}
    options |= {key: tr("Saved query: {name}", name=name) for key, name in of_queries.items()}
    key = f"dashboard-add-{dashboard.version}"
    st.selectbox(
        tr("Add a tile"),
        list(options),
        index=None,
        format_func=lambda option: options[option],
        placeholder=tr("Choose a figure, a chart, a segment or a saved query"),
        key=key,
        on_change=partial(_add, dashboard, key, options),
    )


def _add(dashboard: Dashboard, key: str, options: dict[str, str]) -> None:
    chosen: str | None = st.session_state[key]
    if not chosen:
        return
    kind, _, source = chosen.partition(":")
    title = options[chosen].partition(": ")[2] if source else ""
    tile = Tile(kind=kind, width=TYPES[kind].width, title=title[:80], source_id=int(source) if source else None)
    _write(dashboard, (*dashboard.tiles, tile))


def _details(dashboard: Dashboard, place: int, tile: Tile) -> None:
    key = f"dashboard-tile-{dashboard.version}-{place}"
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key=key):
        st.text_input(
            f"{place + 1}. {words.plain(tr(tile.type.title))}",
            tile.title,
            max_chars=80,
            placeholder=tr(tile.type.title),
            key=f"{key}-title",
            on_change=lambda: _replace(dashboard, place, title=st.session_state[f"{key}-title"]),
        )
        st.selectbox(
            tr("Width"),
            list(WIDTHS),
            index=list(WIDTHS).index(tile.width),
            format_func=lambda width: tr(WIDTHS[width]),
            width=160,
            key=f"{key}-width",
            on_change=lambda: _replace(dashboard, place, width=st.session_state[f"{key}-width"]),
        )
        st.button(
            tr("Remove"),
            icon=":material/close:",
            type="tertiary",
            key=f"{key}-remove",
            on_click=lambda: _write(dashboard, (*dashboard.tiles[:place], *dashboard.tiles[place + 1 :])),
        )


def _replace(dashboard: Dashboard, place: int, **changes: object) -> None:
    tiles = list(dashboard.tiles)
    tiles[place] = tiles[place].model_copy(update=changes)
    _write(dashboard, tuple(tiles))


def _write(dashboard: Dashboard, tiles: tuple[Tile, ...]) -> None:
    session.attempt(saved.edit, dashboard.id, version=dashboard.version, tiles=tiles)


def _name(tile: Tile) -> str:
    return tile.title or tr(tile.type.title)
