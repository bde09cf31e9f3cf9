"""The form of a deal: whole on its page, a few fields of it in the drawer and for a new one."""

from collections.abc import Iterable

import streamlit as st

from crm import deals
from crm.deals import DEAL, Deal
from crm.foundation import money
from crm.platform import workspace
from crm.ui import session, words
from crm.ui.forms import form_fields, record_fields
from crm.ui.forms.layout import FormLayout

SHORT = ("title", "value", "expected_close", "priority", "owner_id")
NEW = ("title", "value", "currency", "expected_close", "priority", "contact_id", "company_id", "owner_id")


def _of_lines(deal: Deal) -> tuple[str, ...]:
    """The lines of a deal say what it is worth."""
    return ("value", "currency") if deal.has_lines else ()


def _of_a_closed_one(deal: Deal, locale: str) -> None:
    """What a change of the value of a deal that has closed is, before somebody makes one."""
    if deal.is_open:
        return
    with session.reading() as tx:
        closing = deals.last_closing(tx, deal.id)
    worth = "without a value" if closing.value is None else f"at {money.shown(closing.value, closing.currency, locale)}"
    st.caption(
        words.plain(
            f"{closing.result.capitalize()} on {words.day(closing.closed_on, locale)} {worth}: reports keep that. "
            "Another value here is a correction, and the history says so. To have it counted, reopen the deal and "
            "close it anew."
        )
    )


LAYOUT = FormLayout(
    DEAL,
    order=(
        *("title", "value", "currency", "expected_close", "priority", "owner_id", "team_id"),
        *("contact_id", "company_id", "source"),
    ),
    elsewhere=frozenset({"identifier"}),
    absent=_of_lines,
    above=_of_a_closed_one,
)
LATER = frozenset(LAYOUT.order) - frozenset(NEW)
"""Fields that a new deal is not asked for, unless its stage does."""


def facts(deal: Deal, only: Iterable[str] | None = None) -> None:
    """What the deal holds, for those who may not change it."""
    with session.reading() as tx:
        locale = workspace.get(tx).locale
        fields = form_fields.read(tx, LAYOUT, only, ())
    shown = {}
    for one in fields:
        label = words.plain(one.label)
        if one.definition:
            value = deal.attributes.get(one.definition.key)
            shown[label] = record_fields.shown(one.definition, value, deal.currency, locale)
        elif one.key != "title":
            value = getattr(deal, one.key)
            name = DEAL.name_fields.get(one.key)
            names = {value: getattr(deal, name)} if name else {}
            shown[label] = words.plain(one.shown(value, names, deal.currency, locale))
    st.table(shown, border="horizontal")
