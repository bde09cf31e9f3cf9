"""The entries of a record's “More” menu."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm import contacts
from crm.foundation.access import Actor
from crm.foundation.errors import CrmError
from crm.foundation.language import later, listed, tr
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
        tr("More"),
        list(offered),
        format_func=lambda label: f":material/{offered[label].icon}: {tr(label)}",
        icon=":material/more_horiz:",
        key=f"{of.key}-more",
    )
    if chosen:
        offered[chosen].run(of.key, record)


def _block(_: str, contact: contacts.Contact) -> None:
    if session.done(contacts.block, contact.id):
        undo.offer(tr("“{name}” is blocked.", name=contact.shown_name), contacts.unblock, contact.id)
        st.rerun()


def _unblock(_: str, contact: contacts.Contact) -> None:
    if session.done(contacts.unblock, contact.id):
        undo.offer(tr("“{name}” is not blocked any more.", name=contact.shown_name), contacts.block, contact.id)
        st.rerun()


def _left_behind(kind: str) -> str:
    """The sentence that names the records which belong to it: Its contacts, deals and orders stay where they are."""
    plurals = [registry.many_of(link.plural) for link in registry.get(kind).links if isinstance(link, HasMany)]
    return tr("Its {records} stay where they are.", records=listed(plurals)) if plurals else ""


def _delete(kind: str, record: Any) -> None:
    """Ask, delete, and go to the list, which offers the way back."""

    @st.dialog(tr("Delete this {kind}?", kind=registry.get(kind).one), icon=":material/delete:")
    def ask() -> None:
        name = words.plain(record.shown_name)
        goes = tr("**{name}** goes to the bin and can be restored for 30 days.", name=name)
        st.markdown(f"{goes} {_left_behind(kind)}")
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(tr("Keep")):
                st.rerun()
            if st.button(tr("Delete"), type="primary", icon=":material/delete:"):
                try:  # not `session.attempt`, which answers None to a refusal: deleting returns nothing
                    session.do(registry.room(kind).delete, record.id)
                except CrmError as refusal:
                    refusals.show(refusal)
                    return
                text = tr("{name} is in the bin, for 30 days.", name=record.shown_name)
                undo.offer(text, registry.room(kind).restore, record.id)
                record_links.open_list(kind)

    ask()


ACTIONS = (
    Action(later("Block"), "block", _block, ("contact",), offered=lambda _, contact: not contact.blocked),
    Action(later("Unblock"), "check_circle", _unblock, ("contact",), offered=lambda _, contact: contact.blocked),
    Action(later("Merge with …"), "merge", merging.merge_with, trait=Trait.MERGE),
    Action(later("Undo a merge"), "undo", merging.choose_unmerge, trait=Trait.MERGE, offered=merging.was_merged),
    Action(later("Delete"), "delete", _delete, trait=Trait.BIN),
    Action(later("Export personal data …"), "folder_zip", erasing.hand_out, ("contact",), offered=erasing.may),
    Action(later("Erase for good …"), "person_off", erasing.ask, ("contact",), offered=erasing.may),
)
"""In the order in which the menu shows them."""
