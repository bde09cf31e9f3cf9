"""Which custom attributes exist. Each owns a typed column `a_<key>` in `base.<model>_attributes`."""

import re
from datetime import datetime

from pydantic import BaseModel

from crm import identity
from crm.access import Permission
from crm.attributes.types import AttributeType, column
from crm.errors import Duplicate, Invalid
from crm.store import Reading, Writing
from crm.store.migrate import view_statements

MOST = 200
"""Attributes a model may have: each is a column."""

TABLES = {"contact": "contact_attributes", "company": "company_attributes", "deal": "deal_attributes"}

STANDARD = {
    "contact": {"name", "email", "phone", "identifier", "city", "country", "company", "blocked", "owner", "labels"},
    "company": {"name", "domain", "description", "owner", "contacts"},
    "deal": {
        *("title", "identifier", "value", "currency", "priority", "owner", "contact", "company", "source"),
        *("pipeline", "stage", "status", "expected_close", "closed", "close_reason"),
    },
}
_EVERYWHERE = {"id", "team", "created", "created_at", "updated", "updated_at", "version", "attributes"}


class Definition(BaseModel, frozen=True):
    id: int
    model: str
    key: str
    name: str
    type: AttributeType
    position: int
    created_at: datetime

    @property
    def column(self) -> str:
        return f"a_{self.key}"


def definitions(tx: Reading, model: str) -> list[Definition]:
    """The attributes of a model in the order in which they are shown."""
    found = tx.rows("SELECT * FROM attributes WHERE model = $model ORDER BY position, id", model=model)
    return [Definition(**row) for row in found]


def find(tx: Reading, model: str, key: str) -> Definition | None:
    found = tx.rows("SELECT * FROM attributes WHERE model = $model AND key = $key", model=model, key=key)
    return Definition(**found[0]) if found else None


def define(tx: Writing, *, model: str, name: str, type: AttributeType | str) -> Definition:
    """A new attribute, with its key made from the name, and its column. Those who import may bring attributes too."""
    if not tx.actor.may(Permission.IMPORT):
        tx.require(Permission.MANAGE_SETTINGS)
    if model not in TABLES:
        raise Invalid(f"A “{model}” cannot have attributes, only {', '.join(TABLES)}.", "model")
    shown = identity.text(name, "name", limit=80)
    if not shown:
        raise Invalid("An attribute needs a name.", "name")
    if type not in list(AttributeType):
        raise Invalid(f"“{type}” is not a type of attribute: {', '.join(AttributeType)}.", "type")
    key = key_of(shown)
    _refuse_taken(tx, model, key, shown)
    attribute_id = tx.insert(
        """
        INSERT INTO base.attributes (model, key, name, type, position, created_at)
        SELECT $model, $key, $name, $type, count(*) + 1, $now FROM base.attributes WHERE model = $model
        RETURNING id
        """,
        model=model,
        key=key,
        name=shown,
        type=str(type),
        now=tx.now,
    )
    tx.run(f"ALTER TABLE base.{TABLES[model]} ADD COLUMN a_{key} {column(AttributeType(type))}")
    lay_views(tx)
    tx.record("attribute.defined", "attribute", attribute_id, model=model, key=key, name=shown, type=str(type))
    return Definition(**tx.row("SELECT * FROM attributes WHERE id = $id", id=attribute_id))


def key_of(name: str) -> str:
    """The stable key that a name makes: Tamanho da Empresa becomes tamanho_da_empresa."""
    key = re.sub(r"[^a-z0-9]+", "_", identity.folded(name)).strip("_")[:50].rstrip("_")
    if not key:
        raise Invalid(f"No key can be made from “{name}”. Use some letters a to z or digits.", "name")
    return key


def lay_views(tx: Writing) -> None:
    """The visible views anew, in this same transaction: a view names its columns when it is made."""
    for statements in view_statements():
        tx.run(statements)


def _refuse_taken(tx: Reading, model: str, key: str, name: str) -> None:
    if key in STANDARD[model] | _EVERYWHERE:
        raise Invalid(f"“{name}” is the name of a standard field. Choose another.", "name")
    holder = find(tx, model, key)
    if holder:
        raise Duplicate(
            f"There is already an attribute “{holder.name}” with the key {key}.",
            field="name",
            holder_kind="attribute",
            holder_id=holder.id,
        )
    if len(definitions(tx, model)) >= MOST:
        raise Invalid(f"A {model} can have at most {MOST} attributes.", "name")
