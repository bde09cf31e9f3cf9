"""What a note can be asked about. Expressions speak of `note`, the visible view."""

from crm.records.filter_fields.context import Look
from crm.records.filters import Field, FieldType

_STANDARD = (
    Field("text", "Text", FieldType.TEXT, "note.text"),
    Field("pinned", "Pinned", FieldType.CHECKBOX, "note.pinned"),
    Field("created_at", "Written", FieldType.MOMENT, "note.created_at"),
    Field("updated_at", "Last changed", FieldType.MOMENT, "note.updated_at"),
)


def fields(look: Look) -> dict[str, Field]:
    author = look.choice("author_id", "Author", "note.author_id", "people")
    return {field.key: field for field in (*_STANDARD, *author)}
