"""The mapping table: each column with some of its cells, and the field that it feeds."""

import streamlit as st

from crm import attributes
from crm.errors import Invalid
from crm.imports import Kind, Preview
from crm.imports.fields import TARGETS
from crm.imports.model import ATTRIBUTE, SKIP
from crm.ui import words

NEW = "new attribute"
TYPES = [str(kind) for kind in attributes.AttributeType]


def table(kind: Kind, found: Preview, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """What each column feeds, by header, and the attributes that are to be made: name → type."""
    offered = {SKIP: "Leave out", **{target.key: target.label for target in TARGETS[kind]}}
    offered |= {ATTRIBUTE + one.key: f"{one.name} (attribute)" for one in found.definitions}
    offered[NEW] = "New attribute …"
    mapped: dict[str, str] = {}
    new: dict[str, str] = {}
    with st.container(border=True, gap="xsmall"):
        for position, header in enumerate(found.header):
            chosen, made = _row(found, header, offered, f"{position}-{key}")
            mapped[header] = chosen
            new |= made
    return mapped, new


def _row(found: Preview, header: str, offered: dict[str, str], key: str) -> tuple[str, dict[str, str]]:
    name, cells, field = st.columns([3, 4, 3], vertical_alignment="center")
    name.markdown(f"**{words.plain(header)}**")
    cells.caption(" · ".join(words.plain(cell) for cell in found.samples[header]) or "empty")
    start = found.columns[header]
    values = list(offered)
    with field:
        chosen = st.selectbox(
            f"Field of {header}",
            values,
            index=values.index(start) if start in offered else values.index(NEW),
            format_func=lambda value: offered[value],
            label_visibility="collapsed",
            key=f"field-{key}",
        )
        if chosen != NEW:
            return chosen, {}
        kind = st.selectbox(f"Type of {header}", TYPES, label_visibility="collapsed", key=f"type-{key}")
    return _new_attribute(header, kind)


def _new_attribute(header: str, kind: str) -> tuple[str, dict[str, str]]:
    try:
        return ATTRIBUTE + attributes.key_of(header), {header: kind}
    except Invalid as refusal:
        st.error(words.plain(str(refusal)))
        return SKIP, {}
