"""The parts that the pages of records share: finding the record, its title row, details, tabs and deals."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn, TypeVar

import polars as pl
import streamlit as st

from crm.foundation import bounds, money
from crm.foundation.access import Actor
from crm.foundation.errors import NotFound
from crm.platform import workspace
from crm.records import attachments, attributes, notes, registry
from crm.records import bin as the_bin
from crm.records.attachments import Attachment
from crm.records.attributes import Definition
from crm.records.declaration import RecordType, Trait
from crm.records.history import Event, history
from crm.records.notes import Note
from crm.store import Reading, Row
from crm.ui import record_links, refusals, session, words
from crm.ui.duplicates import merging
from crm.ui.forms import drawer_form, record_fields, record_form
from crm.ui.forms.layout import FormLayout
from crm.ui.records import facts, record_actions, record_files, record_notes, timeline

T = TypeVar("T")

DEAL = st.column_config.TextColumn(width=190)
TIMELINE, NOTES, FILES = ":material/history: Timeline", ":material/sticky_note_2: Notes", ":material/attach_file: Files"
STATUS = {"open": "Open", "won": "Won", "lost": "Lost"}


def show(
    form: FormLayout, record_id: int, body: Callable[[], None], *, under_title: Callable[[Any], None] | None = None
) -> None:
    """The page of a record: title row, what the page draws `under_title`, `body`, and the drawer of the form."""
    of = form.of
    # Read apart from the body, which is a fragment: when others change the record, it runs again without the title row.
    with session.reading() as tx:
        record = found(registry.room(of.key).get, tx, record_id, of.key)
    head(form, record)
    if under_title:
        under_title(record)
    body()
    record_form.edit_if_started(form, record_id)


def named_in_address(kind: str) -> int:
    """The id that the address names; the page ends here where it names none."""
    record_id = bounds.whole(st.query_params.get(kind, ""))
    return missing(kind) if record_id is None else record_id


def found(get: Callable[[Reading, int], T], tx: Reading, record_id: int, kind: str) -> T:
    """The record; the page ends here, and says why, where this person does not see it."""
    try:
        return get(tx, record_id)
    except NotFound:
        of = registry.get(kind)
        if of.has(Trait.MERGE):
            merging.link_to_survivor(tx, kind, record_id)
        if of.has(Trait.BIN) and the_bin.is_restorable(tx, kind, record_id):
            in_the_bin(of, record_id)
            st.stop()
        return missing(kind)


def missing(kind: str) -> NoReturn:
    refusals.show(NotFound(kind))
    of = registry.get(kind)
    record_links.link_to_list(of, f"All {of.plural}", icon=":material/arrow_back:")
    st.stop()


def in_the_bin(of: RecordType[Any], record_id: int) -> None:
    """In the place of a record that was deleted: the way back, for those who may."""
    st.info(f"This {of.key} is in the bin. It can be brought back within 30 days.", icon=":material/delete:")
    if session.actor().may(of.permission):
        st.button(
            "Bring it back",
            icon=":material/restore:",
            type="primary",
            on_click=session.attempt,
            args=(registry.room(of.key).restore, record_id),
        )


@dataclass(frozen=True)
class Context:
    """What a record's page shows beside its own fields, read in one transaction."""

    definitions: list[Definition]
    history: list[Event]
    notes: list[Note]
    files: list[Attachment]
    actor: Actor
    locale: str
    now: datetime


def context(tx: Reading, of: RecordType[Any], record_id: int) -> Context:
    return Context(
        definitions=attributes.definitions(tx, of.key) if of.attributes_field else [],
        history=history(tx, of.key, record_id),
        notes=notes.of(tx, of.key, record_id) if of.has(Trait.NOTES) else [],
        files=attachments.of(tx, of.key, record_id) if of.has(Trait.FILES) else [],
        actor=tx.actor,
        locale=workspace.get(tx).locale,
        now=tx.now,
    )


def head(form: FormLayout, record: Any) -> None:
    """The name of the record, and what can be done with it."""
    of = form.of
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False):
        st.title(words.plain(record.shown_name), anchor=False)
        actor = session.actor()
        if not actor.may(of.permission):
            return
        if of.changeable and not of.changeable.may(actor, record):
            st.badge("Not yours to change", icon=":material/lock:", color="gray", help=of.changeable.because)
            return
        with st.container(horizontal=True, width="content"):
            st.button(
                "Edit", icon=":material/edit:", shortcut="e", on_click=drawer_form.start, args=(form.edited(record.id),)
            )
            record_actions.menu(of, record)
    if of.has(Trait.MERGE):
        merging.hint(of.key, record)


def details(
    form: FormLayout, record: Any, own: Mapping[str, str | None], beside: Context, *, without: Collection[str]
) -> None:
    """The table of facts: the page's `own`, the declared fields but those that it shows elsewhere (`without`), what all
    types have, and custom attributes."""
    st.subheader("Details", anchor=False)
    of, locale, time_zone = form.of, beside.locale, beside.actor.time_zone
    people = (("owner_id", ":material/person: Owner"), ("team_id", ":material/group: Team"))
    with session.reading() as tx:
        declared = facts.of_record(
            tx, form, record, locale, without={*without, "owner_id", "team_id", "created_at", "updated_at"}
        )
    rows = {
        **{label: words.plain(value) for label, value in own.items()},
        **declared,
        **{label: words.plain(getattr(record, of.name_fields[key])) for key, label in people if key in of.name_fields},
        ":material/schedule: Created": words.plain(words.moment(record.created_at, time_zone, locale)),
        ":material/update: Changed": words.plain(words.moment(record.updated_at, time_zone, locale)),
    }
    shown = {label: value or "–" for label, value in rows.items()}
    for one in beside.definitions:
        value = getattr(record, of.attributes_field or "").get(one.key)
        shown[words.plain(one.name)] = record_fields.shown(one, value, beside.actor.currency, locale)
    st.table(shown, border="horizontal", alt=f"Details of the {of.key}")


def linked(of: RecordType[Any], record: Any) -> list[str]:
    """The references of this record to others that this person sees."""
    actor = session.actor()
    types = {key: registry.get(field.to) for key, field in of.references.items() if isinstance(field.to, str)}
    named = {key: of.name_fields[key] for key in types if key in of.name_fields}
    return [key for key, name in named.items() if types[key].is_on(actor) and getattr(record, name)]


def links(of: RecordType[Any], record: Any) -> None:
    """A link to each of the `linked` records."""
    with st.container(horizontal=True):
        for key in linked(of, record):
            kind, name = str(of.references[key].to), getattr(record, of.name_fields[key])
            icon, role = registry.get(kind).icon, words.plain(of.fields[key].label)
            record_links.link(kind, getattr(record, key), words.plain(name), icon=icon, help=role)


def tabs(
    of: RecordType[Any], record: Any, beside: Context, *, own: Mapping[str, Callable[[], None]] | None = None
) -> None:
    """The page's `own` tabs, everything that happened to the record, and notes and files where the type has them.
    Pinned notes stand above."""
    with st.container():  # a place of its own, also when empty: tabs that move forget which of them is open
        for note in beside.notes:
            if note.pinned:
                record_notes.pinned(note, now=beside.now, locale=beside.locale)
    shared: dict[str, Callable[[], None]] = {TIMELINE: lambda: _timeline(of, record, beside)}
    writing: dict[str, Any] = {"now": beside.now, "locale": beside.locale}
    may_write = beside.actor.may(of.permission)
    if of.has(Trait.NOTES):
        shared[NOTES] = lambda: record_notes.show(of.key, record.id, beside.notes, may_write=may_write, **writing)
    if of.has(Trait.FILES):
        shared[FILES] = lambda: record_files.show(of.key, record.id, beside.files, may_add=may_write, **writing)
    every = {**(own or {}), **shared}
    # Which one is open is kept here: left to the browser, it is forgotten when others' changes draw the page in the
    # middle of a run.
    for tab, draw in zip(st.tabs(list(every), key=f"{of.key}-log", on_change="rerun"), every.values(), strict=True):
        with tab:
            draw()


def _timeline(of: RecordType[Any], record: Any, beside: Context) -> None:
    timeline.show(
        beside.history,
        created_at=record.created_at,
        time_zone=beside.actor.time_zone,
        now=beside.now,
        locale=beside.locale,
        key=f"{of.key}-timeline",
    )


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
        record_links.open_record(kind, ids[row])
