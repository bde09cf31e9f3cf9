"""Looking at a change of many records, and making it: a few statements over all of them, whatever their number."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crm.deals import closing, versions
from crm.deals.moving import OPEN
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, NotFound
from crm.pipelines import Kind, stage
from crm.records import labels, listing, registry, validation
from crm.records.bulk import deal_operations, refusals
from crm.records.bulk.model import Action, BulkChange, Change, Left, Preview
from crm.records.bulk.operation import BulkOperation, Table
from crm.records.bulk.tables import TABLES
from crm.records.filters import Clause
from crm.records.listing import ListQuery
from crm.store import Reading, Writing

EXAMPLES = 5
MOST_PICKED = 10_000
CLOSING = ("closed_on", "close_reason_id", "close_note")


def preview(tx: Reading, kind: str, query: ListQuery, change: Change) -> Preview:
    """What the change would do to everything that was asked for (its limit and offset aside). Writes nothing."""
    table, operation, aim = _checked(tx, kind, query, change)
    where = _where(tx, table, query)
    hidden = _out_of_sight(tx, change)
    refusals.lay(tx, table, operation, where, aim.becomes, aim.closing.get("closed_on"))
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
                {table.shown} AS shown,
                {operation.already} AS already,
                record.id IN (SELECT id FROM refusing) AS refused,
                {hidden} AS hidden
            FROM {table.name} AS record {operation.joins}, (SELECT $becomes)
            WHERE {where.sql}
        )
        """,
        **where.params,
        becomes=aim.becomes,
    )
    reasons = refusals.told(tx, table) if found["refused"] else []
    tx.drop("refusing")
    matched, changing = found["matched"], found["matched"] - found["already"] - found["refused"]
    gone = 0 if query.ids is None else len(set(query.ids)) - matched
    return Preview(**found, changing=changing, gone=gone, refusals=reasons)


def apply(tx: Writing, kind: str, query: ListQuery, change: Change, *, expected: int | None = None) -> BulkChange:
    """Make the change to everything that was asked for and takes it. Invalid where nothing would change, or where no
    longer `expected` records match: somebody looked at a list that is another now."""
    table, operation, aim = _checked(tx, kind, query, change)
    matched = listing.count(tx, table.source, query)
    if expected is not None and matched != expected:
        raise Invalid(
            f"The list holds {matched:,} {kind} now, not {expected:,}. Look at it, then try again.", "expected"
        )
    if change.action is Action.ADD_LABEL:
        aim = replace(aim, becomes=labels.made(tx, [change.label or ""])[0].id)
    where = _where(tx, table, query)
    refusals.lay(tx, table, operation, where, aim.becomes, aim.closing.get("closed_on"))
    more = "".join(f", {sql} AS {name}" for name, sql in {**operation.keeps, **operation.writes}.items())
    changed = tx.create_temp_table(
        "changing",
        f"""
        SELECT record.id, record.version + 1 AS version, {operation.was} AS was{more}
        FROM {table.name} AS record {operation.joins}, (SELECT $becomes)
        WHERE {where.sql} AND NOT {operation.already} AND record.id NOT IN (SELECT id FROM refusing)
        ORDER BY record.id
        """,
        **where.params,
        becomes=aim.becomes,
    )
    if not changed:
        raise Invalid(_why_nothing(tx, table, matched))
    change_id = _keep(tx, table, operation, change.action, aim, changed)
    _write(tx, table, operation, change.action, aim)
    tx.drop("changing", "refusing")
    made = get(tx, change_id)
    tx.record(
        "bulk_change.made",
        "bulk_change",
        change_id,
        **made.model_dump(include={"kind", "action", "becomes_name", "changed", "refused"}),
        touched=[table.noun],
    )
    return made


def _why_nothing(tx: Reading, table: Table, matched: int) -> str:
    if not matched:
        return "Nothing would change: none matches."
    reasons = refusals.told(tx, table)
    if not reasons:
        return "Nothing would change: all of them are so already."
    return f"Nothing would change. {reasons[0].because}"


def get(tx: Reading, change_id: int) -> BulkChange:
    """NotFound where it is neither the actor's, nor the actor one who sees everything."""
    found = find(tx, change_id)
    if not found:
        raise NotFound("change of many records")
    return found[0]


def recent(tx: Reading, kind: str, limit: int = 20) -> list[BulkChange]:
    """The actor's own of one list, newest first."""
    return [one for one in find(tx, limit=200) if one.kind == kind and one.created_by == tx.actor.id][:limit]


def find(tx: Reading, change_id: int | None = None, *, limit: int = 200) -> list[BulkChange]:
    """The actor's, or everybody's for those who see everything, newest first."""
    rows = tx.rows(
        """
        SELECT
            change.* EXCLUDE (becomes, undone_by, close_reason_id, close_note),
            coalesce(person.name, 'Mallard') AS created_by_name,
            CASE
                WHEN action IN ('add_label', 'remove_label') THEN (SELECT name FROM labels WHERE id = becomes)
                WHEN action = 'set_owner' THEN (SELECT name FROM users WHERE id = becomes)
                WHEN action = 'set_company' THEN (SELECT name FROM companies WHERE id = becomes)
                WHEN action = 'move' THEN (SELECT name FROM base.stages WHERE id = becomes)
                WHEN action IN ('win', 'lose') THEN (SELECT name FROM close_reasons WHERE id = close_reason_id)
            END AS becomes_name,
            (
                SELECT count(*)
                FROM base.bulk_change_rows AS row  -- of a visible change
                WHERE row.bulk_change_id = change.id AND row.left_because IS NOT NULL
            ) AS "left"
        FROM bulk_changes AS change
        LEFT JOIN users AS person ON person.id = change.created_by
        WHERE change.id = coalesce($id, change.id)
        ORDER BY change.id DESC
        LIMIT $limit
        """,
        id=change_id,
        limit=limit,
    )
    return [BulkChange(**row) for row in rows]


def refused(tx: Reading, change_id: int, limit: int = 100, offset: int = 0) -> list[Left]:
    """The records that matched and that the change was not made to, and why."""
    found = get(tx, change_id)
    return refusals.kept(tx, TABLES[found.kind], found.id, limit, offset)


@dataclass(frozen=True)
class Aim:
    """`becomes`: the id that the records are to hold; -1 for a label that is yet to be made. `closing`: what deals are
    closed with, empty columns where they are not."""

    becomes: int | None
    closing: Mapping[str, Any] = field(default_factory=dict)


def _checked(tx: Reading, kind: str, query: ListQuery, change: Change) -> tuple[Table, BulkOperation, Aim]:
    """Refuse what the actor may not do or makes no sense; the table, the operation, and what the records become."""
    table = TABLES.get(kind)
    if table is None:
        raise Invalid(f"Many records can be changed at once in {', '.join(TABLES)}, not in “{kind}”.", "kind")
    tx.require(table.permission, table.module)
    if change.action is Action.SET_COMPANY:
        tx.require(table.permission, Module.COMPANIES)
    operation = table.operations.get(change.action)
    if operation is None:
        raise Invalid(f"“{change.action}” is for {', '.join(sorted(_kinds_with(change.action)))} alone.", "action")
    if query.ids is not None and len(query.ids) > MOST_PICKED:
        raise Invalid(f"At most {MOST_PICKED:,} records can be picked by hand. Use a filter instead.", "ids")
    return table, operation, _aim(tx, table, change)


def _kinds_with(action: Action) -> set[str]:
    return {kind for kind, table in TABLES.items() if action in table.operations}


def _aim(tx: Reading, table: Table, change: Change) -> Aim:
    match change.action:
        case Action.ADD_LABEL | Action.REMOVE_LABEL:
            name = (change.label or "").strip()
            if not name:
                raise Invalid("Say which label.", "label")
            return Aim(next((one.id for one in labels.all_of(tx) if one.name.casefold() == name.casefold()), -1))
        case Action.SET_OWNER:
            return Aim(_record(tx, table, "owner_id", change.owner_id))
        case Action.SET_COMPANY:
            return Aim(_record(tx, table, "company_id", change.company_id))
        case Action.MOVE:
            return Aim(_open_stage(tx, change.stage_id), OPEN)
        case Action.WIN:
            return Aim(None, closing.closing_fields(tx, Kind.WON, change.on, change.reason_id, change.note))
        case Action.LOSE:
            return Aim(None, closing.closing_fields(tx, Kind.LOST, change.on, change.reason_id, change.note))
    return Aim(None)


def _record(tx: Reading, table: Table, field: str, record_id: int | None) -> int | None:
    """What the records are to point to: there, and the actor's to see."""
    found: int | None = validation.checked(tx, registry.get(table.noun), {field: record_id})[field]
    return found


def _open_stage(tx: Reading, stage_id: int | None) -> int:
    if stage_id is None:
        raise Invalid("Say to which stage.", "stage_id")
    target = stage(tx, stage_id)
    if target.kind is not Kind.OPEN:
        raise Invalid(f"Deals reach {target.name} by closing them, with a day and a reason.", "stage_id")
    return target.id


def _where(tx: Reading, table: Table, query: ListQuery) -> Clause:
    """As the list's own condition, for the records under the name `record`."""
    found = listing.wanted(tx, table.source, query)
    alias = table.source.alias
    return Clause(
        f"record.id IN (SELECT {alias}.id FROM {table.source.table} AS {alias} WHERE {found.sql})", found.params
    )


def _out_of_sight(tx: Reading, change: Change) -> str:
    """Under owner-based privacy, who gives a record away may not see it any more."""
    if change.action is not Action.SET_OWNER or tx.actor.sees_everything or change.owner_id == tx.actor.id:
        return "false"
    return "NOT coalesce(list_contains(getvariable('team_ids'), record.team_id), false)"


def _keep(tx: Writing, table: Table, operation: BulkOperation, action: Action, aim: Aim, changed: int) -> int:
    change_id = tx.insert(
        """
        INSERT INTO base.bulk_changes (
            kind, action, becomes, changed, refused, closed_on, close_reason_id, close_note, created_by, created_at
        )
        SELECT
            $kind, $action, $becomes, $changed, count(*), $closed_on, $close_reason_id, $close_note, $me, $now
        FROM refusing
        RETURNING id
        """,
        kind=table.name,
        action=action.value,
        becomes=aim.becomes,
        changed=changed,
        **{column: aim.closing.get(column) for column in CLOSING},
        me=tx.actor.id,
        now=tx.now,
    )
    more = "".join(f", {name}" for name in operation.keeps)
    tx.run(
        f"""
        INSERT INTO base.bulk_change_rows (
            bulk_change_id, subject_kind, subject_id, from_version, version, left_at, was{more}
        )
        SELECT $change_id, $noun, id, version - 1, version, $now, was{more} FROM changing
        """,
        change_id=change_id,
        noun=table.noun,
        now=tx.now,
    )
    refusals.keep(tx, change_id, table.noun)
    return change_id


def _write(tx: Writing, table: Table, operation: BulkOperation, action: Action, aim: Aim) -> None:
    """The rows stand in the order of their ids: an UPDATE in another order takes twenty times as long."""
    noun = table.noun
    if action is Action.ADD_LABEL:
        tx.run(f"INSERT INTO base.{noun}_labels SELECT id, $label_id FROM changing", label_id=aim.becomes)
    if action is Action.REMOVE_LABEL:
        tx.run(
            f"""
            DELETE FROM base.{noun}_labels
            WHERE label_id = $label_id AND {noun}_id IN (SELECT id FROM changing)
            """,
            label_id=aim.becomes,
        )
    given = {"becomes": aim.becomes, **{column: aim.closing.get(column) for column in CLOSING}}
    tx.run(
        f"""
        UPDATE base.{table.name} AS target SET
            {f"{operation.sets}," if operation.sets else ""}
            updated_at = $now,
            version = changing.version
        FROM changing
        WHERE changing.id = target.id
        """,
        **{name: value for name, value in given.items() if f"${name}" in operation.sets},
        now=tx.now,
    )
    if operation.is_arrival:
        deal_operations.record_arrivals(tx)
    if noun == "deal" and action is Action.SET_OWNER:
        versions.note_each(tx, "SELECT id FROM changing")
