"""The state of a list in its address: search, filter, sort, page and segment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError, TooSlow
from crm.records import lists, segments
from crm.records.declaration import RecordType, Trait
from crm.records.filters import All, Filter
from crm.records.listing import ListQuery, Page
from crm.records.segments import Segment
from crm.store import Reading
from crm.ui import refusals
from crm.ui.components import address, quick_filters

ROWS = 50


@dataclass(frozen=True)
class ListState:
    """`segment` is the one that is open; `faults` are sentences about what in it is broken."""

    query: ListQuery
    segment: Segment | None = None
    faults: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Beyond the segment."""
        return bool(self.query.search or self.query.filter)

    @property
    def whole_filter(self) -> Filter | None:
        """Of the list as it is shown: within the open segment, its criteria too."""
        parts = [part for part in (self.segment and self.segment.filter, self.query.filter) if part]
        return All(of=tuple(parts)) if len(parts) > 1 else next(iter(parts), None)

    @property
    def whole_search(self) -> str:
        """Every word of a search must be found, so two searches are their words together."""
        return " ".join(part for part in (self.segment.search if self.segment else "", self.query.search) if part)


def read(tx: Reading, of: RecordType[Any], sorts: Mapping[str, str]) -> ListState:
    """`sorts`: the words that may be asked for, the default first."""
    default = next(iter(sorts))
    sort = address.get("sort", default)
    query = ListQuery(
        filter=quick_filters.asked(),
        search=address.get("q"),
        sort=sort if sort in sorts else default,
        limit=ROWS,
        offset=(address.number("page", 1, most=200_000) - 1) * ROWS,
    )
    segment = opened(tx, of)
    if segment is None:
        return ListState(query)
    return ListState(segments.list_query(segment, query), segment, tuple(segments.broken(tx, segment)))


def opened(tx: Reading, of: RecordType[Any]) -> Segment | None:
    """The segment that the address names; one that is gone is said to be so, and the address then names none."""
    if not of.has(Trait.SEGMENTS) or not address.get("segment"):
        return None
    try:
        segment = segments.get(tx, address.record_id("segment"))
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        if segment.kind == of.plural:
            return segment
    st.query_params.pop("segment", None)
    return None


def answer(tx: Reading, of: RecordType[Any], state: ListState) -> Page | None:
    """The page asked for. An address that cannot be answered is said to be so, and answered with everything; but a
    segment that is broken holds nobody. None where it takes too long: what `tx` may take is used up then."""
    try:
        return lists.find(tx, of, state.query)
    except TooSlow as refusal:
        refusals.show(refusal)
        return None
    except CrmError as refusal:
        if state.segment:
            if not state.faults:
                refusals.show(refusal)
            return Page([], 0, None)
        refusals.show(refusal)
        return lists.find(tx, of, ListQuery(sort=state.query.sort, limit=ROWS))
