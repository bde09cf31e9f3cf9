"""My day: what is due and overdue, deals about to close or left alone too long, and what is new."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st
from babel.dates import format_date

from crm.deals import agenda
from crm.deals.agenda import Scope, Won
from crm.foundation import money
from crm.foundation.access import SEES_EVERYTHING, Actor, Permission
from crm.foundation.language import later, plural, tr, tr_as
from crm.platform import notices
from crm.platform.notices import Notice
from crm.records.filters.spans import unit_of
from crm.ui import live, refusals, session, undo, words
from crm.ui.app import places
from crm.ui.components import address
from crm.ui.day import lists
from crm.ui.records import record_layout

WHOSE = {"mine": later("Mine"), "team": later("My team")}
NEWS = 8


def greeting(now: datetime) -> str:
    return tr("Good morning") if now.hour < 12 else tr("Good afternoon") if now.hour < 18 else tr("Good evening")


def head(actor: Actor, now: datetime, locale: str, *, choice: bool) -> str:
    """Draw the title and the choice of whose day it is; the chosen one."""
    # Who looks after everybody's records begins with the team's day.
    default = "team" if actor.role in SEES_EVERYTHING and choice else "mine"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small", width="content"):
            name = actor.name.split()[0] if actor.name.split() else actor.name
            st.title(f"{greeting(now)}, {words.plain(name)}", anchor=False, width="content")
            st.caption(str(format_date(now.date(), "full", locale=locale)), width="content")
        if not choice:
            return "mine"
        chosen = address.get("whose", default)
        address.follow("day-whose", chosen if chosen in WHOSE else default)
        st.segmented_control(
            tr("Whose day"),
            list(WHOSE),
            format_func=lambda word: tr(WHOSE[word]),
            required=True,
            label_visibility="collapsed",
            key="day-whose",
            on_change=lambda: address.put("whose", st.session_state["day-whose"], default),
        )
        return str(st.session_state["day-whose"])


@refusals.fragment
def body(whose: str) -> None:
    live.on_change("deal", "pipeline", "contact", "company", "notice", key="day-live")
    with session.reading() as tx:
        actor, today = tx.actor, tx.today
        locale = tx.actor.language
        scope = agenda.scope_of(tx, team=whose == "team")
        due, due_count = agenda.steps(tx, scope, today + timedelta(days=agenda.NEAR_DAYS))
        closing, closing_count = agenda.closing(tx, scope, today + timedelta(days=6 - today.weekday()))
        stalled, stalled_count = agenda.stalled(tx, scope)
        won = agenda.won(tx, scope, *unit_of(today, "quarter", 0))
        news = notices.of_actor(tx, unread=True)
    context = lists.Context(today, locale, actor.may(Permission.MANAGE_CRM), team=whose == "team")
    undo.show()
    left, right = st.columns([70, 30], gap="large")
    with left, st.container(gap="medium", key="day-lists"):
        lists.steps(
            "overdue", tr_as("steps", "Overdue"), [step for step in due if step.due_on < today], context, colour="red"
        )
        lists.steps("today", tr("Today"), [step for step in due if step.due_on == today], context, colour="orange")
        lists.steps("next-days", tr("Next days"), [step for step in due if step.due_on > today], context)
        if due_count > len(due):
            st.caption(
                tr(
                    "{count:,} steps are due by then; the first {shown} are shown.",
                    count=due_count,
                    shown=len(due),
                )
            )
        lists.stalled(stalled, stalled_count, context)
        if not due and not stalled:
            nothing_due(actor)
    with right, st.container(gap="small", key="day-aside"):
        quarter(won, scope, actor.currency, locale)
        lists.closing(closing, closing_count, context)
        news_card(actor, news)


def nothing_due(actor: Actor) -> None:
    with st.container(border=True, horizontal_alignment="center"):
        st.subheader(tr("Nothing is due"), anchor=False, width="content")
        st.caption(
            tr("Steps of deals with a day show here as it comes near, and deals that nobody touches."), width="content"
        )
        if actor.may(Permission.MANAGE_CRM):
            st.page_link(
                "pages/pipeline.py", label=tr("Open the pipeline"), icon=":material/view_kanban:", width="content"
            )


def quarter(found: list[Won], scope: Scope, currency: str, locale: str) -> None:
    mine, teams = scope.user_id is not None, bool(scope.team_ids)
    title = tr("My quarter") if mine else tr("The team’s quarter") if teams else tr("Everybody’s quarter")
    with record_layout.card("quarter"):
        with record_layout.titled_row(title):
            st.page_link("pages/forecast.py", label=tr("Forecast"))
        own = next(
            (won for won in found if won.currency == currency), Won(currency=currency, count=0, value=Decimal(0))
        )
        st.metric(tr("Won"), money.shown(own.value, currency, locale))
        others = [money.shown(won.value, won.currency, locale) for won in found if won.currency != currency]
        # Amounts of two currencies are never added.
        facts = [plural("{count:,} deal won", "{count:,} deals won", sum(won.count for won in found)), *others]
        st.caption(words.plain(" · ".join(facts)))


def news_card(actor: Actor, news: list[Notice]) -> None:
    with record_layout.card("news"):
        with record_layout.titled_row(tr("News")):
            if news and st.button(tr("Mark all as read"), type="tertiary", key="day-read"):
                session.attempt(notices.mark_read)
                st.rerun()
        if not news:
            st.caption(tr("Nothing new."))
        for notice in news[:NEWS]:
            if notice.link:
                places.link(actor, notice.link, notice.text)
            else:
                st.markdown(words.plain(notice.text))
        if len(news) > NEWS:
            st.caption(tr("and {count:,} more under Notifications", count=len(news) - NEWS))


with session.reading() as tx:
    me, zone, shown_in, choice = tx.actor, tx.actor.time_zone, tx.actor.language, agenda.has_team(tx)
    now = tx.now.astimezone(ZoneInfo(zone))
lists.style()
body(head(me, now, shown_in, choice=choice))
