"""What happened to a record, as sentences: who did what, when, and what each field was before."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from crm.changes import spoken
from crm.events import Event
from crm.ui import words

FIRST = 15

STYLE = """
<style>
.timeline { list-style: none; margin: 0; padding: 0 0 0 .3rem; font-size: .93rem; }
.timeline li { margin: 0; padding: 0 0 1rem 1.1rem; position: relative;
  border-left: 1px solid color-mix(in srgb, currentColor 18%, transparent); overflow-wrap: anywhere; }
.timeline li:last-child { border-left-color: transparent; }
.timeline li::before { content: ""; position: absolute; left: -4.5px; top: .45rem; width: 8px; height: 8px;
  border-radius: 50%; background: currentColor; opacity: .45; }
.timeline time, .timeline .door { opacity: .65; font-size: .86em; }
.timeline dl { margin: .15rem 0 0; font-size: .93em;
  display: grid; grid-template-columns: max-content 1fr; gap: .05rem .75rem; }
.timeline dt { opacity: .65; max-width: 12rem; } .timeline dt, .timeline dd { margin: 0; font-size: inherit; }
.timeline s { opacity: .6; }
</style>
"""

_DONE = {
    "created": "created this {noun}",
    "changed": "changed this {noun}",
    "labelled": "changed the labels",
    "blocked": "blocked this {noun}",
    "unblocked": "unblocked this {noun}",
    "deleted": "put this {noun} in the bin",
    "restored": "brought this {noun} back from the bin",
    "moved": "moved this {noun}",
    "reordered": "changed the order",
    "won": "won this {noun}",
    "lost": "lost this {noun}",
    "reopened": "reopened this {noun}",
}


def show(
    events: list[Event], *, created_at: datetime, time_zone: str, now: datetime, locale: str = "en", key: str
) -> None:
    """The events, newest first; the older ones wait behind a switch. Records older than their log begin with the day
    on which they were made."""
    if not any(event.name.endswith(".created") for event in events):
        events = [*events, _beginning(created_at)]
    everything = len(events) <= FIRST or st.session_state.get(key, False)
    items = "".join(_item(event, time_zone, now, locale) for event in (events if everything else events[:FIRST]))
    st.html(STYLE)
    st.html(f"<ul class='timeline'>{items}</ul>")
    if len(events) > FIRST:
        st.toggle(f"Show all {len(events)} entries", key=key)


def _beginning(created_at: datetime) -> Event:
    return Event(happened_at=created_at, actor_id=0, actor_name="", door="system", name="created", particulars={})


def sentence(event: Event) -> str:
    if not event.actor_name:
        return "Created"
    noun, _, done = event.name.partition(".")
    phrase = _DONE.get(done, done.replace("_", " ") + " this {noun}").format(noun=noun)
    if event.door == "import":
        phrase = f"{phrase} by an import"
    return f"{event.actor_name} {phrase}"


def differences(event: Event) -> list[tuple[str, str, str]]:
    """(field, before, after) in words. Ids are left out: the names beside them say the same."""
    changes: Mapping[str, Any] = event.particulars.get("changes") or {}
    return [
        (spoken(field).capitalize(), value(before), value(after))
        for field, (before, after) in changes.items()
        if not field.endswith("_id")
    ]


def value(found: Any) -> str:
    if found is None or found in ("", []):
        return "–"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, list):
        return ", ".join(str(one) for one in found)
    return str(found)


def _item(event: Event, time_zone: str, now: datetime, locale: str) -> str:
    rows = "".join(
        f"<dt>{html.escape(field)}</dt><dd><s>{html.escape(before)}</s> → {html.escape(after)}</dd>"
        for field, before, after in differences(event)
    )
    exact = html.escape(words.moment(event.happened_at, time_zone, locale))
    when = html.escape(words.ago(event.happened_at, now, locale))
    door = (
        "" if event.door in ("page", "import", "system") else f" <span class='door'>by {html.escape(event.door)}</span>"
    )
    table = f"<dl>{rows}</dl>" if rows else ""
    return f"<li>{html.escape(sentence(event))}{door} <time title='{exact}'>· {when} · {exact}</time>{table}</li>"
