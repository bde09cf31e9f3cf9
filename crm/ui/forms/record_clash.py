"""Two people in the form of one contact or company: what does not clash is saved beside the other's, and what does is
chosen field by field. Widgets keep what the person typed until then."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, Stale
from crm.platform.people import users
from crm.records.edits import field_label
from crm.ui import refusals, session, words
from crm.ui.components import sentences
from crm.ui.forms import drawer_form, side_by_side

ATTRIBUTE = "attribute:"
_CLASH = "drawer-clash"


@dataclass(frozen=True)
class Clash:
    """Fields that two changed, to different values; what they were stands in the form's base."""

    told: str
    draft: str
    """Which opening of the form it is of."""
    mine: dict[str, Any]
    theirs: dict[str, Any]


def save(edit: Callable[..., Any], base: dict[str, Any], changed: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Write what the person changed; None where it was refused, or where they have to choose first."""
    try:
        saved = session.do(edit, base["id"], version=base["version"], attributes=values, **changed)
    except Stale as stale:
        mine = {**changed, **{ATTRIBUTE + key: value for key, value in values.items()}}
        was, theirs = _flat(base), _flat(stale.current)
        clashing = [field for field in mine if not _same(was.get(field), theirs.get(field))]
        clashing = [field for field in clashing if not _same(mine[field], theirs.get(field))]
        if not clashing:
            base["version"] = stale.current["version"]
            return save(edit, base, changed, values)
        st.session_state[_CLASH] = Clash(
            str(stale), drawer_form.key(""), {field: mine[field] for field in clashing}, dict(stale.current)
        )
        st.rerun()
    except CrmError as refusal:
        refusals.show(refusal)
        return None
    drawer_form.close()
    return saved


def settle(base: dict[str, Any], labels: Mapping[str, str]) -> bool:
    """Draw what is to be chosen, above the form; whether anything is. What others changed and the person did not is in
    the form from now on. `labels` are names of attributes, by key."""
    found: Clash | None = st.session_state.get(_CLASH)
    with st.container():  # a place of its own, also when empty
        if found is None or found.draft != drawer_form.key(""):
            return False
        was, theirs = _flat(base), _flat(found.theirs)
        left = [field for field in found.mine if not _same(was.get(field), theirs.get(field))]
        for field in theirs.keys() - set(found.mine):
            if not _same(was.get(field), theirs[field]):
                _take(base, theirs, field)
        base["version"] = found.theirs["version"]
        if left:
            st.warning(words.plain(found.told), icon=":material/sync_problem:")
        for field in left:
            key = field.removeprefix(ATTRIBUTE)
            side_by_side.choose(
                words.plain(labels.get(key, field_label(field).capitalize()) if ATTRIBUTE in field else _label(field)),
                was=_said(field, was.get(field)),
                mine=_said(field, found.mine[field]),
                theirs=_said(field, theirs.get(field)),
                key=f"{found.draft}clash-{key}",
                keep_mine=_keep,
                take_theirs=_take,
                args=(base, theirs, field),
            )
    return bool(left)


def _keep(base: dict[str, Any], theirs: Mapping[str, Any], field: str) -> None:
    """Callback: saving replaces theirs."""
    if field.startswith(ATTRIBUTE):
        base["attributes"] = {**base["attributes"], field.removeprefix(ATTRIBUTE): theirs.get(field)}
    else:
        base[field] = theirs[field]


def _take(base: dict[str, Any], theirs: Mapping[str, Any], field: str) -> None:
    """Callback, or before the widgets are drawn: the form holds theirs."""
    _keep(base, theirs, field)
    if field.startswith(ATTRIBUTE):
        st.session_state.pop(f"{drawer_form.key('attribute')}-{field.removeprefix(ATTRIBUTE)}", None)
    elif drawer_form.key(field) in st.session_state:
        st.session_state[drawer_form.key(field)] = theirs[field] if field == "owner_id" else theirs[field] or ""


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {field: value for field, value in values.items() if field not in ("version", "updated_at", "attributes")}
    return given | {ATTRIBUTE + key: value for key, value in values["attributes"].items()}


def _same(one: Any, other: Any) -> bool:
    """An emptied text and a missing one are the same."""
    return (None if one == "" else one) == (None if other == "" else other)


def _label(field: str) -> str:
    return "Owner" if field == "owner_id" else field_label(field).capitalize()


def _said(field: str, value: Any) -> str:
    if field != "owner_id" or value is None:
        return sentences.value(value)
    with session.reading() as tx:
        return next((person.name for person in users.everyone(tx) if person.id == value), "–")
