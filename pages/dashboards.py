"""Dashboards: a manager's figures at one glance, each with the way to its report, and dashboards of one's own."""

from functools import partial

import streamlit as st

from crm.dashboards import model, saved, showing
from crm.dashboards.saved import Dashboard
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.reports import bridge, causes, query
from crm.reports.figure_codes import Figure
from crm.reports.query import WEEK, ReportFilters
from crm.reports.scope import require_crm
from crm.reports.wording import CAUSES
from crm.store import Reading
from crm.ui import session, undo, words
from crm.ui.components import lazy
from crm.ui.dashboards import editor, grid, menu
from crm.ui.reports import bridge_drawer, report_cards, report_drawer, report_filters, why_drawer, why_titles

PERIODS = [
    "this-month",
    "this-quarter",
    "this-year",
    "last-month",
    "last-quarter",
    "last-6-months",
    "last-12-months",
    "last-year",
]


def draw_title(title: str, filters: ReportFilters, every: list[Dashboard], shown: Dashboard | None) -> None:
    with report_cards.title_row(words.plain(title)), st.container(horizontal=True, key="dashboard-controls"):
        report_filters.period_choice(filters.period, PERIODS, default=model.PERIOD, key="dashboard-period", bare=True)
        lazy.popover(tr("Filters"), draw_filters, key="dashboard-filters", icon=":material/filter_list:")
        if active := report_filters.count("pipeline", "owner", "team", "source"):
            st.badge(tr("{count:,}", count=active), color="primary")
        lazy.popover(
            tr("Dashboards"), partial(menu.draw, every, shown), key="dashboard-menu", icon=":material/dashboard:"
        )


def draw_filters() -> None:
    with session.reading() as tx:
        report_filters.scope_choices(tx, page="dashboard", with_pipeline=True, of_one_day=False)


def draw_drilldown(tx: Reading, filters: ReportFilters, code: str) -> None:
    locale = tx.actor.language
    if code.startswith("changes/"):
        cause = causes.cause_of(code.removeprefix("changes/"))
        report = session.read(bridge.report, first=tx.today - WEEK, last=tx.today, scope=filters.scope)
        bridge_drawer.drawer(tr(CAUSES[cause]), report, cause, locale)
    else:
        look_up = showing.behind(tx, filters, code)
        explain = partial(why_drawer.open_, showing.figure_of(code))
        weighted = code.startswith("forecast/")
        report_drawer.drawer(tr("Deals behind the figure"), look_up, locale, weighted=weighted, explain=explain)


def show() -> None:
    undo.show()
    with session.reading() as tx:
        require_crm(tx)
        every = saved.all_of(tx)
        shown = menu.open_one(tx)
        address = {name: value for name, value in st.query_params.items() if name in model.FILTERS}
        filters = query.parse(address, tx.today, period=model.PERIOD)
        # First: a report that takes too long is refused, and whoever has to narrow it needs the filters.
        draw_title(shown.name if shown else tr("Sales overview"), filters, every, shown)
    menu.dialogs(shown)
    if shown and editor.is_open(shown):
        editor.draw(shown)
        return
    if shown and not shown.tiles:
        st.info(tr("This dashboard has no tiles yet."), icon=":material/dashboard_customize:")
    # The page's default period is not that of the reports: links say which it is.
    grid.draw(shown.tiles if shown else model.OVERVIEW, filters, {"period": model.PERIOD, **address})
    if explained := why_drawer.open_code():
        figure = Figure.parse(explained)
        with session.reading() as tx:
            of_this, locale = showing.explained_filters(tx, figure, filters), tx.actor.language
        why_drawer.drawer(why_titles.title(figure, of_this, locale), of_this, locale)
    elif code := report_drawer.open_code():
        with session.reading() as tx:
            draw_drilldown(tx, filters, code)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
