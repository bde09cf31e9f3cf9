"""What is asked about a checklist in a dialog of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.records import checklists
from crm.records.checklists import LONGEST, Checklist, Item, Template
from crm.ui import refusals, session, words
from crm.ui.components import days, sorting

_SEEN = "checklist-item-seen"


@st.dialog("New checklist", icon=":material/add_task:")
def new(deal_id: int, templates: Sequence[Template]) -> None:
    """Empty, or from a template."""
    with st.form(f"checklist-of-{deal_id}", border=False):
        name = st.text_input("Name", placeholder="Before the offer", max_chars=80)
        if st.form_submit_button("Add", type="primary", icon=":material/check:") and session.done(
            checklists.add, deal_id, name or ""
        ):
            st.rerun()
    if templates:
        st.markdown("**Or from a template**")
    for one in templates:
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None, width="stretch"):
                st.markdown(words.plain(one.name))
                st.caption(_summary(one))
            if st.button("Use", key=f"use-template-{one.id}", icon=":material/playlist_add_check:") and session.done(
                checklists.apply, deal_id, one.id
            ):
                st.rerun()


def _summary(one: Template) -> str:
    count = f"{len(one.items)} item{'' if len(one.items) == 1 else 's'}"
    named = ", ".join(item.text for item in one.items[:3]) + (" …" if len(one.items) > 3 else "")
    return words.plain(f"{count}: {named}")


@st.dialog("Rename the checklist", icon=":material/edit:")
def rename(one: Checklist) -> None:
    with st.form(f"rename-checklist-{one.id}", border=False):
        name = st.text_input("Name", one.name, max_chars=80)
        if st.form_submit_button("Save", type="primary", icon=":material/save:") and session.done(
            checklists.rename, one.id, name or ""
        ):
            st.rerun()


@st.dialog("Remove this checklist?", icon=":material/delete:")
def remove(one: Checklist) -> None:
    items = f" and its {one.total} item{'' if one.total == 1 else 's'}" if one.total else ""
    st.markdown(f"**{words.plain(one.name)}**{items} go for good. The timeline keeps what they said.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it"):
            st.rerun()
        if st.button("Remove it", type="primary", icon=":material/delete:") and session.done(checklists.remove, one.id):
            st.rerun()


@st.dialog("Item", icon=":material/check_box:")
def edit(item: Item, people: Mapping[int, str]) -> None:
    key = f"edit-item-{item.id}-{item.version}"
    with st.form(key, border=False):
        text = st.text_input("What is to be done", item.text, max_chars=LONGEST, key=f"{key}-text")
        due_on = days.ask("Due", item.due_on, key=f"{key}-due")
        assignee_id = assignee(people, item, key=f"{key}-who")
        saved = st.form_submit_button("Save", type="primary", icon=":material/save:")
    if not saved:
        return
    seen = st.session_state.get(f"{_SEEN}-{key}", item.version)
    try:
        session.do(checklists.edit_item, item.id, version=seen, text=text or "", due_on=due_on, assignee_id=assignee_id)
    except Stale as stale:  # what is typed stays; saved again, it stands
        st.session_state[f"{_SEEN}-{key}"] = stale.current["version"]
        refusals.show(stale)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        st.rerun()


def assignee(people: Mapping[int, str], item: Item | None, *, key: str, **options: Any) -> int | None:
    """Who is to do it. Who has left, or no longer sees the deal, stays to be seen until another is chosen."""
    now = item.assignee_id if item else None
    offered = dict(people) if now is None or now in people else {now: (item and item.assignee_name) or "–", **people}
    chosen: int | None = st.selectbox(
        "Who",
        list(offered),
        index=list(offered).index(now) if now is not None else None,
        format_func=lambda one: offered[one],
        placeholder="Anybody",
        key=key,
        **options,
    )
    return chosen


@st.dialog("Order of the checklist", icon=":material/swap_vert:")
def order(deal_id: int) -> None:
    """Each drop is written as it is made."""
    with session.reading() as tx:
        lists = checklists.of(tx, deal_id)
    st.caption("Drag items into the order in which they are done, or into another list.")
    held = [(one.name, {item.id: item.text for item in one.items}) for one in lists]
    wanted = sorting.in_lists(
        held, key=f"order-{'-'.join(f'{one.id}.{item.id}' for one in lists for item in one.items)}"
    )
    if wanted is None:
        return
    named = {one.id: items for one, items in zip(lists, wanted, strict=True)}
    if session.done(checklists.arrange, deal_id, named) is not None:
        st.rerun(scope="fragment")
