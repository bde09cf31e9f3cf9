"""Deal: one deal with its fields, stages, lines, closing, checklists, orders and history."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import NoReturn

import streamlit as st
from babel.dates import format_timedelta
from babel.units import format_unit

from crm import deals, pipelines
from crm.deals import Counters, Deal, Movement
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError, NotFound
from crm.pipelines import Kind, Pipeline
from crm.platform import workspace
from crm.records import bin as the_bin
from crm.ui import live, refusals, session, words
from crm.ui.checklists import tab as checklist
from crm.ui.components import address
from crm.ui.deals import closing, form, health_card, lines
from crm.ui.deals.badges import badges
from crm.ui.forms import record_form
from crm.ui.orders import drawer as order_drawer
from crm.ui.orders import related
from crm.ui.records import record_labels, record_page

DELETING = "deleting-deal"
ARRIVALS = {
    "create": "Created",
    "move": "Moved",
    "won": "Won",
    "lost": "Lost",
    "reopen": "Reopened",
    "pipeline": "Changed pipeline",
    "import": "Imported",
}
HISTORY_ROWS, HISTORY_PX = 12, 640
"""A longer history scrolls in a room of its own."""


def stage_steps(deal: Deal, pipeline: Pipeline) -> None:
    """Draw the stages as steps: passed ones are ticked, a press moves the deal to one."""
    reached = next((n for n, stage in enumerate(pipeline.open_stages) if stage.id == deal.stage_id), None)
    with st.container(horizontal=True, gap="xsmall"):
        for number, stage in enumerate(pipeline.open_stages):
            here = stage.id == deal.stage_id
            passed = (reached is None and deal.status is Kind.WON) or (reached is not None and number < reached)
            st.button(
                words.plain(stage.name),
                key=f"stage-{stage.id}",
                type="primary" if here else "secondary",
                icon=":material/check:" if passed else ":material/location_on:" if here else None,
                disabled=not may_change,
                on_click=None if here else go_to,
                args=(deal, stage.id),
                help=f"{stage.probability:g} %",
            )
        if deal.is_open and may_change:
            won, lost = pipeline.won, pipeline.lost
            close_button(deal, Kind.WON, won.name, ":material/emoji_events:")
            close_button(deal, Kind.LOST, lost.name, ":material/heart_broken:")


def close_button(deal: Deal, kind: Kind, name: str, icon: str) -> None:
    st.button(
        words.plain(name), icon=icon, key=f"close-{kind}", on_click=closing.ask, args=(deal.id, kind, deal.version)
    )


def go_to(deal: Deal, stage_id: int) -> None:
    session.attempt(deals.move, deal.id, to_stage=stage_id, version=deal.version)


def closed_box(deal: Deal) -> None:
    why = ": ".join(part for part in (deal.close_reason, deal.close_note) if part)
    text = f"**{words.plain(deal.stage_name)}** on {words.day(deal.closed_on, locale)}"
    box = st.success if deal.status is Kind.WON else st.error
    with st.container(horizontal=True, vertical_alignment="center"):
        box(text + (f" · {words.plain(why)}" if why else ""), icon=":material/flag:")
        if may_change:
            st.button("Reopen", icon=":material/undo:", on_click=reopen, args=(deal,))


def reopen(deal: Deal) -> None:
    session.attempt(deals.reopen, deal.id, version=deal.version)


def fields(deal: Deal) -> None:
    whole = record_form.begin(form.LAYOUT, f"deal-{deal.id}", deal)
    record_form.draw(whole)
    if record_form.save_button(whole):
        st.toast("Saved.", icon=":material/check:")
        st.rerun()


def orders_of(deal: Deal, its_orders: related.RelatedOrders) -> None:
    """Draw the deal's orders; a new one begins with what the deal says."""
    fields = deal.model_dump(include={"contact_id", "contact_name", "currency", "value"})
    preset = {"deal_id": deal.id, "deal_title": deal.title, **fields}
    related.show("deal", deal.id, its_orders, locale, may_add=may_change, **preset)


def when(move: Movement) -> str:
    """The day of a closing, the moment of any other movement."""
    # A closing counts on a day, at whatever hour it was recorded.
    return words.day(move.closed_on, locale) if move.closed_on else words.moment(move.at, zone, locale)


def history(moves: list[Movement]) -> None:
    """Draw the movements, newest first."""
    shown = moves[::-1]
    with st.container(height=HISTORY_PX if len(moves) > HISTORY_ROWS else "content", border=False):
        # A table breaks its lines. A grid would cut them: half a window is too narrow for one line a movement.
        st.table(
            {
                "Movement": [
                    words.plain(f"{move.from_stage} → {move.to_stage}" if move.from_stage else move.to_stage)
                    for move in shown
                ],
                "Stood there": [words.plain(stood(move.stood)) for move in shown],
                "When": [words.plain(when(move)) for move in shown],
                "By": [words.plain(move.by_name) for move in shown],
                "How": [ARRIVALS[move.kind] for move in shown],
            },
            border="horizontal",
            hide_index=True,
        )


def stood(span: timedelta | None) -> str:
    if span is None:
        return "–"
    if span.days > 1:
        return str(format_unit(span.days, "duration-day", locale=locale))
    return str(format_timedelta(span, locale=locale))


def head(deal: Deal) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(words.plain(deal.title), anchor=False, width="content")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.page_link(
                "pages/pipeline.py",
                label=words.plain(deal.pipeline_name),
                icon=":material/view_kanban:",
                query_params={"pipeline": str(deal.pipeline_id)},
            )
            follow_button(deal)
            if may_change:
                st.button("Delete", icon=":material/delete:", on_click=ask_delete)


def follow_button(deal: Deal) -> None:
    """Draw the button that follows the deal, or stops following it."""
    if following:
        label, icon, verb = "Following", ":material/notifications_active:", deals.unfollow
        help_ = "You hear when somebody wins it. Press to stop."
    # The owner is notified anyhow.
    elif deal.owner_id != me:
        label, icon, verb = "Follow", ":material/notifications:", deals.follow
        help_ = "Hear when somebody wins it."
    else:
        return
    st.button(label, icon=icon, key="follow", help=help_, on_click=session.attempt, args=(verb, deal.id))


def ask_delete() -> None:
    st.session_state[DELETING] = deal_id


def cancel_delete() -> None:
    st.session_state.pop(DELETING, None)


@st.dialog("Delete this deal?", icon=":material/delete:", on_dismiss=cancel_delete)
def confirm_delete(deal: Deal) -> None:
    st.markdown(f"**{words.plain(deal.title)}** goes to the bin, from which it can be brought back for 30 days.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            cancel_delete()
            st.rerun()
        if st.button("Delete it", type="primary", icon=":material/delete:"):
            delete(deal)


def delete(deal: Deal) -> None:
    try:
        session.do(deals.delete, deal.id, version=deal.version)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        cancel_delete()
        st.rerun()


def not_found(*, in_bin: bool) -> NoReturn:
    st.title("Deal", anchor=False)
    if in_bin:
        record_page.in_the_bin(deals.DEAL, deal_id)
    else:
        st.info("There is no such deal, or you may not see it.", icon=":material/search_off:")
    st.stop()


live.on_change("deal", "order", key="deal-live")
deal_id = address.record_id("deal")
with session.reading() as tx:
    me, may_change = tx.actor.id, tx.actor.may(Permission.MANAGE_CRM)
    zone, now, today = tx.actor.time_zone, tx.now, tx.today
    locale = workspace.get(tx).locale
    try:
        deal = deals.get(tx, deal_id)
    except NotFound:
        not_found(in_bin=the_bin.is_restorable(tx, "deal", deal_id))
    pipeline = pipelines.get(tx, deal.pipeline_id)
    every_label = record_labels.names(tx)
    moves = deals.movements(tx, deal_id)
    following = deals.follows(tx, deal_id)
    its_orders = related.read(tx, "deal", deal_id)
    context = record_page.context(tx, deals.DEAL, deal_id)
    listed = checklist.read(tx, deal_id, locale=locale, may_write=may_change)

head(deal)
counters = Counters(
    notes=len(context.notes),
    files=len(context.files),
    items=sum(each.total for each in listed.lists),
    done=sum(each.done for each in listed.lists),
)
badges(deal, today, locale, counters)
health_card.show(deal, zone, locale)
if not deal.is_open:
    closed_box(deal)
stage_steps(deal, pipeline)
lines.show(deal, may_change=may_change, locale=locale)
own_tabs: dict[str, Callable[[], None]] = {
    ":material/route: Movements": lambda: history(moves),
    ":material/checklist: Checklist": lambda: checklist.show(deal_id, listed),
}
if its_orders is not None:
    own_tabs[":material/receipt_long: Orders"] = partial(orders_of, deal, its_orders)
left, right = st.columns(2, gap="large")
with left:
    st.subheader("Details", anchor=False)
    record_page.links(deals.DEAL, deal)
    record_labels.choice("deal", deal, every_label, deals.set_labels, may=may_change)
    if may_change:
        fields(deal)
    else:
        form.facts(deal)
with right:
    record_page.tabs(deals.DEAL, deal, context, own=own_tabs)
if closing.is_open():
    closing.show()
elif st.session_state.get(DELETING) == deal_id:
    confirm_delete(deal)
elif its_orders is not None:
    order_drawer.show()
