"""The choices of a bulk change that links records to one record, or unlinks them from it."""

from typing import Any

import streamlit as st

from crm.foundation.language import capitalized, tr
from crm.records.bulk import Action, Change
from crm.records.declaration import RecordType
from crm.records.links.relations import linkable_by
from crm.ui import session
from crm.ui.components import link_fields, picker


def link(of: RecordType[Any], key: str) -> Change | None:
    """The record to link to, which may be made on the way, and what the links say."""
    to = _type(of, key)
    linked_id = _record(to, key, creates=True)
    label, day = link_fields.label_and_day(of.key if of.custom else to.key, f"{key}-{to.key}")
    st.caption(tr("Those that are linked already keep their label and day."))
    if linked_id is None:
        return None
    return Change(action=Action.LINK, linked_kind=to.key, linked_id=linked_id, link_label=label, linked_on=day)


def unlink(of: RecordType[Any], key: str) -> Change | None:
    to = _type(of, key)
    linked_id = _record(to, key, creates=False)
    return None if linked_id is None else Change(action=Action.UNLINK, linked_kind=to.key, linked_id=linked_id)


def _type(of: RecordType[Any], key: str) -> RecordType[Any]:
    """The type of the other record: asked where there are several."""
    types = {one.key: one for one in linkable_by(session.actor(), of)}
    chosen = next(iter(types))
    if len(types) > 1:
        chosen = st.selectbox(
            tr("Type of record"),
            list(types),
            format_func=lambda one: capitalized(types[one].one),
            key=f"{key}-type",
        )
    return types[chosen]


def _record(of: RecordType[Any], key: str, *, creates: bool) -> int | None:
    picker.field(capitalized(of.one), of.key, key=f"{key}-record-{of.key}", creates=creates)
    chosen: int | None = st.session_state[f"{key}-record-{of.key}"]
    return chosen
