"""Undoing an import: a preview before it is asked for, and afterwards what was left."""

import streamlit as st

from crm import imports
from crm.foundation.errors import CrmError
from crm.foundation.language import capitalized, later, plural, tr
from crm.imports import Import, LeftPage, UndoPreview
from crm.ui import refusals, session, words
from crm.ui.components import address
from crm.ui.components.dialogs import dialog
from crm.ui.imports import rows

ROWS = 50
FEW = 8

OPEN = "import-undoing"


def offer(found: Import) -> None:
    st.button(tr("Undo import"), icon=":material/undo:", key="undo-import", on_click=_open, args=(found.id,))
    if st.session_state.get(OPEN) == found.id:
        _ask(found)


def _open(import_id: int) -> None:
    st.session_state[OPEN] = import_id


def _close() -> None:
    st.session_state.pop(OPEN, None)


@dialog(later("Undo this import?"), icon=":material/undo:", width="medium", on_dismiss=_close)
def _ask(found: Import) -> None:
    try:
        with session.reading() as tx:
            preview = imports.undo_preview(tx, found.id)
            left = imports.undo_left(tx, found.id, limit=FEW)
    except CrmError as refusal:
        refusals.show(refusal)
        return
    _effects(found, preview)
    if left.total > FEW:
        for reason, number in preview.reasons.items():
            st.caption(f"{words.number(number)} × {words.plain(reason)}")
    _names(left)
    nothing = not (preview.deleted or preview.restored)
    if nothing:
        st.info(tr("There is nothing left to undo."), icon=":material/info:")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(tr("Cancel"), on_click=_close):
            st.rerun()
        if st.button(
            tr("Undo import"), type="primary", icon=":material/undo:", key="confirm-undo", disabled=nothing
        ) and (session.done(imports.undo, found.id)):
            _close()
            st.query_params.from_dict({"import": str(found.id)})
            st.rerun()


def _effects(found: Import, preview: UndoPreview) -> None:
    """Draw what would become of how many records."""

    def kinds(number: int) -> str:
        return found.of.one if number == 1 else found.of.many

    created = plural(
        "**{count:,}** {kinds} it created is deleted",
        "**{count:,}** {kinds} it created are deleted",
        preview.deleted,
        kinds=kinds(preview.deleted),
    )
    updated = plural(
        "**{count:,}** {kinds} it updated is put back",
        "**{count:,}** {kinds} it updated are put back as they were",
        preview.restored,
        kinds=kinds(preview.restored),
    )
    companies = plural(
        "**{count:,}** company created along the way is deleted",
        "**{count:,}** companies created along the way are deleted",
        preview.companies,
    )
    contacts = plural(
        "**{count:,}** contact created along the way is deleted",
        "**{count:,}** contacts created along the way are deleted",
        preview.contacts,
    )
    labels = plural(
        "**{count:,}** label created along the way is deleted",
        "**{count:,}** labels created along the way are deleted",
        preview.labels,
    )
    left = plural(
        "**{count:,}** {kinds} was touched since and stays",
        "**{count:,}** {kinds} were touched since and stay",
        preview.left,
        kinds=kinds(preview.left),
    )
    for icon, number, text in (
        ("delete", preview.deleted, created),
        ("history", preview.restored, updated),
        ("apartment", preview.companies, companies),
        ("person", preview.contacts, contacts),
        ("label", preview.labels, labels),
        ("front_hand", preview.left, left),
    ):
        if number:
            st.markdown(f":material/{icon}: {text}")


def _names(left: LeftPage) -> None:
    """Draw the first of the records that stay, by name."""
    if not left.items:
        return
    for item in left.items:
        name = item.name or tr("One that you may not see")
        st.markdown(f"- {words.plain(name)}: :small[{words.plain(item.reason)}]")
    if left.total > len(left.items):
        st.caption(tr("and {count:,} more", count=left.total - len(left.items)))


def result(found: Import) -> None:
    """Draw what undoing did, and every record that it left, with the reason."""
    counts = found.undone
    labels = {
        "deleted": tr("Deleted"),
        "restored": tr("Put back"),
        "companies": tr("Companies deleted"),
        "contacts": tr("Contacts deleted"),
        "labels": tr("Labels deleted"),
        "left": tr("Left as they are"),
    }
    with st.container(horizontal=True):
        for part, label in labels.items():
            if part not in ("contacts", "labels") or counts.get(part):  # few imports make them
                st.metric(label, words.number(counts.get(part, 0)), border=True)
    if not counts.get("left"):
        return
    st.subheader(tr("Left as they are, since something touched them"), anchor=False)
    offset = (address.number("page", 1, most=100_000) - 1) * ROWS
    with session.reading() as tx:
        left = imports.undo_left(tx, found.id, limit=ROWS, offset=offset)
    if not left.items:
        address.turn_back(left.total, ROWS)
    kind = found.of.key
    lines = [
        {
            tr("Line"): item.line,
            capitalized(found.of.one): rows.opening(kind, item.id, item.name or tr("(not visible to you)")),
            tr("Why it was left"): item.reason,
        }
        for item in left.items
    ]
    rows.table(kind, lines)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(left.total, ROWS, key="left-alone")
