"""The box that finds one of very many records while one types: a text box with the matches below it, by keyboard
alone. What is not there yet can be made where the person may.

The id of what is chosen is in the session's state under the box's key, None where nothing is.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import RecordType
from crm.ui import session
from crm.ui.components import modules

HERE = Path(__file__).parent

MADE_BY_NAME = {"contact": "name", "company": "name"}
"""{type of which a name is enough to make one: the field that takes it}; a contact is as well made by its email."""

_box = st.components.v2.component(
    "mallard_picker", css=(HERE / "picker.css").read_text(), js=modules.joined(HERE / "picker.js")
)

OnPick = Callable[[int], object]


def field(
    label: str,
    kind: str,
    *,
    key: str,
    nothing: str = "",
    held: Mapping[Any, str | None] | None = None,
    on_pick: OnPick | None = None,
    creates: bool = True,
) -> None:
    """Draw the box of a form. `nothing` stands in it while nothing is chosen; `held` are titles by id that are known
    already. `on_pick` is called, within a callback, with the id of a record that was picked or made; none is made
    where it does not create."""
    chosen: int | None = st.session_state.setdefault(key, None)
    title = (held or {}).get(chosen) or _title(kind, chosen) or "–"
    value = None if chosen is None else {"id": chosen, "title": title}

    def take(record_id: int | None) -> None:
        st.session_state[key] = record_id
        if record_id is not None and on_pick:
            on_pick(record_id)

    _draw(label, kind, key, take, {"nothing": nothing, "value": value, "keeps": True}, creates=creates)


def action(label: str, kind: str, *, key: str, on_pick: OnPick, placeholder: str = "", **more: str) -> None:
    """Draw a box that keeps nothing: `on_pick` is called, within a callback, with each record that is picked or made.
    `more` is told to the search."""

    def take(record_id: int | None) -> None:
        if record_id is not None:
            on_pick(record_id)

    _draw(label, kind, key, take, {"nothing": placeholder, "value": None, "keeps": False}, more)


def refuse(key: str, refusal: CrmError) -> None:
    """For `on_pick`: say below the box why the record was not taken."""
    st.session_state[f"{key}-refused"] = str(refusal)


def _draw(
    label: str,
    kind: str,
    key: str,
    take: Callable[[int | None], None],
    shown: dict[str, Any],
    more: dict[str, str] | None = None,
    *,
    creates: bool = True,
) -> None:
    of = registry.get(kind)
    may_create = creates and bool(_named_by(of)) and session.actor().may(of.permission)
    # The box has a key of its own: under the field's, a value that is set elsewhere is no state of a component.
    _box(
        key=f"{key}-box",
        data={
            **shown,
            "label": label,
            "noun": of.one,
            "nothing": shown["nothing"] or tr("Find {one} …", one=of.an),
            "clear": tr("Clear {label}", label=label),
            "address": f"./pick?{urlencode({'kind': kind, **(more or {})})}",
            "create": may_create,
            "turn": st.session_state.get(f"{key}-turn", 0),
            "refused": st.session_state.get(f"{key}-refused"),
        },
        on_picked_change=partial(_picked, kind, key, take),
        on_created_change=partial(_created, of, key, take),
    )


def _picked(kind: str, key: str, take: Callable[[int | None], None]) -> None:
    sent = _sent(key, "picked")
    record_id = sent.get("id")
    if record_id is None:
        take(None)
    elif isinstance(record_id, int) and _title(kind, record_id) is not None:
        take(record_id)
    else:
        st.session_state[f"{key}-refused"] = tr(
            "This {kind} is not there any more, or not yours to see.", kind=registry.one_of(kind)
        )


def _created(of: RecordType[Any], key: str, take: Callable[[int | None], None]) -> None:
    text = str(_sent(key, "created").get("text") or "").strip()
    is_email = of.key == "contact" and "@" in text and " " not in text
    try:
        made = session.do(registry.room(of.key).create, **{"email" if is_email else _named_by(of): text})
    except CrmError as refusal:
        refuse(key, refusal)
    else:
        take(made.id)


def _named_by(of: RecordType[Any]) -> str:
    """The field that makes a record of this type when nothing else is given; empty where that is not enough."""
    if not of.custom:
        return MADE_BY_NAME.get(of.key, "")
    needed = {key for key, field in of.edited.items() if field.required}
    return of.title[0] if needed <= {of.title[0]} and not getattr(of.fields[of.title[0]], "values", None) else ""


def _sent(key: str, event: str) -> dict[str, Any]:
    """What the browser sent. Its turn goes back: an answer of an earlier one does not undo what was picked since."""
    sent = getattr(st.session_state[f"{key}-box"], event, None)
    found: dict[str, Any] = sent if isinstance(sent, dict) else {}
    st.session_state[f"{key}-turn"] = found.get("turn", 0)
    st.session_state.pop(f"{key}-refused", None)
    return found


def _title(kind: str, record_id: int | None) -> str | None:
    """None where the actor sees no such record."""
    if record_id is None:
        return None
    with session.reading() as tx:
        found = registry.room(kind).find_one(tx, record_id)
    return str(found.shown_name) if found else None
