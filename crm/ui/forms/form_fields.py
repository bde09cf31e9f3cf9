"""The fields of a form, declared ones and custom attributes: as records hold them, as widgets do, and as verbs take
them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from crm.foundation import money
from crm.foundation.language import tr
from crm.records import attributes, references, registry
from crm.records.attributes import AttributeType, Definition
from crm.records.fields import Choice, Field, FieldKind, Money, Reference, Text
from crm.store import Reading
from crm.ui import session, words
from crm.ui.forms import record_fields
from crm.ui.forms.layout import FormLayout

ATTRIBUTE = "attribute-"
"""Before an attribute's key in the name of a draft's field."""

NUMBERS = {FieldKind.MONEY, FieldKind.NUMBER, FieldKind.PERCENT}
_TYPED_NUMBERS = {AttributeType.NUMBER, AttributeType.PERCENT}


@dataclass(frozen=True)
class FormField:
    """One field, by its name in a draft. An attribute has a `definition` and no `field`; a further field of a form,
    which is a number, has neither."""

    key: str
    label: str
    field: Field | None = None
    definition: Definition | None = None
    choices: Mapping[Any, str] | None = None
    """What a new value may be, where there are few."""

    @property
    def is_text(self) -> bool:
        if self.definition:
            return self.definition.type in (AttributeType.TEXT, AttributeType.LINK, AttributeType.CURRENCY)
        return isinstance(self.field, Text)

    @property
    def is_number(self) -> bool:
        if self.definition:
            return self.definition.type in _TYPED_NUMBERS
        return self.field is None or self.field.kind in NUMBERS

    @property
    def is_day(self) -> bool:
        if self.definition:
            return self.definition.type is AttributeType.DATE
        return self.field is not None and self.field.kind is FieldKind.DATE

    @property
    def is_checkbox(self) -> bool:
        if self.definition:
            return self.definition.type is AttributeType.CHECKBOX
        return self.field is not None and self.field.kind is FieldKind.CHECKBOX

    @property
    def is_picked(self) -> bool:
        """Whether it points to one of very many records, which is found by a search."""
        return isinstance(self.field, Reference) and self.choices is None

    @property
    def must_be_chosen(self) -> bool:
        return self.field is not None and self.choices is not None and bool(self.field.required)

    def to_widget(self, value: Any) -> Any:
        """The record's value as the widget holds it: amounts as numbers, nothing written as an empty box."""
        if self.definition:
            return record_fields.to_widget(self.definition, value)
        if self.is_text:
            return value or ""
        if self.is_number:
            return None if value is None else float(value)
        if self.is_checkbox:
            return bool(value)
        return next(iter(self.choices or ()), None) if value is None and self.must_be_chosen else value

    def from_widget(self, value: Any) -> Any:
        """The widget's value as a verb takes it."""
        # By way of its text: the binary digits of 0.1 would be fractions of a cent that nobody typed.
        return Decimal(str(value)) if isinstance(self.field, Money) and value is not None else value

    def shown(self, value: Any, names: Mapping[Any, str | None], currency: str, locale: str) -> str:
        """The value in words; `names` are those of records that are known already."""
        if value is None or value == "":
            return "–"
        if isinstance(self.field, Money):
            return money.shown(money.amount(str(value), currency), currency, locale)
        if isinstance(self.field, Reference):
            return (self.choices or {}).get(value) or names.get(value) or self.name_of(value) or "–"
        if self.choices is not None:
            return self.choices.get(value, str(value))
        if isinstance(value, bool):
            return tr("yes") if value else tr("no")
        return words.day(value, locale) if isinstance(value, date) else str(value)

    def name_of(self, record_id: int) -> str | None:
        """The name of the record that the field points to, None where the actor does not see it."""
        if not isinstance(self.field, Reference) or not isinstance(self.field.to, str):
            return None
        with session.reading() as tx:
            found = registry.room(self.field.to).find_one(tx, record_id)
        return str(found.shown_name) if found else None


def read(tx: Reading, layout: FormLayout, only: Iterable[str] | None, absent: Iterable[str]) -> list[FormField]:
    """The fields of the layout and all attributes, or those that `only` names, without `absent` ones and those of
    modules that are off."""
    declared = {key: layout.of.edited[key] for key in layout.keys}
    definitions = attributes.definitions(tx, layout.of.key) if layout.of.attributes_field else []
    custom = {
        ATTRIBUTE + definition.key: FormField(ATTRIBUTE + definition.key, definition.name, definition=definition)
        for definition in definitions
    }
    found = []
    for key in (*declared, *custom) if only is None else only:
        field = declared.get(key)
        if key in custom:
            found.append(custom[key])
        elif field and key not in absent and (field.module is None or tx.actor.has(field.module)):
            label = tr(layout.labels.get(key, field.label))
            found.append(FormField(key, label, field, choices=_choices(tx, field)))
    return found


def _choices(tx: Reading, field: Field) -> Mapping[Any, str] | None:
    if isinstance(field, Choice):
        return {value: tr(name) for value, name in field.values.items()}
    if field.kind is FieldKind.CURRENCY:
        return {code: code for code in sorted(money.CURRENCIES)}
    return references.choices(tx, field) if isinstance(field, Reference) and field.options else None


def values_of(record: Mapping[str, Any], fields: Iterable[FormField]) -> dict[str, Any]:
    """{name in a draft: the record's value as its widget holds it}."""
    custom = record.get("attributes") or {}
    return {
        form_field.key: form_field.to_widget(
            custom.get(form_field.definition.key) if form_field.definition else record.get(form_field.key)
        )
        for form_field in fields
    }


def from_widgets(values: Mapping[str, Any], fields: Mapping[str, FormField]) -> dict[str, Any]:
    """What a draft holds, as `create` and `edit` take it."""
    declared = {key: fields[key].from_widget(value) for key, value in values.items() if fields[key].field}
    custom = {
        form_field.definition.key: values[key]
        for key, form_field in fields.items()
        if form_field.definition and key in values
    }
    return {**declared, "attributes": custom} if custom else declared
