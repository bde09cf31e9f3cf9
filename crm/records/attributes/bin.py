"""Deletes attributes, and restores them for 30 days: the column is kept under another name, so that nothing shows it,
its key is free, and its values come back complete."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from pydantic import BaseModel

from crm.foundation.access import Permission
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.records.attributes import list_values
from crm.records.attributes.defining import create_views, get_for_change
from crm.records.attributes.definitions import (
    Definition,
    column_of,
    definitions,
    get,
    is_on,
    refuse_bound,
    require_changing,
    table_of,
)
from crm.records.attributes.types import AttributeType
from crm.store import Reading, Writing

RETENTION = timedelta(days=30)


class Deleted(BaseModel, frozen=True):
    id: int
    model: str
    key: str
    name: str
    type: AttributeType
    deleted_at: datetime
    deleted_by_name: str

    @property
    def until(self) -> datetime:
        return self.deleted_at + RETENTION


def deleted(tx: Reading, model: str) -> list[Deleted]:
    """The attributes that can be restored, last deleted first."""
    found = tx.rows(
        """
        SELECT attribute.*, coalesce(person.name, 'Mallard') AS deleted_by_name
        FROM deleted_attributes AS attribute
        LEFT JOIN users AS person ON person.id = attribute.deleted_by
        WHERE attribute.model = $model
        ORDER BY attribute.deleted_at DESC, attribute.id DESC
        """,
        model=model,
    )
    return [Deleted(**row) for row in found]


def usage(tx: Reading, model: str) -> dict[str, int]:
    """{key: number of visible records with a value}."""
    keys = [definition.key for definition in definitions(tx, model)]
    # count(column) skips NULLs, so one scan answers for every attribute.
    counts = ", ".join(f"count({column_of(model, key)}) AS {key}" for key in keys)
    return dict(tx.row(f"SELECT {counts} FROM {table_of(model)}")) if keys else {}


def delete(tx: Writing, attribute_id: int, *, version: int | None = None) -> Definition:
    """Delete an attribute everywhere; its values are kept for 30 days. Returns it as it was."""
    before = get_for_change(tx, attribute_id, version=version)
    refuse_bound(before)
    move_to_bin(tx, before, attribute_id, before.name)
    # After move_to_bin, which copies the values: a restored list needs them.
    tx.run("DELETE FROM base.attribute_values WHERE attribute_id = $id", id=attribute_id)
    tx.run("DELETE FROM base.attributes WHERE id = $id", id=attribute_id)
    create_views(tx, before.model)
    tx.record("attribute.deleted", "attribute", attribute_id, model=before.model, key=before.key, name=before.name)
    return before


def restore(tx: Writing, attribute_id: int) -> Definition:
    """Restore a deleted attribute with its values, last in order; under a free name where its own is taken."""
    former = _find_deleted_for_change(tx, attribute_id)
    name, key = _free_name_and_key(tx, former)
    table = table_of(former.model)
    # A rename, not a copy: it takes the same time whatever the number of records.
    tx.run(f"ALTER TABLE base.{table} RENAME COLUMN d_{attribute_id} TO {column_of(former.model, key)}")
    tx.run(
        """
        INSERT INTO base.attributes (id, model, key, name, type, pattern, hint, position, created_at)
        SELECT id, model, $key, $name, type, pattern, hint,
            (SELECT coalesce(max(position), 0) + 1 FROM base.attributes WHERE model = gone.model), created_at
        FROM base.deleted_attributes AS gone
        WHERE id = $id
        """,
        id=attribute_id,
        key=key,
        name=name,
    )
    values = tx.value("SELECT list_values FROM base.deleted_attributes WHERE id = $id", id=attribute_id)
    tx.run("DELETE FROM base.deleted_attributes WHERE id = $id", id=attribute_id)
    if values:
        list_values.insert(tx, attribute_id, values)
    create_views(tx, former.model)
    tx.record("attribute.restored", "attribute", attribute_id, model=former.model, key=key, name=name)
    return get(tx, attribute_id)


def discard(tx: Writing, attribute_id: int) -> Deleted:
    """Delete a deleted attribute and its values for good, now. Returns it as it was."""
    former = _find_deleted_for_change(tx, attribute_id)
    _drop(tx, former.id, former.model)
    create_views(tx, former.model)
    tx.record("attribute.purged", "attribute", attribute_id, model=former.model, key=former.key, name=former.name)
    return former


def purge(tx: Writing) -> int:
    """Delete for good what was deleted more than 30 days ago, of every model; how many attributes."""
    tx.require(Permission.MANAGE_SETTINGS)
    expired = tx.rows(
        "SELECT id, model, key, name FROM base.deleted_attributes WHERE deleted_at < $before ORDER BY id",
        before=tx.now - RETENTION,
    )
    for former in expired:
        _drop(tx, former["id"], former["model"])
    # Once per model, not per attribute: creating its views takes 40 ms (measured).
    for model in sorted({former["model"] for former in expired}):
        create_views(tx, model)
    for former in expired:
        tx.record(
            "attribute.purged", "attribute", former["id"], model=former["model"], key=former["key"], name=former["name"]
        )
    return len(expired)


def move_to_bin(tx: Writing, definition: Definition, former_id: int, name: str) -> None:
    """Rename the attribute's column to its name in the bin, and keep the definition there under this id and name. The
    caller creates the views again."""
    # The views take the columns of definitions: under d_ the values leave lists, filters and files at once.
    tx.run(f"ALTER TABLE base.{table_of(definition.model)} RENAME COLUMN {definition.column} TO d_{former_id}")
    tx.run(
        """
        INSERT INTO base.deleted_attributes
        VALUES ($id, $model, $key, $name, $type, $pattern, $hint, $list_values, $created_at, $now, $by)
        """,
        id=former_id,
        name=name,
        list_values=list(definition.values),
        now=tx.now,
        by=tx.actor.id,
        **definition.model_dump(mode="json", include={"model", "key", "type", "pattern", "hint"}),
        created_at=definition.created_at,
    )


def _find_deleted_for_change(tx: Reading, attribute_id: int) -> Deleted:
    """As `_find_deleted`; raises Forbidden, before anything else, where the actor may not change it."""
    model = tx.value("SELECT model FROM base.deleted_attributes WHERE id = $id", id=attribute_id)
    require_changing(tx, model or "")
    return _find_deleted(tx, attribute_id)


def _find_deleted(tx: Reading, attribute_id: int) -> Deleted:
    found = tx.rows("SELECT model FROM deleted_attributes WHERE id = $id", id=attribute_id)
    if not found or not is_on(tx, found[0]["model"]):
        raise NotFound(tr("deleted attribute"))
    return next(definition for definition in deleted(tx, found[0]["model"]) if definition.id == attribute_id)


def _free_name_and_key(tx: Reading, former: Deleted) -> tuple[str, str]:
    """A free name and key: its own, else numbered."""
    current = definitions(tx, former.model)
    names, keys = {definition.name.casefold() for definition in current}, {definition.key for definition in current}
    name = next(found for found in _numbered(former.name, 80, " ") if found.casefold() not in names)
    return name, next(found for found in _numbered(former.key, 50, "_") if found not in keys)


def _numbered(text: str, limit: int, separator: str) -> Iterator[str]:
    yield text
    for number in count(2):
        suffix = f"{separator}{number}"
        yield text[: limit - len(suffix)] + suffix


def _drop(tx: Writing, attribute_id: int, model: str) -> None:
    tx.run(f"ALTER TABLE base.{table_of(model)} DROP COLUMN d_{attribute_id}")
    tx.run("DELETE FROM base.deleted_attributes WHERE id = $id", id=attribute_id)
