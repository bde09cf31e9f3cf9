"""The columns of a list: each declared field as its kind is shown, unless the layout says otherwise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from crm.foundation import money
from crm.foundation.access import Actor
from crm.foundation.language import capitalized, tr
from crm.records import attributes, registry
from crm.records.declaration import RecordType
from crm.records.fields import Choice, Field, FieldKind, Money
from crm.store import Reading, Row
from crm.ui import words
from crm.ui.lists.layout import ATTRIBUTES, ListLayout, Shown

Reader = Callable[[Row], object]


@dataclass(frozen=True)
class Column:
    """A column of the list. `settings` is what `st.column_config` takes, without the label."""

    key: str
    """Its name in preferences and addresses."""
    label: str
    read: Reader
    settings: Mapping[str, Any] = field(default_factory=dict)
    at_first: bool = True
    """Shown to those who have not chosen their columns."""
    fill: Callable[[Reading, list[Row]], None] | None = None
    where: Callable[[Row], bool] | None = None


@dataclass(frozen=True)
class _Viewer:
    """The person who reads the list: cells are in their time zone and the workspace's locale."""

    actor: Actor
    locale: str


def every(tx: Reading, layout: ListLayout) -> list[Column]:
    """All columns that the list can have, those of the layout first."""
    viewer = _Viewer(tx.actor, tx.actor.language)
    named = [one if isinstance(one, Shown) else Shown(one) for one in (*layout.columns, *layout.further)]
    at_first = {one.key for one in named[: len(layout.columns)]}
    keys = {one.key for one in named}
    rest = [Shown(key) for key in _declared(layout.of) if key not in keys]
    if not layout.columns:
        at_first = {*layout.of.edited, ATTRIBUTES}
    found = []
    for one in (*named, *rest):
        if one.key == ATTRIBUTES:
            found += _attributes(tx, layout.of)
        elif column := _column(layout.of, one, viewer, at_first=one.key in at_first):
            found.append(column)
    return found


def _declared(of: RecordType[Any]) -> list[str]:
    beside = [of.labels_field, ATTRIBUTES if of.attributes_field else None]
    return [*of.fields, *of.counts, *(key for key in beside if key)]


def _column(of: RecordType[Any], shown: Shown, viewer: _Viewer, *, at_first: bool) -> Column | None:
    """None where the field's module is off."""
    declared = of.fields.get(shown.key)
    if declared and declared.module and not viewer.actor.has(declared.module):
        return None
    return Column(
        key=of.counts[shown.key].table if shown.key in of.counts else of.short_key(shown.key),
        label=tr(shown.label) if shown.label else _label(of, shown.key, declared),
        read=shown.read or _reader(of, shown.key, declared, viewer),
        settings=shown.settings or _settings(declared),
        at_first=at_first,
        fill=shown.fill,
        where=shown.where,
    )


def _label(of: RecordType[Any], key: str, declared: Field | None) -> str:
    if declared:
        return tr(declared.label)
    if key == of.labels_field:
        return tr("Labels")
    return capitalized(registry.many_of(of.counts[key].table)) if key in of.counts else key.capitalize()


def _reader(of: RecordType[Any], key: str, declared: Field | None, viewer: _Viewer) -> Reader:
    if key == of.title[0]:
        return of.name_of
    if declared is None:
        return lambda row: row[key]
    if key in of.name_fields:
        name = of.name_fields[key]
        return lambda row: row[name]
    match declared.kind:
        case FieldKind.MOMENT:
            return lambda row: words.moment(row[key], viewer.actor.time_zone, viewer.locale)
        case FieldKind.DATE:
            return lambda row: words.day(row[key], viewer.locale) if row[key] else None
        case FieldKind.NUMBER | FieldKind.PERCENT:
            return lambda row: None if row[key] is None else float(row[key])
    if isinstance(declared, Money):
        currency = declared.currency
        return lambda row: None if row[key] is None else money.shown(row[key], row[currency], viewer.locale)
    if isinstance(declared, Choice):
        values = declared.values
        return lambda row: tr(values[row[key]]) if row[key] in values else None
    return lambda row: row[key]


def _settings(declared: Field | None) -> Mapping[str, Any]:
    if declared and declared.kind is FieldKind.MONEY:
        return st.column_config.TextColumn(alignment="right")
    return {}


def _attributes(tx: Reading, of: RecordType[Any]) -> list[Column]:
    def reader(key: str) -> Reader:
        return lambda row: row[of.attributes_field or ""].get(key)

    definitions = attributes.beside_fields(tx, of.key)
    return [Column(f"attribute:{one.key}", one.name, reader(one.key)) for one in definitions]


def filled(tx: Reading, columns: Sequence[Column], rows: Sequence[Row]) -> list[Column]:
    """The columns to draw for these rows, without those whose `where` holds for none; fills the rows with what a column
    reads on its own."""
    for column in columns:
        if column.fill:
            column.fill(tx, list(rows))
    return [one for one in columns if one.where is None or any(one.where(row) for row in rows)]
