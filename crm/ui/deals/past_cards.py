"""Health, lines and files of a deal as of a past day: to read."""

import polars as pl
import streamlit as st

from crm.deals import PastDeal, health
from crm.deals.health import Glance
from crm.deals.quote import PastLine
from crm.foundation import money
from crm.foundation.language import tr
from crm.records.past_files import PastFile
from crm.ui import words
from crm.ui.deals.lines.grid import discount_text
from crm.ui.records import record_files, record_layout
from crm.ui.records.record_page import Context


def of_health(found: Glance) -> None:
    with record_layout.card("health", tr("Health")):
        why = " · ".join(tr(health.NAMES[reason]) for reason in found.reasons)
        st.markdown(words.plain(why) or tr("Nothing takes points off."))
        st.caption(
            tr(
                "By what was known then. Weights, limits set by hand and due dates are those of today, and notes, "
                "files and steps that were deleted since do not count."
            )
        )


def of_lines(then: PastDeal, locale: str) -> None:
    if then.lines == ():
        return
    with record_layout.card("past-lines", tr("Lines")):
        if then.lines is None:
            st.caption(tr("The lines of that day are not known: what is kept of them does not sum to its value."))
            return
        _table(then.lines, then.deal.currency, locale)
        if any(line.quantity is None for line in then.lines):
            st.caption(tr("Of lines that were removed since, older versions of Mallard kept name and total alone."))


def _table(lines: tuple[PastLine, ...], code: str, locale: str) -> None:
    st.dataframe(
        pl.DataFrame(
            {
                tr("SKU"): [line.sku or "" for line in lines],
                tr("Item"): [line.name for line in lines],
                tr("Quantity"): [None if line.quantity is None else float(line.quantity) for line in lines],
                tr("Unit price"): [
                    "–" if line.unit_price is None else money.shown_exactly(line.unit_price, code, locale)
                    for line in lines
                ],
                tr("Discount"): [
                    "" if line.discount is None else discount_text(line.discount_kind, line.discount, code, locale)
                    for line in lines
                ],
                tr("Total"): [money.shown(line.total, code, locale) for line in lines],
            },
            schema_overrides={tr("Quantity"): pl.Float64},
        ),
        hide_index=True,
        alt=tr("The lines of this deal on that day"),
    )


def of_files(then: PastDeal, context: Context) -> None:
    if not then.files:
        return
    with record_layout.card("past-files", tr("Files")):
        for one in then.files:
            _file(one, context, may_open=one.is_there and not then.is_gone)


def _file(one: PastFile, context: Context, *, may_open: bool) -> None:
    when = words.moment(one.attached_at, context.actor.time_zone, context.locale)
    about = [record_files.size(one.size), one.attached_by_name, when]
    if not one.is_there:
        about.append(tr("removed since"))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="content"):
            st.markdown(f"**{words.plain(one.file_name)}**")
            st.caption(words.plain(" · ".join(about)))
        if may_open:
            st.link_button(tr("Download"), f"/files/{one.attachment_id}", icon=":material/download:", type="tertiary")
