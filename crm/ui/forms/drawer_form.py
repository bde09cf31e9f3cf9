"""A record's form in a drawer: which one is open, what the person saw when they opened it, and what came of saving.

The draft outlives a refusal. Where somebody else changed the record meanwhile, the person sees what is there now
beside what they typed, and decides: save theirs over it, field by field, or start again from what is there.
"""

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st
from pydantic import BaseModel

from crm.foundation.errors import CrmError, Stale
from crm.records.edits import field_label
from crm.store import Writing
from crm.ui import refusals, session, words
from crm.ui.components import sentences

P = ParamSpec("P")
T = TypeVar("T")

_OPEN, _SEEN, _DRAFT = "drawer-open", "drawer-seen", "drawer-draft"


def start(name: str) -> None:
    """Open the form of this name, afresh."""
    st.session_state[_OPEN] = name
    st.session_state.pop(_SEEN, None)
    st.session_state[_DRAFT] = st.session_state.get(_DRAFT, 0) + 1


def close() -> None:
    st.session_state.pop(_OPEN, None)
    st.session_state.pop(_SEEN, None)


def is_open(name: str) -> bool:
    return st.session_state.get(_OPEN) == name


def key(field: str) -> str:
    """The key of a widget of this draft: a form opened again starts from the record, not from the last draft."""
    return f"draft-{st.session_state.get(_DRAFT, 0)}-{field}"


def seen(record: BaseModel) -> dict[str, Any]:
    """The record as it was when the form was opened."""
    found: dict[str, Any] = st.session_state.setdefault(_SEEN, record.model_dump())
    return found


def differing(base: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the person changed; an emptied text and a missing one are the same."""
    return {field: value for field, value in given.items() if (base.get(field) or None) != (value or None)}


def save(verb: Callable[Concatenate[Writing, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call the verb and close the drawer; where it is refused, the drawer stays as it is and says why."""
    try:
        saved = session.do(verb, *args, **kwargs)
    except Stale as stale:
        _ask(stale, kwargs)
        return None
    except CrmError as refusal:
        refusals.show(refusal)
        return None
    close()
    return saved


def _ask(stale: Stale, given: Mapping[str, Any]) -> None:
    base: dict[str, Any] = st.session_state[_SEEN]
    st.warning(words.plain(str(stale)), icon=":material/sync_problem:")
    before, now, mine = _flat(base), _flat(stale.current), _flat(given)
    changed = [field for field in before | now if _is_shown(field) and before.get(field) != now.get(field)]
    if changed:
        st.table(
            {
                "Field": [words.plain(field_label(field).capitalize()) for field in changed],
                "Now": [words.plain(sentences.value(now.get(field))) for field in changed],
                "Yours": [words.plain(sentences.value(mine[field])) if field in mine else "–" for field in changed],
            },
            border="horizontal",
            hide_index=True,
        )
    st.caption("Save again to keep what you typed in the fields you changed; the others stay as they are now.")
    base["version"] = stale.current["version"]
    st.button("Start again from what is there now", icon=":material/restart_alt:", on_click=start, args=(_name(),))


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes and prices beside the fields, as the log names them."""
    prices = {f"price {code}": price for code, price in (values.get("prices") or {}).items()}
    return dict(values) | prices | {f"attribute:{key}": value for key, value in values.get("attributes", {}).items()}


def _is_shown(field: str) -> bool:
    return field not in ("version", "updated_at", "attributes", "prices") and not field.endswith("_name")


def _name() -> str:
    return str(st.session_state[_OPEN])
