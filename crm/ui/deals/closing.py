"""The dialog that Won and Lost open: the day, the reason, a note. Nothing is written before it is answered."""

from typing import Any

import streamlit as st

from crm import deals, pipelines
from crm.deals import Deal, stage_rules
from crm.foundation.errors import CrmError, Stale
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.ui import refusals, session, words
from crm.ui.components import days
from crm.ui.deals import moving

OPEN = "closing"


def ask(deal_id: int, kind: Kind, version: int) -> None:
    """Callback: open the dialog on the next run."""
    st.session_state[OPEN] = {"id": deal_id, "kind": kind, "version": version}


def is_open() -> bool:
    return OPEN in st.session_state


def dismiss() -> None:
    st.session_state.pop(OPEN, None)


def show() -> None:
    """Draw the dialog, which is open."""
    question = st.session_state[OPEN]
    won = question["kind"] is Kind.WON
    title, icon = (tr("Won"), ":material/emoji_events:") if won else (tr("Lost"), ":material/heart_broken:")
    st.dialog(title, icon=icon, on_dismiss=dismiss)(_question)(question)


def _question(question: dict[str, Any]) -> None:
    try:
        with session.reading() as tx:
            deal = deals.get(tx, question["id"])
            pipeline = pipelines.get(tx, deal.pipeline_id)
            end = pipeline.won if question["kind"] is Kind.WON else pipeline.lost
            stage_rules.require(tx, deal.id, deal.title, end)  # better said before the day and the reason are asked
            reasons = deals.close_reasons(tx, question["kind"].value)
            today = tx.today
    except CrmError as refusal:
        refusals.show(refusal)
        return
    won = question["kind"] is Kind.WON
    st.markdown(f"**{words.plain(deal.title)}**")
    day = days.ask(tr("Closing day"), today, key=f"closing-day-{deal.id}")
    names = {reason.id: reason.name for reason in reasons}
    reason = st.selectbox(
        tr("Reason (optional)") if won else tr("Reason"),
        list(names),
        index=None,
        format_func=lambda reason_id: names[reason_id],
        placeholder=tr("Choose a reason"),
        key=f"closing-reason-{deal.id}",
    )
    note = st.text_area(tr("Note"), placeholder=tr("What decided it?"), max_chars=2000, key=f"closing-note-{deal.id}")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel")):
            dismiss()
            st.rerun()
        if st.button(tr("Mark as won") if won else tr("Mark as lost"), type="primary", icon=":material/check:"):
            _write(deal, question, on=day, reason_id=reason, note=note)


def _write(deal: Deal, question: dict[str, Any], **fields: Any) -> None:
    """Close the deal; a refusal is shown in the dialog, which stays."""
    verb = deals.win if question["kind"] is Kind.WON else deals.lose
    try:
        moving.do(verb, deal, version=question["version"], **fields)
    except Stale as refusal:
        # Somebody else's change has been said now: pressed again, it closes the deal as it is.
        question["version"] = deal.version
        refusals.show(refusal)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        dismiss()
        st.rerun()
