"""A refusal as a person sees it: the sentence, and a link to the record that is in the way."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, overload

import streamlit as st

from crm.foundation.errors import CrmError, Duplicate
from crm.foundation.language import tr
from crm.records import registry
from crm.ui import record_links, words

P = ParamSpec("P")

_KEPT = "kept-refusal"


@overload
def fragment(draw: Callable[P, None], *, run_every: float | None = None) -> Callable[P, None]: ...
@overload
def fragment(*, run_every: float | None) -> Callable[[Callable[P, None]], Callable[P, None]]: ...
def fragment(draw: Callable[..., None] | None = None, *, run_every: float | None = None) -> Any:
    """`st.fragment`, in which a refusal is shown where the fragment stands."""
    if draw is None:
        return lambda drawn: fragment(drawn, run_every=run_every)

    # A fragment reruns without the page around it, whose own handler then catches nothing.
    @wraps(draw)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            draw(*args, **kwargs)
        except CrmError as refusal:
            show(refusal)

    return st.fragment(guarded, run_every=run_every)


def keep(refusal: CrmError, place: str = "") -> None:
    """For a callback within a fragment: what it draws itself would take the place of the page's first elements."""
    st.session_state[f"{_KEPT}{place}"] = refusal


def show_kept(place: str = "") -> None:
    """Draw the refusal that a callback has kept for this place: without a name, where the fragment begins."""
    with st.container():  # a place of its own also when it is empty, so that nothing below moves
        if f"{_KEPT}{place}" in st.session_state:
            show(st.session_state.pop(f"{_KEPT}{place}"))


def show(refusal: CrmError) -> None:
    """Draw the sentence, and for a duplicate the way to the record that holds the value."""
    # It may quote what people wrote, which is not to be read as markup.
    st.error(words.plain(str(refusal)), icon=":material/error:")
    if not isinstance(refusal, Duplicate) or refusal.holder_id is None:
        return
    # Labels, teams, users and attributes have no page. And a link to the list that one is on leaves its address as it
    # is, so it would open no drawer.
    if refusal.holder_kind in registry.types().keys() - record_links.OPENED_IN_LIST:
        label = tr("Open that {kind}", kind=registry.get(refusal.holder_kind).one)
        record_links.link(refusal.holder_kind, refusal.holder_id, label, icon=":material/arrow_forward:")
