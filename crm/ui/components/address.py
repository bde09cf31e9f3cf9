"""The state of a page in its address, so that it can be kept and shared, and the widgets that read and write it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from crm.foundation import bounds
from crm.foundation.language import tr


def get(name: str, default: str = "") -> str:
    return st.query_params.get(name, default)


def put(name: str, value: str, default: str = "") -> None:
    """Write one word of the address; a word that is the default is left out."""
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    # Whatever changes what a list holds starts it at its first page.
    if name != "page":
        st.query_params.pop("page", None)


def taken(name: str) -> bool:
    """Whether the address holds this word, which is removed: what it asks for is done once."""
    return st.query_params.pop(name, None) is not None


def become(words: Mapping[str, str]) -> None:
    """Replace the whole address by these words."""
    # `st.switch_page` to the page that one is on changes what is shown, but not the address.
    st.query_params.from_dict(words)


def place() -> str:
    """Which list the address names; a widget remembers it as what it was drawn for."""
    return get("segment")


def is_at(drawn_for: str) -> bool:
    """Whether the address still names the list that a widget was drawn for."""
    # Of a list that was just left the browser sends once more what its widgets hold, as if that had been chosen now: it
    # must not narrow the list that came after.
    return place() == drawn_for


def number(name: str, default: int, *, most: int) -> int:
    """A number from 1 to `most`; the default where the address holds none that is."""
    found = bounds.whole(get(name))
    return min(found, most) if found else default


def follow(key: str, value: Any) -> None:
    """Set a widget to what the address says, also after the browser's back button."""
    # Only a difference is set: setting the same again would undo what is being typed.
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def search(placeholder: str, *, key: str) -> str:
    """The search box of a list, `q` in the address; it searches while one types."""
    follow(key, get("q"))
    st.text_input(
        tr("Search"),
        type="search",
        live=True,
        placeholder=placeholder,
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=200,
        key=key,
        on_change=_write,
        args=("q", key, "", place()),
    )
    return get("q")


def choice(label: str, name: str, options: Mapping[str, str], *, default: str, key: str) -> str:
    """A select box over {word in the address: words for people}; the word chosen."""
    now = get(name, default)
    chosen = now if now in options else default
    follow(key, chosen)
    st.selectbox(
        label,
        list(options),
        format_func=lambda word: options[word],
        label_visibility="collapsed",
        width=170,
        key=key,
        on_change=_write,
        args=(name, key, default, place()),
    )
    return chosen


def segments(label: str, name: str, options: Mapping[str, str], *, default: str, key: str = "") -> str:
    """As `choice`, as segments beside each other. Streamlit's own binding would write the words for people."""
    now = get(name, default)
    chosen = now if now in options else default
    widget = key or name
    follow(widget, chosen)
    st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=lambda word: options[word],
        label_visibility="collapsed",
        key=widget,
        on_change=_write,
        args=(name, widget, default, place()),
    )
    return chosen


def pages(total: int, size: int, *, key: str) -> int:
    """The pager of a list, `page` in the address; the page shown. Draws nothing where one page holds all."""
    last = max(1, -(-total // size))
    now = number("page", 1, most=last)
    if last > 1:
        # Another page is another pager: one that exists takes no value but its own.
        shown_key = f"{key}-{now}-{last}"
        st.pagination(last, default=now, key=shown_key, on_change=_write_page, args=(shown_key, place()))
    return now


def turn_back(total: int, size: int) -> None:
    """Go to the last page where the address names one after it: what stood there was deleted, moved or decided."""
    last = max(1, -(-total // size))
    if number("page", 1, most=last + 1) > last:
        put("page", str(last), "1")
        st.rerun()


def _write(name: str, key: str, default: str, drawn_for: str) -> None:
    if is_at(drawn_for):
        put(name, st.session_state[key] or "", default)


def _write_page(key: str, drawn_for: str) -> None:
    if is_at(drawn_for):
        put("page", str(st.session_state[key]), "1")


def record_id(name: str) -> int:
    """The id that the address gives under this name; 0, which no record has, for what is none."""
    return bounds.whole(get(name)) or 0
