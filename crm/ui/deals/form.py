"""The form of a deal: whole on its page, a few fields of it in the drawer and for a new one."""

from collections.abc import Iterable, Mapping

import streamlit as st

from crm import contacts, deals
from crm.deals import DEAL, Deal
from crm.foundation import money
from crm.foundation.language import tr
from crm.store import Reading
from crm.ui import session, words
from crm.ui.forms import form_fields, record_fields
from crm.ui.forms.layout import FormLayout
from crm.ui.records import record_layout

SHORT = ("title", "value", "expected_close", "priority", "owner_id")
NEW = ("title", "value", "currency", "expected_close", "priority", "contact_id", "company_id", "owner_id")


def _set_by_lines(deal: Deal) -> tuple[str, ...]:
    """The fields that the lines of a deal decide, where it has any."""
    return ("value", "currency") if deal.has_lines else ()


def _correction_notice(deal: Deal, locale: str) -> None:
    """Say what another value means for a deal that has closed, before somebody types one."""
    if deal.is_open:
        return
    with session.reading() as tx:
        closing = deals.last_closing(tx, deal.id)
    day = words.day(closing.closed_on, locale)
    closed = tr("Won on {day}", day=day) if closing.result == "won" else tr("Lost on {day}", day=day)
    if closing.value is None:
        value = tr("without a value")
    else:
        value = tr("at {amount}", amount=money.shown(closing.value, closing.currency, locale))
    st.caption(
        words.plain(
            tr(
                "{closed} {value}: reports keep that. Another value here is a correction, and the history says so. "
                "To have it counted, reopen the deal and close it anew.",
                closed=closed,
                value=value,
            )
        )
    )


def _company_of(tx: Reading, contact_id: int) -> Mapping[str, int]:
    found = contacts.find_one(tx, contact_id)
    return {"company_id": found.company_id} if found and found.company_id else {}


LAYOUT = FormLayout(
    DEAL,
    order=(
        *("title", "value", "currency", "expected_close", "priority", "owner_id", "team_id"),
        *("own_probability", "own_category"),
        *("contact_id", "company_id", "source"),
    ),
    elsewhere=frozenset({"identifier"}),
    fills={"contact_id": _company_of},
    absent=_set_by_lines,
    above=_correction_notice,
)
LATER = frozenset(LAYOUT.order) - frozenset(NEW)
"""Fields that a new deal is not asked for, unless its stage does."""


def facts(deal: Deal, only: Iterable[str] | None = None) -> None:
    """Draw the deal's fields in words, for those who may not change it."""
    with session.reading() as tx:
        locale = tx.actor.language
        fields = form_fields.read(tx, LAYOUT, only, ())
    shown = {}
    for form_field in fields:
        label = words.plain(form_field.label if form_field.definition else tr(form_field.label))
        if form_field.definition:
            value = deal.attributes.get(form_field.definition.key)
            shown[label] = record_fields.shown(form_field.definition, value, deal.currency, locale)
        elif form_field.key != "title":
            value = getattr(deal, form_field.key)
            name = DEAL.name_fields.get(form_field.key)
            names = {value: getattr(deal, name)} if name else {}
            shown[label] = words.plain(form_field.shown(value, names, deal.currency, locale))
    record_layout.facts(shown, key=f"deal-{deal.id}-short")
