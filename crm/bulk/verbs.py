"""Looking at a change of many records, and making it: a few statements over all of them, whatever their number."""

from typing import Any

from crm import labels, listing
from crm.access import Permission
from crm.bulk.model import Action, BulkChange, Change, Preview
from crm.bulk.tables import TABLES, Table, Way
from crm.companies import particulars as company_particulars
from crm.contacts import particulars as contact_particulars
from crm.errors import Invalid, NotFound
from crm.filters import Clause
from crm.listing import Asked
from crm.store import Reading, Writing

EXAMPLES = 5
MOST_PICKED = 10_000


def preview(tx: Reading, kind: str, asked: Asked, change: Change) -> Preview:
    """What the change would do to everything that was asked for (its limit and offset aside). Writes nothing."""
    table, way, becomes = _checked(tx, kind, asked, change)
    where = _where(tx, table, asked)
    hidden = _out_of_sight(tx, change)
    found = tx.row(
        f"""
        SELECT
            count(*) AS matched,
            count(*) FILTER (already) AS already,
            count(*) FILTER (NOT already AND hidden) AS out_of_sight,
            coalesce((list(shown ORDER BY id) FILTER (NOT already))[:{EXAMPLES}], []) AS examples
        FROM (
            SELECT record.id, {table.shown} AS shown, {way.already} AS already, {hidden} AS hidden
            FROM {table.name} AS record
            WHERE {where.sql}
        ), (SELECT $becomes)
        """,
        **where.params,
        becomes=becomes,
    )
    matched, already = found["matched"], found["already"]
    gone = 0 if asked.ids is None else len(set(asked.ids)) - matched
    return Preview(**found, changing=matched - already, gone=gone)


def apply(tx: Writing, kind: str, asked: Asked, change: Change, *, expected: int | None = None) -> BulkChange:
    """Make the change to everything that was asked for. Invalid where nothing would change, or where no longer
    `expected` records match: somebody looked at a list that is another now."""
    table, way, becomes = _checked(tx, kind, asked, change)
    matched = listing.count(tx, table.source, asked)
    if expected is not None and matched != expected:
        raise Invalid(
            f"The list holds {matched:,} {kind} now, not {expected:,}. Look at it, then try again.", "expected"
        )
    if change.action is Action.ADD_LABEL:
        becomes = labels.made(tx, [change.label or ""])[0].id
    where = _where(tx, table, asked)
    changed = tx.lay(
        "changing",
        f"""
        SELECT record.id, record.version + 1 AS version, {way.was} AS was
        FROM {table.name} AS record, (SELECT $becomes)
        WHERE {where.sql} AND NOT {way.already}
        ORDER BY record.id
        """,
        **where.params,
        becomes=becomes,
    )
    if not changed:
        raise Invalid(f"Nothing would change: {'none matches' if not matched else 'all of them are so already'}.")
    change_id = _keep(tx, table, change.action, becomes, changed)
    _write(tx, table, way, change.action, becomes)
    tx.drop("changing")
    made = get(tx, change_id)
    tx.record(
        "bulk_change.made",
        "bulk_change",
        change_id,
        **made.model_dump(include={"kind", "action", "becomes_name", "changed"}),
        touched=[table.noun],
    )
    return made


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
            change.* EXCLUDE (becomes, undone_by),
            coalesce(person.name, 'Mallard') AS created_by_name,
            CASE
                WHEN action IN ('add_label', 'remove_label') THEN (SELECT name FROM labels WHERE id = becomes)
                WHEN action = 'set_owner' THEN (SELECT name FROM users WHERE id = becomes)
                WHEN action = 'set_company' THEN (SELECT name FROM companies WHERE id = becomes)
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


def _checked(tx: Reading, kind: str, asked: Asked, change: Change) -> tuple[Table, Way, int | None]:
    """Refuse what the actor may not do and what makes no sense; the table, the way, and what the records become."""
    table = TABLES.get(kind)
    if table is None:
        raise Invalid(f"Many records can be changed at once in {' and '.join(TABLES)}, not in “{kind}”.", "kind")
    tx.require(Permission.MANAGE_CONTACTS, table.module)
    way = table.ways.get(change.action)
    if way is None:
        raise Invalid(f"“{change.action}” is for {', '.join(sorted(_kinds_with(change.action)))} alone.", "action")
    if asked.ids is not None and len(asked.ids) > MOST_PICKED:
        raise Invalid(f"At most {MOST_PICKED:,} records can be picked by hand. Use a filter instead.", "ids")
    return table, way, _becomes(tx, kind, change)


def _kinds_with(action: Action) -> set[str]:
    return {kind for kind, table in TABLES.items() if action in table.ways}


def _becomes(tx: Reading, kind: str, change: Change) -> int | None:
    """The id that the records are to hold; -1 for a label that is yet to be made."""
    particulars: Any = contact_particulars if kind == "contacts" else company_particulars
    match change.action:
        case Action.ADD_LABEL | Action.REMOVE_LABEL:
            name = (change.label or "").strip()
            if not name:
                raise Invalid("Say which label.", "label")
            return next((one.id for one in labels.all_of(tx) if one.name.casefold() == name.casefold()), -1)
        case Action.SET_OWNER:
            return particulars.checked(tx, {"owner_id": change.owner_id})["owner_id"]  # type: ignore[no-any-return]
        case Action.SET_COMPANY:
            return particulars.checked(tx, {"company_id": change.company_id})["company_id"]  # type: ignore[no-any-return]
    return None


def _where(tx: Reading, table: Table, asked: Asked) -> Clause:
    """As the list's own condition, for the records under the name `record`."""
    found = listing.wanted(tx, table.source, asked)
    alias = table.source.alias
    return Clause(
        f"record.id IN (SELECT {alias}.id FROM {table.source.table} AS {alias} WHERE {found.sql})", found.params
    )


def _out_of_sight(tx: Reading, change: Change) -> str:
    """Under owner-based privacy, who gives a record away may not see it any more."""
    if change.action is not Action.SET_OWNER or tx.actor.sees_everything or change.owner_id == tx.actor.id:
        return "false"
    return "NOT coalesce(list_contains(getvariable('team_ids'), record.team_id), false)"


def _keep(tx: Writing, table: Table, action: Action, becomes: int | None, changed: int) -> int:
    change_id = tx.insert(
        """
        INSERT INTO base.bulk_changes (kind, action, becomes, changed, created_by, created_at)
        VALUES ($kind, $action, $becomes, $changed, $me, $now)
        RETURNING id
        """,
        kind=table.name,
        action=action.value,
        becomes=becomes,
        changed=changed,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.run(
        """
        INSERT INTO base.bulk_change_rows (
            bulk_change_id, subject_kind, subject_id, from_version, version, left_at, was
        )
        SELECT $change_id, $noun, id, version - 1, version, $now, was FROM changing
        """,
        change_id=change_id,
        noun=table.noun,
        now=tx.now,
    )
    return change_id


def _write(tx: Writing, table: Table, way: Way, action: Action, becomes: int | None) -> None:
    """The rows stand in the order of their ids: an UPDATE in another order takes twenty times as long."""
    if action is Action.ADD_LABEL:
        tx.run("INSERT INTO base.contact_labels SELECT id, $label_id FROM changing", label_id=becomes)
    if action is Action.REMOVE_LABEL:
        tx.run(
            """
            DELETE FROM base.contact_labels
            WHERE label_id = $label_id AND contact_id IN (SELECT id FROM changing)
            """,
            label_id=becomes,
        )
    given = {"becomes": becomes} if "$becomes" in way.sets else {}
    tx.run(
        f"""
        UPDATE base.{table.name} AS target SET
            {f"{way.sets}," if way.sets else ""}
            updated_at = $now,
            version = changing.version
        FROM changing
        WHERE changing.id = target.id
        """,
        **given,
        now=tx.now,
    )
