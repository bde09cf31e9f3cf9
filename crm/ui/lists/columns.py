"""The chosen columns of a list and their order: each person's own preference."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from crm.foundation.language import tr
from crm.platform import preferences
from crm.records.declaration import RecordType
from crm.store import Reading
from crm.ui import session, words
from crm.ui.components import address, lazy
from crm.ui.lists.cells import Column

WORD = "cols"
"""Of the address: the columns of a saved view, or of a link to what somebody sees."""


def chosen(tx: Reading, of: RecordType[Any], columns: Sequence[Column]) -> list[Column]:
    """The columns that the address names, else those of the person's preference, without those that are gone; else
    those that everybody begins with, so that new attributes show at once."""
    by_key = {column.key: column for column in columns}
    named = address.get(WORD)
    kept = named.split(",") if named else preferences.get(tx, _name(of))
    # Up to 0.5.0 every `_id` was cut off, so that `external` may be kept for external_id.
    keys = (key if key in by_key else f"{key}_id" for key in kept or ())
    found = [by_key[key] for key in keys if key in by_key]
    return found or [column for column in columns if column.at_first]


def chooser(of: RecordType[Any], columns: Sequence[Column], shown: Sequence[Column], *, key: str) -> None:
    """The popover that shows, hides and moves columns."""
    draw = partial(_choices, of, columns, shown, key=key)
    lazy.popover(tr("Columns"), draw, key=f"{key}-columns", icon=":material/view_column:")


def _choices(of: RecordType[Any], columns: Sequence[Column], shown: Sequence[Column], *, key: str) -> None:
    hidden = [column for column in columns if column not in shown]
    with st.container(gap=None):
        for place, column in enumerate(shown):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                # A list without any column would have no cell that opens a record.
                _tick(of, column, shown, key=key, on=True, last=len(shown) == 1)
                _move("up", of, shown, place, -1, key=key)
                _move("down", of, shown, place, 1, key=key)
    if hidden:
        st.caption(tr("Hidden"))
    with st.container(gap="xsmall"):
        for column in hidden:
            _tick(of, column, shown, key=key, on=False, last=False)
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            tr("Reset"),
            type="tertiary",
            icon=":material/restart_alt:",
            key=f"{key}-columns-reset",
            help=tr("Back to the columns that everybody begins with"),
            on_click=_forget,
            args=(of,),
        )


def _tick(of: RecordType[Any], column: Column, shown: Sequence[Column], *, key: str, on: bool, last: bool) -> None:
    """The checkbox of one column."""
    now = [one.key for one in shown]
    then = [one for one in now if one != column.key] if on else [*now, column.key]
    # Its key says whether it is on: a checkbox that was drawn before ignores the value it is given.
    st.checkbox(
        words.plain(column.label),
        on,
        disabled=last,
        width="stretch",
        key=f"{key}-column-{column.key}-{on}-{len(now)}",
        on_change=_choose,
        args=(of, then),
    )


def _move(word: str, of: RecordType[Any], shown: Sequence[Column], place: int, by: int, *, key: str) -> None:
    keys = [one.key for one in shown]
    target = place + by
    possible = 0 <= target < len(keys)
    if possible:
        keys[place], keys[target] = keys[target], keys[place]
    label = shown[place].label
    st.button(
        "",
        type="tertiary",
        icon=f":material/arrow_{word}ward:",
        help=tr("Move {column} up", column=label) if by < 0 else tr("Move {column} down", column=label),
        disabled=not possible,
        key=f"{key}-column-{word}-{shown[place].key}",
        on_click=_choose,
        args=(of, keys),
    )


def _choose(of: RecordType[Any], keys: list[str]) -> None:
    if address.get(WORD) or address.get("view"):
        address.put(WORD, ",".join(keys))
    else:
        session.attempt(preferences.put, _name(of), keys)


def _forget(of: RecordType[Any]) -> None:
    if address.get(WORD):
        address.put(WORD, "")
    else:
        session.attempt(preferences.forget, _name(of))


def _name(of: RecordType[Any]) -> str:
    return f"columns:{of.plural}"
