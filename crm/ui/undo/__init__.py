"""The message at the foot of a page that says what was just done, with the button that undoes it.

One message stands at a time; it goes by itself, and follows to the page that an action leads to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Concatenate, ParamSpec
from uuid import uuid4

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import Record
from crm.store import Writing
from crm.ui import session
from crm.ui.components import modules

P = ParamSpec("P")

HERE = Path(__file__).parent
_KEY = "undo"

LASTS = 10
"""Seconds for which the message is in sight; longer while the pointer or the focus is in it."""
KEPT = 60
"""Seconds after which it is not drawn any more."""

_message = st.components.v2.component(
    "mallard_undo",
    html='<span class="icon" aria-hidden="true"></span><span class="text" role="status"></span>',
    css=(HERE / "undo.css").read_text(),
    js=modules.joined(HERE / "undo.js"),
)


@dataclass(frozen=True)
class Message:
    """`back` undoes what the text says; None: there is nothing to undo."""

    text: str
    icon: str
    back: Callable[[], object] | None = None
    name: str = field(default_factory=lambda: uuid4().hex)
    since: float = field(default_factory=monotonic)


def offer(
    text: str,
    verb: Callable[Concatenate[Writing, P], object],
    *args: P.args,
    **kwargs: P.kwargs,
) -> None:
    """Say `text` on the next run, with the button that calls `verb`."""
    _say(Message(text, "check_circle", lambda: session.do(verb, *args, **kwargs)))


def offer_edit(before: Record, after: Record, changes: Mapping[str, Any], *, text: str = "") -> None:
    """Offer to set the fields of an edit back; `changes` as `edit` took them, those of attributes and prices by their
    keys. Refused where others changed it since. `text` is said in place of “Saved”."""
    of = registry.type_of(before)
    if of.hidden & changes.keys():  # what stood there before is not known
        return
    if before.version == after.version:
        return
    fields = {"attributes": of.attributes_field or ""}
    back = {key: _former(getattr(before, fields.get(key, key)), given) for key, given in changes.items()}
    verb = registry.room(of.key).edit
    offer(text or tr("Saved “{name}”.", name=after.shown_name), verb, after.id, version=after.version, **back)


def _former(held: Any, given: Any) -> Any:
    """What sets a field back; of one with keys those that were given, None where it did not hold one."""
    return {key: held.get(key) for key in given} if isinstance(given, Mapping) else held


def show() -> None:
    """Draw the message, if there is one; on every page, in the fragment in which its actions are."""
    # A place of its own also when it is empty: nothing that is drawn later takes it.
    with st.container(key="undo-place"):
        message: Message | None = st.session_state.get(_KEY)
        if message is None or monotonic() - message.since > KEPT:
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="undo-bar"):
            left = max(LASTS - (monotonic() - message.since), 0)
            data = {"name": message.name, "text": message.text, "icon": message.icon, "left": round(left * 1000)}
            _message(key="undo-message", data=data, width="stretch")
            if message.back:
                st.button(tr("Undo"), icon=":material/undo:", key="undo-press", on_click=_undo, args=(message,))


def _undo(message: Message) -> None:
    """Callback of the button: a message is undone once."""
    if message.back is None or st.session_state.get(_KEY) is not message:
        return
    try:
        message.back()
    except CrmError as refusal:
        _say(Message(tr("Not undone. {refusal}", refusal=refusal), "error"))
    else:
        _say(Message(tr("Undone."), "undo"))


def _say(message: Message) -> None:
    st.session_state[_KEY] = message
