"""What a filter means, written the slow and obvious way, over plain Python rows."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm.records.filters import All, Any_, Filter, Measure, Not, Related, Rule

Person = Mapping[str, Any]


CHOICES = ("plan", "level", "link_label")
"""Fields that hold one of a list's values, which are compared exactly."""


def matches(rule: Filter, person: Person, today: date, zone: str) -> bool:
    match rule:
        case All(of=parts):
            return all(matches(part, person, today, zone) for part in parts)
        case Any_(of=parts):
            return any(matches(part, person, today, zone) for part in parts)
        case Not(of=part):
            return not matches(part, person, today, zone)
        case Related():
            return _has(rule, person, today, zone)
        case Rule(op="is_not"):
            return not matches(rule.model_copy(update={"op": "is"}), person, today, zone)
        case Rule(op="not_contains"):
            return not matches(rule.model_copy(update={"op": "contains"}), person, today, zone)
        case Rule(op="not_one_of"):
            return not matches(rule.model_copy(update={"op": "one_of"}), person, today, zone)
        case Rule(op="is_empty"):
            return not _values(rule.field, person)
        case Rule(op="is_not_empty"):
            return bool(_values(rule.field, person))
        case Rule(field="ticked"):
            return bool(person["ticked"]) == rule.value
    return any(_meets(rule, value, today, zone) for value in _values(rule.field, person))


def _has(rule: Related, person: Person, today: date, zone: str) -> bool:
    children = [child for child in person[rule.relation] if all(matches(part, child, today, zone) for part in rule.of)]
    if rule.measure is None:
        return len(children) > 0
    figure = {"figure": _figure(rule.measure, children)}
    return matches(Rule(field="figure", op=rule.measure.op, value=rule.measure.value), figure, today, zone)


def _figure(measure: Measure, children: list[Person]) -> Any:
    """The figure over some children; None where there is none."""
    if measure.figure == "count":
        return len(children)
    mine = [child for child in children if measure.currency in (None, child["coin"])]
    found = [child[measure.field or ""] for child in mine if child[measure.field or ""] is not None]
    match measure.figure:
        case "sum":
            return sum(found)
        case "average":
            return float(sum(found)) / len(found) if found else None
        case "first":
            return min(found, default=None)
        case _:
            return max(found, default=None)


def _values(field: str, person: Person) -> list[Any]:
    """All that a person has in a field: one value or none, or several children."""
    found = person[field]
    if isinstance(found, tuple):
        return [value for value in found if value is not None]
    return [] if found is None else [found]


def _meets(rule: Rule, value: Any, today: date, zone: str) -> bool:
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(zone)).date()
    if isinstance(value, date):
        return _meets_day(rule, value, today)
    if rule.field in CHOICES:
        return _compared(rule.op, value, list(_given(rule)))
    if isinstance(value, str):
        return _meets_text(rule, value.lower())
    return _meets_number(rule, Decimal(str(value)))


def _meets_day(rule: Rule, day: date, today: date) -> bool:
    match rule.op:
        case "in_last_days":
            return day in [today - timedelta(days=back) for back in range(int(str(rule.value)))]
        case "in_next_days":
            return day in [today + timedelta(days=on) for on in range(int(str(rule.value)))]
        case "more_than_days_ago":
            return (today - day).days > int(str(rule.value))
        case "more_than_days_ahead":
            return (day - today).days > int(str(rule.value))
        case "in_this" | "in_previous" | "in_next":
            return _unit(day, str(rule.value)) - _unit(today, str(rule.value)) == _SHIFTS[rule.op]
    given = [date.fromisoformat(str(value)) for value in _given(rule)]
    return _compared(rule.op, day, given)


_SHIFTS = {"in_previous": -1, "in_this": 0, "in_next": 1}


def _unit(day: date, unit: str) -> int:
    """The number of the day, week, month, quarter or year, counted through."""
    match unit:
        case "day":
            return day.toordinal()
        case "week":
            return (day.toordinal() - 1) // 7  # day 1 was a Monday
        case "month":
            return day.year * 12 + day.month - 1
        case "quarter":
            return (day.year * 12 + day.month - 1) // 3
    return day.year


def _meets_text(rule: Rule, text: str) -> bool:
    given = [str(value).lower() for value in _given(rule)]
    match rule.op:
        case "contains":
            return given[0] in text
        case "starts_with":
            return text.startswith(given[0])
        case "ends_with":
            return text.endswith(given[0])
    return _compared(rule.op, text, given)


def _meets_number(rule: Rule, number: Decimal) -> bool:
    return _compared(rule.op, number, [Decimal(str(value)) for value in _given(rule)])


def _given(rule: Rule) -> Iterable[Any]:
    return rule.value if isinstance(rule.value, tuple) else [rule.value]


def _compared(op: str, value: Any, given: list[Any]) -> bool:
    match op:
        case "is":
            return bool(value == given[0])
        case "one_of":
            return value in given
        case "more_than" | "after":
            return bool(value > given[0])
        case "at_least":
            return bool(value >= given[0])
        case "less_than" | "before":
            return bool(value < given[0])
        case "at_most":
            return bool(value <= given[0])
        case "between":
            return bool(given[0] <= value <= given[1])
    raise AssertionError(op)
