"""Two records side by side: a choice for each field in which they differ, and the record that comes of it."""

from typing import Any

import streamlit as st

from crm.foundation.errors import CrmError
from crm.foundation.language import current, plural, tr
from crm.records import attributes, duplicates, merging, reading, registry
from crm.records.attributes import Definition
from crm.records.merging import Choice, Preview
from crm.ui import refusals, session, undo, words
from crm.ui.components import sentences
from crm.ui.duplicates import cards
from crm.ui.duplicates.address import Place, back, go
from crm.ui.forms import record_fields


def show(place: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(tr("Merge two {kinds}", kinds=place.type.many), anchor=False)
        if st.button(tr("All duplicates"), type="tertiary", icon=":material/arrow_back:", key="back-to-inbox"):
            go(place.kind)
    survivor_id = _survivor(place)
    if survivor_id is None:
        return
    absorbed_id = place.right if survivor_id == place.left else place.left
    with session.reading() as tx:
        try:
            preview = merging.preview(tx, place.kind, survivor_id, absorbed_id)
        except CrmError as refusal:
            refusals.show(refusal)
            return
        named = {f"attribute:{definition.key}": definition for definition in attributes.beside_fields(tx, place.kind)}
        formatter = _Formatter(named, tx.actor.currency, tx.actor.language)
    left, right = st.columns([3, 2], gap="large")
    with left:
        take = choices(preview, formatter)
    with right:
        result(place, preview, take, formatter)


class _Formatter:
    """Puts values of fields and attributes into words."""

    def __init__(self, definitions: dict[str, Definition], currency: str, locale: str) -> None:
        self.definitions = definitions
        self.currency = currency
        self.locale = locale

    def label(self, choice: Choice) -> str:
        return words.plain(choice.label if choice.field in self.definitions else tr(choice.label))

    def shown(self, field: str, value: Any) -> str:
        if value is None or value == "":
            return "–"
        if field in self.definitions:
            return record_fields.shown(self.definitions[field], value, self.currency, self.locale)
        return words.plain(sentences.value(value))


def _survivor(place: Place) -> int | None:
    """Draw the choice of the record that stays; its id, None where one of the two cannot be merged."""
    with session.reading() as tx:
        try:
            records = [reading.get(tx, place.type, record_id) for record_id in (place.left, place.right)]
            stays = merging.better(place.type, *records)[0].id
            pair_found = next(
                (
                    pair
                    for pair in duplicates.of_record(tx, place.kind, place.left)
                    if place.right in (pair.left.id, pair.right.id)
                ),
                None,
            )
        except CrmError as refusal:
            refusals.show(refusal)
            return None
        zone = tx.actor.time_zone
    if pair_found:
        cards.head(place.kind, pair_found)
    names = {record.id: record for record in records}
    chosen: int = st.radio(
        tr("Which one stays?"),
        list(names),
        index=list(names).index(stays),
        format_func=lambda record_id: words.plain(names[record_id].shown_name),
        captions=[
            tr(
                "Number {number}, since {moment}",
                number=record.id,
                moment=words.moment(record.created_at, zone, current()),
            )
            for record in records
        ],
        horizontal=True,
        key=f"survivor-{place.left}-{place.right}",
        help=tr("Its number, address and history go on. Everything that belongs to the other one moves to it."),
    )
    return chosen


def choices(preview: Preview, formatter: _Formatter) -> dict[str, int]:
    """Draw the choice for each differing field: {field: id of the record whose value is taken}."""
    differing = [choice for choice in preview.choices if choice.differs]
    st.subheader(tr("Where they differ"), anchor=False)
    if not differing:
        st.caption(tr("They say the same in every field."))
    return {choice.field: _choose(choice, preview, formatter) for choice in differing}


def _choose(choice: Choice, preview: Preview, formatter: _Formatter) -> int:
    survivor, absorbed = preview.survivor.id, preview.absorbed.id
    values = {survivor: choice.survivor, absorbed: choice.absorbed}
    with st.container(horizontal=True, gap="small"):
        label = formatter.label(choice)
        st.caption(label, width=110)
        chosen: int = st.radio(
            label,
            [survivor, absorbed],
            index=0 if choice.taken_from == survivor else 1,
            format_func=lambda record_id: formatter.shown(choice.field, values[record_id]),
            horizontal=True,
            label_visibility="collapsed",
            width="stretch",
            key=f"take-{survivor}-{absorbed}-{choice.field}",
        )
    return chosen


def result(place: Place, preview: Preview, take: dict[str, int], formatter: _Formatter) -> None:
    survivor, absorbed = preview.survivor, preview.absorbed
    with session.reading() as tx:
        try:
            planned = merging.preview(tx, place.kind, survivor.id, absorbed.id, take)
        except CrmError as refusal:
            refusals.show(refusal)
            return
    with st.container(border=True):
        st.subheader(tr("Result"), anchor=False)
        rows = {formatter.label(choice): _taken(choice, absorbed.id, formatter) for choice in planned.choices}
        labels = getattr(planned.result, "labels", None)
        if labels is not None:
            rows[tr("Labels")] = words.plain(", ".join(labels)) or "–"
        st.table(rows, border="horizontal", alt=tr("The merged {kind}", kind=place.type.one))
        moving = ", ".join(_moving(table, rows) for table, rows in planned.moves.items() if table != "contact_labels")
        if moving:
            name = words.plain(absorbed.shown_name)
            along = tr("From “{name}” move along: {records}.", name=name, records=moving)
            st.caption(f":material/move_down: {along}")
        undone = tr("A merge can be undone, on the record’s page or under “Merged”.")
        st.caption(f":material/undo: {undone}")
        buttons(place, planned, take)


def buttons(place: Place, planned: Preview, take: dict[str, int]) -> None:
    """Draw the buttons that decide the pair."""
    survivor, absorbed = planned.survivor, planned.absorbed
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            tr("Not duplicates"),
            type="tertiary",
            icon=":material/call_split:",
            key="pair-apart",
            on_click=_tell_apart,
            args=(place.kind, survivor.id, absorbed.id),
        )
        st.button(
            tr("Merge"),
            type="primary",
            icon=":material/merge:",
            key="pair-merge",
            on_click=_merge,
            # The versions of what is drawn: a record that was changed since is refused, not merged unseen.
            args=(place.kind, survivor.id, absorbed.id, take, survivor.version, absorbed.version),
        )


def _tell_apart(kind: str, record_id: int, other_id: int) -> None:
    if session.done(duplicates.mark_distinct, kind, [(record_id, other_id)]) is not None:
        back()


def _merge(
    kind: str, survivor_id: int, absorbed_id: int, take: dict[str, int], version: int, absorbed_version: int
) -> None:
    merged = session.attempt(
        merging.merge, kind, survivor_id, absorbed_id, take=take, version=version, absorbed_version=absorbed_version
    )
    if merged is None:
        return
    with session.reading() as tx:
        made = merging.merges_into(tx, kind, survivor_id)
    if made:
        text = tr("{name} is one {kind} now.", name=merged.shown_name, kind=merging.mergeable(kind).one)
        undo.offer(text, merging.unmerge, kind, made[0].id)
    back()


def _taken(choice: Choice, absorbed_id: int, formatter: _Formatter) -> str:
    return formatter.shown(choice.field, choice.absorbed if choice.taken_from == absorbed_id else choice.survivor)


def _moving(table: str, rows: int) -> str:
    match table:
        case "deals":
            return plural("{count:,} deal", "{count:,} deals", rows)
        case "contacts":
            return plural("{count:,} contact", "{count:,} contacts", rows)
        case "orders":
            return plural("{count:,} order", "{count:,} orders", rows)
        case "quotes":
            return plural("{count:,} quote", "{count:,} quotes", rows)
        case "notes":
            return plural("{count:,} note", "{count:,} notes", rows)
        case "links":
            return plural("{count:,} link", "{count:,} links", rows)
        case "attachments":
            return plural("{count:,} file", "{count:,} files", rows)
    return tr("{table}: {rows:,}", table=registry.many_of(table), rows=rows)
