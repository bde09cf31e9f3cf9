"""The checklists of a deal on its page: tick, add, change, order, apply templates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from crm.records import checklists
from crm.records.checklists import LONGEST, Checklist, Item, Template
from crm.store import Reading
from crm.ui import session, words
from crm.ui.checklists import dialogs
from crm.ui.components import days

ADD, ORDER = "Checklist", "Order"
_ROUND = "checklist-round"
EDIT, MINE, REMOVE = "Edit", "I do it", "Remove"
RENAME, UP, REMOVE_LIST = "Rename", "Move up", "Remove list"
ICONS = {
    EDIT: "edit",
    MINE: "person_raised_hand",
    REMOVE: "delete",
    RENAME: "edit",
    UP: "arrow_upward",
    REMOVE_LIST: "delete",
}


@dataclass(frozen=True)
class ChecklistTab:
    """What the tab shows, from one snapshot."""

    lists: list[Checklist]
    templates: list[Template]
    people: Mapping[int, str]
    today: date
    locale: str
    may_write: bool


def read(tx: Reading, deal_id: int, *, locale: str, may_write: bool) -> ChecklistTab:
    return ChecklistTab(
        lists=checklists.of(tx, deal_id),
        templates=checklists.templates(tx) if may_write else [],
        people=checklists.assignable(tx, deal_id) if may_write else {},
        today=tx.today,
        locale=locale,
        may_write=may_write,
    )


def show(deal_id: int, tab: ChecklistTab) -> None:
    with st.container():  # also when empty: elements below would change places, and be drawn twice meanwhile
        if tab.may_write:
            _head(deal_id, tab)
    if not tab.lists:
        st.caption("Nothing to tick off yet." if tab.may_write else "No checklists.")
    for number, checklist in enumerate(tab.lists):
        with st.container(border=True, gap="small", key=f"checklist-{checklist.id}"):
            _list(checklist, tab, first=number == 0)


def _head(deal_id: int, tab: ChecklistTab) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("New checklist", icon=":material/add_task:", key=f"new-checklist-{deal_id}"):
            dialogs.new(deal_id, tab.templates)
        if sum(checklist.total for checklist in tab.lists) > 1 and st.button(
            ORDER, icon=":material/swap_vert:", type="tertiary", key=f"order-checklist-{deal_id}"
        ):
            dialogs.order(deal_id)


def _list(checklist: Checklist, tab: ChecklistTab, *, first: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.markdown(f"**{words.plain(checklist.name)}**", width="stretch")
        st.caption(
            f"{checklist.done}/{checklist.total}", width="content", help=f"{checklist.done} of {checklist.total} done"
        )
        if tab.may_write:
            _list_menu(checklist, tab, first=first)
    if checklist.total:
        st.progress(checklist.done / checklist.total)
    for item in checklist.items:
        _item(item, tab)
    if tab.may_write:
        _add(checklist, tab)


def _list_menu(checklist: Checklist, tab: ChecklistTab, *, first: bool) -> None:
    chosen = st.menu_button(
        "More",
        [RENAME, *([] if first else [UP]), REMOVE_LIST],
        format_func=lambda name: f":material/{ICONS[name]}: {name}",
        type="tertiary",
        icon=":material/more_horiz:",
        key=f"checklist-{checklist.id}-menu",
    )
    if chosen == RENAME:
        dialogs.rename(checklist)
    if (
        chosen == UP
        and session.done(checklists.arrange, checklist.deal_id, _moved_up(checklist, tab.lists)) is not None
    ):
        st.rerun()
    if chosen == REMOVE_LIST:
        dialogs.remove(checklist)


def _moved_up(checklist: Checklist, lists: list[Checklist]) -> dict[int, list[int]]:
    ids = [other.id for other in lists]
    place = ids.index(checklist.id)
    ids[place - 1], ids[place] = ids[place], ids[place - 1]
    # Lists alone: items that an order does not contain stay where they are.
    return {checklist_id: [] for checklist_id in ids}


def _item(item: Item, tab: ChecklistTab) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        with st.container(gap=None, width="stretch"):
            _box(item, tab)
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                _facts(item, tab)
        if tab.may_write:
            _item_menu(item, tab)


def _box(item: Item, tab: ChecklistTab) -> None:
    """Draw the tick of an item."""
    key = f"item-{item.id}"
    # The record decides, not the widget: somebody else may have ticked it meanwhile.
    st.session_state[key] = item.is_done
    text = words.plain(item.text)
    st.checkbox(
        f"~~{text}~~" if item.is_done else text,
        key=key,
        disabled=not tab.may_write,
        on_change=_toggle,
        args=(item.id,),
    )


def _toggle(item_id: int) -> None:
    """Callback of an item's tick."""
    verb = checklists.tick if st.session_state[f"item-{item_id}"] else checklists.untick
    session.attempt(verb, item_id)


def _facts(item: Item, tab: ChecklistTab) -> None:
    """When an item is due and who is to do it; of a ticked one, who did it."""
    if item.is_done:
        st.caption(f":material/check: {words.plain(item.done_by_name or '')}", width="content")
        return
    if item.due_on:
        late, today = item.is_late(tab.today), item.due_on == tab.today
        due = f"{words.day(item.due_on, tab.locale)}{' · late' if late else ' · today' if today else ''}"
        st.badge(due, icon=":material/event:", color="red" if late else "orange" if today else "gray")
    if item.assignee_name:
        st.caption(f":material/person: {words.plain(item.assignee_name)}", width="content")


def _item_menu(item: Item, tab: ChecklistTab) -> None:
    me = session.actor().id
    mine = [MINE] if me in tab.people and item.assignee_id != me else []
    chosen = st.menu_button(
        "More",
        [EDIT, *mine, REMOVE],
        format_func=lambda name: f":material/{ICONS[name]}: {name}",
        type="tertiary",
        icon=":material/more_horiz:",
        key=f"item-{item.id}-menu-{me}",
    )
    if chosen == EDIT:
        dialogs.edit(item, tab.people)
    if chosen == MINE and session.done(checklists.edit_item, item.id, assignee_id=me):
        st.rerun()
    if chosen == REMOVE and session.done(checklists.remove_item, item.id):
        st.rerun()


def _add(checklist: Checklist, tab: ChecklistTab) -> None:
    """Draw the form of a new item."""
    # Another key is an empty form. Clearing on submit would lose what was typed where it is refused.
    key = f"add-item-{checklist.id}-{st.session_state.get(f'{_ROUND}-{checklist.id}', 0)}"
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        text = st.text_input(
            "New item",
            placeholder="What is to be done?",
            max_chars=LONGEST,
            label_visibility="collapsed",
            key=f"{key}-text",
        )
        due_on = days.ask("Due", key=f"{key}-due", label_visibility="collapsed", width=130)
        assignee = dialogs.assignee(tab.people, None, key=f"{key}-who", label_visibility="collapsed", width=150)
        added = st.form_submit_button("Add", icon=":material/add:")
    if added and session.done(checklists.add_item, checklist.id, text or "", due_on=due_on, assignee_id=assignee):
        st.session_state[f"{_ROUND}-{checklist.id}"] = st.session_state.get(f"{_ROUND}-{checklist.id}", 0) + 1
        st.rerun()
