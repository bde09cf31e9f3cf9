"""Makes the record types of custom objects from the rows that define them.

A type's number is in the names of its table and views (`objects_7`) and in its key (`object_7`), so that a new name
changes nothing. A type of the same definition is made once.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, cast

from pydantic import BaseModel, create_model
from pydantic import Field as Shown

from crm.companies import owning as of_owners
from crm.foundation.access import Module, Permission
from crm.foundation.language import Given, later
from crm.objects import alike, owning
from crm.records import fields, registry
from crm.records.attributes import AttributeType, custom_keys
from crm.records.declaration import NEEDED, Changeable, DuplicateRules, Record, RecordType, Trait
from crm.records.kind_names import KindName
from crm.records.registry import CUSTOM_PREFIX
from crm.records.verbs import Verbs
from crm.store import Row

MOST_TYPES = 50
KEPT_IN_MEMORY = 4 * MOST_TYPES

TRAITS = frozenset(Trait) - {Trait.ATTRIBUTES, Trait.CHECKLISTS}

EXTERNAL_KEY = "key_1"
KEY_COLUMNS = ("key_2", "key_3", "key_4", "key_5")
"""Of the team's own unique fields. They stand in each table from the first: a column that is added UNIQUE later can
never be dropped again, nor any before it (measured)."""

_UNREAD = {"id", "deleted_at", EXTERNAL_KEY, *KEY_COLUMNS}
OWN_COLUMNS = [column for column in custom_keys.COLUMNS if column not in _UNREAD]
"""What is read of each table beside its fields."""


class FieldRow(BaseModel, frozen=True):
    """A field as it is defined."""

    key: str
    name: str
    type: AttributeType
    required: bool
    key_column: str | None
    pattern: str | None
    hint: str | None
    values: tuple[str, ...]
    former: tuple[tuple[str, str], ...]
    """(former name, current name) of the values of a list."""


class TypeRow(BaseModel, frozen=True):
    """A type as it is defined."""

    id: int
    slug: str
    singular: str
    plural: str
    icon: str
    primary_field: str
    shared: bool
    fields: tuple[FieldRow, ...]


def types(rows: Callable[[str], list[Row]], *, deleted: bool = False) -> dict[str, RecordType[Any]]:
    """{key: record type} of a store, whose rows this function reads; in the team's order, with deleted ones or
    without."""
    return {of.key: of for of in map(made, _defined(rows, deleted=deleted))}


def gone(rows: Callable[[str], list[Row]]) -> dict[str, KindName]:
    """{key of a type that is deleted, for good or not: what it was called}."""
    found = rows(
        """
        SELECT id, singular, plural FROM base.object_types WHERE deleted_at IS NOT NULL
        UNION ALL
        SELECT id, singular, plural FROM base.purged_object_types
        """
    )
    return {key_of(row["id"]): KindName(row["singular"], row["plural"], given=True) for row in found}


class CurrentVerbs(Verbs[Any]):
    """The verbs of a custom type as it is defined at each call: its fields may change meanwhile."""

    @property
    def of(self) -> RecordType[Any]:
        return registry.get(self._of.key)


def room(of: RecordType[Any]) -> CurrentVerbs:
    """The verbs of a custom type."""
    return CurrentVerbs(of)


def key_of(type_id: int) -> str:
    return f"{CUSTOM_PREFIX}{type_id}"


def table_of(type_id: int) -> str:
    return registry.table_of_custom(key_of(type_id))


@lru_cache(KEPT_IN_MEMORY)
def made(row: TypeRow) -> RecordType[Any]:
    """The record type of a definition. Equal definitions give the same type, which is a key of caches."""
    codes = tuple(one.key for one in row.fields if one.key_column)
    return RecordType(
        key=key_of(row.id),
        plural=table_of(row.id),
        singular_name=row.singular,
        plural_name=row.plural,
        record=_record(row),
        icon=row.icon,
        permission=Permission.MANAGE_CONTACTS,
        module=Module.OBJECTS,
        traits=TRAITS,
        custom=True,
        slug=row.slug,
        default_sort=_default_sort(row),
        described_by=("external_id",),
        found_by_name=True,
        duplicate_rules=cast(DuplicateRules, alike.Rules(row.primary_field, codes, table_of(row.id))),
        changeable=None if row.shared else Changeable(of_owners.may_change, of_owners.FOREIGN, of_owners.WHY),
        own_views=tuple(_views(row)),
        import_columns=_link_columns(key_of(row.id)),
    )


def _link_columns(kind: str) -> dict[str, fields.Field]:
    """What files say of the contact or deal that a record is linked to."""
    labels = fields.Target(later("label"), f"(SELECT * FROM link_labels WHERE object_kind = '{kind}')")
    return {
        "linked_contact": fields.Reference(
            label=later("Contact"),
            to="contact",
            headers=("contact email", "email", "contact identifier", "contato", "email do contato", "pessoa"),
            example="lia@example.com",
        ),
        "linked_deal": fields.Reference(
            label=later("Deal"), to="deal", headers=("deal title", "deal identifier", "negocio"), module=Module.CRM
        ),
        "link_label": fields.Reference(
            label=later("Link label"), to=labels, headers=("label of link", "role", "papel", "rotulo da ligacao")
        ),
        "linked_on": fields.Day(label=later("Linked on"), headers=("since", "linked since", "ligado em", "desde")),
    }


def _default_sort(row: TypeRow) -> str:
    # A type that is just being made has no field yet.
    return row.primary_field if any(one.key == row.primary_field for one in row.fields) else "-created_at"


def _record(row: TypeRow) -> type[Record]:
    own: dict[str, Any] = {}
    for one in row.fields:
        shown = Shown(title=one.name, json_schema_extra={"enum": [*one.values, None]} if one.values else None)
        own[one.key] = (Annotated[_PYTHON[one.type] | None, _declared(row, one)], shown)
        if one.type is AttributeType.PERSON:
            own[name_field(one.key)] = (Annotated[str | None, fields.NameOf(one.key)], ...)
    if any(one.type is AttributeType.CURRENCY for one in row.fields):
        own["currency"] = (Annotated[str | None, fields.Currency(label=later("Currency"))], ...)
    own |= {
        "external_id": (
            Annotated[
                str | None,
                fields.Text(
                    label=later("External id"),
                    limit=200,
                    unique=fields.Unique(EXTERNAL_KEY),
                    searched=True,
                    headers=("external id", "id externo"),
                    described="The record's key in another system; unique in its type.",
                ),
            ],
            ...,
        ),
        "owner_id": (Annotated[int | None, fields.Person(label=later("Owner"), sort=fields.Sort())], ...),
        "owner_name": (Annotated[str | None, fields.NameOf("owner_id")], ...),
        "team_id": (Annotated[int | None, fields.Team(label=later("Team"))], ...),
        "team_name": (Annotated[str | None, fields.NameOf("team_id")], ...),
        "labels": (Annotated[tuple[str, ...], fields.LabelNames()], ...),
    }
    # The schemas of the API are called so: course, Course.
    name = "".join(part.capitalize() for part in row.slug.split("_"))
    record: type[Record] = create_model(name, __base__=Record, **own)
    record.title_fields = (row.primary_field,)
    record.type_name = row.singular
    return record


def name_field(key: str) -> str:
    """The field with the name of the person whom a field refers to."""
    return key.removesuffix("_id") + "_name"


_PYTHON: dict[AttributeType, Any] = {
    AttributeType.TEXT: str,
    AttributeType.LONG_TEXT: str,
    AttributeType.NUMBER: float,
    AttributeType.CURRENCY: Decimal,
    AttributeType.PERCENT: float,
    AttributeType.LINK: str,
    AttributeType.DATE: date,
    AttributeType.LIST: str,
    AttributeType.CHECKBOX: bool,
    AttributeType.PERSON: int,
}


def _declared(row: TypeRow, one: FieldRow) -> fields.Field:
    required = one.required or one.key == row.primary_field
    common: dict[str, Any] = {
        "label": Given(one.name),
        "required": NEEDED if required else "",
        "unique": fields.Unique(one.key_column) if one.key_column else None,
        "sort": fields.Sort(),
        "described": _description(one, required),
    }
    match one.type:
        case AttributeType.TEXT:
            return fields.Text(searched=True, pattern=one.pattern or "", hint=one.hint or "", **common)
        case AttributeType.LONG_TEXT:
            return fields.LongText(**{**common, "sort": None})
        case AttributeType.NUMBER:
            return fields.Number(**common)
        case AttributeType.CURRENCY:
            return fields.Money(**common)
        case AttributeType.PERCENT:
            return fields.Percent(**common)
        case AttributeType.LINK:
            return fields.Link(pattern=one.pattern or "", hint=one.hint or "", **common)
        case AttributeType.DATE:
            return fields.Day(**common)
        case AttributeType.LIST:
            return fields.Choice(values={name: Given(name) for name in one.values}, former=dict(one.former), **common)
        case AttributeType.CHECKBOX:
            return fields.Checkbox(**common)
        case AttributeType.PERSON:
            return fields.Person(headers=(), **common)


def _description(one: FieldRow, required: bool) -> str:
    """What the description of the API says of a field beside its type."""
    said = [
        "Every record needs a value." if required else "",
        "Unique in its type." if one.key_column else "",
        f"The whole of it matches `{one.pattern}`." if one.pattern else "",
        f"{one.hint.rstrip('.').capitalize()}." if one.hint else "",
    ]
    return " ".join(sentence for sentence in said if sentence)


def _views(row: TypeRow) -> Iterator[str]:
    """The visible views of its records and of those in the bin, with the privacy rules of the type."""
    table, columns = table_of(row.id), ", ".join(["id", *(one.key for one in row.fields), *OWN_COLUMNS])
    narrow = "" if row.shared else owning.narrow(key_of(row.id), table)
    yield f"""CREATE OR REPLACE VIEW visible.{table} AS
SELECT {columns}
FROM base.{table}
WHERE deleted_at IS NULL AND list_contains(getvariable('modules'), 'objects'){narrow}"""
    yield f"""CREATE OR REPLACE VIEW visible.{key_of(row.id)}_bin AS
SELECT {columns}, deleted_at
FROM base.{table}
WHERE deleted_at IS NOT NULL
  AND list_contains(getvariable('modules'), 'objects')
  AND id NOT IN (
    SELECT absorbed_id FROM base.merges WHERE subject_kind = '{key_of(row.id)}' AND undone_at IS NULL
  ){narrow}"""


def _defined(rows: Callable[[str], list[Row]], *, deleted: bool) -> Iterable[TypeRow]:
    live = "" if deleted else "WHERE deleted_at IS NULL"
    types = rows(f"SELECT * FROM base.object_types {live} ORDER BY position, id")
    if not types:
        return
    values: dict[int, list[Row]] = {}
    for value in rows("SELECT attribute_id, name, former FROM base.attribute_values ORDER BY position, id"):
        values.setdefault(value["attribute_id"], []).append(value)
    of_models: dict[str, list[FieldRow]] = {}
    for field in rows(
        f"""
        SELECT attribute.*, coalesce(field.required, false) AS required, field.key_column
        FROM base.attributes AS attribute
        LEFT JOIN base.object_fields AS field ON field.attribute_id = attribute.id
        WHERE starts_with(attribute.model, '{CUSTOM_PREFIX}')
        ORDER BY attribute.position, attribute.id
        """
    ):
        listed = values.get(field["id"], [])
        names = {value["name"] for value in listed}
        former = {old: value["name"] for value in listed for old in value["former"] if old not in names}
        found = FieldRow(**field, values=tuple(value["name"] for value in listed), former=tuple(former.items()))
        of_models.setdefault(field["model"], []).append(found)
    for one in types:
        yield TypeRow(**one, fields=tuple(of_models.get(key_of(one["id"]), ())))
