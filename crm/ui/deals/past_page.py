"""A deal's page as of a past day: to read, with no way to change anything."""

from datetime import date

import streamlit as st

from crm import deals
from crm.deals import DEAL, Deal, PastDeal
from crm.deals.past_deal import LOGGED
from crm.deals.record import PRIORITIES, STATUSES
from crm.foundation import clock
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.pipelines import categories
from crm.records.history import Event, history
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components import past_day
from crm.ui.deals import form, head, past_cards, stage_path, value_card
from crm.ui.forms import record_fields
from crm.ui.records import facts, record_labels, record_layout, record_page, record_state, timeline
from crm.ui.records.record_page import Context

OF_THEN = (
    *("pipeline_id", "stage_id", "status", "value", "currency", "expected_close", "closed_on"),
    *("close_reason_id", "own_probability", "own_category", "owner_id", "team_id"),
    *LOGGED,
)
"""Fields with a history."""
ELSEWHERE = ("contact_id", "company_id", "created_at", "updated_at")


def show(deal_id: int, day: date) -> None:
    """Draw the deal as it was at the end of the day; the page ends here where there is none that this person sees."""
    with session.reading() as tx:
        locale, today = tx.actor.language, tx.today
        try:
            then = deals.deal_as_of(tx, deal_id, day)
        except deals.NotThere as absence:
            not_there(str(absence), today)
            return
        except NotFound:
            record_page.missing("deal")
        end = clock.end_of(day, tx.actor.time_zone)
        context = record_page.context(tx, DEAL, deal_id)
        events = history(tx, "deal", deal_id, until=end)
        of_now = as_today(tx, then.deal, context)
    deal = then.deal
    head.back(deal, today, as_of=day)
    past_day.notice(
        tr(
            "**As of the end of {day}**, by what was known then. Nothing can be changed here.",
            day=past_day.shown(day, locale),
        ),
        tr("By now the deal lies in the bin.") if then.is_gone else "",
    )
    with record_layout.title_row(deal.title, head.all_badges(deal, then.health, day, locale)):
        pass  # nothing can be done
    if not deal.is_open:
        head.outcome(deal, locale)
    stage_path.past(deal, then.stages, then.stood, key=f"{record_state.of('deal', deal.id)}-path-{day}")
    left, middle, right = record_layout.columns()
    with left:
        value_card.show(deal, len(then.lines or ()), locale)
        with record_layout.card("details", tr("On that day")):
            record_layout.facts(on_that_day(then, context), key=f"deal-{deal.id}-then")
        if then.health:
            past_cards.of_health(then.health)
    with middle, record_layout.main():
        past_cards.of_lines(then, locale)
        past_cards.of_files(then, context)
        with record_layout.card("past-activity", tr("Activity until then")):
            activity(events, deal, context)
    with right, record_layout.card("as-today", tr("As today")):
        st.caption(tr("These have no history by day. They are shown as they are today."))
        record_layout.facts(of_now, key=f"deal-{deal.id}-now")
        record_page.links(DEAL, deal)
        record_labels.show("deal", deal, deals.set_labels, may=False)


def not_there(sentence: str, today: date) -> None:
    with st.container(key="record-back", width="content"):
        past_day.button(today)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(words.plain(sentence), icon=":material/history:")
        past_day.back_button()


def on_that_day(then: PastDeal, context: Context) -> dict[str, str]:
    """{label: value} of what has a history, both Markdown."""
    deal, locale = then.deal, context.locale
    close = tr("Expected close") if deal.is_open else tr("Closed")
    return {
        tr("Status"): tr(STATUSES[deal.status]),
        close: words.plain(words.day(deal.expected_close if deal.is_open else deal.closed_on, locale)),
        tr("Owner"): words.plain(deal.owner_name) or "–",
        tr("Team"): words.plain(deal.team_name) or "–",
        tr("Probability"): words.plain(tr("{value:g} %", value=float(deal.probability))),
        tr("Forecast category"): tr(categories.NAMES[deal.forecast_category]),
        tr("In this stage since"): words.plain(words.moment(then.entered_at, context.actor.time_zone, locale)),
        tr("Priority"): tr(PRIORITIES[deal.priority]) if deal.priority else "–",
        tr("Source"): words.plain(deal.source) or "–",
        tr("Identifier"): words.plain(deal.identifier) or "–",
    }


def as_today(tx: Reading, deal: Deal, context: Context) -> dict[str, str]:
    """{label: value} of the fields and attributes that have no history, both Markdown."""
    declared = facts.of_record(tx, form.LAYOUT, deal, context.locale, without=(*OF_THEN, *ELSEWHERE))
    of_team = {
        words.plain(one.name): record_fields.shown(
            one, deal.attributes.get(one.key), context.actor.currency, context.locale
        )
        for one in context.definitions
    }
    return {label: value or "–" for label, value in declared.items()} | of_team


def activity(events: list[Event], deal: Deal, context: Context) -> None:
    timeline.show(
        events,
        created_at=deal.created_at,
        time_zone=context.actor.time_zone,
        now=context.now,
        locale=context.locale,
        key=f"{record_state.of('deal', deal.id)}-past-timeline",
    )
