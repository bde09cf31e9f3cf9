"""Values of every kind of field: two that fit, and one that does not."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.records.declaration import RecordType
from crm.records.fields import Choice, Field, FieldKind, Reference, Text

GOOD: dict[FieldKind, tuple[Any, Any]] = {
    FieldKind.TEXT: ("Épée", "Foil"),
    FieldKind.LONG_TEXT: ("a\nb", "c"),
    FieldKind.EMAIL: ("lia@example.com", "rui.b@example.org"),
    FieldKind.PHONE: ("+5511987654321", "+5521987654321"),
    FieldKind.DOMAIN: ("aurora.example.com", "lanterna.example.org"),
    FieldKind.LINK: ("https://a.example.com/x", "https://b.example.com"),
    FieldKind.NUMBER: (12.5, -3.0),
    FieldKind.PERCENT: (12.5, 50.0),
    FieldKind.MONEY: (Decimal("1234.5000"), Decimal("7.0000")),
    FieldKind.CURRENCY: ("BRL", "USD"),
    FieldKind.DATE: (date(2026, 2, 3), date(2027, 1, 1)),
    FieldKind.CHECKBOX: (True, False),
}
WRONG: dict[FieldKind, Any] = {
    FieldKind.EMAIL: "lia at example",
    FieldKind.PHONE: "12",
    FieldKind.DOMAIN: "nodot",
    FieldKind.LINK: "ftp:x",
    FieldKind.NUMBER: "many",
    FieldKind.PERCENT: "half",
    FieldKind.MONEY: "dear",
    FieldKind.CURRENCY: "XYZ",
    FieldKind.DATE: "soon",
    FieldKind.CHECKBOX: "maybe",
    FieldKind.CHOICE: "none of these",
    FieldKind.REFERENCE: 99_999,
}


class Samples:
    """The values for the fields of a type, in a store whose records they may point to."""

    def __init__(self, of: RecordType[Any], pointed: dict[str, tuple[int, int]]) -> None:
        self.of = of
        self.pointed = pointed
        """Two ids by what a reference points to."""

    def record(self, which: int) -> dict[str, Any]:
        """A value for each field that create takes, the first or the second one."""
        return {key: self.value(key, field, which) for key, field in self.of.edited.items()}

    def value(self, key: str, field: Field, which: int) -> Any:
        if isinstance(field, Reference):
            return self.pointed[field.to if isinstance(field.to, str) else field.to.view][which]
        if isinstance(field, Choice):
            return list(field.values)[which]
        if field.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
            return f"{GOOD[field.kind][which]} {key}"  # texts tell their fields apart
        return GOOD[field.kind][which]

    def wrong(self, field: Field) -> Any:
        """A value that the field refuses."""
        return "x" * (field.limit + 1) if isinstance(field, Text) and field.kind not in WRONG else WRONG[field.kind]
