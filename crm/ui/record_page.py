"""What the pages of contacts and companies share: finding the record, its title row, deleting it, its deals."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import polars as pl
import streamlit as st

from crm import money
from crm.errors import CrmError, NotFound
from crm.store import Reading, Row, Writing
from crm.ui import just_binned, refusals, session, words

T = TypeVar("T")

DEAL = st.column_config.TextColumn(width=190)
STATUS = {"open": "Open", "won": "Won", "lost": "Lost"}


def named_in_address(kind: str) -> int:
    """The id that the address names; the page ends here where it names none."""
    word = st.query_params.get(kind, "")
    if not (word.isascii() and word.isdigit()) or len(word) > 18:
        missing(kind)
    return int(word)


def found(get: Callable[[Reading, int], T], tx: Reading, record_id: int, kind: str) -> T:
    try:
        return get(tx, record_id)
    except NotFound:
        missing(kind)
        raise


def missing(kind: str) -> None:
    refusals.show(NotFound(kind))
    plural = {"contact": "contacts", "company": "companies"}[kind]
    st.page_link(f"pages/{plural}.py", label=f"All {plural}", icon=":material/arrow_back:")
    st.stop()


def confirm_delete(kind: str, record_id: int, shown: str, verb: Callable[[Writing, int], None], warning: str) -> None:
    """Asks, deletes, and goes back to the list, which offers the way back."""

    @st.dialog(f"Delete this {kind}?", icon=":material/delete:")
    def ask() -> None:
        st.markdown(f"**{words.plain(shown)}** goes to the bin and can be restored for 30 days. {warning}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep"):
                st.rerun()
            if st.button("Delete", type="primary", icon=":material/delete:"):
                try:
                    session.do(verb, record_id)
                except CrmError as refusal:
                    refusals.show(refusal)
                    return
                just_binned.remember(kind, record_id, shown)
                st.switch_page({"contact": "pages/contacts.py", "company": "pages/companies.py"}[kind])

    ask()


def deals_table(rows: Sequence[Row], locale: str, *, key: str) -> None:
    """Deals of a record; a click on one opens it."""
    if not rows:
        st.caption("No deals.")
        return
    frame = pl.DataFrame(
        {
            "Deal": [row["title"] for row in rows],
            "Value": [money.shown(row["value"], row["currency"], locale) for row in rows],
            "Stage": [row["stage_name"] for row in rows],
            "Status": [STATUS[row["status"]] for row in rows],
            "Close": [words.day(row["closed_on"] or row["expected_close"], locale) for row in rows],
        }
    )
    opening_table(frame, "deal", [row["id"] for row in rows], alt="Deals", key=key, right=("Value",), Deal=DEAL)


def opening_table(
    frame: pl.DataFrame, kind: str, ids: list[int], *, alt: str, key: str, right: Sequence[str] = (), **config: Any
) -> None:
    """A table whose cells open the record of their row. Selections go by position, hence the ids in the key."""
    aligned = {name: st.column_config.TextColumn(alignment="right") for name in right}
    with st.container(key=f"records-{key}"):  # the frame's style hides its toolbar: it would search one page only
        chosen = st.dataframe(
            frame,
            hide_index=True,
            column_config={**aligned, **config},
            on_select="rerun",
            selection_mode="single-cell",
            height="content",
            placeholder="–",
            key=f"{key}-{hash(tuple(ids))}",
            alt=alt,
        )
    if chosen.selection.cells:
        row, _ = chosen.selection.cells[0]
        st.switch_page(f"pages/{kind}.py", query_params={kind: str(ids[row])})
