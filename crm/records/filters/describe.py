"""Describes a filter as a sentence, so that nobody has to guess what a list shows."""

from collections.abc import Iterable

from crm.foundation.language import tr
from crm.records.filters import words
from crm.records.filters.field import Field, FieldSet, FieldType, Relation
from crm.records.filters.model import All, Any_, Filter, Measure, Not, Related, Rule


def describe(query: Filter | None, fields: FieldSet) -> str:
    """“City is “Recife” and Created is in the last 7 days”. A deleted field is shown as broken, never omitted."""
    if query is None:
        return tr("Everything")
    return _of(query, fields, outermost=True)


def _of(part: Filter, fields: FieldSet, *, outermost: bool = False) -> str:
    match part:
        case Rule():
            return _rule(part, fields)
        case All(of=parts):
            return _joined([_of(inner, fields) for inner in parts], tr("and"), tr("everything"), outermost)
        case Any_(of=parts):
            return _joined([_of(inner, fields) for inner in parts], tr("or"), tr("nothing"), outermost)
        case Not(of=Related(measure=None) as inner):
            return _related(inner, fields, has=False)
        case Not(of=inner):
            return tr("not ({condition})", condition=_of(inner, fields, outermost=True))
        case Related():
            return _related(part, fields, has=True)


def _joined(parts: list[str], word: str, none: str, outermost: bool) -> str:
    if not parts:
        return none
    sentence = f" {word} ".join(parts)
    return sentence if outermost or len(parts) == 1 else f"({sentence})"


def _and(parts: Iterable[str]) -> str:
    word = tr("and")
    return f" {word} ".join(parts)


def _rule(rule: Rule, fields: FieldSet) -> str:
    field = fields.get(rule.field)
    if field is None:
        return tr("“{name}” (no longer exists)", name=fields.name_of(rule.field))
    return f"{field.label} {_operator_and_value(rule, field)}"


def _operator_and_value(rule: Rule, field: Field) -> str:
    """Operator and value: is in the last 7 days."""
    match rule.op:
        case "in_last_days" | "in_next_days" | "more_than_days_ago" | "more_than_days_ahead":
            return words.of_days(rule.op, rule.value)
        case "in_this" | "in_previous" | "in_next":
            return words.of_span(rule.op, rule.value)
    return f"{words.operator(rule.op, field.type)}{_value(rule, field)}"


def _value(rule: Rule, field: Field) -> str:
    match rule.op:
        case "is_empty" | "is_not_empty":
            return ""
        case "between" if isinstance(rule.value, tuple):
            return " " + _and(_shown(value, field) for value in rule.value)
    if isinstance(rule.value, tuple):
        return " " + ", ".join(_shown(value, field) for value in rule.value)
    return f" {_shown(rule.value, field)}"


def _shown(value: object, field: Field) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if field.options is not None:
        return field.options.get(field.current_value(value), tr("{value} (no longer exists)", value=value))
    return f"“{value}”" if field.type is FieldType.TEXT else str(value)


def _related(query: Related, fields: FieldSet, *, has: bool) -> str:
    """“has a deal where (the same deal) Status is Open and Value is more than 100”."""
    relation = fields.relations.get(query.relation)
    if relation is None:
        name = tr("“{name}” (no longer exists)", name=fields.name_of(query.relation))
        return tr("has a {what}", what=name) if has else tr("has no {what}", what=name)
    inner = relation.field_set
    same = f" ({relation.called.same})" if len(query.of) > 1 and not relation.single and not query.measure else ""
    conditions = _and(_of(part, inner) for part in query.of)
    where = " " + tr("where {conditions}", conditions=conditions) + same if conditions else ""
    if query.measure is None:
        called = relation.called
        having = tr("has {a_kind}", a_kind=called.an) if has else tr("has no {what}", what=called.one)
        return f"{having}{where}"
    what, comparison = _figure(query.measure, relation, inner)
    return f"{what} {relation.called.many}{where} {comparison}"


def _figure(measure: Measure, relation: Relation, inner: FieldSet) -> tuple[str, str]:
    """The measured figure and the condition on it."""
    rule = Rule(field=measure.field or relation.key, op=measure.op, value=measure.value)
    if measure.figure == "count":
        return tr(words.COUNT), _operator_and_value(rule, Field(relation.key, relation.key, FieldType.NUMBER, ""))
    figure = tr(words.FIGURES[measure.figure])
    field = inner.get(rule.field)
    if field is None:
        gone = tr("“{name}” (no longer exists)", name=inner.name_of(rule.field))
        return tr("{figure} {field} of", figure=figure, field=gone), ""
    label = field.label
    if measure.currency:
        label = tr("{field} in {currency}", field=label, currency=measure.currency)
    return tr("{figure} {field} of", figure=figure, field=label), _operator_and_value(rule, field)
