"""A filter as an English sentence, so that nobody has to guess what a list shows."""

from collections.abc import Mapping

from crm.filters.field import Field, FieldType
from crm.filters.model import All, Any_, Filter, Not, Rule

_WORDS = {
    "is": "is",
    "is_not": "is not",
    "one_of": "is one of",
    "contains": "contains",
    "not_contains": "does not contain",
    "starts_with": "starts with",
    "more_than": "is more than",
    "at_least": "is at least",
    "less_than": "is less than",
    "at_most": "is at most",
    "before": "is before",
    "after": "is after",
    "between": "is between",
    "in_last_days": "is in the last",
    "in_next_days": "is in the next",
    "is_empty": "is empty",
    "is_not_empty": "is not empty",
}
_DAY_WORDS = {"at_least": "is on or after", "at_most": "is on or before", "is": "is on", "is_not": "is not on"}


def describe(asked: Filter | None, fields: Mapping[str, Field]) -> str:
    """“City is “Recife” and Created is in the last 7 days”; a field that is gone is shown as broken, never left out."""
    if asked is None:
        return "Everything"
    return _of(asked, fields, outermost=True)


def _of(part: Filter, fields: Mapping[str, Field], *, outermost: bool = False) -> str:
    match part:
        case Rule():
            return _rule(part, fields)
        case All(of=parts):
            return _joined([_of(inner, fields) for inner in parts], " and ", "everything", outermost)
        case Any_(of=parts):
            return _joined([_of(inner, fields) for inner in parts], " or ", "nothing", outermost)
        case Not(of=inner):
            return f"not ({_of(inner, fields, outermost=True)})"


def _joined(parts: list[str], word: str, none: str, outermost: bool) -> str:
    if not parts:
        return none
    sentence = word.join(parts)
    return sentence if outermost or len(parts) == 1 else f"({sentence})"


def _rule(rule: Rule, fields: Mapping[str, Field]) -> str:
    field = fields.get(rule.field)
    if field is None:
        return f"“{rule.field}” (no longer exists)"
    is_day = field.type in (FieldType.DATE, FieldType.MOMENT)
    verb = _DAY_WORDS.get(rule.op, _WORDS[rule.op]) if is_day else _WORDS[rule.op]
    return f"{field.label} {verb}{_value(rule, field)}"


def _value(rule: Rule, field: Field) -> str:
    match rule.op:
        case "is_empty" | "is_not_empty":
            return ""
        case "in_last_days" | "in_next_days":
            return " day" if rule.value == 1 else f" {rule.value} days"
        case "between" if isinstance(rule.value, tuple):
            return " " + " and ".join(_shown(value, field) for value in rule.value)
    if isinstance(rule.value, tuple):
        return " " + ", ".join(_shown(value, field) for value in rule.value)
    return f" {_shown(rule.value, field)}"


def _shown(value: object, field: Field) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.options:
        return field.options.get(value, f"{value} (no longer exists)")
    return f"“{value}”" if field.type is FieldType.TEXT else str(value)
