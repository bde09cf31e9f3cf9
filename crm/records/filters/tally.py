"""Counts many parts of one filter in a single query: each rule is computed once, however many groups contain it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm.records.filters.compile import joined, line_sql
from crm.records.filters.conditions import Parameters
from crm.records.filters.field import FieldSet
from crm.records.filters.model import Filter, Related, Rule
from crm.records.filters.parse import dump
from crm.records.filters.values import Days


@dataclass(frozen=True)
class Tally:
    """SQL of the query: `lines` are columns over the records, `counts` an aggregate over these for each part."""

    lines: str
    counts: str
    params: Mapping[str, object]


def tally(parts: Sequence[Filter], fields: FieldSet, *, today: date, time_zone: str) -> Tally:
    """The query that counts each of the parts. Raises Invalid as `compile_filter` does."""
    work = Parameters("f", Days(today, time_zone))
    columns: dict[str, str] = {}

    def column(line: Rule | Related) -> str:
        # The JSON text is the key: equal rules in different groups are one column.
        written = dump(line)
        if written not in columns:
            columns[written] = line_sql(line, fields, work)
        return f"line{list(columns).index(written)}"

    counts = [f"count(*) FILTER (WHERE {joined(part, column)}) AS part{n}" for n, part in enumerate(parts)]
    lines = [f"{sql} AS line{number}" for number, sql in enumerate(columns.values())]
    return Tally(", ".join(lines) or "true AS nothing", ", ".join(counts), work.params)
