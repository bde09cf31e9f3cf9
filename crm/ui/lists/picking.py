"""The table of a list, and the picked rows: by hand on this page, or all that match."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl
import streamlit as st

from crm.foundation.language import capitalized, tr
from crm.records.declaration import RecordType
from crm.records.listing import ListQuery, Page
from crm.store import Row
from crm.ui import record_links, words
from crm.ui.components import address
from crm.ui.lists.cells import Column
from crm.ui.lists.wording import many


@dataclass(frozen=True)
class Picked:
    """What is picked. `query` finds these records again; `many` is their count."""

    query: ListQuery
    many: int
    all_that_match: bool


@dataclass(frozen=True)
class Sorting:
    """`words` are the sorts of the list as the address has them, the default first; `now` is the one in use."""

    words: Sequence[str]
    now: str

    def mark(self, column: str) -> str:
        """What stands after the header of the column: the direction in which the list is sorted by it."""
        if self.now.removeprefix("-") != column:
            return ""
        return " ↓" if self.now.startswith("-") else " ↑"

    def chosen(self, column: str) -> str:
        """The sort by the column: in the other direction where the list is sorted by it, and as it is where no sort
        names the column."""
        offered = [word for word in self.words if word.removeprefix("-") == column]
        return next((word for word in offered if word != self.now), self.now)

    def by(self, column: str) -> None:
        address.put("sort", self.chosen(column), self.words[0])


def table(
    of: RecordType[Any],
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    picks: bool,
    key: str,
    open_record: Callable[[int], None] | None = None,
    sorting: Sorting | None = None,
) -> list[int]:
    """Draw the rows; the ids of those picked. A click on a cell opens the record, on its page or as `open_record`
    does; one on a header sorts the whole list."""
    ids = [row["id"] for row in rows]
    headers = _headers(columns)
    read = {header: [column.read(row) for row in rows] for header, column in headers.items()}
    # As Arrow, which is what Streamlit sends: from a frame of Polars it would make one of pandas first.
    frame = pl.DataFrame(read, strict=False).to_arrow(compat_level=pl.CompatLevel.oldest())
    settings: dict[str, Any] = {header: dict(column.settings) for header, column in headers.items()}
    modes: list[Literal["multi-row", "single-cell", "single-column"]] = ["single-cell"]
    if picks:
        modes.append("multi-row")
    if sorting:
        # Where columns can be selected Streamlit does not sort by itself: that would order the rows of this page alone.
        modes.append("single-column")
        for header, column in headers.items():
            settings[header]["label"] = f"{header}{sorting.mark(column.key)}"
    with st.container(key=f"records-{key}-table"):  # the frame's style hides its toolbar: it would search one page only
        chosen = st.dataframe(
            frame,
            hide_index=True,
            column_config=settings,
            on_select="rerun",
            selection_mode=modes,
            height="content",
            placeholder="–",
            # A selection goes by position: with other rows under the same key it would pick other records.
            key=f"{key}-table-{hash(tuple(ids))}-{st.session_state.get(_nonce(key), 0)}",
            alt=capitalized(of.many),
        )
    if chosen.selection.columns and sorting:
        clear(key)
        sorting.by(headers[chosen.selection.columns[0]].key)
        st.rerun()
    if chosen.selection.cells:
        row, _ = chosen.selection.cells[0]
        if open_record:
            clear(key)  # the table without the click: closing the drawer must not open it again
            open_record(ids[row])
            st.rerun()
        record_links.open_record(of.key, ids[row])
    return [ids[row] for row in chosen.selection.rows] if picks else []


def _headers(columns: Sequence[Column]) -> dict[str, Column]:
    """{label: column}; of two attributes with one label, the second is under its key."""
    headers: dict[str, Column] = {}
    for column in columns:
        headers[column.key if column.label in headers else column.label] = column
    return headers


def picked(page: Page, query: ListQuery, ids: Sequence[int], *, key: str) -> Picked | None:
    """What is picked now; everything that matches, if the person chose that for this very query."""
    whole = replace(query, offset=0)  # the choice holds on every page of the list
    if st.session_state.get(_all(key)) == whole:
        return Picked(whole, page.total, True)
    return Picked(replace(whole, ids=tuple(ids)), len(ids), False) if ids else None


def summary(found: Picked, page: Page, of: RecordType[Any], *, key: str) -> None:
    """The count of picked records, with the buttons that pick all that match, or none."""
    records = many(found.many, of)
    all_selected = tr("**All {records} selected**", records=records)
    st.markdown(
        all_selected if found.all_that_match else tr("**{records} selected**", records=records), width="content"
    )
    if not found.all_that_match and page.total > found.many:
        whole = replace(found.query, ids=None)
        st.button(
            tr("Select all {count:,}", count=page.total),
            type="tertiary",
            key=f"{key}-select-all",
            help=words.plain(tr("All {kinds} that this list holds, on every page", kinds=of.many)),
            on_click=_pick_all,
            args=(key, whole),
        )
    st.button(tr("Clear"), type="tertiary", icon=":material/close:", key=f"{key}-unselect", on_click=clear, args=(key,))


def clear(key: str) -> None:
    """Pick nothing."""
    # A table keeps its selection with its key, so it gets another.
    st.session_state[_nonce(key)] = st.session_state.get(_nonce(key), 0) + 1
    st.session_state.pop(_all(key), None)


def _pick_all(key: str, query: ListQuery) -> None:
    st.session_state[_all(key)] = query


def _nonce(key: str) -> str:
    return f"{key}-selections"


def _all(key: str) -> str:
    return f"{key}-all"
