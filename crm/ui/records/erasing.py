"""Privacy requests on a contact's page: everything held on the person as one file, and erasing them for good."""

from typing import Any

import streamlit as st

from crm.contacts import Contact
from crm.foundation.access import Actor, Permission
from crm.foundation.language import later, tr
from crm.privacy import erasing
from crm.privacy.erasing import Preview
from crm.records import registry
from crm.ui import session, words
from crm.ui.auth import confirming
from crm.ui.routes import personal_data

TABLES = {
    "attachments": later("files"),
    "bulk_change_rows": later("traces of bulk changes"),
    "contact_attributes": later("custom attributes"),
    "contact_labels": later("labels"),
    "distinct_pairs": later("decisions about duplicates"),
    "duplicates": later("possible duplicates"),
    "event_links": later("traces of links made or removed together"),
    "event_records": later("traces of changed labels, lists and attributes"),
    "import_changes": later("traces of imports"),
    "import_left": later("traces of imports taken back"),
    "import_rejects": later("rejected rows of imports"),
    "merges": later("merges, with what both records were"),
    "merge_rows": later("traces of merges"),
    "events": later("entries of the log"),
}
"""{table: words for its rows}; the others are called by the table's name."""


def may(actor: Actor, _: Any) -> bool:
    return actor.may(Permission.MANAGE_SETTINGS)


def called(table: str) -> str:
    return tr(TABLES[table]) if table in TABLES else registry.many_of(table)


def hand_out(_: str, contact: Contact) -> None:
    """The dialog that offers everything held on the person as one file."""

    @st.dialog(tr("Export of personal data"), icon=":material/folder_zip:")
    def offer() -> None:
        st.markdown(
            tr(
                "One archive with all that is kept on **{name}**: fields, labels, attributes, "
                "deals, notes, files, the whole log of the record, and texts of other records that name "
                "them, for people and for programs (JSON). That you saved it is kept in the log.",
                name=words.plain(contact.shown_name),
            )
        )
        if not confirming.confirmed("hand-out"):
            return
        st.link_button(
            tr("Download the archive"),
            personal_data.address(contact.id),
            icon=":material/download:",
            type="primary",
            width="stretch",
        )

    offer()


def ask(_: str, contact: Contact) -> None:
    """The dialog that says what goes, asks for a word, erases, and leads to the receipts."""
    with st.spinner(tr("Looking for them everywhere …")), session.reading() as tx:
        # Outside the dialog, which runs again with each click in it: this reads every table.
        found = erasing.preview(tx, contact.id)

    @st.dialog(tr("Erase this person for good?"), icon=":material/person_off:", width="medium")
    def asking() -> None:
        what_goes(found)
        st.error(
            tr("There is no way back: neither the bin nor an undo brings this person back."), icon=":material/warning:"
        )
        if not confirming.confirmed("erase"):
            return
        typed = st.text_input(
            tr("Type {word} to go on", word=erasing.SURE),
            key=f"sure-{contact.id}",
            autocomplete="off",
            placeholder=erasing.SURE,
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(tr("Keep")):
                st.rerun()
            if st.button(tr("Erase for good"), type="primary", icon=":material/person_off:") and session.done(
                erasing.begin, contact.id, sure=(typed or "").strip()
            ):
                st.switch_page("pages/settings.py", query_params={"section": "Privacy"})

    asking()


def what_goes(found: Preview) -> None:
    """Draw the preview: what goes, what stays without the person, and which backups may hold them."""
    st.markdown(
        tr(
            "**{name}** leaves every table, the log, files and the store's own bytes:",
            name=words.plain(found.shown_name),
        )
    )
    if found.merged:
        goes = [tr("the contact itself, with what was merged into it: {count}", count=found.merged)]
    else:
        goes = [tr("the contact itself")]
    goes += [tr("{table}: {rows:,}", table=called(table), rows=rows) for table, rows in found.rows.items()]
    if found.events:
        goes.append(
            tr(
                "what its timeline says (entries: {count:,}); that something happened, when and by whom, stays",
                count=found.events,
            )
        )
    goes += [tr("the uploaded file {name}, with all of its rows", name=words.plain(name)) for name in found.imports]
    lines = [f"- {line}" for line in goes]
    stays = [
        tr("{table}: {rows:,}, without their contact", table=called(table), rows=rows)
        for table, rows in found.unlinked.items()
    ]
    stays += [
        tr(
            "{table} that name them in their text: {rows:,}; the words become “\\[erased\\]”",
            table=called(table),
            rows=rows,
        )
        for table, rows in found.mentions.items()
    ]
    st.markdown("\n".join(lines))
    if stays:
        st.markdown("\n".join([tr("What stays, without them:"), "", *(f"- {line}" for line in stays)]))
    if found.shared:
        st.info(
            tr(
                "Texts of others keep {names}: other records bear it too, or it is an ordinary word.",
                names=", ".join(f"“{words.plain(name)}”" for name in found.shared),
            ),
            icon=":material/info:",
        )
    if found.backups:
        st.warning(
            tr(
                "Backups that may still hold this person: {count}. The receipt offers to delete them.",
                count=len(found.backups),
            ),
            icon=":material/backup:",
        )
