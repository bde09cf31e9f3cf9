"""What an order can be asked about. Expressions speak of `purchase`, the visible view (`order` is a word of SQL)."""

from crm.records.filter_fields.context import Look
from crm.records.filters import Field, FieldType

STATUSES = {
    "pending": "Pending",
    "paid": "Paid",
    "partially_paid": "Partially paid",
    "overdue": "Overdue",
    "refunded": "Refunded",
    "cancelled": "Cancelled",
    "failed": "Failed",
}
SOURCES = {"manual": "By hand", "webhook": "Webhook", "api": "API", "payments": "Payments", "commerce": "Commerce"}

_STANDARD = (
    Field("title", "Title", FieldType.TEXT, "purchase.title"),
    Field("external_id", "External id", FieldType.TEXT, "purchase.external_id"),
    Field("value", "Value", FieldType.MONEY, "purchase.value", currency="purchase.currency"),
    Field("currency", "Currency", FieldType.TEXT, "purchase.currency"),
    Field("status", "Status", FieldType.CHOICE, "purchase.status", options=STATUSES),
    Field("source", "Source", FieldType.CHOICE, "purchase.source", options=SOURCES),
    Field("ordered_on", "Ordered", FieldType.DATE, "purchase.ordered_on"),
    Field("paid_on", "Paid on", FieldType.DATE, "purchase.paid_on"),
    Field("note", "Note", FieldType.TEXT, "purchase.note"),
    Field("created_at", "Recorded", FieldType.MOMENT, "purchase.created_at"),
    Field("updated_at", "Last changed", FieldType.MOMENT, "purchase.updated_at"),
)
_OF_CUSTOMER = (
    Field("contact_id", "Contact", FieldType.REFERENCE, "purchase.contact_id"),
    Field(
        "contact_name",
        "Contact’s name",
        FieldType.TEXT,
        "contact.name",
        within="(purchase.contact_id IS NOT NULL"
        " AND purchase.contact_id IN (SELECT contact.id FROM contacts AS contact WHERE {condition}))",
    ),
)


def own(look: Look) -> dict[str, Field]:
    """What stands in the order itself."""
    return {field.key: field for field in _STANDARD}


def fields(look: Look) -> dict[str, Field]:
    """With whose it is."""
    return own(look) | {field.key: field for field in _OF_CUSTOMER}
