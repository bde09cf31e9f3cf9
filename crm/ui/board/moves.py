"""Writing the moves that a board or calendar sends: each once and in order; whoever sent a refused one is told."""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records.declaration import Record
from crm.ui import session, words

R = TypeVar("R", bound=Record)

ACKS = "board-acks"
VERSIONS = "board-versions"


def acks() -> dict[str, int]:
    """{client: the last of its moves that was answered, written or refused}; a client is one mounted board."""
    found: dict[str, int] = st.session_state.setdefault(ACKS, {})
    return found


def apply(moves: list[dict[str, Any]], write: Callable[[dict[str, Any]], None]) -> None:
    """Write the moves that were not answered before."""
    for move in moves:
        client, seq = str(move["client"]), int(move["seq"])
        # Every move without an answer is sent again with the next, so some come twice. A remounted board counts from
        # one again, under another name.
        if seq <= acks().get(client, 0):
            continue
        try:
            write(move)
        except CrmError as refusal:
            why = tr("Put back: {refusal}", refusal=words.plain(str(refusal)))
            st.toast(why, icon=":material/undo:", duration="long")
        # A refused move is answered as well: the card goes back to where the server has it.
        acks()[client] = seq


def write_move(move: dict[str, Any], get: Callable[..., R], verb: Callable[..., R], **fields: Any) -> tuple[R, R]:
    """Call the verb on the record of a move, which `get` reads, with the version that the board knew or the last that
    its own moves made; the record before and after it."""
    chains: dict[tuple[str, int], list[int]] = st.session_state.setdefault(VERSIONS, {})
    card, version = (str(move["client"]), int(move["id"])), int(move["version"])
    chain = chains.get(card, [])
    # A second move of a card may leave before the answer to the first arrives. Any version that our own moves made
    # stands for the last of them; somebody else's is in no chain, and is refused as stale.
    if version not in chain:
        chain = [version]
    before = session.read(get, int(move["id"]))
    moved = session.do(verb, before.id, version=chain[-1], **fields)
    chains[card] = [*chain, moved.version]
    return before, moved
