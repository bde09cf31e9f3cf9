"""What the address of the page of duplicates says: the kind of record, and the one or two that are looked at."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

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
    """{kind: its plural} of what this person can look at."""
    actor = session.actor()
    return {of.key: of.plural.capitalize() for of in registry.having(Trait.MERGE) if of.is_on(actor)}


def go(kind: str, *, left: int = 0, right: int = 0) -> None:
    ids = {name: str(one) for name, one in (("left", left), ("right", right)) if one}
    st.switch_page(FILE, query_params={"kind": kind, **ids})


def back() -> None:
    """From a pair to the list, in a callback, where no page can be switched."""
    for name in ("left", "right"):
        st.query_params.pop(name, None)
