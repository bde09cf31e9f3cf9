"""What a contact can be filtered by: its own fields, labels, company and attributes."""

from dataclasses import replace

from crm import attributes, labels, users
from crm.filters import Field, FieldType
from crm.store import Reading

_COMPANY = "(contact.company_id IS NOT NULL AND contact.company_id IN (SELECT id FROM companies WHERE {condition}))"
_LABELS = "(contact.id IN (SELECT contact_id FROM contact_labels WHERE {condition}))"

FIELDS = {
    field.key: field
    for field in (
        Field("name", "Name", FieldType.TEXT, "contact.name"),
        Field("email", "Email", FieldType.TEXT, "contact.email"),
        Field("phone", "Phone", FieldType.TEXT, "contact.phone"),
        Field("identifier", "Identifier", FieldType.TEXT, "contact.identifier"),
        Field("city", "City", FieldType.TEXT, "contact.city"),
        Field("country", "Country", FieldType.TEXT, "contact.country"),
        Field("blocked", "Blocked", FieldType.CHECKBOX, "contact.blocked"),
        Field("owner_id", "Owner", FieldType.REFERENCE, "contact.owner_id"),
        Field("team_id", "Team", FieldType.REFERENCE, "contact.team_id"),
        Field("company_id", "Company", FieldType.REFERENCE, "contact.company_id"),
        Field("company.name", "Company name", FieldType.TEXT, "name", _COMPANY),
        Field("company.domain", "Company domain", FieldType.TEXT, "domain", _COMPANY),
        Field("label", "Label", FieldType.REFERENCE, "label_id", _LABELS),
        Field("created_at", "Created", FieldType.MOMENT, "contact.created_at"),
        Field("updated_at", "Updated", FieldType.MOMENT, "contact.updated_at"),
    )
}


def fields(tx: Reading) -> dict[str, Field]:
    """The fields as they are now: with the names of owners, teams and labels, and with custom attributes."""
    return {
        **FIELDS,
        "owner_id": _with_options("owner_id", {person.id: person.name for person in users.everyone(tx)}),
        "team_id": _with_options("team_id", {row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM teams")}),
        "label": _with_options("label", {label.id: label.name for label in labels.all_of(tx)}),
        **attributes.fields(tx, "contact", "contact.id"),
        **attributes.fields(tx, "company", "contact.company_id", prefix="company.", label="Company "),
    }


def _with_options(key: str, options: dict[int, str]) -> Field:
    return replace(FIELDS[key], options=options)
