"""The parts of the report pages: the row of title and filters, headlines, and cards that open their deals."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.language import plural, tr
from crm.ui import session
from crm.ui.components import sparkline
from crm.ui.reports import report_drawer, why_drawer


def title_row(title: str) -> AbstractContextManager[object]:
    """Draw the title; what is drawn in the container that comes back stands at its right."""
    row = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
    row.title(title, anchor=False)
    return row.container(horizontal=True, width="content", vertical_alignment="center")


def headline(title: str, about: str, csv: str = "", *, pipeline_id: int | None = None) -> None:
    """Draw a section's name, what its figures mean, which is translated here, and its file for those who may export.

    `pipeline_id` is the pipeline that is shown where the address names none.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, anchor=False, width="content")
        with st.popover(tr("What is this?"), icon=":material/help:", type="tertiary"):
            st.markdown(tr(about))
        if csv:
            csv_link(csv, "CSV", pipeline_id=pipeline_id)


def csv_link(csv: str, label: str, *, pipeline_id: int | None) -> None:
    """Draw the link to a file under the page's filters, for those who may export."""
    if session.actor().may(Permission.EXPORT):
        # Every filter of the page, but not the figure whose drawer is open.
        of_drawers = ("cell", why_drawer.WORD, why_drawer.BACK)
        query = {name: value for name, value in st.query_params.items() if name not in of_drawers}
        if pipeline_id is not None:
            query["pipeline"] = str(pipeline_id)
        st.link_button(label, f"/reports/{csv}.csv?{urlencode(query)}", icon=":material/download:", type="tertiary")


def card(
    label: str,
    value: str,
    words: str,
    code: str = "",
    *,
    icon: str,
    trend: list[float] | None = None,
    line: bool = False,
    why: str = "",
) -> None:
    """Draw a figure; its label is translated here. `words` below it open the deals of the figure `code`; without a code
    they are only text. `why` is the code by which the figure is explained, where it can be."""
    with st.container(border=True, height="stretch", gap="xsmall"):
        if why:
            with st.container(horizontal=True, horizontal_alignment="distribute"):
                st.metric(tr(label), value, icon=icon, width="content")
                why_drawer.press(why, key=label)
        else:
            st.metric(tr(label), value, icon=icon)
        sparkline.draw(trend or [], "line" if line else "bar")
        if code:
            st.button(
                words,
                type="tertiary",
                icon=":material/arrow_forward:",
                icon_position="right",
                key=f"behind-{label}",
                on_click=report_drawer.open_cell,
                args=(code,),
            )
        else:
            st.caption(words)


def height(rows: int) -> Literal["auto", "content"]:
    """The height of a table: a year's months and their sum are seen at once, more are scrolled."""
    return "content" if rows <= 13 else "auto"


def deals(count: int) -> str:
    return plural("{count:,} deal", "{count:,} deals", count)


def opening(
    key: str, code_at: Callable[[int, str], str], why_at: Callable[[int, str], str] = lambda row, column: ""
) -> Callable[[], None]:
    """A callback for a table's `on_select`: opens the deals of the figure whose code stands at (row, column), none for
    an empty code; or, of a sum of several figures, why it has changed, by the code of `why_at`."""

    def selected() -> None:
        for row, column in st.session_state[key].selection.cells:
            if code := why_at(row, column):
                why_drawer.open_(code)
            else:
                report_drawer.open_cell(code_at(row, column))

    return selected
