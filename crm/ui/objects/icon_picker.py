"""The choice of a type's icon: all that there are, found by their names."""

import streamlit as st

from crm import objects
from crm.foundation import identity
from crm.foundation.language import tr
from crm.ui import words
from crm.ui.components import lazy


def show(current: str, *, key: str) -> str:
    """Draw the button that opens the choice; the icon chosen, `current` until then."""
    icon = str(st.session_state.get(key, current))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"# {icon}", width="content")
        lazy.popover(tr("Choose an icon"), lambda: _choose(icon, key), key=f"{key}-open", icon=":material/palette:")
    return icon


def _choose(icon: str, key: str) -> None:
    search = st.text_input(
        tr("Search"),
        type="search",
        live=True,
        placeholder=tr("Find an icon"),
        label_visibility="collapsed",
        key=f"{key}-search",
    )
    wanted = identity.folded(search or "")
    found = [one for one, name in objects.ICONS.items() if wanted in identity.folded(tr(name))]
    if not found:
        st.caption(tr("No icon is called that."))
        return
    # Other choices are another widget: one that holds what is no longer offered would be an error.
    place = f"{key}-icons-{wanted}"
    st.pills(
        tr("Icon"),
        found,
        default=icon if icon in found else None,
        format_func=lambda one: f"{one} {words.plain(tr(objects.ICONS[one]))}",
        label_visibility="collapsed",
        key=place,
        on_change=_keep,
        args=(place, key),
    )


def _keep(place: str, key: str) -> None:
    if st.session_state[place]:
        st.session_state[key] = st.session_state[place]
