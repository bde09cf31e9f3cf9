"""Deal: one deal with its stages, facts, health, lines, orders, next steps, contact, company and history; or as it was
at the end of the past day that the address names."""

from functools import partial

import streamlit as st
from babel.dates import format_timedelta

from crm import deals, pipelines
from crm.deals import DEAL, Deal, health, quote
from crm.foundation.access import Module, Permission
from crm.foundation.language import tr
from crm.ui import live, session, words
from crm.ui.checklists import next_steps
from crm.ui.components import past_day
from crm.ui.deals import closing, form, head, health_card, lines, movements, past_page, stage_path, value_card
from crm.ui.orders import new as new_order
from crm.ui.orders import related
from crm.ui.records import linked_records, record_layout, record_page, related_cards
from crm.ui.records.record_page import Tab

ELSEWHERE = (
    *("title", "value", "pipeline_id", "stage_id", "status"),
    *("contact_id", "company_id", "closed_on", "close_reason_id", "expected_close"),
)
"""Fields that the page shows in another place than among the details."""

deal_id = record_page.named_in_address("deal")


def body() -> None:
    live.on_change("deal", "order", "contact", "company", key="deal-live")
    with session.reading() as tx:
        day = past_day.from_address(tx)
    if day:
        past_page.show(deal_id, day)
        st.stop()  # an address may ask for a form, which nothing here has
    of_today()


def of_today() -> None:
    with session.reading() as tx:
        deal = record_page.found(deals.get, tx, deal_id, "deal")
        pipeline = pipelines.get(tx, deal.pipeline_id)
        moves = deals.movements(tx, deal_id)
        context = record_page.context(tx, DEAL, deal_id)
        linked = linked_records.read(tx, "deal", deal_id)
        may_change = tx.actor.may(Permission.MANAGE_CRM)
        follows = None if deal.owner_id == tx.actor.id else deals.follows(tx, deal_id)
        healthy = health.of(tx, deal_id) if deal.is_open else None
        steps = next_steps.read(tx, deal_id, locale=context.locale, may_write=may_change)
        line_count = len(quote.of(tx, deal_id).items) if deal.has_lines else 0
        contact = related_cards.read_contact(tx, deal.contact_id)
        # A company without a name is one that this person may not see.
        totals = deals.totals_of_company(tx, deal.company_id) if deal.company_id and deal.company_name else None
    head.show(deal, healthy, follows=follows, may_change=may_change, today=context.today, locale=context.locale)
    stage_path.show(deal, pipeline, moves, may_change=may_change)
    left, middle, right = record_layout.columns()
    with left:
        value_card.show(deal, line_count, context.locale)
        details(deal, context)
        if healthy:
            health_card.show(deal, healthy, context.actor.time_zone, context.locale)
    with middle, record_layout.main():
        own = [
            Tab(
                tr("Lines and quotes"),
                lambda: lines.show(deal, may_change=may_change, locale=context.locale),
                line_count,
            ),
            *(
                [Tab(tr("Orders"), partial(orders, deal, context, may_change))]
                if context.actor.has(Module.ORDERS)
                else []
            ),
            Tab(tr("Movements"), lambda: movements.show(moves, context.actor.time_zone, context.locale)),
        ]
        record_page.tabs(DEAL, deal, context, own=own, first=record_page.NOTES)
    with right:
        next_steps.show(steps)
        related_cards.contact_card(deal.contact_id, contact, may_change=may_change)
        if totals is not None and deal.company_id and deal.company_name:
            related_cards.company(deal.company_id, deal.company_name, totals, context.locale)
        linked_records.card("deal", deal_id, linked, context.locale)


def details(deal: Deal, context: record_page.Context) -> None:
    own = {tr("Expected close") if deal.is_open else tr("Closed"): close(deal, context)}
    record_page.details(form.LAYOUT, deal, own, context, without=ELSEWHERE)


def close(deal: Deal, context: record_page.Context) -> str | None:
    """The day on which the deal closes or has closed, and how far off it is."""
    day = deal.closed_on or deal.expected_close
    if day is None:
        return None
    away = day - context.today
    far = format_timedelta(away, granularity="day", add_direction=True, locale=context.locale) if away else tr("today")
    return words.plain(f"{words.day(day, context.locale)}, {far}")


def orders(deal: Deal, context: record_page.Context, may_add: bool) -> None:
    """Draw the deal's orders; a new one begins with what the deal says."""
    with session.reading() as tx:
        found = related.read(tx, "deal", deal.id)
    if found is None:
        return
    fields = deal.model_dump(include={"contact_id", "contact_name", "currency", "value"})
    preset = {"deal_id": deal.id, "deal_title": deal.title, **fields}
    related.show("deal", deal.id, found, context.locale, may_add=may_add, **preset)


record_page.show(form.LAYOUT, deal_id, body, dialogs=(closing, new_order))
