"""Custom attributes as something to filter by."""

from crm.attributes.definitions import TABLES, definitions
from crm.attributes.types import AttributeType, field_type
from crm.filters import Field
from crm.store import Reading


def fields(tx: Reading, model: str, owner: str, *, prefix: str = "", label: str = "") -> dict[str, Field]:
    """{attribute:<key>: Field}. `owner` is the expression of the record's id, such as contact.id; it may be NULL.

    The prefix and label say whose attributes these are, where they are not the noun's own: company., Company.
    """
    return {
        f"{prefix}attribute:{definition.key}": Field(
            key=f"{prefix}attribute:{definition.key}",
            label=f"{label}{definition.name}",
            type=field_type(definition.type),
            sql=definition.column,
            options={name: name for name in definition.values} if definition.type is AttributeType.LIST else None,
            within=f"({owner} IS NOT NULL AND {owner} IN (SELECT id FROM {TABLES[model]} WHERE {{condition}}))",
        )
        for definition in definitions(tx, model)
    }
