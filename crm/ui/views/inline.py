"""Rows of a table of deals edited in place. What is typed stays until it is written, also when the list turns under it:
each row is one change, and one that is refused says why and keeps what was typed."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from crm import deals
from crm.deals import Deal
from crm.foundation.errors import CrmError, Stale
from crm.foundation.language import plural, tr
from crm.store import Row
from crm.ui import session, undo, words
from crm.ui.lists.cells import Column
from crm.ui.views.columns import Typed

EDITS, CARRIED, EDITOR, REFUSED = "deal-edits", "deal-edits-carried", "deal-editor", "deal-edits-refused"
"""{deal: {_VERSION: seen, _TITLE: seen, column: typed}}; with what the editor began; which one it was; why not."""

_VERSION, _TITLE = "version seen", "title seen"
"""Beside the typed columns: which version the person began from, and what to call the deal. No column is called so."""

_NO_COLUMN = (_VERSION, _TITLE)


def edits() -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = st.session_state.setdefault(EDITS, {})
    return found


def editor(rows: Sequence[Row], columns: Sequence[Column], typed: Mapping[str, Typed], *, key: str) -> None:
    """Draw the editor of these rows and remember what differs from the deals."""
    # A frame holds each name once: of two columns of one label the first is shown.
    headers = {column.label: column for column in reversed(columns)}
    shown = {column.label: column for column in columns if headers[column.label] is column}
    # An editor knows its cells by place: other rows need another editor, which begins with what was typed into the last
    # one.
    own = f"{key}-{st.session_state.get(_turn_key(key), 0)}-{hash(tuple(row['id'] for row in rows))}"
    if st.session_state.get(EDITOR) != own:
        st.session_state[EDITOR] = own
        st.session_state[CARRIED] = {deal_id: dict(edit) for deal_id, edit in edits().items()}
    carried: dict[int, dict[str, Any]] = st.session_state[CARRIED]
    frame = pl.DataFrame(
        {label: [_cell(row, column, typed, carried) for row in rows] for label, column in shown.items()}, strict=False
    )
    with st.container(key=f"records-{key}"):
        st.data_editor(
            frame,
            hide_index=True,
            disabled=[label for label, column in shown.items() if column.key not in typed],
            column_config={label: _settings(column, typed) for label, column in shown.items()},
            height="content",
            placeholder="–",
            key=own,
            alt=tr("Deals, to be edited"),
        )
    changed: dict[int, dict[str, Any]] = st.session_state[own]["edited_rows"]
    for place, row in enumerate(rows):
        cells = {shown[label].key: value for label, value in changed.get(place, {}).items() if label in shown}
        _remember(row, carried.get(row["id"], {}) | cells, typed)


def _remember(row: Row, mine: Mapping[str, Any], typed: Mapping[str, Typed]) -> None:
    """Keep what differs from the deal as it is, with the version that the person began from."""
    known = edits().pop(row["id"], None)
    differing = {
        key: value
        for key, value in mine.items()
        if key in typed and typed[key].from_cell(value) != typed[key].from_cell(typed[key].to_cell(row))
    }
    if differing:
        version = known[_VERSION] if known else row["version"]
        edits()[row["id"]] = {_VERSION: version, _TITLE: row["title"], **differing}


def bar(typed: Mapping[str, Typed], *, key: str) -> None:
    """Draw how many rows wait to be written, the two ways on, and why some were refused."""
    waiting = len(edits())
    refused: dict[int, str] = st.session_state.setdefault(REFUSED, {})
    for deal_id, reason in refused.items():
        if deal_id in edits():
            st.error(f"**{words.plain(edits()[deal_id][_TITLE])}**: {words.plain(reason)}", icon=":material/block:")
    if not waiting:
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"above-{key}-edits"):
        changed = plural(
            "**{count:,} deal changed, not saved yet**", "**{count:,} deals changed, not saved yet**", waiting
        )
        st.markdown(changed, width="content")
        save = plural("Save {count:,} deal", "Save {count:,} deals", waiting)
        if st.button(save, type="primary", icon=":material/save:", key=f"{key}-save-rows"):
            _save(typed, key)
        if st.button(tr("Discard"), icon=":material/undo:", key=f"{key}-discard-rows"):
            edits().clear()
            refused.clear()
            _new_editor(key)


def _save(typed: Mapping[str, Typed], key: str) -> None:
    """Write each row in a transaction of its own; what was written is undone at once."""
    refused: dict[int, str] = {}
    written: list[tuple[Deal, Deal]] = []
    for deal_id, edit in list(edits().items()):
        fields = {
            typed[name].field: typed[name].from_cell(value) for name, value in edit.items() if name not in _NO_COLUMN
        }
        try:
            # Refused below where anybody changes the deal between the two.
            before = session.read(deals.get, deal_id)
            after = session.do(deals.edit_row, deal_id, version=edit[_VERSION], **fields)
        except Stale as stale:
            # Refused once. Saved again, what was typed replaces what is there now, field by field.
            edit[_VERSION] = stale.current["version"]
            refused[deal_id] = str(stale)
        except CrmError as refusal:
            refused[deal_id] = str(refusal)
        else:
            del edits()[deal_id]
            written += [(before, after)] if before.version != after.version else []
    st.session_state[REFUSED] = refused
    if written:
        undo.offer(_saved([after for _, after in written]), deals.undo_rows, *written)
    _new_editor(key)


def _saved(written: Sequence[Deal]) -> str:
    if len(written) == 1:
        return tr("Saved “{name}”.", name=written[0].title)
    return plural("{count:,} deal saved.", "{count:,} deals saved.", len(written))


def _new_editor(key: str) -> None:
    st.session_state[_turn_key(key)] = st.session_state.get(_turn_key(key), 0) + 1
    st.rerun()


def _turn_key(key: str) -> str:
    return f"{key}-turn"


def _cell(row: Row, column: Column, typed: Mapping[str, Typed], carried: Mapping[int, Mapping[str, Any]]) -> object:
    own = typed.get(column.key)
    if own is None:
        return column.read(row)
    mine = carried.get(row["id"], {})
    if column.key not in mine:
        return own.to_cell(row)
    value = mine[column.key]
    return own.from_cell(value) if column.key == "expected_close" else value


def _settings(column: Column, typed: Mapping[str, Typed]) -> Any:
    own = typed.get(column.key)
    return dict(own.settings if own else column.settings)
