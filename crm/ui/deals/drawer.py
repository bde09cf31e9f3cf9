"""The drawer that a card opens: badges, a quick edit, closing, the way to the deal's page. The address holds it as
`deal`, so that it can be shared and outlives a rerun for somebody else's change."""

import streamlit as st

from crm import deals, pipelines
from crm.deals import Deal
from crm.foundation import bounds
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.pipelines import Kind, Pipeline
from crm.ui import refusals, session, words
from crm.ui.checklists import next_steps
from crm.ui.components.dialogs import dialog
from crm.ui.deals import closing, form, health_card, moving
from crm.ui.deals.badges import badges
from crm.ui.forms import record_form
from crm.ui.forms.draft import forget
from crm.ui.records import record_notes, record_state, related_cards


def open_(deal_id: int) -> None:
    # The draft of the deal that was open before must not stand in this one's fields.
    forget("drawer")
    st.query_params["deal"] = str(deal_id)


def open_deal() -> int | None:
    """The id of the deal whose drawer is open, None where none is."""
    return bounds.whole(st.query_params.get("deal", ""))


def dismiss() -> None:
    forget("drawer")
    st.query_params.pop("deal", None)


@dialog(later("Deal"), width=520, position="right", icon=":material/handshake:", on_dismiss=dismiss)
def show(deal_id: int) -> None:
    try:
        with session.reading() as tx:
            actor, today = tx.actor, tx.today
            deal = deals.get(tx, deal_id)
            pipeline = pipelines.get(tx, deal.pipeline_id)
            contact = related_cards.read_contact(tx, deal.contact_id)
            locale = tx.actor.language
            may_change = actor.may(Permission.MANAGE_CRM)
            steps = next_steps.read(tx, deal_id, locale=locale, may_write=may_change)
    except CrmError as refusal:
        refusals.show(refusal)
        return
    refusals.show_kept()
    st.subheader(words.plain(deal.title), anchor=False)
    badges(deal, today, locale)
    health_card.brief(deal)
    if contact:
        related_cards.contact(contact)
    if may_change:
        _edit(deal)
        _stage(deal, pipeline)
        _ways_out(deal)
    else:
        form.facts(deal, form.SHORT)
    st.markdown(tr("**Notes**"))
    record_notes.newest("deal", deal.id, may_write=may_change, locale=locale)
    next_steps.ticks(steps)
    st.page_link(
        "pages/deal.py",
        label=tr("Open the whole deal"),
        icon=":material/open_in_full:",
        query_params={"deal": str(deal.id)},
    )


def _edit(deal: Deal) -> None:
    quick = record_form.begin(form.LAYOUT, f"drawer-{deal.id}", deal, only=form.SHORT)
    record_form.draw(quick)
    if record_form.save_button(quick):
        dismiss()
        st.rerun()


def _stage(deal: Deal, pipeline: Pipeline) -> None:
    """Draw the stage of an open deal; a choice moves it."""
    if not deal.is_open:
        return
    names = {stage.id: stage.name for stage in pipeline.open_stages}
    key = f"{record_state.of('deal', deal.id)}-drawer-stage"
    # The record decides where it stands, not the widget: the move may be refused, or somebody else may have made one.
    st.session_state[key] = deal.stage_id
    st.selectbox(tr("Stage"), list(names), format_func=names.__getitem__, key=key, on_change=_move, args=(deal, key))


def _move(deal: Deal, key: str) -> None:
    """Callback of the stage."""
    moving.on_press(deals.move, deal, to_stage=st.session_state[key])


def _ways_out(deal: Deal) -> None:
    with st.container(horizontal=True):
        if deal.is_open:
            st.button(tr("Won"), icon=":material/emoji_events:", on_click=_close, args=(deal, Kind.WON))
            st.button(tr("Lost"), icon=":material/heart_broken:", on_click=_close, args=(deal, Kind.LOST))
        elif st.button(tr("Reopen"), icon=":material/undo:") and moving.attempt(deals.reopen, deal):
            dismiss()
            st.rerun()


def _close(deal: Deal, kind: Kind) -> None:
    """Callback: ask how the deal is to be closed."""
    dismiss()
    # Streamlit shows one dialog at a time: this one takes the drawer's place.
    closing.ask(deal.id, kind, deal.version)
    st.rerun()
