"""Taking an import back: what it would do is shown before it is asked for, and what it left afterwards."""

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
            would = imports.undo_preview(tx, found.id)
            left = imports.undo_left(tx, found.id, limit=FEW)
    except CrmError as refusal:
        refusals.show(refusal)
        return
    one, many = found.of.key, found.kind
    _line("delete", would.deleted, f"{one} it created is deleted", f"{many} it created are deleted")
    _line("history", would.restored, f"{one} it updated is put back", f"{many} it updated are put back as they were")
    _line("apartment", would.companies, "company made on the way is deleted", "companies made on the way are deleted")
    _line("person", would.contacts, "contact made on the way is deleted", "contacts made on the way are deleted")
    _line("front_hand", would.left, f"{one} was touched since and stays", f"{many} were touched since and stay")
    if left.total > FEW:
        for reason, number in would.reasons.items():
            st.caption(f"{number:,} × {words.plain(reason)}")
    _names(left)
    nothing = not (would.deleted or would.restored)
    if nothing:
        st.info("There is nothing left that could be taken back.", icon=":material/info:")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", on_click=_close):
            st.rerun()
        if st.button("Undo import", type="primary", icon=":material/undo:", key="confirm-undo", disabled=nothing) and (
            session.done(imports.undo, found.id)
        ):
            _close()
            st.query_params.from_dict({"import": str(found.id)})
            st.rerun()


def _line(icon: str, number: int, one: str, many: str) -> None:
    if number:
        st.markdown(f":material/{icon}: **{number:,}** {one if number == 1 else many}")


def _names(left: LeftPage) -> None:
    """The first of those that stay, by name."""
    if not left.items:
        return
    for item in left.items:
        st.markdown(f"- {words.plain(item.name or 'One that you may not see')}: :small[{words.plain(item.reason)}]")
    if left.total > len(left.items):
        st.caption(f"and {left.total - len(left.items):,} more")


def result(found: Import) -> None:
    """What undoing did, and every record that it left, with why."""
    did = found.undone
    labels = {
        "deleted": "Deleted",
        "restored": "Put back",
        "companies": "Companies deleted",
        "contacts": "Contacts deleted",
        "left": "Left as they are",
    }
    with st.container(horizontal=True):
        for part, label in labels.items():
            if part != "contacts" or did.get(part):  # made by imports of orders alone
                st.metric(label, f"{did.get(part, 0):,}", border=True)
    if not did.get("left"):
        return
    st.subheader("Left as they are, since something touched them", anchor=False)
    offset = (address.number("page", 1, most=100_000) - 1) * ROWS
    with session.reading() as tx:
        left = imports.undo_left(tx, found.id, limit=ROWS, offset=offset)
    noun = found.of.key
    lines = [
        {
            "Line": item.line,
            noun.title(): rows.opening(noun, item.id, item.name or "(not visible to you)"),
            "Why it was left": item.reason,
        }
        for item in left.items
    ]
    rows.table(noun, lines)
    with st.container(horizontal=True, horizontal_alignment="right"):
        address.pages(left.total, ROWS, key="left-alone")
