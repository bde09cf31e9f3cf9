"""What can be done with a record beside editing it: the entries of its “More” menu."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm import companies, contacts
from crm.foundation.access import Actor
from crm.foundation.errors import CrmError
from crm.records import registry
from crm.records.declaration import HasMany
from crm.ui import refusals, session, words
from crm.ui.duplicates import merging
from crm.ui.records import erasing, just_binned


@dataclass(frozen=True)
class Action:
    """An entry of the menu. `run` takes the kind and the record; a verb that it calls asks for the permission again."""

    label: str
    icon: str
    run: Callable[[str, Any], None]
    kinds: tuple[str, ...] = ("contact", "company")
    offered: Callable[[Actor, Any], bool] = lambda actor, record: True


def may_change(actor: Actor, kind: str, record: Any) -> bool:
    """Whether what this person sees is theirs to change, too. The verbs ask again."""
    return kind != "company" or companies.may_change(actor, record)


def menu(kind: str, record: Any) -> None:
    actor = session.actor()
    offered = {one.label: one for one in ACTIONS if kind in one.kinds and one.offered(actor, record)}
    chosen = st.menu_button(
        "More",
        list(offered),
        format_func=lambda label: f":material/{offered[label].icon}: {label}",
        icon=":material/more_horiz:",
        key=f"{kind}-more",
    )
    if chosen:
        offered[chosen].run(kind, record)


def _block(_: str, contact: contacts.Contact) -> None:
    if session.done(contacts.block, contact.id):
        st.rerun()


def _unblock(_: str, contact: contacts.Contact) -> None:
    if session.done(contacts.unblock, contact.id):
        st.rerun()


def _left_behind(kind: str) -> str:
    """Its contacts, deals and orders stay where they are."""
    *first, last = [link.plural for link in registry.get(kind).links if isinstance(link, HasMany)] or [""]
    return f"Its {' and '.join(filter(None, (', '.join(first), last)))} stay where they are." if last else ""


def _delete(kind: str, record: Any) -> None:
    """Asks, deletes, and goes back to the list, which offers the way back."""

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
                try:
                    session.do(registry.room(kind).delete, record.id)
                except CrmError as refusal:
                    refusals.show(refusal)
                    return
                just_binned.remember(kind, record.id, record.shown_name)
                st.switch_page(f"pages/{registry.get(kind).plural}.py")

    ask()


ACTIONS = (
    Action("Block", "block", _block, ("contact",), lambda _, contact: not contact.blocked),
    Action("Unblock", "check_circle", _unblock, ("contact",), lambda _, contact: contact.blocked),
    Action("Merge with …", "merge", merging.merge_with),
    Action("Take a merge back", "undo", merging.choose_to_take_back, offered=merging.was_merged),
    Action("Delete", "delete", _delete),
    Action("All that is held on them …", "folder_zip", erasing.hand_out, ("contact",), erasing.may),
    Action("Erase for good …", "person_off", erasing.ask, ("contact",), erasing.may),
)
"""In the order in which the menu shows them."""
