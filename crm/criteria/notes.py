"""What a note can be asked about. Expressions speak of `note`, the visible view."""

from crm.criteria import options
from crm.filters import Field, FieldType
from crm.store import Reading


def fields(tx: Reading) -> dict[str, Field]:
    return {
        field.key: field
        for field in (
            Field("text", "Text", FieldType.TEXT, "note.text"),
            Field("author_id", "Author", FieldType.REFERENCE, "note.author_id", options=options.people(tx)),
            Field("pinned", "Pinned", FieldType.CHECKBOX, "note.pinned"),
            Field("created_at", "Written", FieldType.MOMENT, "note.created_at"),
            Field("updated_at", "Last changed", FieldType.MOMENT, "note.updated_at"),
        )
    }
