"""The values of custom attributes. The caller has found the record through its visible view."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import registry
from crm.records.attributes import rules, types
from crm.records.attributes.definitions import Definition, beside_fields, table_of
from crm.store import Reading, Writing


def values(tx: Reading, model: str, record_id: int) -> dict[str, Any]:
    """{key: value} of one record, for the attributes that have a value."""
    return values_of(tx, model, [record_id])[record_id]


def values_of(tx: Reading, model: str, record_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """{record id: its `values`}, for many records at once."""
    ids = list(record_ids)
    if len(ids) == 1:  # a list of one is planned as a join, which takes longer than the read
        rows = tx.rows(f"SELECT * FROM {table_of(model)} WHERE id = $id", id=ids[0])
        return {ids[0]: from_row(rows[0] if rows else None)}
    found = tx.rows(f"SELECT * FROM {table_of(model)} WHERE id IN (SELECT unnest($ids::BIGINT[]))", ids=ids)
    rows_by_id = {row["id"]: row for row in found}
    return {record_id: from_row(rows_by_id.get(record_id)) for record_id in ids}


def from_row(found: Mapping[str, Any] | None) -> dict[str, Any]:
    """{key: value} of a joined row of the attribute table."""
    return {name[2:]: value for name, value in (found or {}).items() if name.startswith("a_") and value is not None}


def write(tx: Writing, model: str, record_id: int, given: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set some attributes, None empties one. Returns {attribute:<key>: [before, after]} of those that changed."""
    if not given:
        return {}
    stored = checked(tx, model, given)
    before = values(tx, model, record_id)
    changes = {key: [before.get(key), value] for key, value in stored.items() if before.get(key) != value}
    if changes:
        columns = ", ".join(f"a_{key}" for key in changes)
        # A record has no row in the attribute table until its first value.
        tx.run(
            f"""
            INSERT INTO base.{table_of(model)} (id, {columns})
            VALUES ($id, {", ".join(f"$a_{key}" for key in changes)})
            ON CONFLICT (id) DO UPDATE SET {", ".join(f"a_{key} = excluded.a_{key}" for key in changes)}
            """,
            id=record_id,
            **{f"a_{key}": after for key, (_, after) in changes.items()},
        )
    return {f"attribute:{key}": change for key, change in changes.items()}


def checked(tx: Reading, model: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values in their stored form. Raises Invalid, with the field `attribute:<key>`, where one does not
    fit."""
    by_key = {definition.key: definition for definition in beside_fields(tx, model)} if given else {}
    for key in given:
        if key not in by_key:
            raise Invalid(
                tr("A {kind} has no attribute “{key}”.", kind=registry.one_of(model), key=key), f"attribute:{key}"
            )
    return {key: _checked(by_key[key], value) for key, value in given.items()}


def _checked(definition: Definition, value: Any) -> Any:
    try:
        read = types.read(definition.type, value, definition.name)
    except Invalid as fault:
        raise Invalid(str(fault), f"attribute:{definition.key}") from None
    return rules.fitting(definition, read)
