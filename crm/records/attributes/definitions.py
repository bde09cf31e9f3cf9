"""The definitions of custom attributes. Each has a typed column `a_<key>` in `base.<model>_attributes`."""

import re
from datetime import datetime

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.errors import Invalid, NotFound, Stale
from crm.foundation.language import tr
from crm.records import registry
from crm.records.attributes.types import AttributeType
from crm.records.declaration import Trait
from crm.store import Reading, Row, Writing
from crm.store.kept import kept


class Definition(BaseModel, frozen=True):
    id: int
    model: str
    key: str
    name: str
    type: AttributeType
    pattern: str | None = None
    """A regular expression that the whole of a text or link must match."""
    hint: str | None = None
    """The pattern in words, for people."""
    values: tuple[str, ...] = ()
    """The values of a list, in order."""
    position: int
    created_at: datetime
    version: int = 1

    @property
    def column(self) -> str:
        return f"a_{self.key}"


def definitions(tx: Reading, model: str) -> list[Definition]:
    """The attributes of a model, in their order."""
    return [definition for definition in _every(tx) if definition.model == model]


@kept
def _every(tx: Reading) -> tuple[Definition, ...]:
    """The attributes of all models, in their order: a page needs those of several."""
    return tuple(_with_values(tx, tx.rows("SELECT * FROM attributes ORDER BY position, id")))


def find(tx: Reading, model: str, key: str) -> Definition | None:
    found = tx.rows("SELECT * FROM attributes WHERE model = $model AND key = $key", model=model, key=key)
    return _with_values(tx, found)[0] if found else None


def get(tx: Reading, attribute_id: int, *, version: int | None = None) -> Definition:
    """An attribute. Raises NotFound where there is none, or its module is off; Stale where it changed after
    `version`."""
    rows = tx.rows("SELECT * FROM attributes WHERE id = $id", id=attribute_id)
    # A module that is off is “not found”, as if it had never been there.
    if not rows or not is_on(tx, rows[0]["model"]):
        raise NotFound(tr("attribute"))
    found = _with_values(tx, rows)[0]
    if version is not None and version != found.version:
        raise Stale(
            tr("“{name}” was changed since you read it.", name=found.name),
            known_version=version,
            current=found.model_dump(),
        )
    return found


def is_on(tx: Reading, model: str) -> bool:
    """Whether the model's module is switched on."""
    return registry.get(model).is_on(tx.actor)


def table_of(model: str) -> str:
    """The table, and visible view, that holds the attributes of a record type's records."""
    return f"{model}_attributes"


def models() -> tuple[str, ...]:
    """The keys of the record types that can have attributes."""
    return tuple(of.key for of in registry.having(Trait.ATTRIBUTES))


def bump_version(tx: Writing, attribute_id: int) -> Definition:
    """Raise the attribute's version after a change. Returns the attribute."""
    tx.run("UPDATE base.attributes SET version = version + 1 WHERE id = $id", id=attribute_id)
    return get(tx, attribute_id)


def key_of(name: str) -> str:
    """The stable key of a name: Tamanho da Empresa becomes tamanho_da_empresa."""
    key = re.sub(r"[^a-z0-9]+", "_", identity.folded(name)).strip("_")[:50].rstrip("_")
    if not key:
        raise Invalid(tr("No key can be made from “{name}”. Use some letters a to z or digits.", name=name), "name")
    return key


def _with_values(tx: Reading, rows: list[Row]) -> list[Definition]:
    lists = [row["id"] for row in rows if row["type"] == AttributeType.LIST]
    values = _values_of(tx, lists) if lists else {}
    return [Definition(**row, values=values.get(row["id"], ())) for row in rows]


def _values_of(tx: Reading, attribute_ids: list[int]) -> dict[int, list[str]]:
    found = tx.rows(
        """
        SELECT attribute_id, list(name ORDER BY position, id) AS names
        FROM attribute_values
        WHERE attribute_id IN (SELECT unnest($ids::BIGINT[]))
        GROUP BY attribute_id
        """,
        ids=attribute_ids,
    )
    return {row["attribute_id"]: row["names"] for row in found}
