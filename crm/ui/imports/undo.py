"""Undoing an import: a preview before it is asked for, and afterwards what was left."""

import streamlit as st

from crm import imports
from crm.foundation.errors import CrmError
from crm.imports import Import, LeftPage
from crm.ui import refusals, session, words
from crm.ui.components import address
from crm.ui.imports import rows

ROWS = 50
FEW = 8

OPEN = "import-undoing"


def offer(found: Import) -> None:
    st.button("Undo import", icon=":material/undo:", key="undo-import", on_click=_open, args=(found.id,))
    if st.session_state.get(OPEN) == found.id:
        _ask(found)


def _open(import_id: int) -> None:
    st.session_state[OPEN] = import_id


def _close() -> None:
    st.session_state.pop(OPEN, None)


@st.dialog("Undo this import?", icon=":material/undo:", width="medium", on_dismiss=_close)
def _ask(found: Import) -> None:
    try:
        with session.reading() as tx:
            preview = imports.undo_preview(tx, found.id)
            left = imports.undo_left(tx, found.id, limit=FEW)
    except CrmError as refusal:
        refusals.show(refusal)
        return
    singular, plural = found.of.key, found.kind
    _line("delete", preview.deleted, f"{singular} it created is deleted", f"{plural} it created are deleted")
    _line(
        "history",
        preview.restored,
        f"{singular} it updated is put back",
        f"{plural} it updated are put back as they were",
    )
    _line("apartment", preview.companies, "company made on the way is deleted", "companies made on the way are deleted")
    _line("person", preview.contacts, "contact made on the way is deleted", "contacts made on the way are deleted")
    _line("label", preview.labels, "label made on the way is deleted", "labels made on the way are deleted")
    _line(
        "front_hand", preview.left, f"{singular} was touched since and stays", f"{plural} were touched since and stay"
    )
    if left.total > FEW:
        for reason, number in preview.reasons.items():
            st.caption(f"{number:,} × {words.plain(reason)}")
    _names(left)
    nothing = not (preview.deleted or preview.restored)
    if nothing:
        st.info("There is nothing left to undo.", icon=":material/info:")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", on_click=_close):
            st.rerun()
        if st.button("Undo import", type="primary", icon=":material/undo:", key="confirm-undo", disabled=nothing) and (
            session.done(imports.undo, found.id)
        ):
            _close()
            st.query_params.from_dict({"import": str(found.id)})
            st.rerun()


def _line(icon: str, number: int, singular: str, plural: str) -> None:
    if number:
        st.markdown(f":material/{icon}: **{number:,}** {singular if number == 1 else plural}")


def _names(left: LeftPage) -> None:
    """Draw the first of the records that stay, by name."""
    if not left.items:
        return
    for item in left.items:
        st.markdown(f"- {words.plain(item.name or 'One that you may not see')}: :small[{words.plain(item.reason)}]")
    if left.total > len(left.items):
        st.caption(f"and {left.total - len(left.items):,} more")


def result(found: Import) -> None:
    """Draw what undoing did, and every record that it left, with the reason."""
    counts = found.undone
    labels = {
        "deleted": "Deleted",
        "restored": "Put back",
        "companies": "Companies deleted",
        "contacts": "Contacts deleted",
        "labels": "Labels deleted",
        "left": "Left as they are",
    }
    with st.container(horizontal=True):
        for part, label in labels.items():
            if part not in ("contacts", "labels") or counts.get(part):  # few imports make them
                st.metric(label, f"{counts.get(part, 0):,}", border=True)
    if not counts.get("left"):
        return
    st.subheader("Left as they are, since something touched them", anchor=False)
    offset = (address.number("page", 1, most=100_000) - 1) * ROWS
    with session.reading() as tx:
        left = imports.undo_left(tx, found.id, limit=ROWS, offset=offset)
    if not left.items:
        address.turn_back(left.total, ROWS)
    kind = found.of.key
    lines = [
        {
            "Line": item.line,
            kind.title(): rows.opening(kind, item.id, item.name or "(not visible to you)"),
            "Why it was left": item.reason,
        }
        for item in left.items
    ]
    rows.table(kind, lines)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(left.total, ROWS, key="left-alone")
