"""What a contact can be asked about. Expressions speak of `contact`, the visible view."""

from crm.foundation.access import Module
from crm.records.filter_fields.context import Look
from crm.records.filters import Field, FieldType

_COMPANY = "(contact.company_id IS NOT NULL AND contact.company_id IN (SELECT id FROM companies WHERE {condition}))"
_LABELS = "(contact.id IN (SELECT contact_id FROM contact_labels WHERE {condition}))"

_STANDARD = (
    Field("name", "Name", FieldType.TEXT, "contact.name"),
    Field("email", "Email", FieldType.TEXT, "contact.email"),
    Field("phone", "Phone", FieldType.TEXT, "contact.phone"),
    Field("identifier", "Identifier", FieldType.TEXT, "contact.identifier"),
    Field("city", "City", FieldType.TEXT, "contact.city"),
    Field("country", "Country", FieldType.TEXT, "contact.country"),
    Field("blocked", "Blocked", FieldType.CHECKBOX, "contact.blocked"),
    Field("created_at", "Created", FieldType.MOMENT, "contact.created_at"),
    Field("updated_at", "Updated", FieldType.MOMENT, "contact.updated_at"),
)
_OF_COMPANY = (
    Field("company_id", "Company", FieldType.REFERENCE, "contact.company_id"),
    Field("company.name", "Company name", FieldType.TEXT, "name", _COMPANY),
    Field("company.domain", "Company domain", FieldType.TEXT, "domain", _COMPANY),
)


def own(look: Look) -> dict[str, Field]:
    """What stands in the contact itself: its fields, labels and attributes."""
    chosen = (
        *look.choice("owner_id", "Owner", "contact.owner_id", "people"),
        *look.choice("team_id", "Team", "contact.team_id", "teams"),
        *look.choice("label", "Label", "label_id", "labels", _LABELS),
    )
    every = (*_STANDARD, *_of_activity(look), *chosen)
    return {field.key: field for field in every} | look.attributes("contact", "contact.id")


def fields(look: Look) -> dict[str, Field]:
    """With the fields of its company, where there are companies."""
    if not look.tx.actor.has(Module.COMPANIES):
        return own(look)
    of_company = look.attributes("company", "contact.company_id", prefix="company.", label="Company ")
    return own(look) | {field.key: field for field in _OF_COMPANY} | of_company


def _of_activity(look: Look) -> list[Field]:
    if not look.wants("last_activity_at"):
        return []
    within = f"(contact.id IN (SELECT contact_id FROM {look.dear('contact_activity')} WHERE {{condition}}))"
    return [Field("last_activity_at", "Last activity", FieldType.MOMENT, "last_activity_at", within)]
