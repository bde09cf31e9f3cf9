"""The address of the duplicates page: the kind of record, and the one or two records that are compared."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.foundation.language import capitalized
from crm.records import merging, registry
from crm.records.declaration import RecordType, Trait
from crm.ui import session
from crm.ui.components import address

FILE = "pages/duplicates.py"


@dataclass(frozen=True)
class Place:
    kind: str
    left: int = 0
    right: int = 0

    @classmethod
    def here(cls) -> "Place":
        kind = address.get("kind", "contact")
        if kind not in kinds():
            kind = "contact"
        return cls(kind, address.record_id("left"), address.record_id("right"))

    @property
    def type(self) -> RecordType[Any]:
        return merging.mergeable(self.kind)


def kinds() -> dict[str, str]:
    """{kind: its plural} of the types that this person can compare."""
    actor = session.actor()
    return {of.key: capitalized(of.many) for of in registry.having(Trait.MERGE) if of.is_on(actor)}


def go(kind: str, *, left: int = 0, right: int = 0) -> None:
    ids = {name: str(record_id) for name, record_id in (("left", left), ("right", right)) if record_id}
    st.switch_page(FILE, query_params={"kind": kind, **ids})


def back() -> None:
    """Callback: from a pair to the list."""
    # No page can be switched in a callback.
    for name in ("left", "right"):
        st.query_params.pop(name, None)
