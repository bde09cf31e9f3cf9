"""The versions of records that were made in this session: what one changed oneself is no news to a form beside it."""

from collections.abc import Iterable, Set
from typing import cast

import streamlit as st

from crm.records import edits, registry
from crm.records.declaration import Record
from crm.store.events import Link

_VERSIONS = "own-versions"


def note(record: Record, events: Iterable[Link]) -> None:
    """`record` as a verb returned it, and the events that the verb wrote: it may have changed nothing."""
    kind = registry.type_of(record).key
    own = [one for one in events if (one.subject_kind, one.subject_id) == (kind, record.id)]
    if any(edits.makes_version(one.name, kind) for one in own):
        st.session_state.setdefault(_VERSIONS, {}).setdefault((kind, record.id), set()).add(record.version)


def versions(kind: str, record_id: int) -> Set[int]:
    return cast(Set[int], st.session_state.get(_VERSIONS, {}).get((kind, record_id), frozenset()))
