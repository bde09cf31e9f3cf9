"""Which columns of a table an import writes, and what each holds afterwards."""

from typing import Any

from crm.imports.fields import all_targets
from crm.imports.model import OnDuplicate
from crm.imports.planning.cleaning import unique_targets
from crm.imports.planning.import_hooks import ImportHooks
from crm.records.declaration import RecordType
from crm.records.fields import Currency, Money


def columns(of: RecordType[Any], hooks: ImportHooks) -> list[str]:
    """The columns that an import writes: of fields and of the hooks, the unique ones last."""
    plain = [target.column for target in all_targets(of).values() if target.column and not target.field.unique]
    return [*plain, *hooks.columns, *keys(of)]


def keys(of: RecordType[Any]) -> dict[str, str]:
    """The column of each unique field → the column of its normal form."""
    return {target.column: target.field.unique.column for target in unique_targets(of) if target.field.unique}


def searched(of: RecordType[Any]) -> list[str]:
    """The columns that the search box looks in, in order."""
    return [of.fields[key].column for key in of.searched_fields]


def attributes_table(of: RecordType[Any]) -> str:
    """SQL of the table of attributes; of an empty one where the type has none."""
    return f"base.{of.key}_attributes" if of.attributes_field else "(SELECT NULL::BIGINT AS id WHERE false)"


def ruled(of: RecordType[Any], hooks: ImportHooks) -> set[str]:
    """The columns whose new value depends on others too."""
    return {column for column, _ in hooks.rules} | {of.fields[key].column for key in _currencies(of)}


def new_value(of: RecordType[Any], hooks: ImportHooks, column: str, choice: OnDuplicate, was: str = "was") -> str:
    """SQL of what a column holds afterwards, over `row` (the file's) and `was` (the stored one)."""
    # An empty cell never erases: overwriting, too, falls back on what is stored.
    if (column, choice) in hooks.rules:
        return hooks.rules[column, choice]
    for key, amounts in _currencies(of).items():
        if of.fields[key].column == column:
            return _currency(column, amounts, choice)
    if choice is OnDuplicate.FILL:
        return f"coalesce({was}.{column}, row.{column})"
    return f"coalesce(row.{column}, {was}.{column})"


def _currencies(of: RecordType[Any]) -> dict[str, list[str]]:
    """The field of each currency → the columns of the amounts in it."""
    found: dict[str, list[str]] = {key: [] for key, one in of.fields.items() if isinstance(one, Currency)}
    for one in of.fields.values():
        if isinstance(one, Money) and one.edited:
            found[one.currency].append(one.column)
    return {key: amounts for key, amounts in found.items() if amounts}


def _currency(column: str, amounts: list[str], choice: OnDuplicate) -> str:
    """SQL of a currency afterwards: it changes with its amounts or not at all."""
    # An amount that stays must not be relabelled: 1,200 BRL would become 1,200 USD.
    empty = [f"was.{amount} IS NULL" for amount in amounts]
    given = [f"row.{amount} IS NOT NULL" for amount in amounts]
    if choice is OnDuplicate.FILL:
        changes = f"{' AND '.join(empty)} AND ({' OR '.join(given)})"
    else:
        changes = " AND ".join(f"({has} OR {lacks})" for has, lacks in zip(given, empty, strict=True))
    return f"CASE WHEN {changes} THEN coalesce(row.{column}, was.{column}) ELSE was.{column} END"
