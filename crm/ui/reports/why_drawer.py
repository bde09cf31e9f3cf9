"""“Why did this number change?”, in a drawer: what a figure was before, and the deals that make the difference, by
cause. The address holds the figure's code as `why` and how far back it is compared as `back`, so that it can be
shared."""

from decimal import Decimal

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, tr
from crm.reports import why
from crm.reports.causes import Cause
from crm.reports.query import ReportFilters
from crm.reports.why import Back, Explained, Figure, Measure, Why
from crm.reports.wording import CAUSES
from crm.ui import session, words
from crm.ui.components import address
from crm.ui.components.dialogs import dialog
from crm.ui.reports import charts, report_drawer, report_tables

WORD, BACK = "why", "back"
BACKS = {Back.DAY: later("A day before"), Back.WEEK: later("A week before"), Back.MONTH: later("A month before")}
MEASURES = {Measure.COUNT: later("Deals"), Measure.VALUE: later("Value"), Measure.WEIGHTED: later("Weighted")}
PARTS = {"counted": later("What is counted"), "of": later("Out of")}


def press(code: str, *, key: str) -> None:
    """Draw the small button beside a figure."""
    if st.button(
        "", icon=":material/difference:", type="tertiary", help=tr("Why did this number change?"), key=f"why-{key}"
    ):
        open_(code)
        # The whole page: the button may stand in a fragment of which the drawer is no part.
        st.rerun()


def open_(code: str) -> None:
    report_drawer.close()
    st.query_params[WORD] = code


def close() -> None:
    for word in (WORD, BACK):
        st.query_params.pop(word, None)


def open_code() -> str:
    """The code of the figure that is explained; empty where none is."""
    return address.get(WORD)


@dialog(
    later("Why did this number change?"),
    width="medium",
    position="right",
    icon=":material/difference:",
    on_dismiss=close,
)
def drawer(title: str, filters: ReportFilters, locale: str) -> None:
    figure = Figure.parse(open_code())
    st.subheader(words.plain(title), anchor=False)
    with st.container(horizontal=True):
        _measures(figure)
        now = address.segments(
            tr("Compared with"), BACK, {back.value: tr(name) for back, name in BACKS.items()}, default=Back.WEEK.value
        )
    found = session.read(why.explained, figure, filters, Back(now))
    _ends(found, locale)
    for part in found.parts:
        _part(found, part, locale)


def _measures(figure: Figure) -> None:
    """Draw the choice between count, value and weighted value, of a cell that has them."""
    of = figure.measures
    if len(of) < 2:
        return
    st.segmented_control(
        tr("Figure"),
        list(of),
        default=figure.measure,
        format_func=lambda measure: tr(MEASURES[measure]),
        required=True,
        label_visibility="collapsed",
        key="why-measure",
        on_change=_measure,
        args=(figure,),
    )


def _measure(figure: Figure) -> None:
    st.query_params[WORD] = figure.measures[st.session_state["why-measure"]]


def _ends(found: Why, locale: str) -> None:
    last = tr("Now") if found.filters.scope.as_of is None else words.day(found.last, locale)
    sides = {tr("At the end of {day}", day=words.day(found.first, locale)): found.before, last: found.after}
    with st.grid(2, min_column_width=150):
        for label, amount in sides.items():
            st.metric(label, _shown(found, amount, locale), border=True)


def _part(found: Why, part: Explained, locale: str) -> None:
    if part.name:
        st.markdown(
            tr(
                "**{part}**: {before} before, {after} now",
                part=tr(PARTS[part.name]),
                before=f"{part.before.count:,}",
                after=f"{part.after.count:,}",
            )
        )
    if not part.causes:
        st.info(tr("Nothing has changed it."), icon=":material/inbox:")
        return
    causes = list(part.causes)
    names = [tr(CAUSES[cause]) for cause in causes]
    amounts = [part.causes[cause].amount for cause in causes]
    table = pl.DataFrame(
        {
            "Cause": [*names, tr("Difference")],
            later("Amount"): [_signed(found, amount, locale) for amount in (*amounts, part.difference)],
            later("Deals"): [str(part.causes[cause].count) for cause in causes] + [""],
        }
    )
    chosen = st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, ("Amount", "Deals")),
        on_select="rerun",
        selection_mode="single-row",
        height="content",
        key=f"why-causes-{found.figure.code}-{found.first}-{part.name}",
        alt=tr("What made the difference, by cause"),
    )
    rows = [row for row in chosen.selection.rows if row < len(causes)]
    if rows:
        _deals(found, part, causes[rows[0]], locale)
    else:
        st.caption(tr("Select a row for its deals."))


def _deals(found: Why, part: Explained, cause: Cause, locale: str) -> None:
    page_key = f"why-page-{found.figure.code}-{part.name}-{cause}"
    page = st.session_state.get(page_key, 1)
    with session.reading() as tx:
        behind = why.deals_of(
            tx,
            found,
            part.name,
            cause,
            limit=report_drawer.DEALS_A_PAGE,
            offset=(page - 1) * report_drawer.DEALS_A_PAGE,
        )
    columns = {
        "": [f"/deal?deal={deal.deal_id}" for deal in behind.items],
        "Deal": [deal.title for deal in behind.items],
    }
    if found.currency:
        for name, field in ((later("Before"), "before"), (later("After"), "after"), (later("Difference"), "amount")):
            columns[name] = [_shown(found, getattr(deal, field), locale) for deal in behind.items]
    table = pl.DataFrame(columns)
    st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, right=("Before", "After", "Difference"))
        | {"": report_tables.link()},
        height="content",
        key=f"why-deals-{part.name}",
        alt=tr(CAUSES[cause]),
    )
    pages = -(-behind.total.count // report_drawer.DEALS_A_PAGE)
    if pages > 1:
        st.pagination(pages, key=page_key)


def _shown(found: Why, amount: Decimal | None, locale: str) -> str:
    if amount is None:
        return "–"
    if found.figure.is_rate:
        return charts.percent(float(amount), locale)
    if found.currency is None:
        return tr("{count:,}", count=int(amount))
    return money.shown(money.rounded(amount, found.currency), found.currency, locale)


def _signed(found: Why, amount: Decimal, locale: str) -> str:
    if found.currency is None:
        return tr("{count:+,}", count=int(amount))
    shown = money.shown(money.rounded(amount, found.currency), found.currency, locale)
    return f"+{shown}" if amount > 0 else shown
