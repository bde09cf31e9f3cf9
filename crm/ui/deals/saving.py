"""Saving a draft of a deal, and what is shown where others changed it meanwhile."""

import streamlit as st

from crm import deals
from crm.deals import Deal
from crm.foundation import money
from crm.foundation.errors import CrmError, Stale
from crm.ui import refusals, session, words
from crm.ui.components import unsaved
from crm.ui.deals import form, keeping
from crm.ui.deals.draft import Draft, forget


def news(draft: Draft, deal: Deal, given: form.Choices, locale: str) -> None:
    """What others changed while this person was typing; and the fields where both did, to choose.

    It has a place of its own even when there is none, so that the fields below stay where they are in the page:
    those that move would be seen twice until the next rerun.
    """
    keeping.keep(draft, given, locale)
    _of_a_closed_one(deal, locale)
    with st.container():
        if draft.seen == deal.version:
            return
        st.warning(words.plain(_what_happened(deal, draft.seen)), icon=":material/sync_problem:")
        form.settle_conflicts(draft, given, lambda field, value: form.shown(field, value, deal, given, locale))


def button(draft: Draft, deal: Deal) -> bool:
    """The button that writes the draft; True once it is written. Others may be quicker than the click: the page is
    then drawn again with what they made of the deal, and the draft as it is."""
    pressed = st.button(
        "Save",
        type="primary",
        icon=":material/save:",
        key=f"{draft.key}-save",
        disabled=bool(draft.conflicts),
        help="Choose whose values to keep first." if draft.conflicts else None,
    )
    if not pressed or draft.conflicts:
        return False
    try:
        session.do(deals.edit, deal.id, version=deal.version, **form.changes(draft))
    except Stale:
        st.rerun()
    except CrmError as refusal:
        refusals.show(refusal)
        return False
    forget(draft.key)
    unsaved.drop(draft.key)
    st.toast("Saved.", icon=":material/check:")
    return True


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


def _what_happened(deal: Deal, seen: int) -> str:
    try:
        with session.reading() as tx:
            deals.get(tx, deal.id, version=seen)
    except CrmError as refusal:
        return str(refusal)
    return f"“{deal.title}” has changed since you opened it."
