"""Reads the values of a rule by the type of its field. Raises Invalid, naming the field, where one does not fit."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters.field import Field, FieldType
from crm.records.filters.model import Rule
from crm.records.filters.spans import UNITS, Unit, unit_of

MOST_CHOICES = 200
LONGEST_TEXT = 500
MOST_DAYS = 36_500
LARGEST, FINEST = Decimal(10) ** 18, Decimal("1e-9")


@dataclass(frozen=True)
class Days:
    """The workspace's calendar: the current day, and the moments at which a day begins and ends."""

    today: date
    time_zone: str

    def start(self, day: date) -> datetime:
        return datetime.combine(day, time.min, ZoneInfo(self.time_zone)).astimezone(UTC)

    def end(self, day: date) -> datetime:
        """The moment at which the next day starts: spans are half-open."""
        return self.start(day + timedelta(days=1))


def one(rule: Rule, field: Field) -> Any:
    if rule.value is None or isinstance(rule.value, tuple):
        raise Invalid(tr("The filter on “{field}” needs one value.", field=field.label), field.key)
    return _read(rule.value, field)


def several(rule: Rule, field: Field) -> list[Any]:
    if not isinstance(rule.value, tuple) or not 1 <= len(rule.value) <= MOST_CHOICES:
        raise Invalid(
            tr(
                "The filter on “{field}” needs a list of 1 to {most} values.",
                field=field.label,
                most=MOST_CHOICES,
            ),
            field.key,
        )
    return [_read(value, field) for value in rule.value]


def pair(rule: Rule, field: Field) -> tuple[Any, Any]:
    if not isinstance(rule.value, tuple) or len(rule.value) != 2:
        raise Invalid(tr("The filter on “{field}” needs two values: from and to.", field=field.label), field.key)
    return _read(rule.value[0], field), _read(rule.value[1], field)


def yes_or_no(rule: Rule, field: Field) -> bool:
    if not isinstance(rule.value, bool):
        raise Invalid(tr("The filter on “{field}” needs true or false.", field=field.label), field.key)
    return rule.value


def span(rule: Rule, field: Field, days: Days) -> tuple[date | None, date | None]:
    """First and last day that a rule on a date accepts, both included; None for an open end.

    The last and the next N days include today: the last 7 days are today and the six days before it.
    """
    match rule.op:
        case "between":
            return pair(rule, field)
        case "in_last_days":
            return days.today - timedelta(days=_count(rule, field) - 1), days.today
        case "in_next_days":
            return days.today, days.today + timedelta(days=_count(rule, field) - 1)
        case "more_than_days_ago":
            return None, days.today - timedelta(days=_count(rule, field) + 1)
        case "more_than_days_ahead":
            return days.today + timedelta(days=_count(rule, field) + 1), None
        case "in_this" | "in_previous" | "in_next":
            return unit_of(days.today, _unit(rule, field), {"in_this": 0, "in_previous": -1, "in_next": 1}[rule.op])
    day: date = one(rule, field)
    match rule.op:
        case "before":
            return None, day - timedelta(days=1)
        case "at_most":
            return None, day
        case "after":
            return day + timedelta(days=1), None
        case "at_least":
            return day, None
        case _:
            return day, day


def _count(rule: Rule, field: Field) -> int:
    if not isinstance(rule.value, int) or isinstance(rule.value, bool) or not 1 <= rule.value <= MOST_DAYS:
        raise Invalid(
            tr(
                "The filter on “{field}” needs a number of days from 1 to {most:,}.",
                field=field.label,
                most=MOST_DAYS,
            ),
            field.key,
        )
    return rule.value


def _unit(rule: Rule, field: Field) -> Unit:
    if rule.value not in UNITS:
        raise Invalid(
            tr("The filter on “{field}” needs one of {units}.", field=field.label, units=", ".join(UNITS)), field.key
        )
    return rule.value


def _read(value: object, field: Field) -> Any:
    current = field.current_value(_of_type(value, field))
    if field.options is not None and current not in field.options:
        raise Invalid(
            tr("“{field}” no longer has the value “{value}”.", field=field.label, value=bounds.shown(current)),
            field.key,
        )
    return current


def _of_type(value: object, field: Field) -> Any:
    match field.type:
        case FieldType.TEXT | FieldType.CHOICE:
            return _text(value, field)
        case FieldType.NUMBER | FieldType.MONEY:
            return _number(value, field)
        case FieldType.DATE | FieldType.MOMENT:
            return _day(value, field)
        case FieldType.REFERENCE if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63:
            return value
    raise Invalid(
        tr(
            "“{value}” is not a value that “{field}” can be compared with.",
            value=bounds.shown(value),
            field=field.label,
        ),
        field.key,
    )


def _text(value: object, field: Field) -> str:
    if not isinstance(value, str) or not value or len(value) > LONGEST_TEXT or "\0" in value:
        raise Invalid(
            tr(
                "The filter on “{field}” needs a text of 1 to {most} characters.",
                field=field.label,
                most=LONGEST_TEXT,
            ),
            field.key,
        )
    return value


def _number(value: object, field: Field) -> Decimal:
    number = bounds.number(value)
    if number is None:
        raise Invalid(tr("“{value}” is not a number. Write it as 1234.5.", value=bounds.shown(value)), field.key)
    if abs(number) >= LARGEST or number != number.quantize(FINEST):
        raise Invalid(
            tr("The filter on “{field}” takes numbers below 10^18 with at most 9 decimals.", field=field.label),
            field.key,
        )
    return number


def _day(value: object, field: Field) -> date:
    day = bounds.day(value) if isinstance(value, str) else None
    if day is None:
        shown = bounds.shown(value)
        raise Invalid(tr("“{value}” is not a day from 1900 to 2200. Write it as 2026-12-31.", value=shown), field.key)
    return day
