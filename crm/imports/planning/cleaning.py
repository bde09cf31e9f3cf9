"""The columns of a record's fields, each cleaned by its kind of field; equal, cell for cell, to what
crm/records/field_kinds.py makes of one value, by test."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from crm.foundation import bounds, identity, money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.imports.fields import LABELS_KEY, Target, all_targets
from crm.imports.planning import attribute_columns, labelled, several
from crm.imports.planning.columns import Columns
from crm.imports.reading import dates, normal_forms
from crm.records import field_kinds
from crm.records.attributes import AttributeType, patterns
from crm.records.attributes import types as attribute_types
from crm.records.declaration import RecordType
from crm.records.fields import Choice, Field, FieldKind, Money, Percent, Text

SHORTENED = r"^\s*\d(?:[.,]\d+)?[Ee]\+\d{1,3}\s*$"
"""A number of many digits as a spreadsheet saves it to CSV: 5.51199E+12."""

NormalForm = Callable[[pl.Series, Field, Columns, str], pl.DataFrame]
"""(cells, field, columns, header) → `value` and `fault` of each cell."""


def _texts(column: pl.Series, of: Field, columns: Columns, header: str) -> pl.DataFrame:
    return _fitting(of, normal_forms.texts(column, header, of.limit if isinstance(of, Text) else several.LONGEST))


def _fitting(of: Field, read: pl.DataFrame) -> pl.DataFrame:
    """The faults of texts that do not match the field's pattern."""
    if not isinstance(of, Text) or not of.pattern:
        return read
    misfits = ~patterns.matches(of.pattern, read["value"]).fill_null(True)
    if not misfits.any():
        return read
    faults = {text: field_kinds.misfit(text, of) for text in read["value"].filter(misfits).unique()}
    return read.with_columns(
        value=pl.when(~misfits).then("value"),
        fault=pl.when(misfits).then(pl.col("value").replace_strict(faults, default=None)).otherwise("fault"),
    )


def _numbers(kind: AttributeType) -> NormalForm:
    return lambda column, of, columns, header: attribute_columns.numbers(column, kind, columns, header)


def _percents(column: pl.Series, of: Field, columns: Columns, header: str) -> pl.DataFrame:
    read = attribute_columns.numbers(column, AttributeType.PERCENT, columns, header)
    if not isinstance(of, Percent) or not of.share:
        return read
    within = pl.col("value").is_between(0, 100)
    why = pl.when(~within).then(pl.lit(field_kinds.beyond(of)))
    return read.select(value=pl.when(within).then("value"), fault=pl.coalesce("fault", why))


def _links(column: pl.Series, of: Field, columns: Columns, header: str) -> pl.DataFrame:
    read = normal_forms.by_value(column, lambda text: attribute_types.read(AttributeType.LINK, text, tr(of.label)))
    return _fitting(of, read)


def _choices(column: pl.Series, of: Field, columns: Columns, header: str) -> pl.DataFrame:
    return normal_forms.by_value(column, lambda text: choice(of, text))


NORMAL_FORMS: dict[FieldKind, NormalForm] = {
    FieldKind.TEXT: _texts,
    FieldKind.LONG_TEXT: _texts,
    FieldKind.REFERENCE: _texts,
    FieldKind.EMAIL: lambda column, of, columns, header: normal_forms.emails(column),
    FieldKind.PHONE: lambda column, of, columns, header: normal_forms.phones(column, columns.context.region),
    FieldKind.DOMAIN: lambda column, of, columns, header: normal_forms.domains(column),
    FieldKind.LINK: _links,
    FieldKind.NUMBER: _numbers(AttributeType.NUMBER),
    FieldKind.PERCENT: _percents,
    FieldKind.CURRENCY: lambda column, of, columns, header: normal_forms.by_value(column, money.currency),
    FieldKind.CHECKBOX: lambda column, of, columns, header: attribute_columns.ticks(column, header),
    FieldKind.CHOICE: _choices,
}
"""Beside these, dates and amounts: one pattern and one decimal mark hold for a whole column."""

KEYS: dict[FieldKind, Callable[[pl.Series], pl.Series]] = {FieldKind.EMAIL: normal_forms.email_keys}
"""What only one record may have, where that is not the value itself."""


def clean(columns: Columns, of: RecordType[Any]) -> None:
    """Add a column for each target that the type knows, empty where nothing is mapped to it."""
    # An amount is rounded to its currency, which another column may hold: both are cleaned last.
    later = (FieldKind.MONEY, FieldKind.CURRENCY)
    every = list(all_targets(of).values())
    for target in every:
        if target.key == LABELS_KEY and of.labels_field:
            labelled.clean(columns)
        elif target.several:
            several.clean(columns, target.key)
        elif target.kind not in later:
            _put(columns, target)
    _amounts(columns, [target for target in every if target.kind in later])
    named = {target.key: target.column for target in every if target.column and not target.reference}
    columns.clean = columns.clean.rename(named)


def _put(columns: Columns, target: Target) -> None:
    key, of = target.key, target.field
    frame = field_kinds.KINDS[of.kind].frame if of.kind is not FieldKind.REFERENCE else pl.String()
    if not columns.has(key):
        columns.leave_empty(key, frame)
        return
    if of.kind is FieldKind.DATE:
        columns.put(
            key,
            lambda cells: _refused(of, cells, dates.dates(cells, columns.pattern_of(key), columns.context.time_zone)),
        )
        return
    header, normal_form = columns.mapping.header_of(key), NORMAL_FORMS[of.kind]
    columns.put(
        key, lambda cells: _without_lost(of, cells, _refused(of, cells, normal_form(cells, of, columns, header)))
    )
    if of.kind is FieldKind.CHECKBOX:
        columns.clean = columns.clean.with_columns(pl.col(key) == "true")
    columns.clean = columns.clean.with_columns(pl.col(key).cast(frame))


def _without_lost(of: Field, cells: pl.Series, read: pl.DataFrame) -> pl.DataFrame:
    """The faults of codes that a spreadsheet has shortened to an exponent: many different codes look so."""
    if not of.unique and of.kind is not FieldKind.PHONE:
        return read
    lost = cells.str.contains(SHORTENED).fill_null(False)
    if not lost.any():
        return read
    told = tr(
        "“{cell}” was shortened by a spreadsheet, and its other digits are lost. Export it as text.",
        cell="{}",
    )
    return read.with_columns(
        value=pl.when(~lost).then("value"), fault=pl.when(lost).then(pl.format(told, cells)).otherwise(pl.col("fault"))
    )


def _refused(of: Field, cells: pl.Series, read: pl.DataFrame) -> pl.DataFrame:
    """The faults in the field's own words, where it has some."""
    if not of.wrong or read["fault"].null_count() == read.height:
        return read
    messages = {cell: tr(of.wrong, value=bounds.shown(cell)) for cell in cells.filter(read["fault"].is_not_null())}
    return read.with_columns(
        fault=pl.when(pl.col("fault").is_not_null()).then(cells.replace_strict(messages, default=""))
    )


def choice(of: Field, text: str) -> str:
    """The value that a word of a file means: as it is stored, as people call it, or one of the field's words."""
    said = word(text)
    values: Mapping[str, str] = of.values if isinstance(of, Choice) else {}
    words: Mapping[str, tuple[str, ...]] = of.words if isinstance(of, Choice) else {}
    for value, name in values.items():
        if said in (word(value), word(name), *words.get(value, ())):
            return value
    raise Invalid(tr(of.wrong, value=bounds.shown(text)) if of.wrong else field_kinds.not_offered(text, of))


def word(text: str) -> str:
    """The text without case, accents, underscores and hyphens."""
    return " ".join(identity.folded(text).replace("_", " ").replace("-", " ").split())


# Amounts, each with the currency beside it


def _amounts(columns: Columns, targets: list[Target]) -> None:
    amounts = [target for target in targets if target.kind is FieldKind.MONEY]
    for target in amounts:
        columns.amount(target.key)
    for target in targets:
        if target.kind is FieldKind.CURRENCY:
            _put(columns, target)
    for target in amounts:
        _fit(columns, target)


def _fit(columns: Columns, target: Target) -> None:
    """Round an amount to its currency, which its sign may name."""
    key, label = target.key, tr(target.label).lower()
    currency = target.field.currency if isinstance(target.field, Money) else ""
    # A cell that is no amount names no currency either.
    sign = pl.when(pl.col(key).is_not_null()).then(pl.col(f"{key}_written_in"))
    other = columns.clean.select((sign != pl.coalesce(currency, sign)).fill_null(False)).to_series()
    columns.refuse_cells(other, key, tr("The {field} is written in another currency than the row's.", field=label))
    columns.clean = columns.clean.with_columns(pl.coalesce(currency, sign).alias(currency)).drop(f"{key}_written_in")
    known = columns.clean[currency].is_null() | columns.clean[currency].is_in(money.CURRENCIES)
    columns.refuse_cells(~known, key, tr("The {field} is written in a currency that there is none of.", field=label))
    columns.clean = columns.clean.with_columns(pl.when(known).then(pl.col(currency)).alias(currency))
    _round(columns, key, currency)


def _round(columns: Columns, key: str, currency: str) -> None:
    """Round a column of amounts to the minor unit of each row's currency."""
    code = pl.col(currency).fill_null(columns.context.currency)
    # Python rounds each different amount once: crm.foundation.money alone knows the units of currencies.
    pairs = columns.clean.select(key, _code=code).filter(pl.col(key).is_not_null()).unique()
    pairs = pairs.filter(pl.col("_code").is_in(money.CURRENCIES))
    rounded = [(value, code, *_rounded(value, code)) for value, code in pairs.iter_rows()]
    schema = {
        key: columns.clean.schema[key],
        "_code": pl.String(),
        "_rounded": pl.Decimal(18, 4),
        "_fault": pl.String(),
    }
    found = pl.DataFrame(rounded, schema=schema, orient="row")
    joined = columns.clean.with_columns(_code=code).join(found, on=[key, "_code"], how="left", maintain_order="left")
    columns.clean = joined.drop(key, "_code", "_fault").rename({"_rounded": key})
    columns.refuse_cells(joined["_fault"].is_not_null(), key, joined["_fault"])


def _rounded(value: Decimal, code: str) -> tuple[Decimal | None, str | None]:
    try:
        return money.amount(value, code), None
    except Invalid as refusal:
        return None, str(refusal)


# Keys


def add_keys(columns: Columns, of: RecordType[Any]) -> None:
    """Add the key column of each unique field, unless the type's own cleaning has done so."""
    for target in unique_targets(of):
        column = target.field.unique.column if target.field.unique else ""
        if column not in columns.clean.columns:
            columns.clean = columns.clean.with_columns(key_column(target, columns.clean).alias(column))


def unique_targets(of: RecordType[Any]) -> list[Target]:
    return [target for target in all_targets(of).values() if target.field.unique and target.column]


def key_column(target: Target, rows: pl.DataFrame) -> pl.Series:
    """The normal forms of a unique field, as crm/records/validation.py has that of one value."""
    form = target.field.unique.form if target.field.unique else None
    if form is not None:
        keys = [form(row) if row[target.column] is not None else None for row in rows.iter_rows(named=True)]
        return pl.Series(target.column, keys, pl.String)
    values = rows[target.column]
    return KEYS[target.kind](values) if target.kind in KEYS else values
