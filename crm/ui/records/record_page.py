"""What the pages of contacts and companies share: finding the record, its title row, details, log and deals."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar

import polars as pl
import streamlit as st

from crm.companies import owning
from crm.foundation import bounds, money
from crm.foundation.access import Actor, Permission
from crm.foundation.errors import NotFound
from crm.platform import workspace
from crm.records import attachments, attributes, notes, registry, subjects
from crm.records.attachments import Attachment
from crm.records.attributes import Definition
from crm.records.history import Event, history
from crm.records.notes import Note
from crm.store import Reading, Row
from crm.ui import refusals, session, words
from crm.ui.duplicates import merging
from crm.ui.forms import drawer_form, form_fields, record_fields
from crm.ui.forms.layout import FormLayout
from crm.ui.records import record_actions, record_files, record_notes, timeline

T = TypeVar("T")

DEAL = st.column_config.TextColumn(width=190)
TABS = (":material/history: Timeline", ":material/sticky_note_2: Notes", ":material/attach_file: Files")
STATUS = {"open": "Open", "won": "Won", "lost": "Lost"}


def named_in_address(kind: str) -> int:
    """The id that the address names; the page ends here where it names none."""
    found = bounds.whole(st.query_params.get(kind, ""))
    return missing(kind) if found is None else found


def found(get: Callable[[Reading, int], T], tx: Reading, record_id: int, kind: str) -> T:
    try:
        return get(tx, record_id)
    except NotFound:
        merging.moved_on(tx, kind, record_id)
        return missing(kind)


def missing(kind: str) -> NoReturn:
    refusals.show(NotFound(kind))
    plural = registry.get(kind).plural
    st.page_link(f"pages/{plural}.py", label=f"All {plural}", icon=":material/arrow_back:")
    st.stop()


@dataclass(frozen=True)
class Around:
    """What a record's page shows around its own fields, read in one look."""

    definitions: list[Definition]
    history: list[Event]
    notes: list[Note]
    files: list[Attachment]
    actor: Actor
    locale: str
    now: datetime


def around(tx: Reading, kind: str, record_id: int) -> Around:
    return Around(
        definitions=attributes.definitions(tx, kind),
        history=history(tx, kind, record_id),
        notes=notes.of(tx, kind, record_id),
        files=attachments.of(tx, kind, record_id),
        actor=tx.actor,
        locale=workspace.get(tx).locale,
        now=tx.now,
    )


def head(kind: str, record: Any, form: FormLayout) -> None:
    """The name of the record, and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.title(words.plain(record.shown_name), anchor=False)
        actor = session.actor()
        if not actor.may(Permission.MANAGE_CONTACTS):
            return
        if not record_actions.may_change(actor, kind, record):
            st.badge("Not yours to change", icon=":material/lock:", color="gray", help=owning.WHY)
            return
        with st.container(horizontal=True, width="content"):
            st.button(
                "Edit", icon=":material/edit:", shortcut="e", on_click=drawer_form.start, args=(form.edited(record.id),)
            )
            record_actions.menu(kind, record)
    merging.hint(kind, record)


def details(
    layout: FormLayout, record: Any, fields: Mapping[str, str | None], seen: Around, *, said: Collection[str]
) -> None:
    """What the page shows of its own and which fields it has `said` with that or elsewhere; the other fields that the
    type declares; what all types have; custom attributes."""
    st.subheader("Details", anchor=False)
    kind = layout.of.key
    with session.reading() as tx:
        rest = form_fields.read(tx, layout, [key for key in layout.keys if key not in (*said, "owner_id")], ())
    names = {getattr(record, key): getattr(record, name) for key, name in layout.of.name_fields.items()}
    currency = getattr(record, "currency", seen.actor.currency)
    others = {
        words.plain(one.label): one.shown(getattr(record, one.key), names, currency, seen.locale)
        for one in rest
        if one.field
    }
    rows = {
        **fields,
        **others,
        ":material/person: Owner": record.owner_name,
        ":material/group: Team": record.team_name,
        ":material/schedule: Created": words.moment(record.created_at, seen.actor.time_zone, seen.locale),
        ":material/update: Changed": words.moment(record.updated_at, seen.actor.time_zone, seen.locale),
    }
    shown = {label: words.plain(value) if value else "–" for label, value in rows.items()}
    for one in seen.definitions:
        value = record.attributes.get(one.key)
        shown[words.plain(one.name)] = record_fields.shown(one, value, seen.actor.currency, seen.locale)
    st.table(shown, border="horizontal", alt=f"Details of the {kind}")


def log(kind: str, record: Any, seen: Around, *, first: Mapping[str, Callable[[], None]] | None = None) -> None:
    """Everything that happened to the record, what people wrote about it, and its files. What is pinned is seen
    whatever else is. `first` are tabs of the noun's own, before these. Which one is open is kept here: left to the
    browser, it is forgotten when others' changes draw the page in the middle of a run."""
    with st.container():  # a place of its own, also when empty: tabs that move forget which of them is open
        for note in seen.notes:
            if note.pinned:
                record_notes.pinned(note, now=seen.now, locale=seen.locale)
    own = first or {}
    may_write = seen.actor.may(subjects.permission(kind))
    *before, happened, written, kept = st.tabs([*own, *TABS], key=f"{kind}-log", on_change="rerun")
    for tab, draw in zip(before, own.values(), strict=True):
        with tab:
            draw()
    with happened:
        timeline.show(
            seen.history,
            created_at=record.created_at,
            time_zone=seen.actor.time_zone,
            now=seen.now,
            locale=seen.locale,
            key=f"{kind}-timeline",
        )
    with written:
        record_notes.show(kind, record.id, seen.notes, may_write=may_write, now=seen.now, locale=seen.locale)
    with kept:
        record_files.show(kind, record.id, seen.files, may_add=may_write, now=seen.now, locale=seen.locale)


def deals_table(rows: Sequence[Row], locale: str, *, key: str) -> None:
    """Deals of a record; a click on one opens it."""
    if not rows:
        st.caption("No deals.")
        return
    frame = pl.DataFrame(
        {
            "Deal": [row["title"] for row in rows],
            "Value": [money.shown(row["value"], row["currency"], locale) for row in rows],
            "Stage": [row["stage_name"] for row in rows],
            "Status": [STATUS[row["status"]] for row in rows],
            "Close": [words.day(row["closed_on"] or row["expected_close"], locale) for row in rows],
        }
    )
    opening_table(frame, "deal", [row["id"] for row in rows], alt="Deals", key=key, right=("Value",), Deal=DEAL)


def opening_table(
    frame: pl.DataFrame, kind: str, ids: list[int], *, alt: str, key: str, right: Sequence[str] = (), **config: Any
) -> None:
    """A table whose cells open the record of their row. Selections go by position, hence the ids in the key."""
    aligned = {name: st.column_config.TextColumn(alignment="right") for name in right}
    with st.container(key=f"records-{key}"):  # the frame's style hides its toolbar: it would search one page only
        chosen = st.dataframe(
            frame,
            hide_index=True,
            column_config={**aligned, **config},
            on_select="rerun",
            selection_mode="single-cell",
            height="content",
            placeholder="–",
            key=f"{key}-{hash(tuple(ids))}",
            alt=alt,
        )
    if chosen.selection.cells:
        row, _ = chosen.selection.cells[0]
        st.switch_page(f"pages/{kind}.py", query_params={kind: str(ids[row])})
