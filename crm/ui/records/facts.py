"""The declared fields of a record in words, each as its kind is shown."""

from collections.abc import Collection
from datetime import date
from typing import Any
from urllib.parse import quote

from crm.foundation import money
from crm.foundation.language import tr
from crm.records import references
from crm.records.declaration import Record, RecordType
from crm.records.fields import Choice, Field, FieldKind, Money, Reference
from crm.store import Reading
from crm.ui import words
from crm.ui.forms.layout import FormLayout
from crm.ui.forms.record_fields import ADDRESS


def of_record(
    tx: Reading, form: FormLayout, record: Record, locale: str, *, without: Collection[str]
) -> dict[str, str | None]:
    """{label: value} of the declared fields, both Markdown, in the order of the form; None where a field is empty.
    Fields of a module that is off are left out, and so are those `without`."""
    of = form.of
    keys = [key for key in (*form.keys, *of.fields) if key not in without and key not in form.elsewhere]
    return {
        words.plain(tr(form.labels.get(key, field.label))): _shown(tx, of, key, record, locale)
        for key in dict.fromkeys(keys)
        if (field := of.fields[key]) and (field.module is None or tx.actor.has(field.module))
    }


def _shown(tx: Reading, of: RecordType[Any], key: str, record: Record, locale: str) -> str | None:
    field, value = of.fields[key], getattr(record, key)
    if value is None or value == "":
        return None
    if isinstance(field, Reference):
        name = getattr(record, of.name_fields[key]) if key in of.name_fields else references.name(tx, field, value)
        return words.plain(name) or None
    if field.kind is FieldKind.LINK:
        return f"[{words.plain(value)}]({quote(value, safe=ADDRESS)})"
    return words.plain(_text(field, value, record, tx.actor.time_zone, locale))


def _text(field: Field, value: Any, record: Record, time_zone: str, locale: str) -> str:
    if isinstance(field, Money):
        return money.shown(value, getattr(record, field.currency), locale)
    if isinstance(field, Choice):
        return tr(field.values.get(value, str(value)))
    match field.kind:
        case FieldKind.CHECKBOX:
            return tr("yes") if value else tr("no")
        case FieldKind.NUMBER:
            return tr("{value:,.10g}", value=value)
        case FieldKind.PERCENT:
            return tr("{value:g} %", value=value)
        case FieldKind.MOMENT:
            return words.moment(value, time_zone, locale)
        case FieldKind.DATE if isinstance(value, date):
            return words.day(value, locale)
    return str(value)
