"""The definitions of custom attributes. Each has a typed column `a_<key>` in `base.<model>_attributes`."""

import re
from datetime import datetime
from operator import attrgetter

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Invalid, NotFound, Stale
from crm.foundation.language import tr
from crm.records import registry
from crm.records.attributes.types import PLAIN, AttributeType
from crm.records.declaration import Trait
from crm.store import Reading, Writing
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
        return column_of(self.model, self.key)

    @property
    def field(self) -> str:
        """Its name in filters and in the changes that events tell."""
        return self.key if registry.is_custom(self.model) else f"attribute:{self.key}"


def definitions(tx: Reading, model: str) -> list[Definition]:
    """The attributes of a model, in their order."""
    return [definition for definition in _every(tx) if definition.model == model]


def beside_fields(tx: Reading, model: str) -> list[Definition]:
    """As `definitions`, of what records have beside their fields: of a custom type they are its fields."""
    return [] if registry.is_custom(model) else definitions(tx, model)


@kept
def _every(tx: Reading) -> tuple[Definition, ...]:
    """The attributes of all models, in their order: a page needs those of several."""
    # Sorted here: the engine takes longer to plan a sort of a few rows than to read them.
    return tuple(sorted(_read(tx), key=attrgetter("position", "id")))


def find(tx: Reading, model: str, key: str) -> Definition | None:
    return next(iter(_read(tx, "WHERE model = $model AND key = $key", model=model, key=key)), None)


def get(tx: Reading, attribute_id: int, *, version: int | None = None) -> Definition:
    """An attribute. Raises NotFound where there is none, or its module is off; Stale where it changed after
    `version`."""
    found = next(iter(_read(tx, "WHERE id = $id", id=attribute_id)), None)
    # A module that is off is “not found”, as if it had never been there.
    if found is None or not is_on(tx, found.model):
        raise NotFound(tr("attribute"))
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
    """The table, and visible view, that holds the attributes of a record type's records: of a custom type the records'
    own."""
    return registry.table_of_custom(model) if registry.is_custom(model) else f"{model}_attributes"


def column_of(model: str, key: str) -> str:
    """The column of an attribute. In the table of a custom type it is the field's own."""
    return key if registry.is_custom(model) else f"a_{key}"


def models() -> tuple[str, ...]:
    """The keys of the record types that can have attributes beside their fields."""
    return tuple(of.key for of in registry.having(Trait.ATTRIBUTES))


def bump_version(tx: Writing, attribute_id: int) -> Definition:
    """Raise the attribute's version after a change. Returns the attribute."""
    tx.run("UPDATE base.attributes SET version = version + 1 WHERE id = $id", id=attribute_id)
    found = get(tx, attribute_id)
    if registry.is_custom(found.model):
        registry.reload(tx)
    return found


def types_of(model: str) -> tuple[AttributeType, ...]:
    """The types that the attributes of a model can have."""
    return tuple(AttributeType) if registry.is_custom(model) else PLAIN


def permission_to_change(model: str) -> Permission:
    return Permission.MANAGE_OBJECTS if registry.is_custom(model) else Permission.MANAGE_SETTINGS


def require_changing(tx: Reading, model: str) -> None:
    """Raise Forbidden where the actor may not change the attributes of the model."""
    tx.require(permission_to_change(model))


def require_defining(tx: Reading, model: str) -> None:
    """As `require_changing`, for what only adds: the permission to import is enough, since an import offers to make an
    attribute of a column that it does not know."""
    if not tx.actor.may(Permission.IMPORT):
        require_changing(tx, model)


def refuse_bound(definition: Definition) -> None:
    """Raise Invalid where records of a custom type are named by this field, or told apart by it."""
    if not registry.is_custom(definition.model):
        return
    of = registry.get(definition.model)
    if definition.key in of.title:
        raise Invalid(tr("“{name}” names the records. Let another field do so first.", name=definition.name), "field")
    if definition.key in of.uniques:
        raise Invalid(tr("“{name}” is unique. Say first that it no longer is.", name=definition.name), "field")


def key_of(name: str, field: str = "name") -> str:
    """The stable key of a name: Tamanho da Empresa becomes tamanho_da_empresa, Курс becomes kurs. Raises Invalid for
    the field where the name has no letters and no digits."""
    key = _plain(identity.folded(name)) or _plain(identity.romanized(name))
    if not key:
        raise Invalid(tr("No key can be made from “{name}”. Use some letters or digits.", name=name), field)
    return key


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")[:50].rstrip("_")


def _read(tx: Reading, which: str = "", **params: object) -> list[Definition]:
    """Attributes with the values of those that are lists, by one statement."""
    rows = tx.rows(
        f"""
        SELECT attribute.*, listed.names
        FROM (SELECT * FROM attributes {which}) AS attribute
        LEFT JOIN (
            SELECT attribute_id, list(name ORDER BY position, id) AS names
            FROM attribute_values
            GROUP BY attribute_id
        ) AS listed ON listed.attribute_id = attribute.id AND attribute.type = 'list'
        """,
        **params,
    )
    return [Definition(**row, values=row["names"] or ()) for row in rows]
