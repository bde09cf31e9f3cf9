"""The list of one noun: a row of search, filters and sort, fifty rows a page, each opening its record."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlencode

import polars as pl
import streamlit as st

from crm.access import Permission
from crm.attributes import Definition
from crm.errors import CrmError
from crm.filters import Field
from crm.listing import Asked, Page
from crm.store import Reading, Row
from crm.ui import address, drawer_form, quick_filters, record_page, refusals, session

ROWS = 50
FORMATS = {"CSV": "csv", "Excel": "xlsx", "Parquet": "parquet"}


def asked(sorts: Mapping[str, str], default_sort: str) -> Asked:
    """What the address asks for."""
    sort = address.get("sort", default_sort)
    return Asked(
        filter=quick_filters.asked(),
        search=address.get("q"),
        sort=sort if sort in sorts else default_sort,
        limit=ROWS,
        offset=(address.number("page", 1, most=200_000) - 1) * ROWS,
    )


def read(tx: Reading, find: Callable[[Reading, Asked], Page], wanted: Asked) -> Page:
    """The page asked for; an address that cannot be answered is said to be so, and answered with everything."""
    try:
        return find(tx, wanted)
    except CrmError as refusal:
        refusals.show(refusal)
        return find(tx, Asked(sort=wanted.sort, limit=ROWS))


def toolbar(
    quick: Sequence[quick_filters.Quick],
    fields: Mapping[str, Field],
    sorts: Mapping[str, str],
    *,
    kind: str,
    placeholder: str,
    default_sort: str,
    key: str,
) -> None:
    """Search, filters, sort, and the export of what they leave."""
    with st.container(horizontal=True, vertical_alignment="center"):
        address.search(placeholder, key=f"{key}-search")
        quick_filters.popover(quick, fields, key=key)
        address.choice("Sort", "sort", sorts, default=default_sort, key=f"{key}-sort")
        _export_menu(kind, key=key)


def table(
    rows: Sequence[Row],
    columns: Mapping[str, Callable[[Row], object]],
    config: Mapping[str, object],
    *,
    record: str,
    alt: str,
    key: str,
) -> None:
    """The rows; a click on any cell opens the record's page."""
    ids = [row["id"] for row in rows]
    frame = pl.DataFrame({name: [read_cell(row) for row in rows] for name, read_cell in columns.items()}, strict=False)
    record_page.opening_table(frame, record, ids, alt=alt, key=f"{key}-table", **config)


def attribute_columns(definitions: Sequence[Definition]) -> dict[str, Callable[[Row], object]]:
    """A column for each custom attribute."""

    def reader(key: str) -> Callable[[Row], object]:
        return lambda row: row["attributes"].get(key)

    return {definition.name: reader(definition.key) for definition in definitions}


def nothing(*, narrowed: bool, one: str, many: str, form: str) -> None:
    """In the place of a table without rows: that nothing matches, or how to begin."""
    with st.container(border=True, horizontal_alignment="center"):
        if narrowed:
            st.subheader(f"No {one} matches", anchor=False, width="content")
            st.caption("Try fewer words, or clear the filters.", width="content")
            return
        st.subheader(f"No {many} yet", anchor=False, width="content")
        actor = session.actor()
        if actor.may(Permission.IMPORT):
            st.caption("Bring in a file from your last tool, or add the first one by hand.", width="content")
        with st.container(horizontal=True, horizontal_alignment="center"):
            if actor.may(Permission.IMPORT):
                st.page_link("pages/imports.py", label="Import a file", icon=":material/upload_file:", width="content")
            if actor.may(Permission.MANAGE_CONTACTS):
                add = f"Add a {one}"
                st.button(add, icon=":material/add:", key=f"first-{one}", on_click=drawer_form.start, args=(form,))


def standing(page: Page, wanted: Asked, fields: Mapping[str, Field], one: str, many: str, *, key: str) -> None:
    """How many there are and which of them are here, and what narrows the list, with a way out."""
    if not page.items:
        shown = f"No {many}"
    elif page.total == len(page.items):
        shown = f"{page.total:,} {one if page.total == 1 else many}"
    else:
        shown = f"{wanted.offset + 1:,}–{wanted.offset + len(page.items):,} of {page.total:,} {many}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(shown, width="content")
        quick_filters.sentence(fields, key=key)


def pager(page: Page, *, key: str) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(page.total, ROWS, key=f"{key}-page")


def _export_menu(kind: str, *, key: str) -> None:
    """Links to the whole list as it is filtered, in each format; only for those who may export."""
    if not session.actor().may(Permission.EXPORT):
        return
    query = {name: address.get(name) for name in ("q", "filter", "sort") if address.get(name)}
    with st.popover("Export", icon=":material/download:", key=f"{key}-export"):
        for label, suffix in FORMATS.items():
            st.link_button(
                label,
                f"/exports/{kind}.{suffix}?{urlencode(query)}",
                icon=":material/description:",
                width="stretch",
                help=f"All {kind} of this list, as filtered, as {label}",
            )
