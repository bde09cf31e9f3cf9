"""The kinds of fields: SQL column, filter type, Polars type, and the check of one value.

The only table that is keyed by kind of field. crm/imports checks whole columns; a test holds the two equal.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from crm.foundation import bounds, identity, money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.attributes import patterns
from crm.records.attributes import types as attributes
from crm.records.attributes.types import AttributeType
from crm.records.fields import Choice, Field, FieldKind, Percent, Text
from crm.records.filters import FieldType
from crm.store import Reading

Check = Callable[[Any, Field, str, Reading], Any]
"""(value, field, its key, tx) → the value in its stored form. Raises Invalid where it does not fit."""


@dataclass(frozen=True)
class Rules:
    column: str
    """Its SQL type."""
    filter_type: FieldType
    """Its type in filters."""
    frame: pl.DataType
    check: Check
    key: Callable[[Any], str | None] = lambda value: value
    """What is the same of two values that only one record may have."""


def checked(tx: Reading, field: Field, key: str, value: Any) -> Any:
    """The value in its stored form, None for none. Raises Invalid, with the field's key, where it does not fit or is
    missing. Amounts are not rounded here, since that needs their currency."""
    try:
        stored = None if value is None or value == "" else KINDS[field.kind].check(value, field, key, tx)
    except Invalid as error:
        wrong = tr(field.wrong, value=bounds.shown(value)) if field.wrong else str(error)
        raise Invalid(wrong, key) from None
    if stored is None and field.required:
        raise Invalid(field.missing, key)
    return stored


def as_text(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise Invalid(tr("The {key} takes a text.", key=key), key)
    return value


def _text(value: Any, field: Field, key: str, _: Reading) -> str | None:
    found = identity.text(as_text(value, key), field.word, limit=field.limit if isinstance(field, Text) else 500)
    return _fitting(found, field, key)


def _link(value: Any, field: Field, key: str, tx: Reading) -> str | None:
    return _fitting(attributes.read(AttributeType.LINK, value, tr(field.label)), field, key)


def _fitting(text: str | None, field: Field, key: str) -> str | None:
    """The text. Raises Invalid where it does not match the field's pattern."""
    if text and isinstance(field, Text) and field.pattern and not patterns.fits(field.pattern, text):
        raise Invalid(misfit(text, field), key)
    return text


def misfit(text: str, field: Text) -> str:
    """The error message for a text that does not match the field's pattern."""
    return patterns.misfit(text, tr(field.label), field.pattern, field.hint)


def _normalized(normal_form: Callable[[str], str | None]) -> Check:
    return lambda value, field, key, tx: normal_form(as_text(value, key))


def _choice(value: Any, field: Field, key: str, _: Reading) -> Any:
    values = field.values if isinstance(field, Choice) else {}
    if not isinstance(value, str) or value not in values:
        raise Invalid(not_offered(value, field), key)
    return value


def not_offered(value: Any, field: Field) -> str:
    """The error message for a value that is not one of the options."""
    names = ", ".join(map(tr, field.values.values()) if isinstance(field, Choice) else ())
    return tr(
        "“{value}” is not a {field}: {names}.", value=bounds.shown(value), field=tr(field.label).lower(), names=names
    )


def _attribute(of: AttributeType) -> Check:
    return lambda value, field, key, tx: attributes.read(of, value, tr(field.label))


def _percent(value: Any, field: Field, key: str, _: Reading) -> Any:
    found = attributes.read(AttributeType.PERCENT, value, tr(field.label))
    if found is not None and isinstance(field, Percent) and field.share and not 0 <= found <= 100:
        raise Invalid(beyond(field), key)
    return found


def beyond(field: Percent) -> str:
    """The error message for a share that is none."""
    return tr("{field} lies between 0 and 100 percent.", field=tr(field.label))


def _amount(value: Any, field: Field, key: str, _: Reading) -> Decimal:
    found = bounds.number(value)
    if found is None:
        raise Invalid(tr("“{value}” is not an amount. Write it as 1234.50.", value=bounds.shown(value)), key)
    return found


def _id(value: Any, field: Field, key: str, _: Reading) -> int:
    # True is an int to Python.
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(tr("{field} takes an id.", field=tr(field.label)), key)
    return value


def _moment(value: Any, field: Field, key: str, _: Reading) -> Any:
    raise Invalid(tr("{field} is set by the store alone.", field=tr(field.label)), key)


KINDS: dict[FieldKind, Rules] = {
    FieldKind.TEXT: Rules("VARCHAR", FieldType.TEXT, pl.String(), _text),
    FieldKind.LONG_TEXT: Rules("VARCHAR", FieldType.TEXT, pl.String(), _text),
    FieldKind.EMAIL: Rules("VARCHAR", FieldType.TEXT, pl.String(), _normalized(identity.email), identity.email_key),
    FieldKind.PHONE: Rules(
        "VARCHAR",
        FieldType.TEXT,
        pl.String(),
        lambda value, field, key, tx: identity.phone(as_text(value, key), tx.actor.region),
    ),
    FieldKind.DOMAIN: Rules("VARCHAR", FieldType.TEXT, pl.String(), _normalized(identity.domain)),
    FieldKind.LINK: Rules("VARCHAR", FieldType.TEXT, pl.String(), _link),
    FieldKind.NUMBER: Rules("DOUBLE", FieldType.NUMBER, pl.Float64(), _attribute(AttributeType.NUMBER)),
    FieldKind.PERCENT: Rules("DOUBLE", FieldType.NUMBER, pl.Float64(), _percent),
    FieldKind.MONEY: Rules("DECIMAL(18, 4)", FieldType.MONEY, pl.Decimal(18, 4), _amount),
    FieldKind.CURRENCY: Rules("VARCHAR", FieldType.TEXT, pl.String(), _normalized(money.currency)),
    FieldKind.DATE: Rules(
        "DATE",
        FieldType.DATE,
        pl.Date(),
        lambda value, field, key, tx: bounds.checked_day(value, key, tr(field.label).lower()),
    ),
    FieldKind.MOMENT: Rules("TIMESTAMPTZ", FieldType.MOMENT, pl.Datetime("us", "UTC"), _moment),
    FieldKind.CHECKBOX: Rules("BOOLEAN", FieldType.CHECKBOX, pl.Boolean(), _attribute(AttributeType.CHECKBOX)),
    FieldKind.CHOICE: Rules("VARCHAR", FieldType.CHOICE, pl.String(), _choice),
    FieldKind.REFERENCE: Rules("BIGINT", FieldType.REFERENCE, pl.Int64(), _id),
}
