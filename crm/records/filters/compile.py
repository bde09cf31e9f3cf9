"""Filter in, SQL out: the only code that builds SQL from what a person chose.

Field expressions are ours, values are always parameters. Every condition is true or false and never NULL: `is_not`,
`not_contains` and `Not` are complements, so a record without a value counts as "is not".
Text is compared without regard to case; accents count (the search box folds both).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from crm.foundation.errors import Invalid
from crm.records.filters import values
from crm.records.filters.conditions import Parameters, rule_sql
from crm.records.filters.field import FieldSet
from crm.records.filters.model import All, Any_, Filter, Not, Related, Rule
from crm.records.filters.related import related_sql


@dataclass(frozen=True)
class Clause:
    """A condition to put after WHERE, and the parameters it names."""

    sql: str
    params: Mapping[str, object]
    elsewhere: int = 0
    """How many of its conditions look into another table."""


EVERYTHING = Clause("true", {})

MOST_ELSEWHERE = 40
"""Conditions that look into another table. Planning them grows with their square: 30 take 0.1 s, 90 take 0.6."""


def compile_filter(asked: Filter | None, fields: FieldSet, *, today: date, time_zone: str, prefix: str = "f") -> Clause:
    """The WHERE condition of a filter. Days are days of `time_zone`, turned into UTC moments once, here.

    Raises Invalid, naming the field, where a field, a relation or a chosen value is unknown or gone, or where a field
    does not understand the operator or the value, or where too many conditions look into other tables.
    """
    if asked is None:
        return EVERYTHING
    work = Parameters(prefix, values.Days(today, time_zone))
    condition = joined(asked, lambda line: line_sql(line, fields, work))
    if work.elsewhere > MOST_ELSEWHERE:
        raise Invalid(
            f"The filter has {work.elsewhere} conditions on what does not stand in the record itself (related records, "
            f"labels, attributes, activity, health); the limit is {MOST_ELSEWHERE}. “Is one of” asks for many values "
            f"in one condition.",
            "filter",
        )
    return Clause(condition, work.params, work.elsewhere)


def joined(part: Filter, line: Callable[[Rule | Related], str]) -> str:
    """The condition of a filter, given how each of its lines is written."""
    match part:
        case All(of=parts):
            return f"({' AND '.join(joined(inner, line) for inner in parts) or 'true'})"
        case Any_(of=parts):
            return f"({' OR '.join(joined(inner, line) for inner in parts) or 'false'})"
        case Not(of=inner):
            return f"(NOT {joined(inner, line)})"
        case _:
            return line(part)


def line_sql(line: Rule | Related, fields: FieldSet, work: Parameters) -> str:
    if isinstance(line, Rule):
        return rule_sql(line, fields, work)
    return related_sql(line, fields, work, lambda part, inner: joined(part, lambda each: line_sql(each, inner, work)))
