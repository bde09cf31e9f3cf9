"""Describes a filter as an English sentence, so that nobody has to guess what a list shows."""

from crm.records.filters import words
from crm.records.filters.field import Field, FieldSet, FieldType, Relation
from crm.records.filters.model import All, Any_, Filter, Measure, Not, Related, Rule


def describe(query: Filter | None, fields: FieldSet) -> str:
    """“City is “Recife” and Created is in the last 7 days”. A deleted field is shown as broken, never omitted."""
    if query is None:
        return "Everything"
    return _of(query, fields, outermost=True)


def _of(part: Filter, fields: FieldSet, *, outermost: bool = False) -> str:
    match part:
        case Rule():
            return _rule(part, fields)
        case All(of=parts):
            return _joined([_of(inner, fields) for inner in parts], " and ", "everything", outermost)
        case Any_(of=parts):
            return _joined([_of(inner, fields) for inner in parts], " or ", "nothing", outermost)
        case Not(of=Related(measure=None) as inner):
            return _related(inner, fields, has="has no")
        case Not(of=inner):
            return f"not ({_of(inner, fields, outermost=True)})"
        case Related():
            return _related(part, fields, has="has a")


def _joined(parts: list[str], word: str, none: str, outermost: bool) -> str:
    if not parts:
        return none
    sentence = word.join(parts)
    return sentence if outermost or len(parts) == 1 else f"({sentence})"


def _rule(rule: Rule, fields: FieldSet) -> str:
    field = fields.get(rule.field)
    return (
        f"“{rule.field}” (no longer exists)" if field is None else f"{field.label} {_operator_and_value(rule, field)}"
    )


def _operator_and_value(rule: Rule, field: Field) -> str:
    """Operator and value: is in the last 7 days."""
    if rule.value == "day" and rule.op in words.DAYS:
        return words.DAYS[rule.op]
    return f"{words.operator(rule.op, field.type)}{_value(rule, field)}"


def _value(rule: Rule, field: Field) -> str:
    match rule.op:
        case "is_empty" | "is_not_empty":
            return ""
        case "in_last_days" | "in_next_days":
            return " day" if rule.value == 1 else f" {rule.value} days"
        case "more_than_days_ago":
            return f" {_days(rule.value)} ago"
        case "more_than_days_ahead":
            return f" {_days(rule.value)} ahead"
        case "in_this" | "in_previous" | "in_next":
            return f" {rule.value}"
        case "between" if isinstance(rule.value, tuple):
            return " " + " and ".join(_shown(value, field) for value in rule.value)
    if isinstance(rule.value, tuple):
        return " " + ", ".join(_shown(value, field) for value in rule.value)
    return f" {_shown(rule.value, field)}"


def _days(number: object) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _shown(value: object, field: Field) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.options is not None:
        return field.options.get(field.current_value(value), f"{value} (no longer exists)")
    return f"“{value}”" if field.type is FieldType.TEXT else str(value)


def _related(query: Related, fields: FieldSet, *, has: str) -> str:
    """“has a deal where (the same deal) Status is Open and Value is more than 100”."""
    relation = fields.relations.get(query.relation)
    if relation is None:
        return f"{has} “{query.relation}” (no longer exists)"
    inner = FieldSet(relation.fields.values())
    has = "has an" if has == "has a" and relation.singular[0] in "aeiou" else has
    same = f" (the same {relation.singular})" if len(query.of) > 1 and not relation.single and not query.measure else ""
    conditions = " and ".join(_of(part, inner) for part in query.of)
    where = f" where {conditions}{same}" if conditions else ""
    if query.measure is None:
        return f"{has} {relation.singular}{where}"
    what, comparison = _figure(query.measure, relation, inner)
    return f"{what} {relation.plural}{where} {comparison}"


def _figure(measure: Measure, relation: Relation, inner: FieldSet) -> tuple[str, str]:
    """The measured figure and the condition on it."""
    rule = Rule(field=measure.field or relation.key, op=measure.op, value=measure.value)
    if measure.figure == "count":
        return words.FIGURES["count"], _operator_and_value(
            rule, Field(relation.key, relation.plural, FieldType.NUMBER, "")
        )
    field = inner.get(rule.field)
    if field is None:
        return f"{words.FIGURES[measure.figure]} “{rule.field}” (no longer exists) of", ""
    currency = f" in {measure.currency}" if measure.currency else ""
    return f"{words.FIGURES[measure.figure]} {field.label}{currency} of", _operator_and_value(rule, field)
