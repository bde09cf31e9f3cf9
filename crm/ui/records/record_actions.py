"""The entries of a record's “More” menu."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm import contacts
from crm.foundation.access import Actor
from crm.foundation.errors import CrmError
from crm.records import registry
from crm.records.declaration import HasMany, RecordType, Trait
from crm.ui import record_links, refusals, session, undo, words
from crm.ui.duplicates import merging
from crm.ui.records import erasing


@dataclass(frozen=True)
class Action:
    """An entry of the menu. `run` takes the kind and the record; a verb that it calls asks for the permission again."""

    label: str
    icon: str
    run: Callable[[str, Any], None]
    kinds: tuple[str, ...] = ()
    """The types that have it, where these are not all with its trait."""
    trait: Trait | None = None
    offered: Callable[[Actor, Any], bool] = lambda actor, record: True

    def is_of(self, of: RecordType[Any]) -> bool:
        return (not self.kinds or of.key in self.kinds) and (self.trait is None or of.has(self.trait))


def menu(of: RecordType[Any], record: Any) -> None:
    """Not drawn where nothing is offered."""
    actor = session.actor()
    offered = {one.label: one for one in ACTIONS if one.is_of(of) and one.offered(actor, record)}
    if not offered:
        return
    chosen = st.menu_button(
        "More",
        list(offered),
        format_func=lambda label: f":material/{offered[label].icon}: {label}",
        icon=":material/more_horiz:",
        key=f"{of.key}-more",
    )
    if chosen:
        offered[chosen].run(of.key, record)


def _block(_: str, contact: contacts.Contact) -> None:
    if session.done(contacts.block, contact.id):
        st.rerun()


def _unblock(_: str, contact: contacts.Contact) -> None:
    if session.done(contacts.unblock, contact.id):
        st.rerun()


def _left_behind(kind: str) -> str:
    """The sentence that names the records which belong to it: Its contacts, deals and orders stay where they are."""
    *first, last = [link.plural for link in registry.get(kind).links if isinstance(link, HasMany)] or [""]
    return f"Its {' and '.join(filter(None, (', '.join(first), last)))} stay where they are." if last else ""


def _delete(kind: str, record: Any) -> None:
    """Ask, delete, and go to the list, which offers the way back."""

    @st.dialog(f"Delete this {kind}?", icon=":material/delete:")
    def ask() -> None:
        st.markdown(
            f"**{words.plain(record.shown_name)}** goes to the bin and can be restored for 30 days. "
            f"{_left_behind(kind)}"
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep"):
                st.rerun()
            if st.button("Delete", type="primary", icon=":material/delete:"):
                try:  # not `session.attempt`, which answers None to a refusal: deleting returns nothing
                    session.do(registry.room(kind).delete, record.id)
                except CrmError as refusal:
                    refusals.show(refusal)
                    return
                text = f"{record.shown_name} is in the bin, for 30 days."
                undo.offer(text, registry.room(kind).restore, record.id)
                record_links.open_list(kind)

    ask()


ACTIONS = (
    Action("Block", "block", _block, ("contact",), offered=lambda _, contact: not contact.blocked),
    Action("Unblock", "check_circle", _unblock, ("contact",), offered=lambda _, contact: contact.blocked),
    Action("Merge with …", "merge", merging.merge_with, trait=Trait.MERGE),
    Action("Undo a merge", "undo", merging.choose_unmerge, trait=Trait.MERGE, offered=merging.was_merged),
    Action("Delete", "delete", _delete, trait=Trait.BIN),
    Action("Export personal data …", "folder_zip", erasing.hand_out, ("contact",), offered=erasing.may),
    Action("Erase for good …", "person_off", erasing.ask, ("contact",), offered=erasing.may),
)
"""In the order in which the menu shows them."""
