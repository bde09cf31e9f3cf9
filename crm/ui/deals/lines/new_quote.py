"""Making a quote of a deal's lines, from the head of its page."""

from datetime import timedelta
from functools import partial

import streamlit as st

from crm.deals import Deal, quote
from crm.deals.quote import Quote
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.ui import refusals, session
from crm.ui.components import days, lazy
from crm.ui.deals.lines import issued_quotes, section
from crm.ui.records import record_state


def popover(deal: Deal) -> None:
    """Draw the popover in which a quote is made; what was typed into it outlives its closing."""
    name = f"{record_state.of('deal', deal.id)}-quote"
    keys = {field: f"{name}-{record_state.turn(name)}-{field}" for field in ("until", "note")}
    record_state.keep(*keys.values())
    lazy.popover(tr("Quote"), partial(_make, deal, name, keys), key=name, icon=":material/picture_as_pdf:")


def _make(deal: Deal, name: str, keys: dict[str, str]) -> None:
    record_state.restore(*keys.values())
    with session.reading() as tx:
        today, issued = tx.today, quote.issued(tx, deal.id)
    if not deal.has_lines:
        st.caption(tr("A quote is made of the deal’s lines. Add the first one under “Lines and quotes”."))
        return
    if section.is_unsaved(deal.id):
        # A quote is made of the stored lines: what is only typed would be missing in it.
        missing = tr("Save the lines first: what is only typed would be missing.")
        st.caption(f":material/warning: {missing}")
        return
    if made := st.session_state.get(f"{name}-made"):
        _made(next((one for one in issued if one.id == made), None), name)
        return
    st.session_state.setdefault(keys["until"], today + timedelta(days=quote.USUAL_DAYS))
    days.ask(tr("Valid until"), key=keys["until"])
    st.text_area(
        tr("Note on the quote"),
        placeholder=tr("Terms of payment, delivery …"),
        max_chars=2000,
        key=keys["note"],
    )
    refusals.show_kept(name)
    st.button(
        tr("Create quote"),
        type="primary",
        icon=":material/check:",
        key=f"{name}-issue",
        on_click=_issue,
        args=(deal.id, name, keys),
    )
    if issued:
        issued_quotes.link(issued[0], place="popover")


def _made(issued: Quote | None, name: str) -> None:
    """In the place of the form once a quote is made of it: a second press finds no button."""
    if issued:
        made = tr("Quote {number} was created.", number=issued.number)
        st.markdown(f":material/check_circle: {made}")
        issued_quotes.link(issued, place="popover")
    st.button(tr("Another quote"), type="tertiary", key=f"{name}-another", on_click=_forget, args=(f"{name}-made",))


def _forget(key: str) -> None:
    st.session_state.pop(key, None)


def _issue(deal_id: int, name: str, keys: dict[str, str]) -> None:
    """Callback: make the quote with what is typed now."""
    if st.session_state.get(f"{name}-made"):  # the second of two quick presses
        return
    until, note = (st.session_state.get(keys[field]) for field in ("until", "note"))
    try:
        made = session.do(quote.issue, deal_id, valid_until=until, note=note)
    except CrmError as refusal:
        refusals.keep(refusal, name)
    else:
        st.session_state[f"{name}-made"] = made.id
        record_state.saved(name, *keys.values())
