"""What if: the forecast under assumptions beside the forecast; assumptions are saved as scenarios and compared."""

from functools import partial

import polars as pl
import streamlit as st

from crm.foundation import money
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.reports import assumptions, forecast, query, scenarios, what_if
from crm.reports.assumptions import Assumptions, Cause
from crm.reports.forecast import Forecast
from crm.reports.query import ReportFilters
from crm.reports.scenarios import MOST_COMPARED, Scenario
from crm.reports.what_if import WhatIf
from crm.store import Reading
from crm.ui import session, words
from crm.ui.reports import (
    assumption_editor,
    charts,
    report_cards,
    report_filters,
    report_tables,
    what_if_charts,
)

PERIODS = ["this-quarter", "next-quarter", "next-6-months", "next-12-months", "this-year", "next-year"]
ABOUT = later("""
The same forecast twice: as things stand, and as if the open deals were what is assumed on the left. **Expected** = won
so far + weighted. Nothing is changed by it: a scenario keeps what is assumed, and no deal.

**Win rate**: every probability times this, at most 100 %. **Stage probabilities**: of the deals that have none of their
own. **Close dates**: expected closes later or earlier, which moves deals into other months, and out of the period.
**Someone leaves**: their open deals go to somebody else, with a part of the probability lost on the way, or count no
more; the deals' team stays. **Single deals**: what is typed of a deal goes before all of this.

The effects are told one after the other, in this order, and sum to the difference.
""")
NAMES = {
    Cause.PROBABILITIES: later("Stages"),
    Cause.WIN_RATE: later("Win rate"),
    Cause.DATES: later("Close dates"),
    Cause.LEAVING: later("Leaving"),
    Cause.DEALS: later("Deals"),
}


def draw_title(tx: Reading, filters: ReportFilters, known: list[Scenario]) -> None:
    with report_cards.title_row(tr("What if")):
        active = report_filters.count("pipeline", "owner", "team", "source", "currency", "as_of")
        with st.popover(
            tr("Filters ({count})", count=active) if active else tr("Filters"), icon=":material/filter_list:"
        ):
            report_filters.period_choice(filters.period, PERIODS, default=query.FORECAST_PERIOD, key="what-if-period")
            report_filters.scope_choices(tx, page="what-if", with_pipeline=True)
        report_filters.grain_choice(key="what-if-by")
        every = {"": tr("New scenario")} | {str(each.id): _name(each, tx.actor.id) for each in known}
        report_filters.choice(tr("Scenario"), "scenario", every, key="what-if-scenario", bare=True)


def _name(scenario: Scenario, me: int) -> str:
    if scenario.user_id == me:
        return scenario.name
    return tr("{name}, of {person}", name=scenario.name, person=scenario.user_name)


def draw_saving(opened: Scenario | None, given: Assumptions, me: int) -> None:
    mine = opened is not None and opened.user_id == me
    with st.container(horizontal=True):
        with (
            st.popover(tr("Save"), icon=":material/save:", disabled=not given.causes),
            st.form("scenario", border=False),
        ):
            name = st.text_input(tr("Name"), opened.name if opened and mine else "", max_chars=80)
            shared = st.toggle(
                tr("Shared with everybody"),
                opened.shared if opened else False,
                help=tr("Each sees in it what they may see."),
            )
            again = mine and st.form_submit_button(tr("Save"), type="primary", width="stretch")
            anew = st.form_submit_button(
                tr("Save as a new one"), type="secondary" if mine else "primary", width="stretch"
            )
        if opened and again:
            changes = {"name": name, "assumptions": given, "shared": shared}
            if session.attempt(scenarios.edit, opened.id, version=opened.version, **changes):
                st.rerun()
        if anew and (made := session.attempt(scenarios.create, name=name, assumptions=given, shared=shared)):
            st.query_params["scenario"] = str(made.id)
            st.rerun()
        if opened and (mine or session.actor().may(Permission.MANAGE_SETTINGS)):
            st.button(
                tr("Delete"),
                icon=":material/delete:",
                type="tertiary",
                key="what-if-delete",
                on_click=_delete,
                args=(opened,),
            )


def _delete(opened: Scenario) -> None:
    if session.done(scenarios.delete, opened.id, version=opened.version):
        st.query_params.pop("scenario", None)


def draw_cards(found: WhatIf, locale: str) -> None:
    shown = partial(money.compact, code=found.forecast.currency, locale=locale)
    difference, base = found.difference, found.forecast.expected
    with st.grid(3, min_column_width=150):
        report_cards.card(later("Forecast"), shown(base), tr("expected"), icon=":material/monitoring:")
        report_cards.card(later("What if"), shown(found.assumed.expected), tr("expected"), icon=":material/experiment:")
        share = charts.percent(float(difference / base), locale) if base else "–"
        report_cards.card(
            later("Difference"),
            shown(difference),
            tr("{share} of the forecast", share=share),
            icon=":material/difference:",
        )


def draw_comparison(known: list[Scenario], opened: Scenario | None, me: int) -> list[Scenario]:
    """The choice of scenarios to stand beside this one; those that are chosen."""
    others = {each.id: each for each in known if opened is None or each.id != opened.id}
    if not others:
        return []
    given = [int(part) for part in st.query_params.get("compare", "").split(",") if part.isdecimal()]
    chosen = st.multiselect(
        tr("Compare with"),
        list(others),
        [each for each in given if each in others][: MOST_COMPARED - 1],
        format_func=lambda each: _name(others[each], me),
        max_selections=MOST_COMPARED - 1,
        key="what-if-compare",
        placeholder=tr("Saved scenarios"),
    )
    if chosen:
        st.query_params["compare"] = ",".join(map(str, chosen))
    else:
        st.query_params.pop("compare", None)
    return [others[each] for each in chosen]


def draw_result(found: dict[str, WhatIf], saved: bool, locale: str) -> None:
    first = next(iter(found.values()))
    base = first.forecast
    grain = report_tables.grain(base.grain)
    report_cards.headline(tr("Expected by {grain}", grain=grain), ABOUT, csv="scenarios" if saved else "")
    st.plotly_chart(
        what_if_charts.months_chart(found, charts.palette(), locale),
        config=charts.QUIET,
        key="what-if-months",
        alt=tr("Expected by {grain}, as things stand and as assumed", grain=grain),
    )
    figures = table(found, locale)
    st.dataframe(
        figures,
        hide_index=True,
        column_config=report_tables.columns(figures, figures.columns[1:]),
        key="what-if-table",
        height=report_cards.height(figures.height),
        alt=tr("Expected by {grain}, as things stand and as assumed", grain=grain),
    )
    if first.effects:
        st.subheader(tr("What makes the difference"), anchor=False)
        st.plotly_chart(
            what_if_charts.effects_chart(first, {cause: tr(NAMES[cause]) for cause in NAMES}, charts.palette(), locale),
            config=charts.QUIET,
            key="what-if-effects",
            alt=tr("What each kind of assumptions adds"),
        )


def table(found: dict[str, WhatIf], locale: str) -> pl.DataFrame:
    """The months, their sum, and what stands beside the period, for the forecast and each of the assumptions."""
    first = next(iter(found.values()))
    base = first.forecast
    shown = partial(money.shown, code=base.currency, locale=locale)
    names = [charts.label(bucket.period, base.grain, locale) for bucket in base.buckets]
    names += [tr("Period"), tr("Overdue, open"), tr("Undated, open"), tr("Outside, open")]
    columns = {
        base.grain.title(): names,
        later("Forecast"): [*(shown(each.expected) for each in base.buckets), *_beside(base, locale)],
    }
    several = len(found) > 1
    for name, each in found.items():
        column = [*(shown(month.assumed) for month in each.months), *_beside(each.assumed, locale)]
        columns[_free(name, columns)] = column
    if not several:
        columns[later("Difference")] = [
            *(shown(month.difference) for month in first.months),
            shown(first.difference),
            *(
                shown(getattr(first.assumed, name).value - getattr(base, name).value)
                for name in ("overdue", "undated", "outside")
            ),
        ]
    return pl.DataFrame(columns)


def _free(name: str, taken: dict[str, list[str]]) -> str:
    """A name for a column that none has yet: a scenario may be called Forecast."""
    while name in taken:
        name += " "
    return name


def _beside(report: Forecast, locale: str) -> list[str]:
    amounts = (report.expected, report.overdue.value, report.undated.value, report.outside.value)
    return [money.shown(amount, report.currency, locale) for amount in amounts]


def show() -> None:
    with session.reading() as tx:
        filters = report_filters.from_address(tx, period=query.FORECAST_PERIOD)
        known = scenarios.all_of(tx)
        asked = st.query_params.get("scenario", "")
        opened = next((each for each in known if str(each.id) == asked), None)
        draw_title(tx, filters, known)
        locale, me = tx.actor.language, tx.actor.id
    report_filters.as_of_notice(filters, locale)
    if asked and opened is None:
        st.warning(tr("That scenario is gone, or is not shared with you."), icon=":material/search_off:")
    inputs, results = st.columns([2, 3], gap="medium")
    below = st.container()
    with inputs, session.reading() as tx:
        report = forecast.report(
            tx, period=filters.period, grain=filters.grain, scope=filters.scope, currency=filters.currency
        )
        key = f"what-if-{opened.id}-{opened.version}" if opened else "what-if-new"
        begun = assumptions.still(tx, opened.assumptions) if opened else Assumptions()
        notes = what_if.stale(tx, opened.assumptions, opened.hidden) if opened else []
        given = assumption_editor.draw(tx, report, begun, below, key=key)
        try:
            given = assumptions.checked(tx, given)
        except CrmError as refusal:
            st.error(words.plain(str(refusal)), icon=":material/error:")
            given = Assumptions()
    with inputs:
        draw_saving(opened, given, me)
        others = draw_comparison(known, opened, me)
    with results:
        found = {opened.name if opened else tr("What if"): session.read(what_if.report, filters, given)}
        for each in others:
            name = (
                each.name
                if each.name not in found
                else tr("{name}, of {person}", name=each.name, person=each.user_name)
            )
            found[name] = session.read(what_if.report, filters, each.assumptions, hidden=each.hidden)
        first = next(iter(found.values()))
        for note in dict.fromkeys([*notes, *(note for each in found.values() for note in each.stale)]):
            st.warning(words.plain(note), icon=":material/link_off:")
        draw_cards(first, locale)
        draw_result(found, opened is not None or bool(others), locale)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
