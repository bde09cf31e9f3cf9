"""Executes a run. Each merge is a transaction that also counts it, so that an interrupted run continues."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from crm.foundation.access import NOBODY, SYSTEM, Actor, Source
from crm.foundation.errors import CrmError
from crm.foundation.language import plural, tr
from crm.platform import notices
from crm.platform.people import users
from crm.records import merging, reading
from crm.records.duplicates import pairing
from crm.records.duplicates.inbox import PairQuery, condition, view
from crm.records.duplicates.model import Run, State
from crm.records.duplicates.requests import get
from crm.store import Store, Writing

T = TypeVar("T")

MOST_PAIRS = 500_000
"""The most pairs that a scan keeps, most likely first."""

LINK = "/duplicates?kind={kind}"


def run(store: Store, run_id: int) -> str:
    """Execute a queued run; its final state."""
    with store.reading(SYSTEM) as tx:
        request = get(tx, run_id)
    if not request.at_work:  # cancelled while it was queued
        return request.state
    _begin(store, run_id)
    try:
        # Within the try: who asked may be disabled by now, and the run then fails with that reason.
        actor = _actor(store, request)
        {"scan": _scan, "merge": _merge, "unmerge": _unmerge}[request.task](store, actor, request)
    except CrmError as refusal:
        _finish(store, run_id, "failed", str(refusal))
        return "failed"
    return _finish(store, run_id, "done")


def on_failure(store: Store, run_id: int, why: str) -> None:
    """Mark a run as failed after an unexpected error. Merges already made stay."""
    _finish(store, run_id, "failed", f"{tr(why)}.")


def _scan(store: Store, actor: Actor, request: Run) -> None:
    """Compare all records; a pair is visible to those who see both of its records."""
    kind = request.subject_kind
    with store.reading(SYSTEM) as tx:
        tx.create_temp_table(
            "prepared", pairing.prepared(kind, f"base.{merging.mergeable(kind).plural} WHERE deleted_at IS NULL")
        )
        try:
            found = tx.frame(f"{pairing.pairs(kind)} ORDER BY score DESC, left_id, right_id LIMIT {MOST_PAIRS}")
        finally:
            tx.drop("prepared")
    with store.writing(SYSTEM) as tx:
        # The scan has run in a snapshot without the lock; only replacing its result needs it.
        tx.run("DELETE FROM base.duplicates WHERE subject_kind = $kind", kind=kind)
        tx.insert_frame(
            found,
            """
            INSERT INTO base.duplicates
            SELECT $kind, left_id, right_id, score, reasons FROM frame ORDER BY score DESC, left_id, right_id
            """,
            kind=kind,
        )
        tx.run(
            "UPDATE base.duplicate_runs SET total = $found, done = $found WHERE id = $id",
            found=found.height,
            id=request.id,
        )
        tx.record("duplicates.scanned", "duplicate_run", request.id, kind=kind, found=found.height)


def _merge(store: Store, actor: Actor, request: Run) -> None:
    where = condition(PairQuery(request.subject_kind, request.least_score, request.reason, request.search))
    with store.reading(actor) as tx:
        rows = tx.rows(
            f"""
            SELECT left_id, right_id
            FROM {view(request.subject_kind)} AS pair
            WHERE {where.sql}
            ORDER BY score DESC, left_id, right_id
            """,
            **where.params,
        )
    _each(store, actor, request, [(row["left_id"], row["right_id"]) for row in rows], _merge_pair)


def _merge_pair(tx: Writing, request: Run, pair: tuple[int, int]) -> bool:
    """Merge a pair; False where an earlier merge of this run has already made them one."""
    kind = request.subject_kind
    # Pairs overlap (A–B, B–C): by now one of them may be part of another record.
    left, right = (merging.survivor_of(tx, kind, one) or one for one in pair)
    if left == right:
        return False
    of = merging.mergeable(kind)
    survivor, absorbed = merging.better(of, reading.get(tx, of, left), reading.get(tx, of, right))
    merging.merge(tx, kind, survivor.id, absorbed.id, run_id=request.id)
    return True


def _unmerge(store: Store, actor: Actor, request: Run) -> None:
    with store.reading(actor) as tx:
        # The last merge first: its survivor may be what an earlier one made.
        rows = tx.rows(
            "SELECT id FROM base.merges WHERE run_id = $id AND undone_at IS NULL ORDER BY id DESC", id=request.of_run_id
        )
    _each(store, actor, request, [row["id"] for row in rows], _unmerge_one)


def _unmerge_one(tx: Writing, request: Run, merge_id: int) -> bool:
    merging.unmerge(tx, request.subject_kind, merge_id)
    return True


def _each(
    store: Store, actor: Actor, request: Run, items: Sequence[T], process: Callable[[Writing, Run, T], bool]
) -> None:
    """Process each thing in a transaction of its own. Refused ones are skipped and counted; a cancelled run ends
    here."""
    for item in items:
        try:
            with store.writing(actor) as tx:
                # Read in each transaction, so that a cancel holds before the next item.
                if not get(tx, request.id).at_work:
                    return
                if process(tx, request, item):
                    tx.run("UPDATE base.duplicate_runs SET done = done + 1 WHERE id = $id", id=request.id)
        except CrmError:
            # A transaction of its own: the refused one is rolled back, and a count in it would be, too.
            with store.writing(SYSTEM) as tx:
                tx.run("UPDATE base.duplicate_runs SET left_alone = left_alone + 1 WHERE id = $id", id=request.id)


def _actor(store: Store, request: Run) -> Actor:
    """The run's actor with their current permissions; the product itself for scheduled scans."""
    return SYSTEM if request.created_by == NOBODY else users.actor(store, request.created_by, Source.PAGE)


def _begin(store: Store, run_id: int) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.duplicate_runs SET state = 'running' WHERE id = $id", id=run_id)
        tx.record("duplicates.begun", "duplicate_run", run_id)


def _finish(store: Store, run_id: int, state: State, message: str | None = None) -> str:
    """Set the run's final state and notify its owner; one that was cancelled meanwhile stays cancelled."""
    # Before the transaction below, which is the product's: the message counts what the owner sees.
    found = _visible_total(store, run_id)
    with store.writing(SYSTEM) as tx:
        ended = get(tx, run_id)
        if not ended.at_work:
            return ended.state
        tx.run(
            """
            UPDATE base.duplicate_runs SET state = $state, message = $message, finished_at = $now WHERE id = $id
            """,
            state=state,
            message=message,
            now=tx.now,
            id=run_id,
        )
        ended = get(tx, run_id)
        if ended.created_by != NOBODY:
            notices.leave(tx, ended.created_by, _summary(ended, found), LINK.format(kind=ended.subject_kind))
        tx.record(f"duplicates.{state}", "duplicate_run", run_id)
    return state


def _visible_total(store: Store, run_id: int) -> int:
    """The run's total as its owner sees it; 0 where the owner is disabled by now."""
    with store.reading(SYSTEM) as tx:
        request = get(tx, run_id)
    try:
        actor = _actor(store, request)
    except CrmError:
        return 0
    with store.reading(actor) as tx:
        return get(tx, run_id).total


def _summary(ended: Run, found: int) -> str:
    records = merging.mergeable(ended.subject_kind).many
    if ended.state == "failed":
        return tr("The work on duplicate {records} failed: {why}", records=records, why=ended.message)
    if ended.task == "scan":
        return plural(
            "The scan found {count:,} possible duplicate among {records}.",
            "The scan found {count:,} possible duplicates among {records}.",
            found,
            records=records,
        )
    if ended.task == "merge":
        done = plural(
            "Merged {count:,} pair of {records}", "Merged {count:,} pairs of {records}", ended.done, records=records
        )
    else:
        done = plural(
            "Took apart {count:,} pair of {records}",
            "Took apart {count:,} pairs of {records}",
            ended.done,
            records=records,
        )
    skipped = tr("; {count:,} were left alone", count=ended.left_alone) if ended.left_alone else ""
    return f"{done}{skipped}."
