"""Previewing and applying a bulk change: a few statements over all records, whatever their number."""

import re
from collections.abc import Mapping
from typing import Any

from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.records import listing, lists, registry
from crm.records.bulk import refusals
from crm.records.bulk.model import Action, BulkChange, Change, Left, Preview
from crm.records.bulk.of_type import operations
from crm.records.bulk.operation import Aim, BulkOperation
from crm.records.declaration import RecordType, Trait
from crm.records.filters import Clause
from crm.records.listing import ListQuery
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

EXAMPLES = 5
MOST_PICKED = 10_000


def preview(tx: Reading, kind: str, query: ListQuery, change: Change) -> Preview:
    """What the change would do to everything that the query finds (its limit and offset aside). Writes nothing."""
    of, operation, aim = _checked(tx, kind, query, change)
    matching = _matching(tx, of, operation, query, aim)
    refusals.create_table(tx, of, operation, _would_change(matching, operation, aim), aim)
    found = tx.row(
        f"""
        SELECT
            count(*) AS matched,
            count(*) FILTER (already) AS already,
            count(*) FILTER (NOT already AND refused) AS refused,
            count(*) FILTER (NOT already AND NOT refused AND hidden) AS out_of_sight,
            coalesce((list(shown ORDER BY id) FILTER (NOT already AND NOT refused))[:{EXAMPLES}], []) AS examples
        FROM (
            SELECT
                record.id,
                {of.title_sql("record")} AS shown,
                {operation.already} AS already,
                record.id IN (SELECT id FROM refusing) AS refused,
                {_out_of_sight(tx, operation, aim)} AS hidden
            {matching.sql}
        )
        """,
        **matching.params,
        **_named(aim.params, operation.already, besides=matching.params),
    )
    reasons = refusals.reasons(tx, of) if found["refused"] else []
    tx.drop("refusing")
    matched, changing = found["matched"], found["matched"] - found["already"] - found["refused"]
    gone = 0 if query.ids is None else len(set(query.ids)) - matched
    return Preview(**found, changing=changing, gone=gone, refusals=reasons)


def apply(tx: Writing, kind: str, query: ListQuery, change: Change, *, expected: int | None = None) -> BulkChange:
    """Make the change to all records that the query finds, but for those that refuse it. Raises Invalid where nothing
    would change, or where not `expected` records match: the list has changed since the actor saw it."""
    of, operation, aim = _checked(tx, kind, query, change)
    _refuse_unexpected(tx, of, query, expected)
    if operation.aim_made:
        aim = operation.aim_made(tx, change, aim)
    would_change = _would_change(_matching(tx, of, operation, query, aim), operation, aim)
    refusals.create_table(tx, of, operation, would_change, aim)
    more = "".join(f", {sql} AS {name}" for name, sql in {**operation.keeps, **operation.writes}.items())
    changed = tx.create_temp_table(
        "changing",
        f"""
        SELECT record.id, record.version + {int(operation.changes_records)} AS version, {operation.was} AS was{more}
        {would_change.sql} AND record.id NOT IN (SELECT id FROM refusing)
        ORDER BY record.id
        """,
        **would_change.params,
        **_named(aim.params, more, besides=would_change.params),
    )
    if not changed:
        raise Invalid(_why_nothing(tx, of, query))
    change_id = _store(tx, of, operation, change.action, aim, changed)
    _write(tx, of, operation, aim, change_id)
    tx.drop("changing", "refusing")
    (made,) = find(tx, change_id, becomes_name=operation.becomes_name)
    tx.record(
        "bulk_change.made",
        "bulk_change",
        change_id,
        **made.model_dump(include={"kind", "action", "becomes_name", "changed", "refused"}),
        touched=[of.key],
    )
    return made


def _refuse_unexpected(tx: Reading, of: RecordType[Any], query: ListQuery, expected: int | None) -> None:
    if expected is None:
        return
    matched = listing.count(tx, lists.source(of), query)
    if matched != expected:
        raise Invalid(
            tr(
                "The list holds {matched:,} {records} now, not {expected:,}. Look at it, then try again.",
                matched=matched,
                records=of.many,
                expected=expected,
            ),
            "expected",
        )


def _why_nothing(tx: Reading, of: RecordType[Any], query: ListQuery) -> str:
    if not listing.count(tx, lists.source(of), query):
        return tr("Nothing would change: none matches.")
    reasons = refusals.reasons(tx, of)
    if not reasons:
        return tr("Nothing would change: all of them are so already.")
    return tr("Nothing would change. {because}", because=reasons[0].because)


def get(tx: Reading, change_id: int) -> BulkChange:
    """One change. Raises NotFound unless it is the actor's own or the actor sees everything."""
    found = find(tx, change_id)
    if not found:
        raise NotFound(tr("change of many records"))
    return found[0]


@kept
def recent(tx: Reading, kind: str, limit: int = 20) -> list[BulkChange]:
    """The actor's own changes of one list, newest first."""
    return [one for one in find(tx, limit=200) if one.kind == kind and one.created_by == tx.actor.id][:limit]


@kept
def has_made_any(tx: Reading, kind: str) -> bool:
    """Whether the actor made a change of this list."""
    return bool(
        tx.value(
            "SELECT count(*) > 0 FROM bulk_changes WHERE kind = $kind AND created_by = $user_id",
            kind=kind,
            user_id=tx.actor.id,
        )
    )


def find(tx: Reading, change_id: int | None = None, *, limit: int = 200, becomes_name: str = "") -> list[BulkChange]:
    """The actor's changes, or everybody's for those who see everything, newest first; not those of a type that was
    deleted. `becomes_name`: that of the operation, where it is known; to plan those of all takes longer than to read
    one change."""
    rows = tx.rows(
        f"""
        SELECT
            change.* EXCLUDE (undone_by, close_reason_id, close_note, status, paid_on, link_label_id, linked_on),
            coalesce(person.name, 'Mallard') AS created_by_name,
            {becomes_name or _becomes_name()} AS becomes_name,
            (
                SELECT count(*)
                FROM base.bulk_change_rows AS row  -- of a visible change
                WHERE row.bulk_change_id = change.id AND row.left_because IS NOT NULL
            ) AS "left"
        FROM bulk_changes AS change
        LEFT JOIN users AS person ON person.id = change.created_by
        WHERE change.id = coalesce($id, change.id) AND list_contains($kinds, change.kind)
        ORDER BY change.id DESC
        LIMIT $limit
        """,
        id=change_id,
        kinds=[of.plural for of in registry.having(Trait.BULK)],
        limit=limit,
    )
    _name_linked(tx, rows)
    return [BulkChange(**row) for row in rows]


def _name_linked(tx: Reading, rows: list[Row]) -> None:
    """Name the records that were linked. They are of several types: one look-up for each, where there are any."""
    for kind in {row["linked_kind"] for row in rows} & registry.types().keys():
        of, named = registry.get(kind), [row for row in rows if row["linked_kind"] == kind]
        names = tx.rows(
            f"SELECT id, {of.title_sql()} AS name FROM {of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))",
            ids=sorted({row["becomes"] for row in named}),
        )
        known = {row["id"]: row["name"] or of.untitled(row["id"]) for row in names}
        for row in named:
            row["becomes_name"] = known.get(row["becomes"])


def _becomes_name() -> str:
    # Actions whose new values stand in the same table share a branch: each branch takes time to plan.
    branches: dict[str, list[str]] = {}
    for of in registry.having(Trait.BULK):
        for action, operation in operations(of).items():
            branches.setdefault(operation.becomes_name, []).append(f"('{of.plural}', '{action}')")
    whens = (f"WHEN (kind, action) IN ({', '.join(pairs)}) THEN {sql}" for sql, pairs in branches.items())
    return f"CASE {' '.join(whens)} END"


def refused(tx: Reading, change_id: int, limit: int = 100, offset: int = 0) -> list[Left]:
    """The records that matched and that the change was not made to, and why."""
    found = get(tx, change_id)
    return refusals.of_change(tx, registry.by_plural(found.kind), found.id, limit, offset)


def _checked(tx: Reading, kind: str, query: ListQuery, change: Change) -> tuple[RecordType[Any], BulkOperation, Aim]:
    """The type, the operation and the new value, once permission and change are checked."""
    with_bulk = {one.plural: one for one in registry.having(Trait.BULK)}
    of = with_bulk.get(kind)
    if of is None:
        raise Invalid(
            tr(
                "Many records can be changed at once in {kinds}, not in “{kind}”.",
                kinds=", ".join(with_bulk),
                kind=kind,
            ),
            "kind",
        )
    tx.require(of.permission, of.module)
    operation = operations(of).get(change.action)
    if operation is None:
        having = sorted(plural for plural, one in with_bulk.items() if change.action in operations(one))
        raise Invalid(tr("“{action}” is for {kinds} alone.", action=change.action, kinds=", ".join(having)), "action")
    tx.require(of.permission, operation.module)
    if query.ids is not None and len(query.ids) > MOST_PICKED:
        raise Invalid(
            tr("At most {most:,} records can be picked by hand. Use a filter instead.", most=MOST_PICKED),
            "ids",
        )
    return of, operation, operation.aim(tx, of, change)


def _matching(tx: Reading, of: RecordType[Any], operation: BulkOperation, query: ListQuery, aim: Aim) -> Clause:
    """What follows SELECT for all records that the query finds, under the name `record`."""
    source = lists.source(of)
    found = listing.condition(tx, source, query)
    alias = source.alias
    sql = f"""
        FROM {of.plural} AS record {operation.joins}
        WHERE record.id IN (SELECT {alias}.id FROM {source.table} AS {alias} WHERE {found.sql})
    """
    return Clause(sql, {**found.params, **_named(aim.params, operation.joins)})


def _would_change(matching: Clause, operation: BulkOperation, aim: Aim) -> Clause:
    sql = f"{matching.sql} AND NOT {operation.already}"
    return Clause(sql, {**matching.params, **_named(aim.params, operation.already)})


def _named(params: Mapping[str, Any], sql: str, besides: Mapping[str, object] | None = None) -> dict[str, Any]:
    # The engine refuses parameters that the SQL does not name.
    names = set(re.findall(r"\$(\w+)", sql)) - set(besides or ())
    return {name: value for name, value in params.items() if name in names}


def _out_of_sight(tx: Reading, operation: BulkOperation, aim: Aim) -> str:
    if not tx.actor.sees_everything and not operation.moves_owner:
        return operation.hides
    # Under owner-based privacy, whoever gives a record away may not see it any more.
    if not operation.moves_owner or tx.actor.sees_everything or aim.becomes == tx.actor.id:
        return "false"
    return "NOT coalesce(list_contains(getvariable('team_ids'), record.team_id), false)"


def _store(tx: Writing, of: RecordType[Any], operation: BulkOperation, action: Action, aim: Aim, changed: int) -> int:
    change_id = tx.insert(
        f"""
        INSERT INTO base.bulk_changes (
            kind, action, becomes, changed, refused, created_by, created_at{"".join(f", {name}" for name in aim.values)}
        )
        SELECT $kind, $action, $becomes, $changed, count(*), $me, $now{"".join(f", ${name}" for name in aim.values)}
        FROM refusing
        RETURNING id
        """,
        kind=of.plural,
        action=action.value,
        changed=changed,
        **aim.params,
        me=tx.actor.id,
        now=tx.now,
    )
    more = "".join(f", {name}" for name in operation.keeps)
    tx.run(
        f"""
        INSERT INTO base.bulk_change_rows (
            bulk_change_id, subject_kind, subject_id, from_version, version, left_at, was{more}
        )
        SELECT $change_id, $kind, id, version - {int(operation.changes_records)}, version, $now, was{more} FROM changing
        """,
        change_id=change_id,
        kind=of.key,
        now=tx.now,
    )
    refusals.store(tx, change_id, of.key)
    return change_id


def _write(tx: Writing, of: RecordType[Any], operation: BulkOperation, aim: Aim, change_id: int) -> None:
    if operation.changes_records:
        # `changing` is in the order of its ids: an UPDATE in another order takes twenty times as long.
        tx.run(
            f"""
            UPDATE base.{of.plural} AS target SET
                {f"{operation.sets}," if operation.sets else ""}
                updated_at = $now,
                version = changing.version
            FROM changing
            WHERE changing.id = target.id
            """,
            **_named(aim.params, operation.sets),
            now=tx.now,
        )
    if operation.after:
        operation.after(tx, of, aim, change_id)
    if (operation.sets_fields or operation.deletes) and of.hooks.after_set:
        of.hooks.after_set(tx, "SELECT id FROM changing")
