"""Saving a draft of a deal, and what is shown where others changed it meanwhile."""

import streamlit as st

from crm import deals
from crm.deals import Deal
from crm.errors import CrmError, Stale
from crm.ui import refusals, session, unsaved, words
from crm.ui.deals import form, keeping
from crm.ui.deals.draft import Draft, forget


def news(draft: Draft, deal: Deal, given: form.Choices, locale: str) -> None:
    """What others changed while this person was typing; and the fields where both did, to choose.

    It has a place of its own even when there is none, so that the fields below stay where they are in the page:
    those that move would be seen twice until the next rerun.
    """
    keeping.keep(draft, given, locale)
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


def _what_happened(deal: Deal, seen: int) -> str:
    try:
        with session.reading() as tx:
            deals.get(tx, deal.id, version=seen)
    except CrmError as refusal:
        return str(refusal)
    return f"“{deal.title}” has changed since you opened it."
