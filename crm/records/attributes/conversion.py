"""Changes the type of an attribute: a preview of what would convert and what would not, then the conversion itself.

Values are converted through their text for people. The former column goes to the bin of attributes, so a conversion can
be undone for 30 days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import BaseModel

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import event_records, registry
from crm.records.attributes import list_values, types
from crm.records.attributes.bin import move_to_bin
from crm.records.attributes.defining import PATTERNED, create_views, get_for_change
from crm.records.attributes.definitions import Definition, bump_version, refuse_bound, table_of, types_of
from crm.records.attributes.reading import read_column
from crm.records.attributes.types import AttributeType
from crm.store import Reading, Writing

EXAMPLES = 8

AS_TEXT = {
    # A whole number is shown without the “.0” of a DOUBLE; attributes accept no number of 1e15 or more.
    AttributeType.NUMBER: """
        CASE WHEN {column} = trunc({column}) AND abs({column}) < 1e15
            THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END
    """,
    AttributeType.CURRENCY: "rtrim(rtrim(CAST({column} AS VARCHAR), '0'), '.')",
    AttributeType.CHECKBOX: "CASE WHEN {column} THEN '{yes}' ELSE '{no}' END",
}
AS_TEXT[AttributeType.PERCENT] = AS_TEXT[AttributeType.NUMBER]


class Converted(BaseModel, frozen=True):
    before: str
    after: str
    records: int


class Unconverted(BaseModel, frozen=True):
    before: str
    reason: str
    records: int


class Conversion(BaseModel, frozen=True):
    """The preview of a change of type."""

    attribute_id: int
    to: AttributeType
    converts: int
    """The number of records whose value would be kept."""
    fails: int
    """The number of records that would be left without one."""
    converted: tuple[Converted, ...]
    unconverted: tuple[Unconverted, ...]
    """Examples of both, the most frequent first."""
    new_values: tuple[str, ...]
    """The values of the list, where the new type is a list."""


@dataclass(frozen=True)
class _Distinct:
    """The distinct values of a column, with what each becomes: columns text, records, value, fault."""

    frame: pl.DataFrame

    @property
    def sound(self) -> pl.DataFrame:
        return self.frame.filter(pl.col("fault").is_null())

    @property
    def faulty(self) -> pl.DataFrame:
        return self.frame.filter(pl.col("fault").is_not_null())


def preview(tx: Reading, attribute_id: int, to: AttributeType | str) -> Conversion:
    """The preview, with counts over all records, deleted ones included."""
    definition = get_for_change(tx, attribute_id)
    target = _checked_target(definition, to)
    read = _read(tx, definition, target)
    return Conversion(
        attribute_id=attribute_id,
        to=target,
        converts=int(read.sound["records"].sum()),
        fails=int(read.faulty["records"].sum()),
        converted=tuple(
            Converted(before=text, after=_as_shown(value), records=records)
            for text, records, value, _ in read.sound.head(EXAMPLES).iter_rows()
        ),
        unconverted=tuple(
            Unconverted(before=text, reason=fault, records=records)
            for text, records, _, fault in read.faulty.head(EXAMPLES).iter_rows()
        ),
        new_values=_new_values(read) if target is AttributeType.LIST else (),
    )


def convert(
    tx: Writing, attribute_id: int, to: AttributeType | str, *, empty_rest: bool = False, version: int | None = None
) -> Definition:
    """Change the type. With `empty_rest` values that cannot be converted are left empty; without it the first one
    raises Invalid. The attribute keeps its key; its former column goes to the bin of attributes."""
    before = get_for_change(tx, attribute_id, version=version)
    target = _checked_target(before, to)
    refuse_bound(before)
    read = _read(tx, before, target)
    fails = int(read.faulty["records"].sum())
    if fails and not empty_rest:
        raise Invalid(
            tr(
                "{count:,} values of “{name}” would not convert. Say that they may be left empty.",
                count=fails,
                name=before.name,
            ),
            "to",
        )
    # The former column needs an id of its own in the bin: this attribute keeps id and key.
    former_id = int(tx.value("SELECT nextval('base.attribute_ids')"))
    # The old column is renamed, not copied: nothing is rewritten, and the conversion can be undone by a rename.
    move_to_bin(tx, before, former_id, tr("{name} (as {type})", name=before.name[:60], type=tr(before.type)))
    tx.run(f"ALTER TABLE base.{table_of(before.model)} ADD COLUMN {before.column} {types.column(target)}")
    _fill(tx, before, former_id, read.sound)
    _retype(tx, before, target, _new_values(read))
    create_views(tx, before.model)
    converts = int(read.sound["records"].sum())
    tx.record(
        "attribute.converted",
        "attribute",
        attribute_id,
        name=before.name,
        converts=converts,
        fails=fails,
        changes={"type": [str(before.type), str(target)]},
    )
    former = f"d_{former_id}"
    event_records.keep(
        tx,
        f"""
        SELECT $model, id, $model || '.changed', json_object($field, json_array({former}, {before.column}))
        FROM base.{table_of(before.model)}
        WHERE {former} IS NOT NULL AND to_json({former}) IS DISTINCT FROM to_json({before.column})
        ORDER BY id
        """,
        model=before.model,
        field=before.field,
    )
    return bump_version(tx, attribute_id)


def _checked_target(definition: Definition, to: AttributeType | str) -> AttributeType:
    # A text does not say which user it means, nor does an id say anything to a reader.
    offered = [one for one in types_of(definition.model) if one is not AttributeType.PERSON]
    if to not in offered or definition.type is AttributeType.PERSON:
        raise Invalid(
            tr("“{to}” is not a type of attribute: {types}.", to=to, types=", ".join(offered))
            if to not in offered
            else tr("“{name}” names people. Add a field of another type instead.", name=definition.name),
            "to",
        )
    if to == definition.type:
        raise Invalid(tr("“{name}” is of this type already.", name=definition.name), "to")
    return AttributeType(to)


def _read(tx: Reading, definition: Definition, target: AttributeType) -> _Distinct:
    texts = tx.frame(
        f"""
        SELECT {_as_text(definition, definition.column)} AS text, count(*) AS records
        FROM base.{table_of(definition.model)}
        WHERE {definition.column} IS NOT NULL
        GROUP BY ALL
        ORDER BY records DESC, text
        """
    )
    if target is AttributeType.LIST:
        list_values.refuse_too_many(definition, texts.height)
    return _Distinct(read_column(target, texts, definition.name))


def _as_text(definition: Definition, column: str) -> str:
    return AS_TEXT.get(definition.type, "CAST({column} AS VARCHAR)").format(column=column, yes=tr("yes"), no=tr("no"))


def _as_shown(value: Any) -> str:
    match value:
        case bool():
            return tr("yes") if value else tr("no")
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)


def _new_values(read: _Distinct) -> tuple[str, ...]:
    return tuple(sorted(map(str, read.sound["value"].unique()), key=str.casefold))


def _fill(tx: Writing, before: Definition, former_id: int, converted: pl.DataFrame) -> None:
    """Write the converted values. Every record that had a value gets a new version."""
    table = table_of(before.model)
    tx.bulk("conversion", converted.select("text", "value"))
    # In the order of ids: an UPDATE from a source in any other order takes twenty times as long (measured).
    tx.create_temp_table(
        "conversion_of",
        f"""
        SELECT held.id, conversion.value
        FROM base.{table} AS held
        JOIN conversion ON conversion.text = {_as_text(before, f"held.d_{former_id}")}
        WHERE held.d_{former_id} IS NOT NULL
        ORDER BY held.id
        """,
    )
    tx.run(
        f"""
        UPDATE base.{table} AS target SET {before.column} = conversion_of.value
        FROM conversion_of
        WHERE conversion_of.id = target.id
        """
    )
    # A new version each: a form that was open before must not write the old value back.
    tx.run(
        f"""
        UPDATE base.{registry.get(before.model).plural} SET version = version + 1
        WHERE id IN (SELECT id FROM base.{table} WHERE d_{former_id} IS NOT NULL)
        """
    )
    tx.drop("conversion", "conversion_of")


def _retype(tx: Writing, before: Definition, target: AttributeType, values: Sequence[str]) -> None:
    keeps_pattern = before.type in PATTERNED and target in PATTERNED
    # move_to_bin has copied them: undoing the conversion restores the list.
    tx.run("DELETE FROM base.attribute_values WHERE attribute_id = $id", id=before.id)
    tx.run(
        "UPDATE base.attributes SET type = $type, pattern = $pattern, hint = $hint WHERE id = $id",
        type=str(target),
        pattern=before.pattern if keeps_pattern else None,
        hint=before.hint if keeps_pattern else None,
        id=before.id,
    )
    if target is AttributeType.LIST:
        list_values.insert(tx, before.id, values)
