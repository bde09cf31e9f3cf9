"""What a person typed and has not saved, kept in their own browser until it is: the server may stop, the connection
drop or the page be loaded again. The form then offers it; nothing is filled in by itself.

It is kept under the person and the form, so that another who signs in at the same computer is offered nothing of it,
and goes when it is saved, when its person signs out, and after a week.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import streamlit as st

from crm.foundation.language import current
from crm.platform import process
from crm.ui import session
from crm.ui.components import modules

HERE = Path(__file__).parent
PREFIX = "mallard-draft:"
_SESSION, _GONE = "unsaved-session", "unsaved-gone"

_form = st.components.v2.component(
    "mallard_unsaved", css=(HERE / "keep.css").read_text(), js=modules.joined(HERE / "keep.js")
)
_gone = st.components.v2.component(
    "mallard_saved",
    js="""
const done = (window.mallardSaved ??= new Set());

export default function ({ data }) {
  for (const [place, once] of data.gone) {
    if (done.has(once)) continue;
    done.add(once);
    try { localStorage.removeItem(place); } catch { /* a browser that keeps nothing */ }
  }
}
""",
)


def keep(
    name: str,
    *,
    values: Mapping[str, Any],
    record: Mapping[str, Any],
    base: Mapping[str, Any],
    version: int,
    boxes: Mapping[str, str],
    restore: Callable[[Mapping[str, Any]], None],
) -> None:
    """Draw the part of a form that keeps it, above its widgets and after its draft was made. State of the session under
    `<name>-` goes when the form is saved.

    `values` is what the form holds, `record` what saving would replace, `base` and `version` what the person began
    from; `boxes` are the keys of those widgets that take text, by field. `restore` is called, as a callback, with
    {"values", "base", "version"} as the browser kept them: it is to be read with care, anybody may write there.
    """
    key = f"unsaved-{name}"
    with st.container(key=key):
        _form(
            key=f"{key}-form",
            data={
                "place": place_of(name),
                "session": st.session_state.setdefault(_SESSION, uuid4().hex),
                "values": _as_json(values),
                "record": _as_json(record),
                "base": _as_json(base),
                "version": version,
                # Forgotten with the draft: a new one tells the browser that the form was saved meanwhile.
                "began": st.session_state.setdefault(f"{name}-began", uuid4().hex),
                "boxes": dict(boxes),
                "locale": current().replace("_", "-"),
            },
            on_restored_change=lambda: restore(st.session_state[f"{key}-form"].restored or {}),
        )


def drop(name: str) -> None:
    """Have the browser forget what it kept of a form that was saved."""
    # The list is sent at every run. By its mark an entry removes once, not what is typed into the form later.
    st.session_state.setdefault(_GONE, []).append((place_of(name), uuid4().hex))


def sweep() -> None:
    """Send the browser the forms that were saved in this session; on every page."""
    if _GONE not in st.session_state:  # a component costs a page a tenth of its time
        return
    with st.container(key="unseen-saved"):
        # A form that was saved is seldom there any more to say so itself.
        _gone(key="saved", data={"gone": st.session_state[_GONE]})


def places_of(user_id: int) -> str:
    """What the keys of all drafts of a person begin with, in the browser's storage."""
    return f"{PREFIX}{_tag(str(process.store().path), user_id)}:"


# The store's path only belongs to the cache's key.
@lru_cache(maxsize=4096)
def _tag(_: str, user_id: int) -> str:
    with session.reading() as tx:
        row = tx.row("SELECT email, created_at FROM users WHERE id = $id", id=user_id)
    # Two stores that were served at one address have the same ids: the moment at which the person was added tells them
    # apart.
    return hashlib.sha256(f"{user_id} {row['email']} {row['created_at'].isoformat()}".encode()).hexdigest()[:24]


def place_of(name: str) -> str:
    return places_of(session.actor().id) + name


def _as_json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: value.isoformat() if isinstance(value, date) else value for field, value in values.items()}
