"""The state of a list as its address holds it: search, filter, sort, page and segment."""

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
from crm.ui.lists.layout import ListLayout

ROWS = 50
MOST_PAGES = 200_000
"""That an address can name."""


@dataclass(frozen=True)
class ListState:
    """What a list shows. `segment` is the open one; `faults` are sentences about what is broken in it."""

    query: ListQuery
    segment: Segment | None = None
    faults: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether search or filter narrow the list further than its segment."""
        return bool(self.query.search or self.query.filter)

    @property
    def whole_filter(self) -> Filter | None:
        """The filter of the list as it is shown, with the criteria of the open segment."""
        parts = [part for part in (self.segment and self.segment.filter, self.query.filter) if part]
        return All(of=tuple(parts)) if len(parts) > 1 else next(iter(parts), None)

    @property
    def whole_search(self) -> str:
        """As `whole_filter`, of the search."""
        # Every word of a search must be found, so two searches are their words together.
        return " ".join(part for part in (self.segment.search if self.segment else "", self.query.search) if part)


def read(tx: Reading, layout: ListLayout, sorts: Mapping[str, str]) -> ListState:
    """`sorts`: the words of the address for a sort, the default first."""
    within = layout.within()
    default = next(iter(sorts))
    sort = address.get("sort", default)
    query = ListQuery(
        filter=quick_filters.from_address(),
        search=address.get("q"),
        sort=sort if sort in sorts else default,
        limit=ROWS,
        offset=(address.number("page", 1, most=MOST_PAGES) - 1) * ROWS,
        within=ListQuery(filter=within) if within else None,
    )
    segment = opened(tx, layout.of)
    if segment is None:
        return ListState(query)
    return ListState(segments.list_query(segment, query), segment, tuple(segments.broken(tx, segment)))


def opened(tx: Reading, of: RecordType[Any]) -> Segment | None:
    """The segment that the address names. One that is gone is reported and taken out of the address."""
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
    """The page of the list. An address that makes no sense is reported and answered with everything. None where the
    query takes too long."""
    try:
        return lists.find(tx, of, state.query)
    except TooSlow as refusal:
        refusals.show(refusal)
        return None  # `tx` has used up the time that it may take: no other query would be answered
    except CrmError as refusal:
        if state.segment:  # a broken one holds nobody: everything would look as if all belonged to it
            if not state.faults:
                refusals.show(refusal)
            return Page([], 0, None)
        refusals.show(refusal)
        return lists.find(tx, of, ListQuery(sort=state.query.sort, limit=ROWS, within=state.query.within))
