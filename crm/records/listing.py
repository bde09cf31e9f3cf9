"""Lists of any size: search, filter, sort and page in SQL, for pages (offset) and for the API (cursor).

Each record type describes its list by a `Source`; `find` is the one way to read it.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.foundation.identity import searchable
from crm.foundation.language import tr
from crm.records.filters import Clause, FieldSet, Filter, compile_filter
from crm.records.filters.compile import MOST_ELSEWHERE
from crm.store import Reading, Row

MOST_ROWS = 500
FURTHEST = 10_000_000
LONGEST_SEARCH = 200
MOST_WORDS = 6
ADDED_COLUMNS = ("sort_key", "cursor_key", "total")
"""Columns that `find` adds to a row: no record type has a column of these names."""


@dataclass(frozen=True)
class Sort:
    """A sort of a list: an SQL expression, never a person's, and its type, to which a cursor's value is cast. One that
    depends on the current time, such as a deal's idle days, is a function that is called for each query."""

    sql: str | Callable[[Reading], str]
    type: str
    module: Module | None = None
    """The module that this sort needs."""

    def expression(self, tx: Reading) -> str:
        return self.sql if isinstance(self.sql, str) else self.sql(tx)


@dataclass(frozen=True)
class Source:
    """The list of one record type. Expressions refer to the visible view `table` by `alias`."""

    table: str
    alias: str
    columns: str
    joins: str
    sorts: Mapping[str, Sort]
    fields: Callable[[Reading, Filter | None], FieldSet]
    searched: Callable[[str], Clause]
    params: Mapping[str, object] = field(default_factory=dict)
    """The parameters of `table`, where that is a query of its own."""
    today: date | None = None
    """The day that “this month” is seen from; None for today."""


@dataclass(frozen=True)
class ListQuery:
    """A query of a list. `sort` is a key of the list's sorts, with “-” before it for descending.

    `cursor` is the `next` of the previous page, under the same sort; it takes precedence over `offset`. `within` is a
    segment that filter and search narrow further; its own sort and page are ignored. `ids` are records picked by hand,
    None where none were.
    """

    filter: Filter | None = None
    search: str = ""
    sort: str = "-created_at"
    limit: int = 50
    offset: int = 0
    cursor: str | None = None
    within: "ListQuery | None" = None
    ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Page:
    """A page of a list. `total` counts all matching records, not only these; `next` is the cursor after the last
    row."""

    items: list[Row]
    total: int
    next: str | None


def find(tx: Reading, source: Source, query: ListQuery) -> Page:
    """One page of the query. Rows without a value in the sort field come last; ties are broken by id."""
    if not 1 <= query.limit <= MOST_ROWS or not 0 <= query.offset <= FURTHEST:
        raise Invalid(
            tr(
                "A page holds 1 to {most} rows and starts before row {furthest:,}.",
                most=MOST_ROWS,
                furthest=FURTHEST,
            ),
            "limit",
        )
    where = condition(tx, source, query)
    sort, direction = _sort(tx, source, query.sort)
    after = _after(tx, query, sort, direction)
    # A costly condition is computed once for page and total alike; without one, planning them apart lets the page
    # stop at its fiftieth row. Rows are fetched before the names they point to: each table joined in the same statement
    # doubles the time to plan.
    found = tx.rows(
        f"""
        WITH found AS {"MATERIALIZED" if where.params else "NOT MATERIALIZED"} (
            SELECT {source.alias}.id, {sort.expression(tx)} AS sort_key
            FROM {source.table} AS {source.alias}
            WHERE {where.sql}
        ),
        page AS (
            SELECT id, sort_key
            FROM found
            WHERE {after.sql}
            ORDER BY sort_key {direction} NULLS LAST, id {direction}
            LIMIT $limit OFFSET $offset
        ),
        fetched AS MATERIALIZED (
            SELECT {source.alias}.*, page.sort_key, (SELECT count(*) FROM found) AS total
            FROM page
            JOIN {source.table} AS {source.alias} ON {source.alias}.id = page.id
        )
        SELECT {source.columns}, CAST({source.alias}.sort_key AS VARCHAR) AS cursor_key
        FROM fetched AS {source.alias}
        {source.joins}
        """,
        **source.params,
        **where.params,
        **after.params,
        limit=query.limit + 1,  # one more than the page tells whether there is a next
        offset=0 if query.cursor else query.offset,
    )
    found = _in_order(found, direction)
    total = found[0]["total"] if found else _count(tx, source, where)
    items = found[: query.limit]
    next_cursor = _cursor(query.sort, items[-1]) if len(found) > query.limit else None
    return Page([{k: v for k, v in row.items() if k not in ADDED_COLUMNS} for row in items], total, next_cursor)


def _in_order(rows: list[Row], direction: str) -> list[Row]:
    """The rows of a page in the order of its query. Sorted here: the engine takes longer to plan that again, after the
    names were joined."""
    down = direction == "DESC"
    rows.sort(key=itemgetter("id"), reverse=down)
    sorted_rows = [row for row in rows if row["sort_key"] is not None]
    sorted_rows.sort(key=itemgetter("sort_key"), reverse=down)
    return sorted_rows + [row for row in rows if row["sort_key"] is None]


def count(tx: Reading, source: Source, query: ListQuery) -> int:
    return _count(tx, source, condition(tx, source, query))


def counts(tx: Reading, source: Source, queries: Sequence[ListQuery]) -> list[int]:
    """The counts of several queries, in as few statements as the limit on conditions over other tables allows."""
    found: list[int] = []
    batch: list[Clause] = []
    for clause in (condition(tx, source, query) for query in queries):
        if batch and sum(other.elsewhere for other in batch) + clause.elsewhere > MOST_ELSEWHERE:
            found += _count_batch(tx, source, batch)
            batch = []
        batch.append(clause)
    return found + (_count_batch(tx, source, batch) if batch else [])


def _count_batch(tx: Reading, source: Source, batch: Sequence[Clause]) -> list[int]:
    clauses = [_prefixed(clause, f"n{place}_") for place, clause in enumerate(batch)]
    found = tx.row(
        f"""
        SELECT {", ".join(f"count(*) FILTER ({clause.sql}) AS n{place}" for place, clause in enumerate(clauses))}
        FROM {source.table} AS {source.alias}
        """,
        **source.params,
        **_params(clauses),
    )
    return [int(many) for many in found.values()]


def condition(tx: Reading, source: Source, query: ListQuery) -> Clause:
    """The condition of a query: search, filter, segment and picked records together."""
    clauses = []
    if query.search.strip():
        clauses.append(source.searched(_checked_search(query.search)))
    if query.filter:
        fields = source.fields(tx, query.filter)
        clauses.append(
            compile_filter(query.filter, fields, today=source.today or tx.today, time_zone=tx.actor.time_zone)
        )
    if query.ids is not None:
        picked = f"{source.alias}.id IN (SELECT unnest($picked::BIGINT[]))"
        clauses.append(Clause(picked, {"picked": list(query.ids)}))
    if query.within:
        clauses.append(_prefixed(condition(tx, source, query.within), "within_"))
    return Clause(
        " AND ".join(clause.sql for clause in clauses) or "true",
        _params(clauses),
        sum(clause.elsewhere for clause in clauses),
    )


def words(query: str, condition: str) -> Clause:
    """The condition that every word of a search meets `condition`, in which `{word}` stands for the folded word."""
    found = searchable(query).split()[:MOST_WORDS]
    return Clause(
        " AND ".join(f"({condition.format(word=f'$word{n}')})" for n in range(len(found))) or "true",
        {f"word{n}": word for n, word in enumerate(found)},
    )


def or_phone(every: Clause, query: str, text: str) -> Clause:
    """The condition, or, for a search that looks like a phone number in any notation, that the SQL expression `text`
    holds its digits as a stored number (E.164) has them."""
    # The zero that is dialled before an area code is not in a stored number; three digits are in every other one.
    digits = re.sub(r"\D", "", query).lstrip("0")
    if len(digits) < 4 or not re.fullmatch(r"[\d\s()+./-]+", query.strip()):
        return every
    return Clause(f"(contains({text}, $digits) OR ({every.sql}))", {**every.params, "digits": digits})


def sorts(tx: Reading, source: Source) -> dict[str, Sort]:
    """{key: sort} of the list, without those whose module is off."""
    return {name: one for name, one in source.sorts.items() if one.module is None or tx.actor.has(one.module)}


def order(tx: Reading, source: Source, sort: str) -> str:
    """The ORDER BY of a whole list, such as an export's."""
    found, direction = _sort(tx, source, sort)
    return f"{found.expression(tx)} {direction} NULLS LAST, {source.alias}.id {direction}"


def _prefixed(clause: Clause, prefix: str) -> Clause:
    """The condition with prefixed parameter names, so that it can be combined with another."""
    # Values are never in the SQL: a name after “$” is always a parameter's.
    renamed = re.sub(r"\$(\w+)", rf"${prefix}\1", clause.sql)
    return Clause(renamed, {f"{prefix}{name}": value for name, value in clause.params.items()}, clause.elsewhere)


def _params(clauses: Sequence[Clause]) -> dict[str, object]:
    return {name: value for clause in clauses for name, value in clause.params.items()}


def _count(tx: Reading, source: Source, where: Clause) -> int:
    sql = f"SELECT count(*) FROM {source.table} AS {source.alias} WHERE {where.sql}"
    return int(tx.value(sql, **source.params, **where.params))


def _checked_search(search: str) -> str:
    if len(search) > LONGEST_SEARCH:
        raise Invalid(tr("A search takes at most {most} characters.", most=LONGEST_SEARCH), "search")
    # Nothing stored holds a NUL, and the engine refuses one.
    return search.replace("\0", "")


def _sort(tx: Reading, source: Source, sort: str) -> tuple[Sort, str]:
    available = sorts(tx, source)
    found = available.get(sort.removeprefix("-"))
    if found is None:
        raise Invalid(
            tr(
                "This list cannot be sorted by “{sort}”, only by {sorts}.",
                sort=sort,
                sorts=", ".join(available),
            ),
            "sort",
        )
    return found, "DESC" if sort.startswith("-") else "ASC"


def _cursor(sort: str, row: Row) -> str:
    return base64.urlsafe_b64encode(json.dumps([sort, row["cursor_key"], row["id"]]).encode()).decode()


def _after(tx: Reading, query: ListQuery, sort: Sort, direction: str) -> Clause:
    """The condition of the rows after the cursor's row, whatever rows were added before it meanwhile."""
    if not query.cursor:
        return Clause("true", {})
    key, row_id = _read_cursor(query)
    # A cursor comes from outside: a value that the sort's type cannot hold would fail inside the query.
    if key is not None and tx.value(f"SELECT TRY_CAST($key AS {sort.type}) IS NULL", key=key):
        raise _foreign_cursor()
    beyond = "<" if direction == "DESC" else ">"
    # Rows without a value come last: after one of them there are only more of them.
    if key is None:
        return Clause(f"sort_key IS NULL AND id {beyond} $after_id", {"after_id": row_id})
    value = f"CAST($after_key AS {sort.type})"
    return Clause(
        f"(sort_key IS NULL OR sort_key {beyond} {value} OR (sort_key = {value} AND id {beyond} $after_id))",
        {"after_key": key, "after_id": row_id},
    )


def _read_cursor(query: ListQuery) -> tuple[str | None, int]:
    try:
        parts: Any = json.loads(base64.urlsafe_b64decode(query.cursor or ""))
    except (binascii.Error, ValueError, RecursionError):  # RecursionError: brackets nested a thousand deep
        parts = None
    match parts:
        # A dotted name in a pattern is compared, not bound: a cursor of another sort falls through.
        case [query.sort, str() | None as key, int(row_id)] if 0 <= row_id < 2**63:
            return key, row_id
    raise _foreign_cursor()


def _foreign_cursor() -> Invalid:
    return Invalid(tr("This cursor does not belong to this list and sort. Start again without one."), "cursor")
