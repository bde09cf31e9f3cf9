"""The timeline of a record: who did what and when, with each field before and after."""

import html
from collections.abc import Callable
from datetime import datetime

import streamlit as st

from crm.foundation.language import later, tr
from crm.records.history import Event
from crm.ui import words
from crm.ui.components import prose
from crm.ui.components.sentences import NOTES, differences, group, quotation, sentence

FIRST = 15
EVERYTHING = later("Everything")

STYLE = """
<style>
.timeline { list-style: none; margin: 0; padding: 0 0 0 .3rem; font-size: .93rem; }
.timeline > li { margin: 0; padding: 0 0 1rem 1.1rem; position: relative;
  border-left: 1px solid color-mix(in srgb, currentColor 18%, transparent); overflow-wrap: anywhere; }
.timeline > li:last-child { border-left-color: transparent; }
.timeline > li::before { content: ""; position: absolute; left: -4.5px; top: .45rem; width: 8px; height: 8px;
  border-radius: 50%; background: currentColor; opacity: .45; }
.timeline time, .timeline .door { opacity: .65; font-size: .86em; }
.timeline dl { margin: .15rem 0 0; font-size: .93em;
  display: grid; grid-template-columns: max-content 1fr; gap: .05rem .75rem; }
.timeline dt { opacity: .65; max-width: 12rem; } .timeline dt, .timeline dd { margin: 0; font-size: inherit; }
.timeline s { opacity: .6; }
.timeline .note { margin: .3rem 0 0; padding: .4rem .7rem; border-radius: 6px;
  background: color-mix(in srgb, #f5c518 12%, transparent);
  border: 1px solid color-mix(in srgb, #f5c518 35%, transparent); }
.timeline .prose ul { list-style: disc; } .timeline .prose :is(p, ul, ol) { font-size: inherit; }
.timeline dd .prose { display: inline-block; vertical-align: top; }
.timeline s .prose { text-decoration: line-through; }
</style>
"""


def show(events: list[Event], *, created_at: datetime, time_zone: str, now: datetime, locale: str, key: str) -> None:
    """The events, newest first; those after the first 15 are behind a switch."""
    # A record of an import, or one older than the log, has no event of its creation.
    if not any(event.name.endswith(".created") for event in events):
        events = [*events, _beginning(created_at)]
    events = _chosen(events, key)
    everything = len(events) <= FIRST or st.session_state.get(key, False)
    items = "".join(_item(event, time_zone, now, locale) for event in (events if everything else events[:FIRST]))
    st.html(f"{STYLE}{prose.STYLE}<ul class='timeline'>{items}</ul>")  # a style alone is lost to the first toast
    if len(events) > FIRST:
        st.toggle(tr("Show all {count} entries", count=len(events)), key=key)


def _chosen(events: list[Event], key: str) -> list[Event]:
    """The events of the group that the person chose, where there are several groups."""
    kinds = sorted({group(event) for event in events})
    if len(kinds) < 2:
        return events
    kind = st.segmented_control(
        tr("Show"),
        [EVERYTHING, *kinds],
        format_func=tr,
        default=EVERYTHING,
        required=True,
        label_visibility="collapsed",
        key=f"{key}-kind",
    )
    return events if kind == EVERYTHING else [event for event in events if group(event) == kind]


def _beginning(created_at: datetime) -> Event:
    return Event(happened_at=created_at, actor_id=0, actor_name="", source="system", name="created", payload={})


def _item(event: Event, time_zone: str, now: datetime, locale: str) -> str:
    # Only what a note says is Markdown; an event's other texts are as they were typed.
    written = prose.html if group(event) == NOTES else html.escape
    rows = "".join(
        f"<dt>{html.escape(field)}</dt><dd>{_change(before, after, written)}</dd>"
        for field, before, after in differences(event)
    )
    exact = html.escape(words.moment(event.happened_at, time_zone, locale))
    when = html.escape(words.ago(event.happened_at, now, locale))
    plain = event.source in ("page", "import", "system")
    door = html.escape(tr("by {source}", source=words.source(event.source)))
    source = "" if plain else f" <span class='door'>{door}</span>"
    table = f"<dl>{rows}</dl>" if rows else ""
    text = quotation(event)
    quote = f"<div class='note'>{prose.html(text)}</div>" if text else ""
    time = f"<time title='{exact}'>· {when} · {exact}</time>"
    return f"<li>{html.escape(sentence(event))}{source} {time}{quote}{table}</li>"


def _change(before: str, after: str, written: Callable[[str], str]) -> str:
    """The old value struck out and the new one, each as HTML by `written`; either alone where the log has no other."""
    sides = [f"<s>{written(before)}</s>" if before else "", written(after) if after else ""]
    return " → ".join(side for side in sides if side)
