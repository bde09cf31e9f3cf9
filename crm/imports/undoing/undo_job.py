"""Undoing an import as a whole, updates included: previewed, requested, and run by the worker.

What nothing else has touched since goes back to what it was; the other records are left as they are and listed.
"""

import json
from typing import Any

from crm.foundation.access import NOBODY, SYSTEM, Actor, Source
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import plural, tr
from crm.imports.interruption import Cancelled, forget, heed
from crm.imports.model import Import, LeftAlone, LeftPage, UndoPreview
from crm.imports.result_notice import notify
from crm.imports.run import begun, fail, product_itself
from crm.imports.undoing import undo_apply, undo_plan
from crm.imports.verbs import STATES, get, require
from crm.platform import jobs
from crm.platform.people import users
from crm.records import registry
from crm.records.declaration import RecordType
from crm.store import Reading, Store, Writing

JOB = "import_undo"


def undo_preview(tx: Reading, import_id: int) -> UndoPreview:
    """What undoing it would do now. Invalid where it cannot be undone."""
    found = _undoable(tx, import_id)
    undo_plan.assess(tx, found)
    counts = _counts(tx)
    reasons = tx.rows(
        """
        SELECT split_part(reason, ': ', 1) AS why, count(*) AS many
        FROM undo_rows
        WHERE reason IS NOT NULL
        GROUP BY why
        ORDER BY many DESC, why
        """
    )
    undo_plan.clear(tx)
    return UndoPreview(**counts, reasons={row["why"]: row["many"] for row in reasons})


def undo(tx: Writing, import_id: int, *, queue: bool = True) -> Import:
    """Queue the undoing of an import that is done; the worker takes it up, unless its caller does."""
    found = _undoable(tx, import_id)
    tx.run(
        """
        UPDATE base.imports SET undo_state = 'queued', undo_by = $actor, step = '', progress = 0, message = NULL
        WHERE id = $id
        """,
        actor=tx.actor.id,
        id=found.id,
    )
    if queue:
        jobs.enqueue(tx, JOB, found.id)
    tx.record("import.undo_asked", "import", found.id)
    return get(tx, found.id)


def undo_left(tx: Reading, import_id: int, *, limit: int = 50, offset: int = 0) -> LeftPage:
    """The records that undoing left as they were, or, before it, would leave; by line."""
    found = get(tx, import_id)
    of = found.of
    if found.state == "undone":
        return _left(tx, of, "base.import_left", found.id, limit, offset)
    _undoable(tx, import_id)
    undo_plan.assess(tx, found)
    tx.create_temp_table(
        "left_now",
        """
        SELECT $id AS import_id, line, $key AS subject_kind, id AS subject_id, reason
        FROM undo_rows
        WHERE reason IS NOT NULL
        """,
        id=found.id,
        key=of.key,
    )
    page = _left(tx, of, "left_now", found.id, limit, offset)
    undo_plan.clear(tx)
    tx.drop("left_now")
    return page


def _left(tx: Reading, of: RecordType[Any], among: str, import_id: int, limit: int, offset: int) -> LeftPage:
    rows = tx.rows(
        f"""
        SELECT
            stayed.line,
            stayed.subject_id AS id,
            stayed.subject_kind AS kind,
            {of.title_sql("found")} AS name,
            stayed.reason
        FROM {among} AS stayed
        LEFT JOIN {of.plural} AS found ON found.id = stayed.subject_id
        WHERE stayed.import_id = $id AND stayed.subject_kind = $key
        ORDER BY stayed.line
        LIMIT $limit OFFSET $offset
        """,
        id=import_id,
        key=of.key,
        limit=limit,
        offset=offset,
    )
    total = tx.value(
        f"SELECT count(*) FROM {among} WHERE import_id = $id AND subject_kind = $key", id=import_id, key=of.key
    )
    return LeftPage(items=[LeftAlone(**row) for row in rows], total=int(total))


def _undoable(tx: Reading, import_id: int) -> Import:
    found = get(tx, import_id)
    require(tx, found.of, found.options)
    if found.state != "done":
        raise Invalid(
            tr("Only an import that is done can be undone; this one is {state}.", state=tr(STATES[found.state]))
        )
    if found.undo_state in ("queued", "running"):
        raise Invalid(tr("This import is being undone already."))
    return found


def _counts(tx: Reading) -> dict[str, int]:
    return tx.row(
        """
        SELECT
            count(*) FILTER (change = 'created' AND reason IS NULL) AS deleted,
            count(*) FILTER (change = 'updated' AND reason IS NULL) AS restored,
            count(*) FILTER (reason IS NOT NULL) AS left,
            (SELECT count(*) FROM unused_companies) AS companies,
            (SELECT count(*) FROM unused_contacts) AS contacts,
            (SELECT count(*) FROM unused_labels) AS labels
        FROM undo_rows
        """
    )


# By the worker


def run(store: Store, import_id: int) -> str:
    """Undo an import as it was requested: done, cancelled or failed. One that was undone or called off meanwhile is
    left as it is."""
    found = begun(store, import_id, undoing=True)
    if found is None:
        return "failed"
    if found.undo_state not in ("queued", "running"):
        return "done"
    try:
        actor = _actor(store, found)
        _begin(store, found)
        with store.writing(actor) as tx:
            _carry_out(tx, found)
    except Cancelled:
        return "cancelled"
    except CrmError as refusal:
        if begun(store, import_id, undoing=True) is not None:
            fail(store, found, str(refusal), undoing=True)
        return "failed"
    finally:
        forget(import_id)
    return "done"


def on_failure(store: Store, import_id: int, why: str) -> None:
    found = begun(store, import_id, undoing=True)
    if found is not None:
        fail(store, found, tr("{why}, and nothing was undone.", why=tr(why)), undoing=True)


def _actor(store: Store, found: Import) -> Actor:
    if found.undo_by in (NOBODY, None):
        return product_itself(store)
    return users.actor(store, found.undo_by, Source.IMPORT)


def _begin(store: Store, found: Import) -> None:
    with store.writing(SYSTEM) as tx:
        if get(tx, found.id).undo_state not in ("queued", "running"):
            raise Cancelled
        # In a transaction of its own: pages see it running while the undo holds the writer's place.
        tx.run(
            "UPDATE base.imports SET undo_state = 'running', step = $step WHERE id = $id",
            step=tr("Undoing"),
            id=found.id,
        )


def _carry_out(tx: Writing, found: Import) -> None:
    now = get(tx, found.id)
    require(tx, now.of, now.options)
    of = now.of
    undo_plan.assess(tx, now)
    counts = _counts(tx)
    heed(now.id)
    undo_apply.delete_notes(tx, of)
    undo_apply.delete_links(tx, now.id)
    deleted = undo_apply.delete_created(tx, of)
    heed(now.id)
    restored = undo_apply.restore_updated(tx, of)
    other = {key: registry.get(key).plural for key in undo_plan.MADE_ON_THE_WAY}
    made = {plural: undo_apply.delete_unused(tx, plural) for plural in [*other.values(), "labels"]}
    # What was planned is what is done, or nothing is.
    if {"deleted": deleted, "restored": restored, **made, "left": counts["left"]} != counts:
        raise RuntimeError(f"undid {deleted}, {restored} and {made} records, not {counts}")
    heed(now.id)
    _keep(tx, now, of, counts)
    undo_plan.clear(tx)
    notify(
        tx,
        now.undo_by,
        now,
        tr("The import of {file} was undone: {counts}.", file=now.file_name, counts=summary(counts)),
    )
    touched = [of.key, *(key for key, plural in other.items() if made[plural])]
    tx.record("import.undone", "import", now.id, touched=touched, **counts)


def _keep(tx: Writing, found: Import, of: RecordType[Any], counts: dict[str, int]) -> None:
    tx.run(
        """
        INSERT INTO base.import_left
        SELECT $id, line, $key, id, reason FROM undo_rows WHERE reason IS NOT NULL
        """,
        id=found.id,
        key=of.key,
    )
    for key in undo_plan.MADE_ON_THE_WAY:
        if key != of.key:
            _keep_used(tx, found, registry.get(key))
    tx.run(
        """
        UPDATE base.imports SET
            state = 'undone',
            undo_state = 'done',
            undo_ended_at = $now,
            undone = $undone,
            progress = 1,
            step = ''
        WHERE id = $id
        """,
        undone=json.dumps(counts),
        now=tx.now,
        id=found.id,
    )


def _keep_used(tx: Writing, found: Import, made: RecordType[Any]) -> None:
    """Companies or contacts made on the way that stay, since something else names them by now."""
    tx.run(
        f"""
        INSERT INTO base.import_left
        SELECT $id, line, $key, subject_id, $in_use
        FROM base.import_changes
        WHERE import_id = $id
          AND subject_kind = $key
          AND subject_id NOT IN (SELECT id FROM unused_{made.plural})
        """,
        id=found.id,
        key=made.key,
        in_use=tr("It is in use."),
    )


def summary(counts: dict[str, int]) -> str:
    texts = {
        "deleted": plural("{count:,} created records deleted", "{count:,} created records deleted", counts["deleted"]),
        "restored": plural("{count:,} updated ones put back", "{count:,} updated ones put back", counts["restored"]),
        "companies": plural(
            "{count:,} companies created along the way deleted",
            "{count:,} companies created along the way deleted",
            counts["companies"],
        ),
        "contacts": plural(
            "{count:,} contacts created along the way deleted",
            "{count:,} contacts created along the way deleted",
            counts["contacts"],
        ),
        "labels": plural(
            "{count:,} labels created along the way deleted",
            "{count:,} labels created along the way deleted",
            counts["labels"],
        ),
        "left": plural(
            "{count:,} left as they are, since something touched them",
            "{count:,} left as they are, since something touched them",
            counts["left"],
        ),
    }
    return ", ".join(text for what, text in texts.items() if counts[what]) or tr("there was nothing to take back")
