"""Keeps pages in step with the definitions of custom types."""

from typing import Any

import streamlit as st

from crm.records import registry
from crm.records.declaration import RecordType

CHANGING = ("attribute", "object_type")
"""The kinds whose changes may make another type of a custom one."""


def listened(of: RecordType[Any]) -> tuple[str, ...]:
    """What a page of this type listens to beside its records."""
    return CHANGING if of.custom else ()


def check(of: RecordType[Any]) -> None:
    """Run the whole page anew where the type was changed since the page was built: it would draw fields that are gone.
    Call it inside a unit of work."""
    if of.custom and registry.types().get(of.key) is not of:
        st.rerun()
