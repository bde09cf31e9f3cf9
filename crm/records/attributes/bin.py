"""Deletes attributes, and restores them for 30 days: the column is kept under another name, so that nothing shows it,
its key is free, and its values come back complete."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from pydantic import BaseModel

from crm.foundation.access import Permission
from crm.foundation.errors import NotFound
from crm.records.attributes import list_values
from crm.records.attributes.defining import lay_views, shaped
from crm.records.attributes.definitions import Definition, definitions, get, is_on, table_of
from crm.records.attributes.types import AttributeType
from crm.store import Reading, Writing

KEPT = timedelta(days=30)


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
        return self.deleted_at + KEPT


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


def used(tx: Reading, model: str) -> dict[str, int]:
    """{key: number of visible records with a value}."""
    keys = [one.key for one in definitions(tx, model)]
    counts = ", ".join(f"count(a_{key}) AS {key}" for key in keys)
    return dict(tx.row(f"SELECT {counts} FROM {table_of(model)}")) if keys else {}


def delete(tx: Writing, attribute_id: int, *, version: int | None = None) -> Definition:
    """Delete an attribute everywhere; its values are kept for 30 days. Returns it as it was."""
    gone = shaped(tx, attribute_id, version=version)
    set_aside(tx, gone, attribute_id, gone.name)
    tx.run("DELETE FROM base.attribute_values WHERE attribute_id = $id", id=attribute_id)
    tx.run("DELETE FROM base.attributes WHERE id = $id", id=attribute_id)
    lay_views(tx, gone.model)
    tx.record("attribute.deleted", "attribute", attribute_id, model=gone.model, key=gone.key, name=gone.name)
    return gone


def restore(tx: Writing, attribute_id: int) -> Definition:
    """Restore a deleted attribute with its values, last in order; under a free name where its own is taken."""
    tx.require(Permission.MANAGE_SETTINGS)
    kept = _kept(tx, attribute_id)
    name, key = _free(tx, kept)
    table = table_of(kept.model)
    tx.run(f"ALTER TABLE base.{table} RENAME COLUMN d_{attribute_id} TO a_{key}")
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
    lay_views(tx, kept.model)
    if values:
        list_values.insert(tx, attribute_id, values)
    tx.record("attribute.restored", "attribute", attribute_id, model=kept.model, key=key, name=name)
    return get(tx, attribute_id)


def discard(tx: Writing, attribute_id: int) -> Deleted:
    """Delete a deleted attribute and its values for good, now. Returns it as it was."""
    tx.require(Permission.MANAGE_SETTINGS)
    gone = _kept(tx, attribute_id)
    _drop(tx, gone.id, gone.model)
    lay_views(tx, gone.model)
    tx.record("attribute.purged", "attribute", attribute_id, model=gone.model, key=gone.key, name=gone.name)
    return gone


def purge(tx: Writing) -> int:
    """Delete for good what was deleted more than 30 days ago, of every model; how many attributes."""
    tx.require(Permission.MANAGE_SETTINGS)
    old = tx.rows(
        "SELECT id, model, key, name FROM base.deleted_attributes WHERE deleted_at < $before ORDER BY id",
        before=tx.now - KEPT,
    )
    for gone in old:
        _drop(tx, gone["id"], gone["model"])
    for model in sorted({gone["model"] for gone in old}):
        lay_views(tx, model)
    for gone in old:
        tx.record("attribute.purged", "attribute", gone["id"], model=gone["model"], key=gone["key"], name=gone["name"])
    return len(old)


def set_aside(tx: Writing, gone: Definition, kept_id: int, name: str) -> None:
    """The column under its name of the bin, and what is needed to bring it back, as an attribute of this id and name.
    The caller lays the views."""
    tx.run(f"ALTER TABLE base.{table_of(gone.model)} RENAME COLUMN {gone.column} TO d_{kept_id}")
    tx.run(
        """
        INSERT INTO base.deleted_attributes
        VALUES ($id, $model, $key, $name, $type, $pattern, $hint, $list_values, $created_at, $now, $by)
        """,
        id=kept_id,
        name=name,
        list_values=list(gone.values),
        now=tx.now,
        by=tx.actor.id,
        **gone.model_dump(mode="json", include={"model", "key", "type", "pattern", "hint"}),
        created_at=gone.created_at,
    )


def _kept(tx: Reading, attribute_id: int) -> Deleted:
    found = tx.rows("SELECT model FROM deleted_attributes WHERE id = $id", id=attribute_id)
    if not found or not is_on(tx, found[0]["model"]):
        raise NotFound("deleted attribute")
    return next(one for one in deleted(tx, found[0]["model"]) if one.id == attribute_id)


def _free(tx: Reading, kept: Deleted) -> tuple[str, str]:
    """A free name and key: its own, else numbered."""
    live = definitions(tx, kept.model)
    names, keys = {one.name.casefold() for one in live}, {one.key for one in live}
    name = next(found for found in _numbered(kept.name, 80, " ") if found.casefold() not in names)
    return name, next(found for found in _numbered(kept.key, 50, "_") if found not in keys)


def _numbered(text: str, limit: int, between: str) -> Iterator[str]:
    yield text
    for number in count(2):
        end = f"{between}{number}"
        yield text[: limit - len(end)] + end


def _drop(tx: Writing, attribute_id: int, model: str) -> None:
    tx.run(f"ALTER TABLE base.{table_of(model)} DROP COLUMN d_{attribute_id}")
    tx.run("DELETE FROM base.deleted_attributes WHERE id = $id", id=attribute_id)
