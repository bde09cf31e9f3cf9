"""The fields of a type itself: its names, its icon, and who sees its records."""

from typing import Any

import streamlit as st

from crm import objects
from crm.foundation.language import later, tr
from crm.objects import ObjectType
from crm.ui import session, words
from crm.ui.components.dialogs import dialog
from crm.ui.objects import icon_picker, place

SHARED = {
    True: (later("Everybody"), later("As with a catalog: whoever may open the list sees all of it.")),
    False: (
        later("Their owner and its team"),
        later("And whoever sees a contact or a deal that the record is linked to. Managers see all."),
    ),
}
_MADE = "types-made"


@dialog(later("New type"), width="medium", position="right", icon=":material/category:", on_dismiss=place.close_dialog)
def new() -> None:
    """The drawer of a new type."""
    # Each type that was made leaves the next form empty.
    key = f"new-type-{st.session_state.get(_MADE, 0)}"
    typed = _names(key, "", "", objects.DEFAULT_ICON)
    primary = st.text_input(
        tr("First field"),
        max_chars=80,
        placeholder=tr("Name"),
        help=tr("A text that names each record wherever it is shown. More fields come after this."),
        key=f"{key}-primary",
    )
    shared = _shared(key, now=False)
    if st.button(tr("Create"), type="primary", icon=":material/check:", key=f"{key}-create"):
        made = session.attempt(objects.create, **typed, primary=primary or "", shared=shared)
        if made:
            st.session_state[_MADE] = st.session_state.get(_MADE, 0) + 1
            place.open_type(made.id)
            st.rerun()


def edit(of: ObjectType, fields: list[objects.Field]) -> None:
    """Draw the form of a type that there is; it is saved as a whole."""
    key = f"type-{of.id}-{of.version}"
    typed = _names(key, of.singular, of.plural, of.icon)
    naming = {field.key: field.name for field in fields if field.definition.type in objects.NAMING}
    primary = st.selectbox(
        tr("Field that names a record"),
        list(naming),
        index=list(naming).index(of.primary_field),
        format_func=lambda field: naming[field],
        help=tr("A text or a list, filled in every record."),
        key=f"{key}-primary",
    )
    shared = _shared(key, now=of.shared)
    if st.button(tr("Save"), type="primary", icon=":material/save:", key=f"{key}-save") and session.done(
        objects.change, of.id, **typed, primary_field=primary, shared=shared, version=of.version
    ):
        st.toast(tr("Saved “{name}”.", name=words.plain(typed["plural"])), icon=":material/check:")
        st.rerun()


def _names(key: str, singular: str, plural: str, icon: str) -> dict[str, Any]:
    one, many = st.columns(2)
    return {
        "singular": one.text_input(
            tr("Name of one"), singular, max_chars=60, placeholder=tr("Course"), key=f"{key}-singular"
        )
        or "",
        "plural": many.text_input(
            tr("Name of many"), plural, max_chars=60, placeholder=tr("Courses"), key=f"{key}-plural"
        )
        or "",
        "icon": icon_picker.show(icon, key=f"{key}-icon"),
    }


def _shared(key: str, *, now: bool) -> bool:
    return st.radio(
        tr("Who sees the records while owner-based privacy is on"),
        list(SHARED),
        index=list(SHARED).index(now),
        format_func=lambda shared: tr(SHARED[shared][0]),
        captions=[tr(caption) for _, caption in SHARED.values()],
        key=f"{key}-shared",
    )
