"""Privacy requests on a contact's page: everything held on the person as one file, and erasing them for good."""

from typing import Any

import streamlit as st

from crm.contacts import Contact
from crm.foundation.access import Actor, Permission
from crm.privacy import erasing
from crm.privacy.erasing import Preview
from crm.ui import session, words
from crm.ui.auth import confirming
from crm.ui.routes import personal_data

TABLES = {
    "attachments": "files",
    "bulk_change_rows": "traces of bulk changes",
    "contact_attributes": "custom attributes",
    "contact_labels": "labels",
    "distinct_pairs": "decisions about duplicates",
    "duplicates": "possible duplicates",
    "event_records": "traces of changed labels, lists and attributes",
    "import_changes": "traces of imports",
    "import_left": "traces of imports taken back",
    "import_rejects": "rejected rows of imports",
    "merges": "merges, with what both records were",
    "merge_rows": "traces of merges",
    "events": "entries of the log",
}
"""{table: words for its rows}; the others are called by the table's name."""


def may(actor: Actor, _: Any) -> bool:
    return actor.may(Permission.MANAGE_SETTINGS)


def called(table: str) -> str:
    return TABLES.get(table, table.replace("_", " "))


def hand_out(_: str, contact: Contact) -> None:
    """The dialog that offers everything held on the person as one file."""

    @st.dialog("Export of personal data", icon=":material/folder_zip:")
    def offer() -> None:
        st.markdown(
            f"One archive with all that is kept on **{words.plain(contact.shown_name)}**: fields, labels, attributes, "
            "deals, notes, files, the whole log of the record, and texts of other records that name them, for people "
            "and for programs (JSON). That you saved it is kept in the log."
        )
        if not confirming.confirmed("hand-out"):
            return
        st.link_button(
            "Download the archive",
            personal_data.address(contact.id),
            icon=":material/download:",
            type="primary",
            width="stretch",
        )

    offer()


def ask(_: str, contact: Contact) -> None:
    """The dialog that says what goes, asks for a word, erases, and leads to the receipts."""
    with st.spinner("Looking for them everywhere …"), session.reading() as tx:
        # Outside the dialog, which runs again with each click in it: this reads every table.
        found = erasing.preview(tx, contact.id)

    @st.dialog("Erase this person for good?", icon=":material/person_off:", width="medium")
    def asking() -> None:
        what_goes(found)
        st.error(
            "There is no way back: neither the bin nor an undo brings this person back.", icon=":material/warning:"
        )
        if not confirming.confirmed("erase"):
            return
        typed = st.text_input(
            f"Type {erasing.SURE} to go on", key=f"sure-{contact.id}", autocomplete="off", placeholder=erasing.SURE
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Keep"):
                st.rerun()
            if st.button("Erase for good", type="primary", icon=":material/person_off:") and session.done(
                erasing.begin, contact.id, sure=(typed or "").strip()
            ):
                st.switch_page("pages/settings.py", query_params={"section": "Privacy"})

    asking()


def what_goes(found: Preview) -> None:
    """Draw the preview: what goes, what stays without the person, and which backups may hold them."""
    merged = f", with what was merged into it: {found.merged}" if found.merged else ""
    st.markdown(f"**{words.plain(found.shown_name)}** leaves every table, the log, files and the store's own bytes:")
    goes = [f"the contact itself{merged}"]
    goes += [f"{called(table)}: {rows:,}" for table, rows in found.rows.items()]
    if found.events:
        goes.append(
            f"what its timeline says (entries: {found.events:,}); that something happened, when and by whom, stays"
        )
    goes += [f"the uploaded file {words.plain(name)}, with all of its rows" for name in found.imports]
    lines = [f"- {line}" for line in goes]
    stays = [f"- {called(table)}: {rows:,}, without their contact" for table, rows in found.unlinked.items()]
    stays += [
        f"- {called(table)} that name them in their text: {rows:,}; the words become “\\[erased\\]”"
        for table, rows in found.mentions.items()
    ]
    st.markdown("\n".join(lines))
    if stays:
        st.markdown("What stays, without them:\n\n" + "\n".join(stays))
    if found.shared:
        st.info(
            "Texts of others keep "
            + ", ".join(f"“{words.plain(name)}”" for name in found.shared)
            + ": other records bear it too, or it is an ordinary word.",
            icon=":material/info:",
        )
    if found.backups:
        st.warning(
            f"Backups that may still hold this person: {len(found.backups)}. The receipt offers to delete them.",
            icon=":material/backup:",
        )
