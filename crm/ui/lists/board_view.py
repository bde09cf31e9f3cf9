"""The list of a custom type as a board by one of its list fields."""

from dataclasses import replace
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, TooSlow
from crm.foundation.language import tr
from crm.records import board as records_board
from crm.records import registry
from crm.records.board import SCREENFUL, Board
from crm.records.declaration import RecordType
from crm.records.listing import ListQuery
from crm.ui import record_links, refusals, session, undo
from crm.ui.board import board
from crm.ui.board.moves import acks, apply, write_move
from crm.ui.components import address, styles
from crm.ui.lists import board_payload
from crm.ui.lists.board_payload import Drawn, name_of, value_of
from crm.ui.lists.url_state import ListState

STEP = 50
LIST, BOARD = "table", "board"
STYLE = ":root { --above-board: 12.5rem; }"


def by(of: RecordType[Any]) -> str | None:
    """The list field by which the address asks for a board; None where it asks for the list, or the type has no list
    field."""
    fields = _fields(of)
    if not fields or address.get("show", LIST) != BOARD:
        return None
    named = address.get("by")
    return named if named in fields else next(iter(fields))


def switch(of: RecordType[Any], *, key: str) -> None:
    """Draw the choice between list and board, and of the field of the board; nothing where the type has no list
    field."""
    fields = _fields(of)
    if not fields:
        return
    views = {LIST: ":material/table_rows: " + tr("List"), BOARD: ":material/view_kanban: " + tr("Board")}
    address.segments(tr("View"), "show", views, default=LIST, key=f"{key}-view")
    if by(of):
        address.choice(tr("Columns by"), "by", fields, default=next(iter(fields)), key=f"{key}-by")


def _fields(of: RecordType[Any]) -> dict[str, str]:
    """{key: label}."""
    return {key: tr(field.label) for key, field in records_board.list_fields(of).items()} if of.custom else {}


def answer(of: RecordType[Any], field: str, state: ListState, *, key: str) -> Drawn | None:
    """As `url_state.answer`, of the board: an address that makes no sense is reported and answered with everything."""
    try:
        return _read(of, field, state.query, key=key)
    except TooSlow as refusal:
        refusals.show(refusal)
        return None
    except CrmError as refusal:
        if not state.faults:
            refusals.show(refusal)
        if state.segment:  # a broken one holds nobody
            return None
        return _read(of, field, ListQuery(sort=state.query.sort, within=state.query.within), key=key)


def _read(of: RecordType[Any], field: str, query: ListQuery, *, key: str) -> Drawn:
    actor = session.actor()
    return session.read(
        board_payload.drawn,
        of,
        field,
        # As one query whichever page of the list the address names.
        replace(query, offset=0),
        shown=tuple(_shown(field, key).items()),
        readonly=not actor.may(of.permission),
        locale=actor.language,
    )


def show(of: RecordType[Any], field: str, drawn: Drawn, *, key: str) -> Board:
    styles.add(STYLE, key=f"{key}-board-style")
    widget = f"{key}-board-{field}"
    opening = f"{widget}-opening"
    shown = _shown(field, key)

    def opened() -> None:
        st.session_state[opening] = st.session_state[widget].opened

    def more() -> None:
        column = st.session_state[widget].more
        shown[column] = shown.get(column, SCREENFUL) + STEP

    board(
        drawn.payload,
        acks=acks(),
        key=widget,
        on_moves=lambda: apply(st.session_state[widget].moves, lambda move: set_value(of, field, move)),
        on_opened=opened,
        on_more=more,
    )
    if record_id := st.session_state.pop(opening, None):
        record_links.open_record(of.key, record_id)
    return drawn.board


def set_value(of: RecordType[Any], field: str, move: dict[str, Any]) -> None:
    """Write a move of a card: the record's list field takes the value of the column."""
    room = registry.room(of.key)
    change = {field: value_of(str(move["column"]))}
    before, after = write_move(move, room.get, room.edit, **change)
    column = name_of(change[field], records_board.list_fields(of)[field])
    text = tr("“{title}” moved to {stage}.", title=after.shown_name, stage=column)
    undo.offer_edit(before, after, change, text=text)


def _shown(field: str, key: str) -> dict[str, int]:
    """{column: number of its cards that are shown}, of those where it is not the usual one."""
    found: dict[str, int] = st.session_state.setdefault(f"{key}-board-{field}-shown", {})
    return found
