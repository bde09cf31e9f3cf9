"""The parts that the pages of records share: finding the record, its title row, details, tabs and deals."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn, Protocol, TypeVar

import polars as pl
import streamlit as st

from crm.deals.record import STATUSES
from crm.foundation import bounds, money
from crm.foundation.access import Actor
from crm.foundation.errors import NotFound
from crm.foundation.language import later, tr, tr_as
from crm.records import attached, attributes, notes, registry
from crm.records import bin as the_bin
from crm.records.attached import Attached
from crm.records.attributes import Definition
from crm.records.declaration import RecordType, Trait
from crm.records.history import history
from crm.records.notes import Note
from crm.store import Reading, Row
from crm.ui import record_links, refusals, session, undo, words
from crm.ui.components import lazy
from crm.ui.duplicates import merging
from crm.ui.forms import record_fields, record_form
from crm.ui.forms.layout import FormLayout
from crm.ui.records import (
    facts,
    record_actions,
    record_files,
    record_labels,
    record_layout,
    record_notes,
    record_state,
    timeline,
)

T = TypeVar("T")

DEAL = st.column_config.TextColumn(width=190)
ACTIVITY, NOTES, FILES = later("Activity"), later("Notes"), later("Files")


class Dialog(Protocol):
    """A dialog of a page, whose state says whether it is open; a module will do."""

    def is_open(self) -> bool: ...

    def show(self) -> None: ...


def show(form: FormLayout, record_id: int, body: Callable[[], None], *, dialogs: Sequence[Dialog] = ()) -> None:
    """The page of a record. `body` draws all of it, as a fragment: what is pressed there, and others' changes, draw it
    without the frame around it."""
    record_state.enter(form.of.key, record_id)
    record_layout.style()

    @refusals.fragment
    def draw() -> None:
        with record_layout.page(form.of.key):
            refusals.show_kept()
            body()
        undo.show()
        # Streamlit shows one dialog at a time.
        for dialog in dialogs:
            if dialog.is_open():
                dialog.show()
                return
        record_form.edit_if_started(form, record_id)

    draw()


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
    refusals.show(NotFound(registry.one_of(kind)))
    of = registry.get(kind)
    record_links.link_to_list(of, tr("All {kinds}", kinds=of.many), icon=":material/arrow_back:")
    st.stop()


def in_the_bin(of: RecordType[Any], record_id: int) -> None:
    """In the place of a record that was deleted: the way back, for those who may."""
    gone = tr("This {kind} is in the bin. It can be brought back within 30 days.", kind=of.one)
    st.info(gone, icon=":material/delete:")
    if session.actor().may(of.permission):
        st.button(
            tr("Bring it back"),
            icon=":material/restore:",
            type="primary",
            on_click=session.attempt,
            args=(registry.room(of.key).restore, record_id),
        )


@dataclass(frozen=True)
class Context:
    """What a record's page shows beside its own fields, read in one transaction."""

    definitions: list[Definition]
    attached: Attached
    pinned: tuple[Note, ...]
    actor: Actor
    locale: str
    now: datetime
    today: date


def context(tx: Reading, of: RecordType[Any], record_id: int) -> Context:
    counts = attached.of(tx, of.key, record_id) if of.has(Trait.NOTES) or of.has(Trait.FILES) else Attached()
    return Context(
        definitions=attributes.definitions(tx, of.key) if of.attributes_field else [],
        attached=counts,
        pinned=notes.pinned(tx, of.key, record_id) if counts.pinned else (),
        actor=tx.actor,
        locale=tx.actor.language,
        now=tx.now,
        today=tx.today,
    )


def head(form: FormLayout, record: Any, *, badges: str = "") -> None:
    """The name of the record with its `badges`, as Markdown, and what can be done with it."""
    of = form.of
    with record_layout.title_row(record.shown_name, badges):
        if may_change(of, record):
            record_actions.menu(of, record)
        elif of.changeable and session.actor().may(of.permission):
            st.badge(tr("Not yours to change"), icon=":material/lock:", color="gray", help=tr(of.changeable.because))
    if of.has(Trait.MERGE):
        merging.hint(of.key, record)


def may_change(of: RecordType[Any], record: Any) -> bool:
    actor = session.actor()
    return actor.may(of.permission) and (of.changeable is None or of.changeable.may(actor, record))


def details(
    form: FormLayout, record: Any, own: Mapping[str, str | None], beside: Context, *, without: Collection[str]
) -> None:
    """The card of facts: the page's `own`, as Markdown, the declared fields but those that it shows elsewhere
    (`without`), what all types have, and custom attributes."""
    of = form.of
    with record_layout.card("details"):
        with record_layout.titled_row(tr("Details")):
            if may_change(of, record):
                st.button(
                    tr("Edit"),
                    icon=":material/edit:",
                    type="tertiary",
                    shortcut="e",
                    key="edit-record",
                    on_click=record_form.start_edit,
                )
        record_layout.facts(_facts(form, record, own, beside, without), key=f"{of.key}-{record.id}")
        if of.has(Trait.LABELS):
            set_labels = registry.room(of.key).set_labels
            record_labels.show(of.key, record, set_labels, may=may_change(of, record))


def _facts(
    form: FormLayout, record: Any, own: Mapping[str, str | None], beside: Context, without: Collection[str]
) -> dict[str, str]:
    of, locale, time_zone = form.of, beside.locale, beside.actor.time_zone
    people = (("owner_id", tr("Owner")), ("team_id", tr("Team")))
    with session.reading() as tx:
        declared = facts.of_record(
            tx, form, record, locale, without={*without, "owner_id", "team_id", "created_at", "updated_at"}
        )
    rows = {
        **own,
        **declared,
        **{label: words.plain(getattr(record, of.name_fields[key])) for key, label in people if key in of.name_fields},
        tr("Created"): words.plain(words.moment(record.created_at, time_zone, locale)),
        tr("Changed"): words.plain(words.moment(record.updated_at, time_zone, locale)),
    }
    shown = {label: value or "–" for label, value in rows.items()}
    for one in beside.definitions:
        value = getattr(record, of.attributes_field or "").get(one.key)
        shown[words.plain(one.name)] = record_fields.shown(one, value, beside.actor.currency, locale)
    return shown


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
            icon, role = registry.get(kind).icon, words.plain(tr(of.fields[key].label))
            record_links.link(kind, getattr(record, key), words.plain(name), icon=icon, help=role)


@dataclass(frozen=True)
class Tab:
    """A tab of a record's page; `draw` is called, and so reads, only while it is open."""

    label: str
    draw: Callable[[], None]
    count: int = 0


def tabs(of: RecordType[Any], record: Any, beside: Context, *, own: Sequence[Tab] = (), first: str = ACTIVITY) -> None:
    """What happened to the record, notes and files where the type has them, and the page's `own`. The tab of the label
    `first` stands before the others, and is open at first. Pinned notes stand above."""
    record_notes.keep_typed(of.key, record.id)
    with st.container():  # a place of its own, also when empty: tabs that move forget which of them is open
        for note in beside.pinned:
            record_notes.pinned(note, now=beside.now, locale=beside.locale)
    every = sorted([*_shared_tabs(of, record, beside), *own], key=lambda tab: tab.label != tr(first))
    key = f"{of.key}-tabs"
    record_layout.counts([tab.count for tab in every], key=f"{key}-room")
    with st.container(key=f"{key}-room"):
        lazy.tabs({tab.label: tab.draw for tab in every}, key=key)


def _shared_tabs(of: RecordType[Any], record: Any, beside: Context) -> list[Tab]:
    may_write = beside.actor.may(of.permission)
    found = [Tab(tr(ACTIVITY), lambda: _activity(of, record, beside, may_write=may_write and of.has(Trait.NOTES)))]
    if of.has(Trait.NOTES):
        draw = lambda: record_notes.show(of.key, record.id, may_write=may_write, locale=beside.locale)  # noqa: E731
        found.append(Tab(tr(NOTES), draw, beside.attached.notes))
    if of.has(Trait.FILES):
        files = lambda: record_files.show(of.key, record.id, may_add=may_write, locale=beside.locale)  # noqa: E731
        found.append(Tab(tr(FILES), files, beside.attached.files))
    return found


def _activity(of: RecordType[Any], record: Any, beside: Context, *, may_write: bool) -> None:
    if may_write:
        record_notes.write(of.key, record.id)
    with session.reading() as tx:
        events = history(tx, of.key, record.id)
    timeline.show(
        events,
        created_at=record.created_at,
        time_zone=beside.actor.time_zone,
        now=beside.now,
        locale=beside.locale,
        key=f"{record_state.of(of.key, record.id)}-timeline",
    )


def deals_tab(rows: Sequence[Row], locale: str, *, key: str) -> list[Tab]:
    """The tab of the deals of a record, where it has any."""
    return [Tab(tr("Deals"), lambda: deals_table(rows, locale, key=key), len(rows))] if rows else []


def deals_table(rows: Sequence[Row], locale: str, *, key: str) -> None:
    """Deals of a record; a click on one opens it."""
    statuses = [STATUSES[row["status"]] for row in rows]
    frame = pl.DataFrame(
        {
            tr("Deal"): [row["title"] for row in rows],
            tr("Value"): [money.shown(row["value"], row["currency"], locale) for row in rows],
            tr("Stage"): [row["stage_name"] for row in rows],
            tr("Status"): [tr(status) for status in statuses],
            tr_as("day", "Close"): [words.day(row["closed_on"] or row["expected_close"], locale) for row in rows],
        }
    )
    opening_table(
        frame, "deal", [row["id"] for row in rows], alt=tr("Deals"), key=key, right=(tr("Value"),), **{tr("Deal"): DEAL}
    )


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
