"""The dialog in which a dashboard is set to be mailed: its schedules, and the form for one."""

from collections.abc import Callable
from datetime import time
from typing import Any

import streamlit as st
from babel.dates import format_time

from crm.dashboards import recurrence, schedules
from crm.dashboards.recurrence import Every
from crm.dashboards.saved import Dashboard
from crm.dashboards.schedules import DashboardSchedule
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import later, listed, tr
from crm.platform import mail
from crm.platform.people import users
from crm.platform.people.users import User
from crm.ui import refusals, session, words
from crm.ui.forms import drawer_form

NAME = "dashboard-mail"
_SHOWN = "dashboard-mail-schedule"
NEW = 0
"""The form is open for a schedule that is not yet there."""

INTERVALS = {Every.DAY: later("Every day"), Every.WEEK: later("Every week"), Every.MONTH: later("Every month")}


def start() -> None:
    st.session_state.pop(_SHOWN, None)
    drawer_form.start(NAME)
    st.rerun()


def draw(shown: Dashboard | None) -> None:
    title = tr("Mail “{name}”", name=shown.name) if shown else tr("Mail the sales overview")

    @st.dialog(words.plain(title), icon=":material/mail:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        # A rerun of the dialog alone has no handler around it: the dashboard may be gone by then.
        try:
            body()
        except CrmError as refusal:
            refusals.show(refusal)

    def body() -> None:
        dashboard_id = shown.id if shown else None
        with session.reading() as tx:
            every = schedules.of_dashboard(tx, dashboard_id)
            readers = schedules.readers(tx, dashboard_id)
            names = users.names(tx)
        refusals.show_kept()
        if not mail.is_set_up():
            st.warning(tr(schedules.NO_SERVER), icon=":material/mail_off:")
        opened = next((each for each in every if each.id == st.session_state.get(_SHOWN)), None)
        if opened or st.session_state.get(_SHOWN) == NEW or (not every and mail.is_set_up()):
            _form(opened, dashboard_id, readers, names, alone=not every)
        else:
            _list(every, {each.id for each in readers}, names)

    dialog()


def _list(every: list[DashboardSchedule], readers: set[int], names: dict[int, str]) -> None:
    actor = session.actor()
    st.caption(tr("As a PDF, to each with the figures that they may see, in their language."))
    for each in every:
        with st.container(border=True, key=f"schedule-{each.id}"):
            st.markdown(f"**{words.plain(each.recurrence.words(actor.language))}**")
            people = listed([names[user_id] for user_id in each.recipient_ids])
            st.markdown(words.plain(tr("To {people}", people=people)))
            lost = [names[user_id] for user_id in each.recipient_ids if user_id not in readers]
            if lost:
                st.caption(
                    words.plain(tr("Not to {people}, who cannot see it any more.", people=listed(lost))),
                )
            when = words.moment(each.next_at, actor.time_zone, actor.language)
            st.caption(words.plain(tr("Next: {when} · by {person}", when=when, person=each.user_name)))
            _actions(each)
    if mail.is_set_up():
        st.button(tr("Another schedule"), icon=":material/add:", key="schedule-another", on_click=_open, args=(NEW,))


def _actions(schedule: DashboardSchedule) -> None:
    actor, key = session.actor(), f"schedule-{schedule.id}"
    with st.container(horizontal=True):
        if schedule.user_id == actor.id or actor.may(Permission.MANAGE_SETTINGS):
            _action(tr("Change"), "edit", f"{key}-edit", _open, schedule.id)
            _action(
                tr("Delete"), "delete", f"{key}-delete", _do, schedules.delete, schedule.id, version=schedule.version
            )
        if actor.id in schedule.recipient_ids:
            _action(tr("No more to me"), "unsubscribe", f"{key}-leave", _do, schedules.leave, schedule.id)


def _action(label: str, icon: str, key: str, do: Callable[..., None], *args: Any, **kwargs: Any) -> None:
    st.button(label, type="tertiary", icon=f":material/{icon}:", key=key, on_click=do, args=args, kwargs=kwargs)


def _form(
    schedule: DashboardSchedule | None,
    dashboard_id: int | None,
    readers: list[User],
    names: dict[int, str],
    *,
    alone: bool,
) -> None:
    st.caption(tr("As a PDF, to each with the figures that they may see, in their language."))
    key = f"schedule-{schedule.id if schedule else 'new'}"
    _times(schedule, key)
    options = list(dict.fromkeys([*(each.id for each in readers), *(schedule.recipient_ids if schedule else ())]))
    st.multiselect(
        tr("To"),
        options,
        default=schedule.recipient_ids if schedule else [session.actor().id],
        format_func=lambda user_id: names[user_id],
        max_selections=schedules.MOST_RECIPIENTS,
        key=f"{key}-recipient_ids",
        help=tr("Who sees this dashboard."),
    )
    with st.container(horizontal=True):
        st.button(
            tr("Save"),
            type="primary",
            icon=":material/save:",
            key=f"{key}-save",
            on_click=_save,
            args=(schedule, dashboard_id, key),
        )
        if not alone:
            st.button(tr("Back"), icon=":material/arrow_back:", key=f"{key}-back", on_click=_open, args=(None,))


def _times(schedule: DashboardSchedule | None, key: str) -> None:
    """When: what the interval that is chosen needs is asked for."""
    locale = session.actor().language
    with st.container(horizontal=True, vertical_alignment="bottom"):
        every = st.selectbox(
            tr("How often"),
            list(INTERVALS),
            index=list(INTERVALS).index(schedule.every if schedule else Every.WEEK),
            format_func=lambda each: tr(INTERVALS[each]),
            key=f"{key}-every",
        )
        if every == Every.WEEK:
            st.selectbox(
                tr("Day of the week"),
                range(1, 8),
                index=((schedule and schedule.weekday) or 1) - 1,
                format_func=lambda number: recurrence.weekday_name(number, locale),
                key=f"{key}-weekday",
            )
        elif every == Every.MONTH:
            st.selectbox(
                tr("Day of the month"),
                range(1, 32),
                index=((schedule and schedule.month_day) or 1) - 1,
                key=f"{key}-month_day",
                help=tr("In shorter months it is their last day."),
            )
        st.selectbox(
            tr("At"),
            range(24),
            index=schedule.hour if schedule else schedules.FIRST_HOUR,
            format_func=lambda number: str(format_time(time(number), "short", locale=locale)),
            key=f"{key}-hour",
            help=tr("In the workspace’s time zone, {zone}.", zone=session.actor().time_zone),
        )


def _open(schedule_id: int | None) -> None:
    st.session_state[_SHOWN] = schedule_id


def _save(schedule: DashboardSchedule | None, dashboard_id: int | None, key: str) -> None:
    # A day that the chosen interval does not ask for has no widget.
    fields = {name: st.session_state.get(f"{key}-{name}") for name in schedules.SETTABLE}
    if schedule:
        _do(schedules.edit, schedule.id, version=schedule.version, **fields)
    else:
        _do(schedules.create, dashboard_id=dashboard_id, **fields)


def _do(verb: Callable[..., object], *args: Any, **kwargs: Any) -> None:
    """Call the verb and go back to the list; a refusal stays with what was given."""
    try:
        session.do(verb, *args, **kwargs)
    except CrmError as refusal:
        refusals.keep(refusal)
    else:
        _open(None)
