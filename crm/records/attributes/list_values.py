"""The values of a list attribute and their order. Records store the value's name, so a rename updates them too."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records import event_records, registry
from crm.records.attributes.definitions import (
    Definition,
    bump_version,
    get,
    require_changing,
    require_defining,
    table_of,
)
from crm.records.attributes.types import AttributeType
from crm.store import Reading, Writing

MOST_VALUES = 500


class ListValue(BaseModel, frozen=True):
    id: int
    attribute_id: int
    name: str
    position: int
    created_at: datetime
    former: tuple[str, ...]
    """Former names, which old filters still use."""
    records: int
    """The number of visible records with this value."""


def list_values(tx: Reading, attribute_id: int) -> list[ListValue]:
    """The values in order, with their number of uses."""
    definition = _list(tx, attribute_id)
    found = tx.rows(
        f"""
        SELECT value.*, coalesce(held.records, 0) AS records
        FROM attribute_values AS value
        LEFT JOIN (
            SELECT {definition.column} AS name, count(*) AS records
            FROM {table_of(definition.model)}
            GROUP BY ALL
        ) AS held ON held.name = value.name
        WHERE value.attribute_id = $id
        ORDER BY value.position, value.id
        """,
        id=attribute_id,
    )
    return [ListValue(**row) for row in found]


def former_names(tx: Reading, definition: Definition) -> dict[str, str]:
    """{former name: current name}, without names that another value has now."""
    found = tx.rows(
        """
        SELECT unnest(former) AS former, name
        FROM attribute_values
        WHERE attribute_id = $id
        ORDER BY id
        """,
        id=definition.id,
    )
    return {row["former"]: row["name"] for row in found if row["former"] not in definition.values}


def add_values(tx: Writing, attribute_id: int, names: Sequence[str]) -> Definition:
    """Append values; existing ones are skipped. The permission to import is enough, too."""
    require_defining(tx, get(tx, attribute_id).model)
    added = add_new(tx, _list(tx, attribute_id), names)
    if not added:
        return get(tx, attribute_id)
    tx.record("attribute.values_added", "attribute", attribute_id, values=added)
    return bump_version(tx, attribute_id)


def rename_value(tx: Writing, value_id: int, name: str) -> Definition:
    """Rename a value in the list and in every record that has it, deleted ones included."""
    definition, before = _value(tx, value_id)
    shown = _checked_name(name)
    if shown == before:
        return definition
    # Without its own name: that may change in case alone.
    taken = {other.casefold() for other in definition.values if other != before}
    if shown.casefold() in taken:
        raise Invalid(
            tr(
                "“{name}” has a value “{value}” already. Delete one, saying its data goes there.",
                name=definition.name,
                value=shown,
            ),
            "name",
        )
    # The former name is kept: filters that were saved under it still mean this value.
    tx.run(
        "UPDATE base.attribute_values SET name = $name, former = list_append(former, $before) WHERE id = $id",
        name=shown,
        before=before,
        id=value_id,
    )
    records = _replace(tx, definition, before, shown)
    tx.record(
        "attribute.value_renamed",
        "attribute",
        definition.id,
        name=definition.name,
        records=records,
        changes={"value": [before, shown]},
    )
    _keep_replaced(tx, definition, before, shown)
    return bump_version(tx, definition.id)


def reorder_values(tx: Writing, attribute_id: int, value_ids: Sequence[int]) -> Definition:
    """Put the values in this order; each must be listed once."""
    require_changing(tx, get(tx, attribute_id).model)
    known = [value.id for value in list_values(tx, attribute_id)]
    if sorted(value_ids) != sorted(known):
        raise Invalid(
            tr("The values of this list have changed meanwhile. Look again, then put them in order."), "order"
        )
    tx.run(
        "UPDATE base.attribute_values SET position = list_position($order, id) WHERE attribute_id = $id",
        order=list(value_ids),
        id=attribute_id,
    )
    tx.record("attribute.values_reordered", "attribute", attribute_id, order=list(value_ids))
    return bump_version(tx, attribute_id)


def delete_value(tx: Writing, value_id: int, *, into: int | None = None, leave_empty: bool = False) -> Definition:
    """Delete a value. Where records have it, they get the value `into`, or none with `leave_empty`."""
    definition, name = _value(tx, value_id)
    target = _target(tx, definition, value_id, into)
    # `base.`: records in the bin and records that the actor does not see would lose their value, too.
    uses = tx.value(
        f"SELECT count(*) FROM base.{table_of(definition.model)} WHERE {definition.column} = $name", name=name
    )
    if uses and target is None and not leave_empty:
        raise Invalid(
            tr(
                "{count:,} records hold “{name}”. Say which value they get instead, or that they get none.",
                count=uses,
                name=name,
            ),
            "into",
        )
    tx.run("DELETE FROM base.attribute_values WHERE id = $id", id=value_id)
    records = _replace(tx, definition, name, target) if uses else 0
    tx.record(
        "attribute.value_deleted",
        "attribute",
        definition.id,
        name=definition.name,
        value=name,
        into=target,
        records=records,
    )
    if uses:
        _keep_replaced(tx, definition, name, target)
    return bump_version(tx, definition.id)


def add_new(tx: Writing, definition: Definition, names: Sequence[str]) -> list[str]:
    """Append the names that are new (compared without case); those added. The caller checks the permission and records
    the event."""
    if definition.type is not AttributeType.LIST:
        raise Invalid(tr("“{name}” is not a list.", name=definition.name), "values")
    existing = {name.casefold() for name in definition.values}
    by_folded_name: dict[str, str] = {}
    for shown in map(_checked_name, names):
        by_folded_name.setdefault(shown.casefold(), shown)
    added = [shown for folded, shown in by_folded_name.items() if folded not in existing]
    refuse_too_many(definition, len(existing) + len(added))
    insert(tx, definition.id, added)
    return added


def insert(tx: Writing, attribute_id: int, names: Sequence[str]) -> None:
    """Append names without any check."""
    tx.run(
        """
        INSERT INTO base.attribute_values (attribute_id, name, position, created_at)
        SELECT $id, unnest($names::VARCHAR[]), $last + unnest(range(1, $count + 1)), $now
        """,
        id=attribute_id,
        names=list(names),
        count=len(names),
        last=tx.value(
            "SELECT coalesce(max(position), 0) FROM base.attribute_values WHERE attribute_id = $id", id=attribute_id
        ),
        now=tx.now,
    )


def refuse_too_many(definition: Definition, count: int) -> None:
    if count > MOST_VALUES:
        raise Invalid(
            tr(
                "A list holds at most {most} values, not {count:,}. “{name}” could be a text instead.",
                most=MOST_VALUES,
                count=count,
                name=definition.name,
            ),
            "values",
        )


def _list(tx: Reading, attribute_id: int) -> Definition:
    definition = get(tx, attribute_id)
    if definition.type is not AttributeType.LIST:
        raise Invalid(tr("“{name}” is not a list.", name=definition.name), "values")
    return definition


def _value(tx: Reading, value_id: int) -> tuple[Definition, str]:
    """The list that a value belongs to, and its name. Raises Forbidden where the actor may not change it."""
    found = tx.rows(
        """
        SELECT value.attribute_id, value.name, attribute.model
        FROM attribute_values AS value
        JOIN attributes AS attribute ON attribute.id = value.attribute_id
        WHERE value.id = $id
        """,
        id=value_id,
    )
    require_changing(tx, found[0]["model"] if found else "")
    if not found:
        raise NotFound(tr("value"))
    return get(tx, found[0]["attribute_id"]), found[0]["name"]


def _target(tx: Reading, definition: Definition, value_id: int, into: int | None) -> str | None:
    if into is None:
        return None
    others = {other.id: other.name for other in list_values(tx, definition.id) if other.id != value_id}
    if into not in others:
        raise Invalid(tr("The data goes to another value of “{name}”.", name=definition.name), "into")
    return others[into]


def _replace(tx: Writing, definition: Definition, before: str, after: str | None) -> int:
    """Replace a value in every record; how many. Each gets a new version, so that no older form overwrites it.
    `replaced` holds their ids until `_keep_replaced`."""
    table = table_of(definition.model)
    tx.create_temp_table("replaced", f"SELECT id FROM base.{table} WHERE {definition.column} = $before", before=before)
    tx.run(
        f"""
        UPDATE base.{registry.get(definition.model).plural} SET version = version + 1
        WHERE id IN (SELECT id FROM replaced)
        """
    )
    return tx.run(
        f"UPDATE base.{table} SET {definition.column} = $after WHERE {definition.column} = $before",
        before=before,
        after=after,
    )


def _keep_replaced(tx: Writing, definition: Definition, before: str, after: str | None) -> None:
    event_records.keep(
        tx,
        """
        SELECT $model, id, $model || '.changed', json_object($field, json_array($before, $after::VARCHAR))
        FROM replaced
        ORDER BY id
        """,
        model=definition.model,
        field=definition.field,
        before=before,
        after=after,
    )
    tx.drop("replaced")


def _checked_name(name: str) -> str:
    shown = identity.text(name, later("value"), limit=200)
    if not shown:
        raise Invalid(tr("A value needs a name."), "name")
    return shown
