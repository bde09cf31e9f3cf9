"""The fields of custom types: attributes that stand in the table of the type, and may be required or unique.

Renaming, retyping, reordering, patterns and the values of lists are as for every attribute: `crm.records.attributes`.
"""

from collections.abc import Sequence

from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.objects import verbs
from crm.objects.made import KEY_COLUMNS, name_field, table_of
from crm.objects.model import Field
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, Definition
from crm.records.attributes.definitions import bump_version
from crm.store import Reading, Writing

UNIQUE = (AttributeType.TEXT, AttributeType.LINK)
"""The types of fields that can be unique: codes and addresses."""
SHOWN = 3
"""How many values an error message names."""


def fields(tx: Reading, type_id: int) -> list[Field]:
    """The fields of a type, in their order."""
    of = verbs.get(tx, type_id)
    rows = {row["attribute_id"]: row for row in tx.rows("SELECT * FROM object_fields")}
    return [
        Field(
            definition=one,
            required=one.key == of.primary_field or bool(rows.get(one.id, {}).get("required")),
            unique=bool(rows.get(one.id, {}).get("key_column")),
            primary=one.key == of.primary_field,
        )
        for one in attributes.definitions(tx, of.kind)
    ]


def get_field(tx: Reading, type_id: int, attribute_id: int) -> Field:
    """A field of a type. Raises NotFound where it is none of this type's."""
    found = next((one for one in fields(tx, type_id) if one.definition.id == attribute_id), None)
    if found is None:
        raise NotFound(tr("field"))
    return found


def add_field(
    tx: Writing,
    type_id: int,
    *,
    name: str,
    type: AttributeType | str,
    required: bool = False,
    unique: bool = False,
    pattern: str | None = None,
    hint: str | None = None,
    values: Sequence[str] = (),
) -> Field:
    """Add a field to a type. Raises Invalid for a required one where records exist: they would have none."""
    verbs.require(tx)
    of = verbs.get(tx, type_id)
    made = attributes.define(tx, model=of.kind, name=name, type=type, pattern=pattern, hint=hint, values=values)
    _refuse_shadow(tx, made)
    if required:
        set_required(tx, made.id, True)
    if unique:
        set_unique(tx, made.id, True)
    return get_field(tx, type_id, made.id)


def set_required(tx: Writing, attribute_id: int, required: bool) -> Field:
    """Say whether every record needs a value. Raises Invalid where records have none."""
    one, type_id = _own(tx, attribute_id)
    if required:
        empty = tx.value(
            f"SELECT count(*) FROM base.{table_of(type_id)} WHERE {one.column} IS NULL AND deleted_at IS NULL"
        )
        if empty:
            raise Invalid(
                tr("{count:,} records have no “{name}”. Fill it first, then require it.", count=empty, name=one.name),
                "required",
            )
    _set(tx, one, type_id, "required", required)
    return get_field(tx, type_id, attribute_id)


def set_unique(tx: Writing, attribute_id: int, unique: bool) -> Field:
    """Say whether no two records have the same value. Raises Invalid where some do, or where four fields are unique
    already: beside the external id a type has room for no more."""
    one, type_id = _own(tx, attribute_id)
    table = table_of(type_id)
    held = tx.value("SELECT key_column FROM base.object_fields WHERE attribute_id = $id", id=attribute_id)
    if unique == bool(held):
        return get_field(tx, type_id, attribute_id)
    if not unique:
        tx.run(f"UPDATE base.{table} SET {held} = NULL WHERE {held} IS NOT NULL")
        _set(tx, one, type_id, "key_column", None)
        return get_field(tx, type_id, attribute_id)
    column = _free_key_column(tx, one)
    _refuse_doubles(tx, one, table)
    tx.run(f"UPDATE base.{table} SET {column} = {one.column} WHERE deleted_at IS NULL AND {one.column} IS NOT NULL")
    _set(tx, one, type_id, "key_column", column)
    return get_field(tx, type_id, attribute_id)


def delete_field(tx: Writing, attribute_id: int, *, version: int | None = None) -> Definition:
    """Delete a field everywhere; its values are kept for 30 days. Raises Invalid where it names the records, or is
    unique."""
    _own(tx, attribute_id)
    return attributes.delete(tx, attribute_id, version=version)


def restore_field(tx: Writing, attribute_id: int) -> Definition:
    """Restore a deleted field with its values, last in order. It is no longer required."""
    verbs.require(tx)
    model = tx.value("SELECT model FROM base.deleted_attributes WHERE id = $id", id=attribute_id)
    if not registry.is_custom(model or ""):
        raise NotFound(tr("deleted attribute"))
    restored = attributes.restore(tx, attribute_id)
    _, type_id = _own(tx, restored.id)
    _set(tx, restored, type_id, "required", False)
    return restored


def _own(tx: Reading, attribute_id: int) -> tuple[Definition, int]:
    """The field, and the number of its type."""
    verbs.require(tx)
    one = attributes.get_for_change(tx, attribute_id)
    of = next((of for of in verbs.types(tx) if of.kind == one.model), None)
    if of is None:
        raise Invalid(tr("“{name}” is no field of a type that can be changed.", name=one.name), "field")
    return one, of.id


def _set(tx: Writing, one: Definition, type_id: int, column: str, value: bool | str | None) -> None:
    before = tx.value(f"SELECT {column} FROM base.object_fields WHERE attribute_id = $id", id=one.id)
    if bool(before) == bool(value):
        return
    tx.run(
        f"""
        INSERT INTO base.object_fields (attribute_id, {column}) VALUES ($id, $value)
        ON CONFLICT (attribute_id) DO UPDATE SET {column} = excluded.{column}
        """,
        id=one.id,
        value=value,
    )
    bump_version(tx, one.id)
    what = "unique" if column == "key_column" else column
    tx.record(
        "object_type.field_changed",
        "object_type",
        type_id,
        name=one.name,
        changes={what: [bool(before), bool(value)]},
    )


def _refuse_shadow(tx: Reading, made: Definition) -> None:
    """Raise Invalid where the field and the name of a person that another field refers to would be called the same."""
    others = {one.key for one in attributes.definitions(tx, made.model) if one.id != made.id}
    is_person = made.type is AttributeType.PERSON
    of_person = name_field(made.key) in others if is_person else f"{made.key.removesuffix('_name')}_id" in others
    if of_person and (is_person or made.key.endswith("_name")):
        raise Invalid(tr("“{name}” is the name of a standard field. Choose another.", name=made.name), "name")


def _free_key_column(tx: Reading, one: Definition) -> str:
    if one.type not in UNIQUE:
        raise Invalid(tr("Only texts and links can be unique. “{name}” is neither.", name=one.name), "unique")
    taken = {
        row["key_column"]
        for row in tx.rows(
            """
            SELECT field.key_column
            FROM base.object_fields AS field
            JOIN base.attributes AS attribute ON attribute.id = field.attribute_id
            WHERE attribute.model = $model AND field.key_column IS NOT NULL
            """,
            model=one.model,
        )
    }
    free = next((column for column in KEY_COLUMNS if column not in taken), None)
    if free is None:
        raise Invalid(
            tr("A type can have {most} unique fields beside the external id.", most=len(KEY_COLUMNS)), "unique"
        )
    return free


def _refuse_doubles(tx: Reading, one: Definition, table: str) -> None:
    doubles = tx.rows(
        f"""
        SELECT {one.column} AS value
        FROM base.{table}
        WHERE deleted_at IS NULL AND {one.column} IS NOT NULL
        GROUP BY ALL
        HAVING count(*) > 1
        ORDER BY count(*) DESC, value
        LIMIT {SHOWN}
        """
    )
    if doubles:
        raise Invalid(
            tr(
                "Several records have the same “{name}”: {values}. Make them differ first.",
                name=one.name,
                values=", ".join(f"“{row['value'][:40]}”" for row in doubles),
            ),
            "unique",
        )
