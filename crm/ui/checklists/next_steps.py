"""The next steps of a deal: the card with its checklists, in which one ticks, adds, changes and orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr, tr_as
from crm.records import checklists
from crm.records.checklists import LONGEST, Checklist, Item
from crm.store import Reading, Writing
from crm.ui import refusals, session, words
from crm.ui.checklists import dialogs
from crm.ui.components import days, lazy
from crm.ui.records import record_layout, record_state

TITLE = later("Next steps")
"""Also the name of the checklist that the first step of a deal is put into: kept in English, and translated where it is
shown."""
EDIT, MINE, REMOVE = later("Edit"), later("I do it"), later("Remove")
NEW, ORDER, RENAME, UP, REMOVE_LIST = (
    later("New checklist"),
    "Order",
    later("Rename"),
    later("Move up"),
    later("Remove list"),
)
ICONS = {
    EDIT: "edit",
    MINE: "person_raised_hand",
    REMOVE: "delete",
    NEW: "add_task",
    ORDER: "swap_vert",
    RENAME: "edit",
    UP: "arrow_upward",
    REMOVE_LIST: "delete",
}


@dataclass(frozen=True)
class NextSteps:
    """What the card shows, from one snapshot."""

    deal_id: int
    lists: Sequence[Checklist]
    today: date
    locale: str
    may_write: bool


def read(tx: Reading, deal_id: int, *, locale: str, may_write: bool) -> NextSteps:
    return NextSteps(deal_id, checklists.of(tx, deal_id), tx.today, locale, may_write)


def show(steps: NextSteps) -> None:
    total, done = sum(one.total for one in steps.lists), sum(one.done for one in steps.lists)
    with record_layout.card("steps"):
        with record_layout.titled_row(tr(TITLE)):
            if total:
                st.caption(f"{done}/{total}", width="content")
            if steps.may_write:
                _card_menu(steps, total)
        if not total:
            st.caption(tr("Nothing to tick off yet.") if steps.may_write else tr("No checklists."))
        for number, checklist in enumerate(steps.lists):
            _list(checklist, steps, first=number == 0)
        if steps.may_write:
            _adding(steps)


def ticks(steps: NextSteps) -> None:
    """Draw the items alone, to tick; for a drawer, which can open no dialog."""
    for checklist in steps.lists:
        if checklist.items:
            st.caption(f"{words.plain(_named(checklist))} · {checklist.done}/{checklist.total}")
        for item in checklist.items:
            _box(item, steps)


def _named(checklist: Checklist) -> str:
    return tr(TITLE) if checklist.name == TITLE else checklist.name


def _card_menu(steps: NextSteps, total: int) -> None:
    chosen = _menu([NEW, *([ORDER] if total > 1 else [])], key=f"{record_state.of('deal', steps.deal_id)}-steps-menu")
    if chosen == NEW:
        with session.reading() as tx:
            templates = checklists.templates(tx)
        dialogs.new(steps.deal_id, templates)
    if chosen == ORDER:
        dialogs.order(steps.deal_id)


def _entry(name: str) -> str:
    """An entry of a menu with its icon."""
    shown = tr_as("verb", "Order") if name == ORDER else tr(name)
    return f":material/{ICONS[name]}: {shown}"


def _menu(entries: list[str], *, key: str) -> str | None:
    chosen: str | None = st.menu_button(
        tr("More"),
        entries,
        format_func=_entry,
        type="tertiary",
        icon=":material/more_horiz:",
        key=key,
    )
    return chosen


def _list(checklist: Checklist, steps: NextSteps, *, first: bool) -> None:
    # A deal with one list, the one that its first step made, has a card and no list to speak of.
    if len(steps.lists) > 1 or checklist.name != TITLE:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
            done = f" · {checklist.done}/{checklist.total}" if len(steps.lists) > 1 else ""
            st.caption(f"{words.plain(_named(checklist))}{done}")
            if steps.may_write:
                _list_menu(checklist, steps, first=first)
    for item in checklist.items:
        _item(item, steps)


def _list_menu(checklist: Checklist, steps: NextSteps, *, first: bool) -> None:
    entries = [RENAME, *([] if first else [UP]), REMOVE_LIST]
    chosen = _menu(entries, key=f"{record_state.of('deal', steps.deal_id)}-checklist-{checklist.id}-menu")
    if chosen == RENAME:
        dialogs.rename(checklist)
    if chosen == UP and session.done(checklists.arrange, checklist.deal_id, _moved_up(checklist, steps.lists)):
        st.rerun()
    if chosen == REMOVE_LIST:
        dialogs.remove(checklist)


def _moved_up(checklist: Checklist, lists: Sequence[Checklist]) -> dict[int, list[int]]:
    ids = [other.id for other in lists]
    place = ids.index(checklist.id)
    ids[place - 1], ids[place] = ids[place], ids[place - 1]
    # Lists alone: items that an order does not contain stay where they are.
    return {checklist_id: [] for checklist_id in ids}


def _item(item: Item, steps: NextSteps) -> None:
    with st.container(horizontal=True, vertical_alignment="top", horizontal_alignment="distribute", wrap=False):
        with st.container(gap=None, width="stretch"):
            _box(item, steps)
            if facts := _facts(item, steps):
                st.markdown(" ".join(facts))
        if steps.may_write:
            _item_menu(item, steps)


def _box(item: Item, steps: NextSteps) -> None:
    """Draw the tick of an item."""
    key = f"{record_state.of('deal', steps.deal_id)}-item-{item.id}"
    # The record decides, not the widget: somebody else may have ticked it meanwhile.
    st.session_state[key] = item.is_done
    text = words.plain(item.text)
    st.checkbox(
        # Nothing but the text: screen readers are given the label as it is written here, badges as their markup.
        f"~~{text}~~" if item.is_done else text,
        key=key,
        disabled=not steps.may_write,
        on_change=_toggle,
        args=(item.id, key),
    )


def _facts(item: Item, steps: NextSteps) -> list[str]:
    """When an item is due and who is to do it; of a ticked one, who did it."""
    if item.is_done:
        return [f":small[:gray[{words.plain(item.done_by_name)}]]"]
    found = []
    if item.due_on:
        late, today = item.is_late(steps.today), item.due_on == steps.today
        due = words.day(item.due_on, steps.locale)
        if late:
            due = tr("{day} · late", day=due)
        elif today:
            due = tr("{day} · today", day=due)
        found.append(words.badge(due, "red" if late else "orange" if today else "gray", "event"))
    if item.assignee_name:
        found.append(f":small[:gray[{words.plain(item.assignee_name)}]]")
    return found


def _toggle(item_id: int, key: str) -> None:
    """Callback of an item's tick."""
    session.on_press(checklists.tick if st.session_state[key] else checklists.untick, item_id)


def _item_menu(item: Item, steps: NextSteps) -> None:
    me = session.actor().id
    mine = [] if item.is_done or item.assignee_id == me else [MINE]
    chosen = _menu([EDIT, *mine, REMOVE], key=f"{record_state.of('deal', steps.deal_id)}-item-{item.id}-menu")
    if chosen == EDIT:
        with session.reading() as tx:
            people = checklists.assignable(tx, steps.deal_id)
        dialogs.edit(item, people)
    if chosen == MINE and session.done(checklists.edit_item, item.id, assignee_id=me):
        st.rerun()
    if chosen == REMOVE and session.done(checklists.remove_item, item.id):
        st.rerun()


def _adding(steps: NextSteps) -> None:
    """Draw the popover of a new step; what was typed into it outlives its closing."""
    name = f"{record_state.of('deal', steps.deal_id)}-step"
    keys = {field: f"{name}-{record_state.turn(name)}-{field}" for field in ("text", "due", "who", "list")}
    record_state.keep(*keys.values())
    lazy.popover(tr("Add"), partial(_new_step, steps, name, keys), key=name, icon=":material/add:", type="tertiary")


def _new_step(steps: NextSteps, name: str, keys: dict[str, str]) -> None:
    record_state.restore(*keys.values())
    with session.reading() as tx:
        people = checklists.assignable(tx, steps.deal_id)
    st.text_input(
        tr("New step"),
        placeholder=tr("What is to be done?"),
        max_chars=LONGEST,
        key=keys["text"],
        # Sent with whatever comes next: Escape closes a popover before the box in it is left.
        live=True,
        on_change="ignore",
    )
    dialogs.assignee(people, None, key=keys["who"])
    names = {checklist.id: _named(checklist) for checklist in steps.lists}
    list_id = next(iter(names), None)
    if len(names) > 1:
        list_id = st.selectbox(tr("Checklist"), list(names), format_func=lambda one: names[one], key=keys["list"])
    # Side by side: the calendar that opens below the day would cover the button.
    with st.container(horizontal=True, vertical_alignment="bottom"):
        days.ask(tr("Due"), key=keys["due"], width=160)
        st.button(
            tr("Add step"),
            type="primary",
            icon=":material/add:",
            key=f"{name}-add",
            on_click=_add,
            args=(steps.deal_id, list_id, name, keys),
        )
    refusals.show_kept(name)


def _add(deal_id: int, list_id: int | None, name: str, keys: dict[str, str]) -> None:
    """Callback: add the step as it is typed now; the boxes stay as they are where it is refused."""
    text, due_on, assignee_id = (st.session_state.get(keys[field]) for field in ("text", "due", "who"))
    try:
        session.do(_added, deal_id, st.session_state.get(keys["list"], list_id), text or "", due_on, assignee_id)
    except CrmError as refusal:
        refusals.keep(refusal, name)
    else:
        record_state.saved(name, *keys.values())


def _added(
    tx: Writing, deal_id: int, list_id: int | None, text: str, due_on: date | None, assignee_id: int | None
) -> Item:
    # In the same transaction: a step that is refused leaves no empty list behind.
    into = checklists.add(tx, deal_id, TITLE).id if list_id is None else list_id
    return checklists.add_item(tx, into, text, due_on=due_on, assignee_id=assignee_id)
