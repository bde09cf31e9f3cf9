"""The inbox of pairs that wait for a decision: finds them, marks them as distinct, and undoes that."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import listing, reading, references
from crm.records.duplicates.model import Decided, Pair, Side
from crm.records.duplicates.reasons import reasons
from crm.records.filters import Clause
from crm.records.merging import mergeable
from crm.store import Reading, Writing
from crm.store.kept import kept

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class PairQuery:
    """A query for pairs of a kind. `after` is the `next` of the previous page, and takes precedence over `offset`."""

    kind: str
    least_score: int = 0
    reason: str | None = None
    search: str = ""
    limit: int = 20
    offset: int = 0
    after: str | None = None


@dataclass(frozen=True)
class PairPage:
    items: list[Pair]
    total: int
    next: str | None


@kept
def find(tx: Reading, query: PairQuery) -> PairPage:
    """The pairs of which the actor sees both records, most likely first."""
    require(tx, query.kind)
    if not 1 <= query.limit <= listing.MOST_ROWS:
        raise Invalid(tr("A page holds 1 to {most} pairs.", most=listing.MOST_ROWS), "limit")
    where = condition(query)
    after = _after(query.after)
    # Materialized: the view checks privacy for both records of a pair, and page and total need that once.
    rows = tx.rows(
        f"""
        WITH found AS MATERIALIZED (SELECT * FROM {view(query.kind)} AS pair WHERE {where.sql})
        SELECT *, (SELECT count(*) FROM found) AS total
        FROM found
        WHERE {after.sql}
        ORDER BY score DESC, left_id, right_id
        LIMIT $limit OFFSET $offset
        """,
        **where.params,
        **after.params,
        limit=query.limit + 1,  # one more than the page tells whether there is a next
        offset=0 if query.after else query.offset,
    )
    items = rows[: query.limit]
    last = items[-1] if len(rows) > query.limit else None
    return PairPage(
        items=pairs_of(tx, query.kind, items),
        total=rows[0]["total"] if rows else count(tx, query),
        next=f"{last['score']}-{last['left_id']}-{last['right_id']}" if last else None,
    )


@kept
def count(tx: Reading, query: PairQuery) -> int:
    where = condition(query)
    return int(tx.value(f"SELECT count(*) FROM {view(query.kind)} AS pair WHERE {where.sql}", **where.params))


@kept
def by_reason(tx: Reading, kind: str) -> dict[str, int]:
    """{reason: number of visible pairs with it}."""
    require(tx, kind)
    found = tx.rows(f"SELECT unnest(reasons) AS reason, count(*) AS pairs FROM {view(kind)} GROUP BY reason")
    return {row["reason"]: row["pairs"] for row in found}


@kept
def of_record(tx: Reading, kind: str, record_id: int) -> list[Pair]:
    """The pairs of one record as of the last scan, most likely first."""
    rows = tx.rows(
        """
        SELECT left_id, right_id, score, reasons
        FROM base.duplicates  -- its view checks privacy for all records; these few are checked below
        ANTI JOIN base.distinct_pairs USING (subject_kind, left_id, right_id)
        WHERE subject_kind = $kind AND (left_id = $id OR right_id = $id)
        ORDER BY score DESC, left_id, right_id
        LIMIT 20
        """,
        kind=kind,
        id=record_id,
    )
    return pairs_of(tx, kind, rows)


def mark_distinct(tx: Writing, kind: str, pairs: Iterable[tuple[int, int]]) -> int:
    """Mark pairs as distinct, permanently and for everybody; how many were not marked before."""
    require(tx, kind)
    given = _visible_pairs(tx, kind, pairs)
    marked = set(
        _rows_as_pairs(tx.rows("SELECT left_id, right_id FROM distinct_pairs WHERE subject_kind = $kind", kind=kind))
    )
    new = [pair for pair in given if pair not in marked]
    tx.run(
        """
        INSERT INTO base.distinct_pairs
        SELECT $kind, unnest($left::BIGINT[]), unnest($right::BIGINT[]), $me, $now
        """,
        kind=kind,
        left=[left for left, _ in new],
        right=[right for _, right in new],
        me=tx.actor.id,
        now=tx.now,
    )
    _record(tx, f"{kind}.told_apart", kind, new)
    return len(new)


def mark_all_distinct(tx: Writing, query: PairQuery) -> int:
    """As `mark_distinct`, for every pair of the query: one event, with the details in the table."""
    require(tx, query.kind)
    where = condition(query)
    # The view leaves out pairs that are marked already, so none is inserted twice.
    decided = tx.run(
        f"""
        INSERT INTO base.distinct_pairs
        SELECT $kind, left_id, right_id, $me, $now FROM {view(query.kind)} AS pair WHERE {where.sql}
        """,
        **where.params,
        kind=query.kind,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record(
        "duplicates.told_apart",
        "workspace",
        1,
        kind=query.kind,
        pairs=decided,
        least_score=query.least_score,
        reason=query.reason,
    )
    return decided


def unmark_distinct(tx: Writing, kind: str, left_id: int, right_id: int) -> None:
    """Undo `mark_distinct`: the next scan may find the pair again."""
    require(tx, kind)
    (pair,) = _visible_pairs(tx, kind, [(left_id, right_id)])
    tx.run(
        "DELETE FROM base.distinct_pairs WHERE subject_kind = $kind AND left_id = $left AND right_id = $right",
        kind=kind,
        left=pair[0],
        right=pair[1],
    )
    _record(tx, f"{kind}.brought_up_again", kind, [pair])


def decided(tx: Reading, kind: str, limit: int = 20, offset: int = 0) -> tuple[list[Decided], int]:
    """The pairs marked as distinct, last first, and how many there are."""
    require(tx, kind)
    rows = tx.rows(
        """
        SELECT pair.*, coalesce(person.name, 'Mallard') AS actor_name, count(*) OVER () AS total
        FROM distinct_pairs AS pair
        LEFT JOIN users AS person ON person.id = pair.created_by
        WHERE pair.subject_kind = $kind
        ORDER BY pair.created_at DESC, left_id, right_id
        LIMIT $limit OFFSET $offset
        """,
        kind=kind,
        limit=limit,
        offset=offset,
    )
    sides = sides_of(tx, kind, [row[side] for row in rows for side in ("left_id", "right_id")])
    items = [Decided(**row, left=sides[row["left_id"]], right=sides[row["right_id"]]) for row in rows]
    return items, rows[0]["total"] if rows else 0


def require(tx: Reading, kind: str) -> None:
    of = mergeable(kind)
    tx.require(of.permission, of.module)


def view(kind: str) -> str:
    return f"{mergeable(kind).key}_duplicates"


def condition(query: PairQuery) -> Clause:
    """The condition on `pair` of score, reason and search."""
    if query.reason and query.reason not in reasons(query.kind):
        raise Invalid(
            tr("“{reason}” is not a reason: {reasons}.", reason=query.reason, reasons=", ".join(reasons(query.kind))),
            "reason",
        )
    parts, params = ["pair.score >= $least"], dict[str, Any](least=query.least_score)
    if query.reason:
        parts.append("list_contains(pair.reasons, $reason)")
        params["reason"] = query.reason
    if query.search.strip():
        matches = listing.words(query.search[: listing.LONGEST_SEARCH], "contains(search, {word})")
        matching = f"SELECT id FROM {mergeable(query.kind).plural} WHERE {matches.sql}"
        parts.append(f"(pair.left_id IN ({matching}) OR pair.right_id IN ({matching}))")
        params |= matches.params
    return Clause(" AND ".join(parts), params)


def pairs_of(tx: Reading, kind: str, rows: Sequence[dict[str, Any]]) -> list[Pair]:
    """The pairs of these rows of which the actor sees both records."""
    if not rows:  # most records have none
        return []
    sides = sides_of(tx, kind, [row[side] for row in rows for side in ("left_id", "right_id")])
    return [
        Pair(left=sides[row["left_id"]], right=sides[row["right_id"]], score=row["score"], reasons=row["reasons"])
        for row in rows
        if row["left_id"] in sides and row["right_id"] in sides
    ]


def sides_of(tx: Reading, kind: str, ids: Iterable[int]) -> dict[int, Side]:
    of = mergeable(kind)
    compared = [key for key in Side.model_fields if key in of.fields or key in of.names]
    named = {key: of.names[key] for key in compared if key in of.names}
    aliases = {field: references.alias(field) for field in named.values()}
    columns = [
        f"{references.name_sql(of.references[named[key]], aliases[named[key]])} AS {key}"
        if key in named
        else f"{of.sql(key, 'record')} AS {key}"
        for key in compared
    ]
    rows = tx.rows(
        f"""
        SELECT record.id, {of.title_sql("record")} AS shown_name, {", ".join(columns)}
        FROM {of.plural} AS record
        {" ".join(references.join(of.references[field], "record", alias) for field, alias in aliases.items())}
        WHERE record.id IN (SELECT unnest($ids::BIGINT[]))
        """,
        ids=list(dict.fromkeys(ids)),
    )
    return {row["id"]: Side(**row) for row in rows}


def _visible_pairs(tx: Reading, kind: str, pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs with the smaller id first. Raises NotFound where one of the records is not visible."""
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    if len(ordered) > MOST_AT_ONCE:
        raise Invalid(
            tr("At most {most} pairs can be marked as not duplicates at once.", most=MOST_AT_ONCE),
            "pairs",
        )
    if any(left == right for left, right in ordered):
        raise Invalid(tr("A {kind} cannot be marked as not a duplicate of itself.", kind=mergeable(kind).one), "pairs")
    record_ids = {record_id for pair in ordered for record_id in pair}
    for missing in record_ids - sides_of(tx, kind, record_ids).keys():
        reading.get(tx, mergeable(kind), missing)  # raises NotFound
    return ordered


def _record(tx: Writing, name: str, kind: str, pairs: Sequence[tuple[int, int]]) -> None:
    # On both records: each has a timeline.
    for left, right in pairs:
        tx.record(name, kind, left, other_id=right)
        tx.record(name, kind, right, other_id=left)


def _rows_as_pairs(rows: Sequence[dict[str, Any]]) -> Iterable[tuple[int, int]]:
    return ((row["left_id"], row["right_id"]) for row in rows)


def _after(cursor: str | None) -> Clause:
    if not cursor:
        return Clause("true", {})
    # Eighteen digits always fit a BIGINT.
    if not re.fullmatch(r"\d{1,3}-\d{1,18}-\d{1,18}", cursor, re.ASCII):
        raise Invalid(tr("This cursor does not belong to this list. Start again without one."), "cursor")
    score, left, right = map(int, cursor.split("-"))
    return Clause(
        "(score < $after_score OR (score = $after_score AND (left_id, right_id) > ($after_left, $after_right)))",
        {"after_score": score, "after_left": left, "after_right": right},
    )
