"""What changed: the bridge from the open pipeline of one day to that of another, with the deals behind each cause."""

from functools import partial

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.reports import bridge, query
from crm.reports.bridge import Bridge
from crm.reports.causes import Total, cause_of
from crm.reports.query import TwoDays
from crm.reports.scope import require_crm
from crm.reports.wording import CAUSES
from crm.store import Reading
from crm.ui import session
from crm.ui.reports import (
    bridge_drawer,
    charts,
    rate_notes,
    report_cards,
    report_drawer,
    report_filters,
    report_tables,
)

PERIODS = ["this-month", "this-quarter", "next-quarter", "next-6-months", "this-year", "next-year"]
ABOUT = later("""
The value of the open deals at the end of the first day, what changed it, and their value at the end of the second one.
Both are read from the history of the deals, by what was known then; the parts sum to the difference exactly.

**New**: deals that were not there yet. **Moved in**, **moved out**: into or out of what the filters cover, by another
pipeline, owner or team. **Pulled in**, **slipped**: the expected close went to an earlier or a later day, into the
period or out of it. **Rate**: the same value at another rate of its currency. **Removed**, **restored**: to the bin and
back. **Reopened**: closed on the first day.

Amounts in other currencies are converted at the rate of each day; a deal without a rate counts as nothing, and is
counted below.
""")


def draw_title(tx: Reading, asked: TwoDays) -> None:
    with report_cards.title_row(tr("What changed")):
        active = report_filters.count("pipeline", "owner", "team", "source", "period")
        with st.popover(
            tr("Filters ({count})", count=active) if active else tr("Filters"), icon=":material/filter_list:"
        ):
            every = {"": tr("Any day")} | {name: tr(report_filters.WORDS[name]) for name in PERIODS}
            report_filters.choice(tr("Expected to close"), "period", every, key="changes-period")
            report_filters.scope_choices(tx, page="changes", with_pipeline=True, of_one_day=False)
    with st.container(horizontal=True, key="changes-days"):
        report_filters.day_choice(tr("From the end of"), "since", asked.first, last=tx.today, key="changes-since")
        report_filters.day_choice(tr("To the end of"), "until", asked.last, last=tx.today, key="changes-until")


def draw_cards(report: Bridge, locale: str) -> None:
    def card(label: str, total: Total, icon: str) -> None:
        report_cards.card(
            label,
            money.compact(total.amount, report.currency, locale),
            report_cards.deals(total.count),
            icon=icon,
        )

    change = Total(count=report.end.count - report.start.count, amount=report.difference)
    with st.grid(3, min_column_width=150):
        card(later("Open then"), report.start, ":material/history:")
        with st.container(border=True, height="stretch", gap="xsmall"):
            st.metric(
                tr("Difference"), money.compact(change.amount, report.currency, locale), icon=":material/difference:"
            )
            st.caption(tr("{count:+,} deals", count=change.count))
        card(later("Open at the end"), report.end, ":material/hourglass_empty:")


def draw_chart(report: Bridge, locale: str) -> None:
    report_cards.headline(tr("Why"), ABOUT, csv="changes")
    if not report.causes:
        st.info(tr("Nothing changed between the two days."), icon=":material/inbox:")
        return
    names = {cause: tr(CAUSES[cause]) for cause in report.causes}
    st.plotly_chart(
        charts.bridge_chart(report, names, charts.palette(), locale),
        config=charts.QUIET,
        on_select=partial(report_drawer.open_marked, "changes-chart"),
        selection_mode="points",
        key="changes-chart",
        alt=tr("What made the difference, by cause"),
    )
    figures = pl.DataFrame(
        {
            "Cause": [names[cause] for cause in report.causes],
            later("Amount"): [money.shown(each.amount, report.currency, locale) for each in report.causes.values()],
            later("Deals"): [total.count for total in report.causes.values()],
        }
    )
    codes = [cause.value for cause in report.causes]
    st.dataframe(
        figures,
        hide_index=True,
        column_config=report_tables.columns(figures, ("Amount",)),
        on_select=report_cards.opening("changes-table", lambda row, _: codes[row]),
        selection_mode="single-cell",
        key="changes-table",
        height="content",
        alt=tr("What made the difference, by cause"),
    )


def draw_left_out(report: Bridge) -> None:
    if report.left_out:
        st.caption(rate_notes.without_rate(report.left_out, report.currency))


def show() -> None:
    with session.reading() as tx:
        require_crm(tx)
        asked = query.parse_two_days(st.query_params.to_dict(), tx.today)
        # First: whoever has to choose other days needs the boxes.
        draw_title(tx, asked)
        report = session.read(bridge.report, **dict(asked))
        locale = tx.actor.language
    draw_cards(report, locale)
    draw_chart(report, locale)
    draw_left_out(report)
    if code := report_drawer.open_code():
        cause = cause_of(code)
        bridge_drawer.drawer(tr(CAUSES[cause]), report, cause, locale)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
