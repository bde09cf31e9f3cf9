"""The state of the pipeline's page in its address: pipeline, view, and what narrows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import streamlit as st

from crm.deals import PipelineQuery, pipeline_query, saved_views
from crm.deals.saved_views import EVERYBODY, KINDS, ME, SavedView
from crm.foundation import bounds
from crm.foundation.errors import CrmError, Invalid
from crm.pipelines import Pipeline
from crm.records import filters
from crm.store import Reading
from crm.ui import refusals
from crm.ui.components import address, past_day, quick_filters

VIEW, NONE = "view", "none"
"""The word of the address for the saved view that is open; `none` keeps the person's own default closed."""

SAVED_WORDS = ("pipeline", "show", "q", "owner", "period", "filter", "sort", "cols")
"""The words of the address that a view keeps."""


@dataclass(frozen=True)
class ViewState:
    pipeline: Pipeline
    kind: str
    query: PipelineQuery
    saved: SavedView | None = None
    faults: tuple[str, ...] = ()
    """What in the saved view is broken, a sentence each."""
    as_of: date | None = None
    """The past day that is shown; None for today."""

    @property
    def narrowed(self) -> bool:
        query = self.query
        return bool(query.search or query.owner_id is not None or query.period or query.filter)


def read(tx: Reading, every: list[Pipeline]) -> ViewState:
    """The state that the address holds; an address without words opens the person's default view."""
    saved = _opened(tx)
    pipeline = next((pipeline for pipeline in every if str(pipeline.id) == address.get("pipeline")), every[0])
    kind = address.get("show", "board")
    query = PipelineQuery(
        pipeline_id=pipeline.id,
        search=address.get("q"),
        owner_id=_owner(tx),
        period=_period(tx),
        filter=quick_filters.from_address(),
    )
    faults = tuple(saved_views.broken(tx, saved)) if saved and not is_changed(saved) else ()
    return ViewState(pipeline, kind if kind in KINDS else "board", query, saved, faults, past_day.from_address(tx))


def words_of(view: SavedView) -> dict[str, str]:
    """The words of the address that show a saved view."""
    words = {
        VIEW: str(view.id),
        "pipeline": str(view.pipeline_id),
        "show": "" if view.kind == "board" else view.kind,
        "q": view.search,
        "owner": "" if view.owner == EVERYBODY else view.owner,
        "period": view.period,
        "filter": filters.dump(view.filter),
        "sort": view.sort,
        "cols": ",".join(view.columns),
    }
    return {name: word for name, word in words.items() if word}


def is_changed(view: SavedView) -> bool:
    """Whether the address shows the view otherwise than it was saved."""
    saved = words_of(view)
    now = {name: address.get(name) for name in SAVED_WORDS if address.get(name)}
    return {name: word for name, word in saved.items() if name in SAVED_WORDS} != {"pipeline": saved["pipeline"]} | now


def as_saved(state: ViewState) -> dict[str, object]:
    """What is shown now, as `saved_views.create` takes it."""
    columns = address.get("cols")
    return {
        "pipeline_id": state.pipeline.id,
        "kind": state.kind,
        "filter": state.query.filter,
        "search": state.query.search,
        "owner": address.get("owner", EVERYBODY),
        "period": state.query.period,
        "sort": address.get("sort"),
        "columns": tuple(columns.split(",")) if columns else (),
    }


def become(words: Mapping[str, str]) -> None:
    address.become(words)
    st.rerun()


def _opened(tx: Reading) -> SavedView | None:
    words = st.query_params.to_dict()
    # Any word keeps the default closed: a link shows what its sender saw.
    if not words:
        found = saved_views.default(tx)
        if found:
            address.become(words_of(found))
        return found
    if VIEW not in words or words[VIEW] == NONE:
        return None
    try:
        found = saved_views.get(tx, address.record_id(VIEW))
    except CrmError as refusal:
        refusals.show(refusal)
        st.query_params.pop(VIEW, None)
        return None
    # A link to a view alone becomes the view's words, so that all that is shown stands in the address.
    if words.keys() <= {VIEW, "deal"}:
        address.become(words | words_of(found))
    return found


def _owner(tx: Reading) -> int | None:
    word = address.get("owner", EVERYBODY)
    if word == ME:
        return tx.actor.id
    return bounds.whole(word)


def _period(tx: Reading) -> str:
    """The period of the address; a word that is none is refused in a sentence, and left out."""
    word = address.get("period")
    try:
        pipeline_query.period(word, tx.today)
    except Invalid as fault:
        refusals.show(fault)
        return ""
    return word
