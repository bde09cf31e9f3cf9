"""What the fields of custom types have beside what every attribute has: they may be required, or unique."""

from collections.abc import Callable

import streamlit as st

from crm import objects
from crm.foundation.language import tr
from crm.objects import Field
from crm.records import registry
from crm.records.attributes import AttributeType, Definition
from crm.ui import refusals, session
from crm.ui.components import address


def of_new(kind: AttributeType) -> tuple[bool, bool]:
    """Draw the two boxes of a new field; (required, unique)."""
    required = st.checkbox(tr("Required"), help=_required(), key="new-field-required")
    unique = kind in objects.UNIQUE and st.checkbox(tr("Unique"), help=_unique(), key="new-field-unique")
    return required, unique


def show(definition: Definition) -> None:
    """Draw the two switches. A refused one goes back to where it was, below the reason."""
    refusals.show_kept()
    with session.reading() as tx:
        type_id = registry.type_id_of(definition.model)
        field = next(one for one in objects.fields(tx, type_id) if one.definition.id == definition.id)
    if field.primary:
        st.caption(tr("It names the records: each has a value for it."))
    _switch(tr("Required"), _required(), objects.set_required, definition.id, now=field.required, fixed=field.primary)
    if definition.type in objects.UNIQUE:
        _switch(tr("Unique"), _unique(), objects.set_unique, definition.id, now=field.unique)
    else:
        st.caption(tr("Only texts and links can be unique."))


def _switch(
    label: str, help: str, verb: Callable[..., Field], attribute_id: int, *, now: bool, fixed: bool = False
) -> None:
    key = f"{verb.__name__}-{attribute_id}"
    address.follow(key, now)
    st.toggle(label, help=help, disabled=fixed, key=key, on_change=session.on_press, args=(verb, attribute_id, not now))


def _required() -> str:
    return tr("Every record needs a value: in forms, imports and the API.")


def _unique() -> str:
    return tr("No two records have the same value. Imports and the API find a record by it.")
