"""The filters of a report page, which live in the address, in the words of crm/reports/query.py."""

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

import streamlit as st

from crm import pipelines
from crm.foundation import bounds
from crm.foundation.language import later, tr
from crm.platform.people import teams, users
from crm.reports import membership, query, scope
from crm.reports.periods import NAMED, Grain, Period
from crm.reports.query import ReportFilters
from crm.store import Reading
from crm.ui import words
from crm.ui.components import days
from crm.ui.reports import report_tables

WORDS = {
    "this-month": later("This month"),
    "last-month": later("Last month"),
    "this-quarter": later("This quarter"),
    "last-quarter": later("Last quarter"),
    "next-quarter": later("Next quarter"),
    "next-6-months": later("Next 6 months"),
    "next-12-months": later("Next 12 months"),
    "last-6-months": later("Last 6 months"),
    "last-12-months": later("Last 12 months"),
    "this-year": later("This year"),
    "last-year": later("Last year"),
    "next-year": later("Next year"),
}
OWN_DATES = "dates"


def from_address(tx: Reading, *, period: str) -> ReportFilters:
    """The filters of the address; raises Invalid where they make no sense. `period` holds where it names none."""
    return query.parse(st.query_params.to_dict(), tx.today, period=period)


def choice(
    label: str, name: str, options: Mapping[str, str], *, default: str = "", key: str, bare: bool = False
) -> None:
    """Draw a select box over {word in the address: words for people}, written back as it changes."""
    keys = list(options)
    now = st.query_params.get(name, default)
    st.selectbox(
        label,
        keys,
        index=keys.index(now) if now in keys else 0,
        format_func=lambda word: options[word],
        key=key,
        on_change=_write,
        args=(name, key, default),
        label_visibility="collapsed" if bare else "visible",
    )


def period_choice(now: Period, names: list[str], *, default: str, key: str, bare: bool = False) -> None:
    """Draw the choice of a named period, or of two days."""
    given = st.query_params.get("period", default)
    options = {name: tr(WORDS[name]) for name in names} | {OWN_DATES: tr("Custom dates …")}
    st.selectbox(
        tr("Period"),
        list(options),
        index=list(options).index(given if given in options else OWN_DATES),
        format_func=lambda word: options[word],
        key=key,
        on_change=_write_period,
        args=(key, default, str(now)),
        label_visibility="collapsed" if bare else "visible",
    )
    if given not in NAMED:
        st.date_input(
            tr("From, until"),
            (now.first, now.last),
            min_value=bounds.FIRST_DAY,
            # The address holds the day after the last one, which has to exist.
            max_value=bounds.LAST_DAY - timedelta(days=1),
            format=days.pattern(),
            key=f"{key}-days",
            on_change=_write_days,
            args=(f"{key}-days",),
            label_visibility="collapsed" if bare else "visible",
        )


def scope_choices(tx: Reading, *, page: str, with_pipeline: bool, of_one_day: bool = True) -> None:
    """Draw the choices of pipeline, owner, team, source and currency, where there is anything to choose, and of the day
    as of which the deals are counted; the last two not where a report is of two days."""
    if with_pipeline:
        every = {"": tr("All pipelines")} | {str(each.id): each.name for each in pipelines.all_of(tx)}
        choice(tr("Pipeline"), "pipeline", every, key=f"{page}-pipeline")
    people = {str(person.id): person.name for person in users.everyone(tx)}
    choice(tr("Owner"), "owner", {"": tr("Everybody"), "0": tr("Nobody")} | people, key=f"{page}-owner")
    if those := {str(team.id): team.name for team in teams.everyone(tx)}:
        choice(tr("Team"), "team", {"": tr("All teams")} | those, key=f"{page}-team")
    if sources := scope.sources(tx):
        choice(tr("Source"), "source", {"": tr("All sources")} | {name: name for name in sources}, key=f"{page}-source")
    if not of_one_day:
        return
    codes = scope.currencies(tx)
    if len(codes) > 1:
        every = {"": tr("All, in {currency}", currency=codes[0])} | {code: code for code in codes}
        choice(tr("Currency"), "currency", every, key=f"{page}-currency")
    st.date_input(
        tr("As of"),
        bounds.day(st.query_params.get("as_of", "")),
        min_value=bounds.FIRST_DAY,
        max_value=tx.today,
        format=days.pattern(),
        key=f"{page}-as-of",
        help=tr("The figures as they stood at the end of a past day, by what was known then. Empty: now."),
        on_change=_write_day,
        args=("as_of", f"{page}-as-of"),
    )


def membership_choices(tx: Reading, *, page: str) -> None:
    """Draw the choices of a segment, and of a value of each list attribute of deals, where there are any."""
    if those := {str(each.id): f"{each.name} ({tr(KINDS[each.kind])})" for each in membership.choosable(tx)}:
        choice(tr("Segment"), "segment", {"": tr("All deals")} | those, key=f"{page}-segment")
    given = dict(query.parse_attributes(st.query_params.get("attribute", "")))
    every, none = tr("All values"), tr("None")
    for each in membership.list_attributes(tx):
        options = [ANY, *each.values, ""]
        now = given.get(each.key, ANY)
        key = f"{page}-attribute-{each.key}"
        st.selectbox(
            words.plain(each.name),
            options,
            index=options.index(now) if now in options else 0,
            format_func=lambda value: {ANY: every, "": none}.get(value, value),
            key=key,
            on_change=_write_attribute,
            args=(each.key, key),
        )


ANY = "\0"
"""No value of a list can be this."""
KINDS = {"deals": later("deals"), "contacts": later("contacts"), "companies": later("companies")}


def _write_attribute(attribute: str, key: str) -> None:
    given = dict(query.parse_attributes(st.query_params.get("attribute", "")))
    given.pop(attribute, None)
    if st.session_state[key] != ANY:
        given[attribute] = st.session_state[key]
    if given:
        st.query_params["attribute"] = urlencode(given)
    else:
        st.query_params.pop("attribute", None)


def as_of_notice(filters: ReportFilters, locale: str) -> None:
    """Say that the figures are of a past day, with the way back to now."""
    if filters.scope.as_of is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        day = words.day(filters.scope.as_of, locale)
        st.info(tr("As of the end of {day}, by what was known then.", day=day), icon=":material/history:")
        st.button(tr("Back to now"), key="back-to-now", on_click=_back_to_now)


def grain_choice(*, key: str) -> None:
    st.segmented_control(
        tr("By"),
        [Grain.MONTH, Grain.QUARTER],
        default=Grain(st.query_params.get("by", Grain.MONTH)),
        format_func=lambda grain: tr(report_tables.GRAINS[grain]),
        required=True,
        label_visibility="collapsed",
        key=key,
        on_change=_write,
        args=("by", key, Grain.MONTH.value),
    )


def count(*names: str) -> int:
    """How many of these filters the address holds."""
    return sum(bool(st.query_params.get(name)) for name in names)


def _write(name: str, key: str, default: str) -> None:
    word = st.session_state[key]
    if word == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = word


def _back_to_now() -> None:
    st.query_params.pop("as_of", None)


def day_choice(label: str, name: str, default: date, *, last: date, key: str) -> None:
    """Draw the box of a day that the address holds."""
    st.date_input(
        label,
        min(bounds.day(st.query_params.get(name, "")) or default, last),
        min_value=bounds.FIRST_DAY,
        max_value=last,
        format=days.pattern(),
        key=key,
        on_change=_write_day,
        args=(name, key),
    )


def _write_day(name: str, key: str) -> None:
    day: date | None = st.session_state[key]
    if day is None:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = day.isoformat()


def _write_period(key: str, default: str, now: str) -> None:
    word = st.session_state[key]
    if word == default:
        st.query_params.pop("period", None)
    else:
        st.query_params["period"] = now if word == OWN_DATES else word


def _write_days(key: str) -> None:
    chosen: tuple[date, ...] = st.session_state[key]
    # After the first of two clicks the box holds one day.
    if len(chosen) == 2:
        st.query_params["period"] = f"{chosen[0]}/{chosen[1] + timedelta(days=1)}"
