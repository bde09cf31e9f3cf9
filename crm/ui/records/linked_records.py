"""The card of a record's links: of a contact, deal or company its custom records by their type, of a custom record its
contacts and deals; with a label and a day where they have one."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

import streamlit as st

from crm.foundation.access import Module
from crm.foundation.errors import CrmError
from crm.foundation.language import capitalized, tr
from crm.records import links, registry
from crm.records.declaration import RecordType
from crm.records.links import Link, LinkGroup
from crm.records.links.reading import find
from crm.records.links.relations import linkable_by
from crm.store import Reading, Writing
from crm.ui import record_links, refusals, session, undo, words
from crm.ui.components import lazy, link_fields, picker
from crm.ui.records import record_layout, record_state

_PLACE = "links"


def read(tx: Reading, kind: str, record_id: int) -> Sequence[LinkGroup] | None:
    """The links of a record; None where there is nothing to link: no module, or no type yet."""
    if not tx.actor.has(Module.OBJECTS) or not registry.custom():
        return None
    if kind == "company":
        return links.of_company(tx, record_id)
    return links.of_record(tx, kind, record_id) if registry.is_custom(kind) else links.of_subject(tx, kind, record_id)


def card(kind: str, record_id: int, found: Sequence[LinkGroup] | None, locale: str) -> None:
    """Draw the card; nothing where `found` is None, or where it is empty and this person may not add to it."""
    others = linkable_by(session.actor(), registry.get(kind))
    if found is None or not (found or others):
        return
    with record_layout.card("linked"):
        with record_layout.titled_row(tr("Linked records")):
            if others:
                key = f"{record_state.of(kind, record_id)}-link"
                draw = partial(_new, kind, record_id, others, key)
                about = tr("Link a record")
                lazy.popover(tr("Add"), draw, key=key, icon=":material/add_link:", type="tertiary", help=about)
        refusals.show_kept(_PLACE)
        if not found:
            st.caption(tr("Nothing is linked yet."))
        for group in found:
            _group(kind, record_id, group, locale, changeable=[of.key for of in others])


def _group(kind: str, record_id: int, group: LinkGroup, locale: str, *, changeable: Sequence[str]) -> None:
    of = registry.get(group.kind)
    st.markdown(f"{of.icon} **{words.plain(capitalized(of.many))}** :gray[{words.number(group.total)}]")
    for link in group.links:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
            _line(kind, group.kind, link, locale)
            if group.kind in changeable:
                draw = partial(_change, link)
                key = f"link-{link.id}"
                lazy.popover(tr("Change"), draw, key=key, icon=":material/edit:", type="tertiary", width="content")
    if group.total > len(group.links):
        # A pipeline shows its own deals alone, and is chosen there.
        is_deal = group.kind == "deal"
        label = tr("Open in the pipeline") if is_deal else tr("Open all {count:,}", count=group.total)
        by = links.filter_by(kind, record_id)
        record_links.link_to_list(of, label, icon=":material/open_in_new:", query=by)


def _line(kind: str, other: str, link: Link, locale: str) -> None:
    to_subject = registry.is_custom(kind)
    record_id, name = (link.subject_id, link.subject_name) if to_subject else (link.object_id, link.object_name)
    about = [link.subject_name] if kind == "company" else []
    about += [link.label] if link.label else []
    about += [words.day(link.linked_on, locale)] if link.linked_on else []
    small = f"  \n:small[:gray[{words.plain(' · '.join(about))}]]" if about else ""
    record_links.link(other, record_id, f"{words.plain(name)}{small}")


def _new(kind: str, record_id: int, others: Sequence[RecordType[Any]], key: str) -> None:
    """What the popover of a new link holds: the record, what it is to this one, and since when."""
    named = {of.key: capitalized(of.one) for of in others}
    chosen = others[0].key
    if len(others) > 1:
        chosen = st.selectbox(tr("Type of record"), list(named), format_func=lambda one: named[one], key=f"{key}-type")
    of = registry.get(chosen)
    picked = f"{key}-record-{of.key}"
    picker.field(capitalized(of.one), of.key, key=picked)
    is_object = registry.is_custom(kind)
    said = _said(kind if is_object else of.key, f"{key}-{of.key}")
    other_id: int | None = st.session_state[picked]
    pair = (kind, record_id, of.key, other_id) if is_object else (of.key, other_id, kind, record_id)
    st.button(
        tr("Link"),
        type="primary",
        icon=":material/link:",
        disabled=other_id is None,
        key=f"{key}-do",
        on_click=_link,
        args=(pair, said, picked),
    )


def _said(object_kind: str, key: str, *, label: str | None = None, day: date | None = None) -> dict[str, Any]:
    """Draw the label and the day of a link; as the verbs take them."""
    chosen, on = link_fields.label_and_day(object_kind, key, label=label, day=day)
    return {"label": chosen, "linked_on": on}


def _link(pair: tuple[str, int, str, int], said: dict[str, Any], picked: str) -> None:
    """Callback: link the two, and leave the box empty for the next."""

    def link(tx: Writing) -> tuple[Link, bool]:
        is_new = find(tx, *pair) is None
        # What was left out takes nothing from a link that there is already.
        return links.link(tx, *pair, **{key: value for key, value in said.items() if value is not None}), is_new

    try:
        made, is_new = session.do(link)
    except CrmError as refusal:
        refusals.keep(refusal, _PLACE)
        return
    st.session_state[picked] = None
    if is_new:
        text = tr("“{name}” is linked to “{other}”.", name=made.object_name, other=made.subject_name)
        undo.offer(text, links.unlink, made.id)


def _change(link: Link) -> None:
    """What the popover of a link holds."""
    key = f"link-{link.id}-{link.version}"
    said = _said(link.object_kind, key, label=link.label, day=link.linked_on)
    with st.container(horizontal=True):
        st.button(
            tr("Save"),
            type="primary",
            icon=":material/save:",
            key=f"{key}-save",
            on_click=_press,
            args=(partial(session.do, links.change, link.id, version=link.version, **said),),
        )
        st.button(
            tr("Unlink"),
            icon=":material/link_off:",
            type="tertiary",
            key=f"{key}-unlink",
            on_click=_press,
            args=(partial(_unlink, link),),
        )


def _unlink(link: Link) -> None:
    removed = session.do(links.unlink, link.id)
    text = tr("“{name}” is no longer linked to “{other}”.", name=link.object_name, other=link.subject_name)
    undo.offer(text, links.put_back, removed)


def _press(act: Callable[[], object]) -> None:
    """Callback: do it; a refusal is shown in the card."""
    try:
        act()
    except CrmError as refusal:
        refusals.keep(refusal, _PLACE)
