"""What a company can be asked about. Expressions speak of `company`, the visible view."""

from crm import attributes
from crm.criteria import options
from crm.filters import Field, FieldType
from crm.store import Reading

_STANDARD = (
    Field("name", "Name", FieldType.TEXT, "company.name"),
    Field("domain", "Domain", FieldType.TEXT, "company.domain"),
    Field("description", "Description", FieldType.TEXT, "company.description"),
    Field("created_at", "Created", FieldType.MOMENT, "company.created_at"),
    Field("updated_at", "Updated", FieldType.MOMENT, "company.updated_at"),
)


def fields(tx: Reading) -> dict[str, Field]:
    """Its fields and attributes, with the people and teams of now."""
    chosen = (options.owner(tx, "company"), options.team(tx, "company"))
    return {field.key: field for field in (*_STANDARD, *chosen)} | attributes.fields(tx, "company", "company.id")
