"""What a company can be asked about. Expressions speak of `company`, the visible view."""

from crm.records.filter_fields.context import Look
from crm.records.filters import Field, FieldType

_STANDARD = (
    Field("name", "Name", FieldType.TEXT, "company.name"),
    Field("domain", "Domain", FieldType.TEXT, "company.domain"),
    Field("description", "Description", FieldType.TEXT, "company.description"),
    Field("created_at", "Created", FieldType.MOMENT, "company.created_at"),
    Field("updated_at", "Updated", FieldType.MOMENT, "company.updated_at"),
)


def fields(look: Look) -> dict[str, Field]:
    """Its fields and attributes, with the people and teams of now."""
    chosen = (
        *look.choice("owner_id", "Owner", "company.owner_id", "people"),
        *look.choice("team_id", "Team", "company.team_id", "teams"),
    )
    return {field.key: field for field in (*_STANDARD, *chosen)} | look.attributes("company", "company.id")
