"""Writing the moves that a board sends: each once, in order, and telling who sent them where one was refused."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from crm import deals
from crm.deals import Deal
from crm.foundation.errors import CrmError
from crm.ui import session, words

ACKS = "board-acks"
VERSIONS = "board-versions"


def acks() -> dict[str, int]:
    """The last move of each mounted board that was answered, written or refused."""
    found: dict[str, int] = st.session_state.setdefault(ACKS, {})
    return found


def apply(moves: list[dict[str, Any]], write: Callable[[dict[str, Any]], None] | None = None) -> None:
    """A board, or a calendar with a `write` of its own, sends every move that it has seen no answer to, so some come
    twice; a remounted one counts from one again under another name."""
    for move in moves:
        client, seq = str(move["client"]), int(move["seq"])
        if seq <= acks().get(client, 0):
            continue
        try:
            (write or _to_stage)(move)
        except CrmError as refusal:
            st.toast(f"Put back: {words.plain(str(refusal))}", icon=":material/undo:", duration="long")
        acks()[client] = seq


def _to_stage(move: dict[str, Any]) -> None:
    written(
        move,
        deals.move,
        to_stage=int(move["stage"]),
        before=move["before"],
        after=move["after"],
    )


def written(move: dict[str, Any], verb: Callable[..., Deal], **given: Any) -> None:
    """A second move of a card may leave before the answer to the first arrives, and a third before that to the second:
    each names a version that the board knew, and any that our own moves made stands for the last of them."""
    chains: dict[tuple[str, int], list[int]] = st.session_state.setdefault(VERSIONS, {})
    place, seen = (str(move["client"]), int(move["id"])), int(move["version"])
    chain = chains.get(place, [])
    if seen not in chain:
        chain = [seen]
    moved = session.do(verb, int(move["id"]), version=chain[-1], **given)
    chains[place] = [*chain, moved.version]
