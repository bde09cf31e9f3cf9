"""The types of custom attributes: the column of each, and the check of its values."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from crm.foundation import bounds, identity, money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters import FieldType


class AttributeType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CURRENCY = "currency"  # an amount in the workspace's currency
    PERCENT = "percent"  # 12.5 means 12.5 %
    LINK = "link"
    DATE = "date"
    LIST = "list"
    CHECKBOX = "checkbox"
    LONG_TEXT = "long text"
    PERSON = "person"  # the id of a user


TICKED = {"true", "yes", "y", "1", "x", "on", "sim", "s", "verdadeiro"}
UNTICKED = {"false", "no", "n", "0", "off", "nao", "não", "falso"}
"""Words for a ticked checkbox, and for one that is not."""


@dataclass(frozen=True)
class _Rules:
    column: str
    field_type: FieldType
    read: Callable[[Any, str], Any]
    """(given value, attribute's name) → stored value. Raises Invalid where it does not fit."""


PLAIN = tuple(one for one in AttributeType if one not in (AttributeType.LONG_TEXT, AttributeType.PERSON))
"""The types that attributes can have; the fields of custom types can have all."""


def column(of: AttributeType) -> str:
    return _RULES[of].column


def field_type(of: AttributeType) -> FieldType:
    return _RULES[of].field_type


def read(of: AttributeType, value: Any, name: str) -> Any:
    """The value in its stored form, None for none. Texts such as “12.5” and “2026-12-31” are parsed too."""
    return None if value is None or value == "" else _RULES[of].read(value, name)


def tick_of(text: str) -> bool | str:
    """A word as the state of a checkbox; the word itself where it is neither."""
    word = text.strip().casefold()
    return word in TICKED if word in TICKED | UNTICKED else text


def _text(value: Any, name: str) -> str | None:
    if not isinstance(value, str):
        raise Invalid(tr("“{name}” takes a text.", name=name), name)
    return identity.text(value, name, limit=5_000)


def _choice(value: Any, name: str) -> str | None:
    if not isinstance(value, str):
        raise Invalid(tr("“{name}” takes one value of its list.", name=name), name)
    return identity.text(value, name, limit=200)


def _number(value: Any, name: str) -> float:
    number = bounds.number(value)
    if number is None:
        raise Invalid(
            tr("“{value}” is not a number for “{name}”. Write it as 1234.5.", value=bounds.shown(value), name=name),
            name,
        )
    if number and not bounds.FINEST_NUMBER <= abs(number) < bounds.LARGEST_NUMBER:
        raise Invalid(
            tr("“{name}” takes numbers of at most 15 digits before the decimal mark, and 15 after it.", name=name), name
        )
    return float(number)


def _amount(value: Any, name: str) -> Decimal:
    amount = bounds.number(value)
    if amount is None:
        raise Invalid(
            tr("“{value}” is not an amount for “{name}”. Write it as 1234.50.", value=bounds.shown(value), name=name),
            name,
        )
    if abs(amount) > money.LARGEST:
        raise Invalid(tr("“{name}” takes amounts up to {most:,}.", name=name, most=money.LARGEST), name)
    return amount.quantize(Decimal("0.0001"))


def _link(value: Any, name: str) -> str | None:
    found = identity.text(value, name, limit=2_000) if isinstance(value, str) else None
    try:
        address = urlsplit(found or "")
    except ValueError:  # such as http://[, an address without its closing bracket
        address = urlsplit("")
    # Only the web: a javascript: link would run in the page that shows it.
    if address.scheme not in ("http", "https") or not address.netloc:
        raise Invalid(
            tr(
                "“{value}” is not a link for “{name}”. Write it as https://example.com.",
                value=bounds.shown(value),
                name=name,
            ),
            name,
        )
    return found


def _day(value: Any, name: str) -> date:
    day = bounds.day(value)
    if day is None:
        shown = bounds.shown(value)
        raise Invalid(
            tr(
                "“{value}” is not a day from 1900 to 2200 for “{name}”. Write it as 2026-12-31.", value=shown, name=name
            ),
            name,
        )
    return day


def _tick(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise Invalid(
            tr(
                "“{value}” does not say whether “{name}” is ticked. Give true or false.",
                value=bounds.shown(value),
                name=name,
            ),
            name,
        )
    return value


def _person(value: Any, name: str) -> int:
    # Texts do not name people: a user is known by an id, which no column of another type holds.
    if not isinstance(value, int) or isinstance(value, bool):
        raise Invalid(tr("“{value}” is no person for “{name}”.", value=bounds.shown(value), name=name), name)
    return value


_RULES: dict[AttributeType, _Rules] = {
    AttributeType.TEXT: _Rules("VARCHAR", FieldType.TEXT, _text),
    AttributeType.NUMBER: _Rules("DOUBLE", FieldType.NUMBER, _number),
    AttributeType.CURRENCY: _Rules("DECIMAL(18, 4)", FieldType.MONEY, _amount),
    AttributeType.PERCENT: _Rules("DOUBLE", FieldType.NUMBER, _number),
    AttributeType.LINK: _Rules("VARCHAR", FieldType.TEXT, _link),
    AttributeType.DATE: _Rules("DATE", FieldType.DATE, _day),
    AttributeType.LIST: _Rules("VARCHAR", FieldType.CHOICE, _choice),
    AttributeType.CHECKBOX: _Rules("BOOLEAN", FieldType.CHECKBOX, _tick),
    AttributeType.LONG_TEXT: _Rules("VARCHAR", FieldType.TEXT, _text),
    AttributeType.PERSON: _Rules("BIGINT", FieldType.REFERENCE, _person),
}

POLARS: dict[AttributeType, pl.DataType] = {
    AttributeType.TEXT: pl.String(),
    AttributeType.NUMBER: pl.Float64(),
    AttributeType.CURRENCY: pl.Decimal(18, 4),
    AttributeType.PERCENT: pl.Float64(),
    AttributeType.LINK: pl.String(),
    AttributeType.DATE: pl.Date(),
    AttributeType.LIST: pl.String(),
    AttributeType.CHECKBOX: pl.Boolean(),
    AttributeType.LONG_TEXT: pl.String(),
    AttributeType.PERSON: pl.Int64(),
}
"""The Polars types of the columns."""
