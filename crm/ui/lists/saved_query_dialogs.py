"""The dialogs of a saved query, which is a segment or a view: save, rename, delete.

Each is drawn where `drawer_form` has it open. `word` is what the query is called in sentences, in English.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records import registry
from crm.records.saved_queries import SavedQuery
from crm.ui import refusals, session, words
from crm.ui.forms import drawer_form

Q = TypeVar("Q", bound=SavedQuery)


def save_as(
    word: str,
    title: str,
    verb: Callable[..., Q],
    criteria: Mapping[str, object],
    *,
    placeholder: str,
    contents: str,
    then: Callable[[Q], None],
) -> None:
    """`criteria` is what `verb` takes besides a name and whether it is shared; `contents` is the plural of the type
    that such a query finds."""

    @st.dialog(tr(title), icon=":material/bookmark_add:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        with st.form(f"save-{word}", border=False):
            name = st.text_input(tr("Name"), max_chars=80, placeholder=tr(placeholder), required=True)
            shared = st.toggle(
                tr("Share with everybody"),
                help=tr("Each sees the {contents} that they may see, no others.", contents=registry.many_of(contents)),
            )
            saved = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
        if not saved:
            return
        made = drawer_form.save(verb, name=name or "", shared=shared, **criteria)
        if made:
            then(made)

    dialog()


def rename(word: str, query: SavedQuery, verb: Callable[..., SavedQuery]) -> None:
    @st.dialog(tr("Rename this {word}", word=tr(word)), icon=":material/edit:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        with st.form(f"rename-{word}", border=False):
            name = st.text_input(tr("Name"), query.name, max_chars=80, required=True)
            saved = st.form_submit_button(tr("Save"), type="primary", icon=":material/save:")
        if saved and drawer_form.save(verb, query.id, name=name or "") is not None:
            st.rerun()

    dialog()


def delete(word: str, query: SavedQuery, verb: Callable[..., None], *, contents: str, then: Callable[[], None]) -> None:
    @st.dialog(tr("Delete this {word}?", word=tr(word)), icon=":material/delete:", on_dismiss=drawer_form.close)
    def dialog() -> None:
        name = words.plain(query.name)
        goes = tr("**{name}** goes; the {contents} in it stay.", name=name, contents=registry.many_of(contents))
        others = tr("It is shared: others lose it too.") if query.shared else ""
        st.markdown(f"{goes} {others}".rstrip())
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(tr("Keep"), key=f"{word}-keep"):
                drawer_form.close()
                st.rerun()
            if st.button(tr("Delete"), type="primary", icon=":material/delete:", key=f"{word}-delete-sure"):
                try:  # not `drawer_form.save`, which takes None for a refusal: deleting returns nothing
                    session.do(verb, query.id)
                except CrmError as refusal:
                    refusals.show(refusal)
                    return
                drawer_form.close()
                then()

    dialog()
