"""The filter builder: nested groups of conditions, blocks about the same deal, an exact count beside each line and for
the whole while one types, and the filter as a sentence.

`button` and `drawer` put it beside a list, whose address it writes.
"""

import streamlit as st

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import filtering, filters, registry
from crm.records.filters import Filter
from crm.ui import session, words
from crm.ui.components import address
from crm.ui.components.filter_builder import groups
from crm.ui.components.filter_builder.canvas import Canvas, Summary
from crm.ui.components.filter_builder.draft import Group, drafted

_OPEN, _DRAFT = "filter-builder", "filter-draft"


def button(kind: str, label: str, *, key: str) -> None:
    """Draw the button that opens the builder of a list with the filter of the address."""
    st.button(
        label,
        icon=":material/filter_alt:",
        help=tr("Build a filter: all or any of many conditions, on deals and notes too, each with its count"),
        key=f"{key}-build",
        on_click=_start,
        args=(kind, in_address()),
    )


def _start(kind: str, given: Filter | None) -> None:
    """Callback: open the builder of this kind of list, beginning with the given filter."""
    st.session_state[_OPEN] = kind
    st.session_state[_DRAFT] = drafted(given)


def drawer(kind: str, *, within: Filter | None = None) -> None:
    """Draw the builder in a drawer, if it is open for this kind of list. Applying writes the address.

    `within` is what the list is narrowed to in any case: the counts are of that.
    """
    if st.session_state.get(_OPEN) == kind:
        title, icon = tr("Filter {kinds}", kinds=registry.many_of(kind)), ":material/filter_alt:"
        st.dialog(title, width="large", position="right", icon=icon, on_dismiss=_close)(_drawn)(kind, within)


def _drawn(kind: str, within: Filter | None) -> None:
    # Above the lines, but filled after them: the counts are known once the draft is drawn.
    head = st.container(horizontal=True, vertical_alignment="center")
    below = st.container()
    whole, summary, sentence = _built(kind, st.session_state[_DRAFT], within)
    below.caption(sentence)
    with head:
        st.markdown(summary)
        st.space("stretch")
        if st.button(tr("Show everything"), type="tertiary", icon=":material/filter_list_off:", key=f"{_DRAFT}-clear"):
            _apply(None)
        if st.button(tr("Apply"), type="primary", icon=":material/check:", key=f"{_DRAFT}-apply"):
            _apply(whole)


def _built(kind: str, draft: Group, within: Filter | None) -> tuple[Filter | None, str, str]:
    """Draw the draft; its filter so far, how many that leaves, and the filter as a sentence."""
    # Owners, stages and attributes of now are ten queries, which take longer than counting 100,000 contacts.
    known = session.read(filtering.fields_of, kind)
    canvas = Canvas(f"{_DRAFT}-{draft.id}", session.actor().currency, within)
    groups.show(draft, None, known, canvas, wrap=lambda condition: condition)
    whole = draft.filter
    with session.reading() as tx:
        summary = canvas.fill(tx, known, whole)
        said = filtering.sentence(tx, whole, kind)
    return whole, _summary_text(kind, summary), words.plain(said)


def _summary_text(kind: str, summary: Summary) -> str:
    if summary.fault:
        return tr(":red[{fault} Fix or remove what is marked.]", fault=words.plain(summary.fault))
    if summary.left is None:
        return tr("**{count:,}** {kinds}", count=summary.everything, kinds=registry.many_of(kind))
    return tr(
        "**{left:,}** of {count:,} {kinds}", left=summary.left, count=summary.everything, kinds=registry.many_of(kind)
    )


def _apply(chosen: Filter | None) -> None:
    address.put("filter", filters.dump(chosen))
    _close()
    st.rerun()


def _close() -> None:
    st.session_state.pop(_OPEN, None)


def in_address() -> Filter | None:
    """The filter of the address; None where there is none, or none that can be read."""
    try:
        return filters.parse(address.get("filter"))
    # The page that lists says what is wrong; said here as well it would stand there twice.
    except Invalid:
        return None
