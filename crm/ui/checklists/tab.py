"""The checklists of a deal on its page: ticking, adding, changing, putting in order, and laying templates onto it."""

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
class Seen:
    """What the tab shows, read in one look."""

    lists: list[Checklist]
    templates: list[Template]
    people: Mapping[int, str]
    today: date
    locale: str
    may_write: bool


def read(tx: Reading, deal_id: int, *, locale: str, may_write: bool) -> Seen:
    return Seen(
        lists=checklists.of(tx, deal_id),
        templates=checklists.templates(tx) if may_write else [],
        people=checklists.assignable(tx, deal_id) if may_write else {},
        today=tx.today,
        locale=locale,
        may_write=may_write,
    )


def show(deal_id: int, seen: Seen) -> None:
    with st.container():  # a place of its own, also when empty
        if seen.may_write:
            _head(deal_id, seen)
    if not seen.lists:
        st.caption("Nothing to tick off yet." if seen.may_write else "No checklists.")
    for number, one in enumerate(seen.lists):
        with st.container(border=True, gap="small", key=f"checklist-{one.id}"):
            _list(one, seen, first=number == 0)


def _head(deal_id: int, seen: Seen) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("New checklist", icon=":material/add_task:", key=f"new-checklist-{deal_id}"):
            dialogs.new(deal_id, seen.templates)
        if sum(one.total for one in seen.lists) > 1 and st.button(
            ORDER, icon=":material/swap_vert:", type="tertiary", key=f"order-checklist-{deal_id}"
        ):
            dialogs.order(deal_id)


def _list(one: Checklist, seen: Seen, *, first: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.markdown(f"**{words.plain(one.name)}**", width="stretch")
        st.caption(f"{one.done}/{one.total}", width="content", help=f"{one.done} of {one.total} done")
        if seen.may_write:
            _list_menu(one, seen, first=first)
    if one.total:
        st.progress(one.done / one.total)
    for item in one.items:
        _item(item, seen)
    if seen.may_write:
        _add(one, seen)


def _list_menu(one: Checklist, seen: Seen, *, first: bool) -> None:
    chosen = st.menu_button(
        "More",
        [RENAME, *([] if first else [UP]), REMOVE_LIST],
        format_func=lambda name: f":material/{ICONS[name]}: {name}",
        type="tertiary",
        icon=":material/more_horiz:",
        key=f"checklist-{one.id}-menu",
    )
    if chosen == RENAME:
        dialogs.rename(one)
    if chosen == UP and session.done(checklists.arrange, one.deal_id, _moved_up(one, seen.lists)) is not None:
        st.rerun()
    if chosen == REMOVE_LIST:
        dialogs.remove(one)


def _moved_up(one: Checklist, lists: list[Checklist]) -> dict[int, list[int]]:
    ids = [other.id for other in lists]
    place = ids.index(one.id)
    ids[place - 1], ids[place] = ids[place], ids[place - 1]
    return {checklist_id: [] for checklist_id in ids}


def _item(item: Item, seen: Seen) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        with st.container(gap=None, width="stretch"):
            _box(item, seen)
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                _facts(item, seen)
        if seen.may_write:
            _item_menu(item, seen)


def _box(item: Item, seen: Seen) -> None:
    """What is ticked is what the record says: others may have ticked it meanwhile."""
    key = f"item-{item.id}"
    st.session_state[key] = item.is_done
    text = words.plain(item.text)
    st.checkbox(
        f"~~{text}~~" if item.is_done else text,
        key=key,
        disabled=not seen.may_write,
        on_change=_toggle,
        args=(item.id,),
    )


def _toggle(item_id: int) -> None:
    """Callback."""
    verb = checklists.tick if st.session_state[f"item-{item_id}"] else checklists.untick
    session.attempt(verb, item_id)


def _facts(item: Item, seen: Seen) -> None:
    """By when and by whom; of what is done, who did it and when."""
    if item.is_done:
        st.caption(f":material/check: {words.plain(item.done_by_name or '')}", width="content")
        return
    if item.due_on:
        late, today = item.is_late(seen.today), item.due_on == seen.today
        said = f"{words.day(item.due_on, seen.locale)}{' · late' if late else ' · today' if today else ''}"
        st.badge(said, icon=":material/event:", color="red" if late else "orange" if today else "gray")
    if item.assignee_name:
        st.caption(f":material/person: {words.plain(item.assignee_name)}", width="content")


def _item_menu(item: Item, seen: Seen) -> None:
    me = session.actor().id
    mine = [MINE] if me in seen.people and item.assignee_id != me else []
    chosen = st.menu_button(
        "More",
        [EDIT, *mine, REMOVE],
        format_func=lambda name: f":material/{ICONS[name]}: {name}",
        type="tertiary",
        icon=":material/more_horiz:",
        key=f"item-{item.id}-menu-{me}",
    )
    if chosen == EDIT:
        dialogs.edit(item, seen.people)
    if chosen == MINE and session.done(checklists.edit_item, item.id, assignee_id=me):
        st.rerun()
    if chosen == REMOVE and session.done(checklists.remove_item, item.id):
        st.rerun()


def _add(one: Checklist, seen: Seen) -> None:
    """What was typed stays when it is refused, and goes when it is added."""
    key = f"add-item-{one.id}-{st.session_state.get(f'{_ROUND}-{one.id}', 0)}"
    with st.form(key, border=False), st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        text = st.text_input(
            "New item",
            placeholder="What is to be done?",
            max_chars=LONGEST,
            label_visibility="collapsed",
            key=f"{key}-text",
        )
        due_on = days.ask("Due", key=f"{key}-due", label_visibility="collapsed", width=130)
        assignee = dialogs.assignee(seen.people, None, key=f"{key}-who", label_visibility="collapsed", width=150)
        added = st.form_submit_button("Add", icon=":material/add:")
    if added and session.done(checklists.add_item, one.id, text or "", due_on=due_on, assignee_id=assignee):
        st.session_state[f"{_ROUND}-{one.id}"] = st.session_state.get(f"{_ROUND}-{one.id}", 0) + 1
        st.rerun()
