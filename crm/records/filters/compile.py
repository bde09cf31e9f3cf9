"""Compiles a filter to SQL: the only code that builds SQL from what a person chose.

Field expressions are ours, values are always parameters. Every condition is true or false and never NULL: `is_not`,
`not_contains` and `Not` are complements, so a record without a value counts as "is not".
Text is compared without regard to case; accents count (the search box folds both).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.filters import values
from crm.records.filters.conditions import Parameters, rule_sql
from crm.records.filters.field import FieldSet
from crm.records.filters.model import All, Any_, Filter, Not, Related, Rule
from crm.records.filters.related import related_sql


@dataclass(frozen=True)
class Clause:
    """A condition for WHERE, and its parameters."""

    sql: str
    params: Mapping[str, object]
    elsewhere: int = 0
    """How many of its conditions read another table."""


EVERYTHING = Clause("true", {})

MOST_ELSEWHERE = 40
"""The most conditions that read another table. Planning time grows with their square: 30 take 0.1 s, 90 take 0.6."""


def compile_filter(query: Filter | None, fields: FieldSet, *, today: date, time_zone: str, prefix: str = "f") -> Clause:
    """The WHERE condition of a filter. Days are days of `time_zone`, converted to UTC moments here.

    Raises Invalid, naming the field, where a field, relation or chosen value is unknown or deleted, where a field
    does not support the operator or the value, or where too many conditions read other tables.
    """
    if query is None:
        return EVERYTHING
    work = Parameters(prefix, values.Days(today, time_zone))
    condition = joined(query, lambda line: line_sql(line, fields, work))
    if work.elsewhere > MOST_ELSEWHERE:
        raise Invalid(
            tr(
                "The filter has {count} conditions on what does not stand in the record itself "
                "(related records, labels, attributes, activity, health); the limit is {most}. "
                "“Is one of” asks for many values in one condition.",
                count=work.elsewhere,
                most=MOST_ELSEWHERE,
            ),
            "filter",
        )
    return Clause(condition, work.params, work.elsewhere)


def joined(part: Filter, line: Callable[[Rule | Related], str]) -> str:
    """The condition of a filter; `line` gives that of each of its rules and relations."""
    match part:
        # Without parts, as all() and any(): everything and nothing.
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
