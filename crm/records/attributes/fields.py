"""Custom attributes as filter fields."""

from crm.records.attributes.definitions import Definition, definitions, table_of
from crm.records.attributes.list_values import former_names
from crm.records.attributes.types import AttributeType, field_type
from crm.records.filters import Field
from crm.store import Reading


def fields(tx: Reading, model: str, owner: str, *, prefix: str = "", label: str = "") -> dict[str, Field]:
    """{attribute:<key>: Field}. `owner` is the expression of the record's id, such as contact.id; it may be NULL.

    `prefix` and `label` name the other record type where the attributes are not the type's own: company., Company.
    """
    # NULL IN (…) is NULL, which NOT would not turn into true: a filter's conditions are never NULL.
    within = f"({owner} IS NOT NULL AND {owner} IN (SELECT id FROM {table_of(model)} WHERE {{condition}}))"
    found = [_field(tx, definition, within, prefix, label) for definition in definitions(tx, model)]
    return {field.key: field for field in found}


def _field(tx: Reading, definition: Definition, within: str, prefix: str, label: str) -> Field:
    is_list = definition.type is AttributeType.LIST
    return Field(
        key=f"{prefix}attribute:{definition.key}",
        label=f"{label}{definition.name}",
        type=field_type(definition.type),
        sql=definition.column,
        within=within,
        options={name: name for name in definition.values} if is_list else None,
        former=former_names(tx, definition) if is_list else {},
    )
