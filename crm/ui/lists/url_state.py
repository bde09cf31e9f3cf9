"""The state of a list in its address: search, filter, sort, page and segment."""

from dataclasses import dataclass

import streamlit as st

from crm.foundation.errors import CrmError, TooSlow
from crm.records import segments
from crm.records.listing import ListQuery, Page
from crm.records.segments import Segment
from crm.store import Reading
from crm.ui import refusals
from crm.ui.components import address, quick_filters
from crm.ui.lists.noun import Noun

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


def read(tx: Reading, noun: Noun) -> ListState:
    sort = address.get("sort", noun.default_sort)
    query = ListQuery(
        filter=quick_filters.asked(),
        search=address.get("q"),
        sort=sort if sort in noun.sorts else noun.default_sort,
        limit=ROWS,
        offset=(address.number("page", 1, most=200_000) - 1) * ROWS,
    )
    segment = opened(tx, noun)
    if segment is None:
        return ListState(query)
    return ListState(segments.list_query(segment, query), segment, tuple(segments.broken(tx, segment)))


def opened(tx: Reading, noun: Noun) -> Segment | None:
    """The segment that the address names; one that is gone is said to be so, and the address then names none."""
    if not address.get("segment"):
        return None
    try:
        segment = segments.get(tx, address.record_id("segment"))
    except CrmError as refusal:
        refusals.show(refusal)
    else:
        if segment.kind == noun.kind:
            return segment
    st.query_params.pop("segment", None)
    return None


def answer(tx: Reading, noun: Noun, state: ListState) -> Page | None:
    """The page asked for. An address that cannot be answered is said to be so, and answered with everything; but a
    segment that is broken holds nobody. None where it takes too long: what `tx` may take is used up then."""
    try:
        return noun.find(tx, state.query)
    except TooSlow as refusal:
        refusals.show(refusal)
        return None
    except CrmError as refusal:
        if state.segment:
            if not state.faults:
                refusals.show(refusal)
            return Page([], 0, None)
        refusals.show(refusal)
        return noun.find(tx, ListQuery(sort=state.query.sort, limit=ROWS))
