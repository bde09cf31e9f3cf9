"""The dialogs of checklists: new, rename, remove, edit an item, order."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.foundation.language import later, plural, tr
from crm.records import checklists
from crm.records.checklists import LONGEST, Checklist, Item, Template
from crm.ui import refusals, session, words
from crm.ui.components import days, sorting
from crm.ui.components.dialogs import dialog

_BASE_VERSION = "checklist-item-seen"


@dialog(later("New checklist"), icon=":material/add_task:")
def new(deal_id: int, templates: Sequence[Template]) -> None:
    """Add a checklist to the deal, empty or from a template."""
    with st.form(f"checklist-of-{deal_id}", border=False):
        name = st.text_input(tr("Name"), placeholder=tr("Before the offer"), max_chars=80)
        if st.form_submit_button(tr("Add"), type="primary", icon=":material/check:") and session.done(
            checklists.add, deal_id, name or ""
        ):
            st.rerun()
    if templates:
        st.markdown(tr("**Or from a template**"))
    for template in templates:
        with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(gap=None, width="stretch"):
                st.markdown(words.plain(template.name))
                st.caption(_summary(template))
            if st.button(
                tr("Use"), key=f"use-template-{template.id}", icon=":material/playlist_add_check:"
            ) and session.done(checklists.apply, deal_id, template.id):
                st.rerun()


def _summary(template: Template) -> str:
    count = plural("{count:,} item", "{count:,} items", len(template.items))
    named = ", ".join(item.text for item in template.items[:3]) + (" …" if len(template.items) > 3 else "")
    return words.plain(f"{count}: {named}")


@dialog(later("Rename the checklist"), icon=":material/edit:")
def rename(checklist: Checklist) -> None:
    with st.form(f"rename-checklist-{checklist.id}", border=False):
        name = st.text_input(tr("Name"), checklist.name, max_chars=80)
        if st.form_submit_button(tr("Save"), type="primary", icon=":material/save:") and session.done(
            checklists.rename, checklist.id, name or ""
        ):
            st.rerun()


@dialog(later("Remove this checklist?"), icon=":material/delete:")
def remove(checklist: Checklist) -> None:
    name = words.plain(checklist.name)
    if checklist.total:
        what = plural(
            "**{name}** and its {count:,} item go for good. The timeline keeps what they said.",
            "**{name}** and its {count:,} items go for good. The timeline keeps what they said.",
            checklist.total,
            name=name,
        )
    else:
        what = tr("**{name}** go for good. The timeline keeps what they said.", name=name)
    st.markdown(what)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel")):
            st.rerun()
        if st.button(tr("Remove"), type="primary", icon=":material/delete:") and session.done(
            checklists.remove, checklist.id
        ):
            st.rerun()


@dialog(later("Item"), icon=":material/check_box:")
def edit(item: Item, people: Mapping[int, str]) -> None:
    key = f"edit-item-{item.id}-{item.version}"
    with st.form(key, border=False):
        text = st.text_input(tr("What is to be done"), item.text, max_chars=LONGEST, key=f"{key}-text")
        due_on = days.ask(tr("Due"), item.due_on, key=f"{key}-due")
        assignee_id = assignee(people, item, key=f"{key}-who")
        saved = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
    if not saved:
        return
    version = st.session_state.get(f"{_BASE_VERSION}-{key}", item.version)
    try:
        session.do(
            checklists.edit_item, item.id, version=version, text=text or "", due_on=due_on, assignee_id=assignee_id
        )
    except Stale as stale:
        # What is typed stays. Saved again it counts: the person has been told.
        st.session_state[f"{_BASE_VERSION}-{key}"] = stale.current["version"]
        refusals.show(stale)
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        st.rerun()


def assignee(people: Mapping[int, str], item: Item | None, *, key: str, **options: Any) -> int | None:
    """Draw the select box of who is to do an item; the id of the person chosen."""
    now = item.assignee_id if item else None
    # Who has left, or no longer sees the deal, stays on offer: an edit of the text must not take the item from them.
    offered = dict(people) if now is None or now in people else {now: (item and item.assignee_name) or "–", **people}
    chosen: int | None = st.selectbox(
        tr("Who"),
        list(offered),
        index=list(offered).index(now) if now is not None else None,
        format_func=lambda person_id: offered[person_id],
        placeholder=tr("Anybody"),
        key=key,
        **options,
    )
    return chosen


@dialog(later("Order of the checklist"), icon=":material/swap_vert:")
def order(deal_id: int) -> None:
    """Order items by dragging; each drop is written at once."""
    with session.reading() as tx:
        lists = checklists.of(tx, deal_id)
    st.caption(tr("Drag items into the order in which they are done, or into another list."))
    given = [(checklist.name, {item.id: item.text for item in checklist.items}) for checklist in lists]
    arranged = sorting.in_lists(
        given, key=f"order-{'-'.join(f'{checklist.id}.{item.id}' for checklist in lists for item in checklist.items)}"
    )
    if arranged is None:
        return
    named = {checklist.id: items for checklist, items in zip(lists, arranged, strict=True)}
    if session.done(checklists.arrange, deal_id, named):
        # Within the dialog, which a rerun of the page would close.
        st.rerun(scope="fragment")
