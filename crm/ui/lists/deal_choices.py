"""The choices of a bulk move or closing of deals."""

import streamlit as st

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.language import tr
from crm.records.bulk import Action, Change
from crm.ui import session
from crm.ui.components import days


def stage() -> Change | None:
    """An open stage of any pipeline; those of the one that the address names come first."""
    with session.reading() as tx:
        every = pipelines.all_of(tx)
    here = st.query_params.get("pipeline", "")
    every.sort(key=lambda one: str(one.id) != here)
    named = {
        found.id: f"{one.name} · {found.name}" if len(every) > 1 else found.name
        for one in every
        for found in one.open_stages
    }
    stage_id = st.selectbox(
        tr("Stage"), list(named), index=None, format_func=named.__getitem__, placeholder=tr("Choose"), key="bulk-stage"
    )
    return None if stage_id is None else Change(action=Action.MOVE, stage_id=stage_id)


def closing(action: Action) -> Change | None:
    """The day and the reason, which lost deals require."""
    won = action is Action.WIN
    with session.reading() as tx:
        named = {one.id: one.name for one in deals.close_reasons(tx, "won" if won else "lost")}
    today = clock.today(session.actor().time_zone)
    day = days.ask(tr("Closed on"), today, key=f"bulk-day-{action}")
    reason_id = st.selectbox(
        tr("Reason"),
        list(named),
        index=None,
        format_func=named.__getitem__,
        placeholder=tr("None") if won else tr("Choose one, or write a note"),
        key=f"bulk-reason-{action}",
    )
    note = st.text_input(tr("Note"), max_chars=2000, key=f"bulk-note-{action}").strip()
    if not won and reason_id is None and not note:
        st.caption(tr("Say why they were lost: choose a reason or write a note."))
        return None
    return Change(action=action, on=day, reason_id=reason_id, note=note or None)
