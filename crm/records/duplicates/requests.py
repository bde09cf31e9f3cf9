"""Starts background runs over many pairs: a scan, a merge of all likely pairs, the undo of such a merge."""

from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.platform import jobs
from crm.records import registry
from crm.records.declaration import Trait
from crm.records.duplicates import pairing
from crm.records.duplicates.inbox import PairQuery, condition, count, require
from crm.records.duplicates.model import Run, Task
from crm.store import Reading, Writing
from crm.store.kept import kept

JOB = "duplicates"
MOST_MERGES = 10_000


def scan(tx: Writing, kind: str) -> Run:
    """Start a scan for duplicates among all records of a kind; the running one, if there is one. Raises NotFound
    where the type declares no rules of comparison."""
    require(tx, kind)
    pairing.rules(kind)
    running = _unfinished(tx, kind)
    if running and running.task == "scan":
        return running
    return _enqueue(tx, kind, "scan")


def scan_what_changed(tx: Writing) -> None:
    """Start a scan of each kind with rules of comparison and changed records since its last scan."""
    for of in (of for of in registry.having(Trait.MERGE) if of.duplicate_rules):
        last_scan = last(tx, of.key, "scan")
        changed = tx.value(f"SELECT max(updated_at) FROM base.{of.plural}")
        # Against the start of the last scan: what changed while it ran has not been compared.
        if changed and (last_scan is None or changed > last_scan.created_at):
            scan(tx, of.key)


def merge_all(tx: Writing, query: PairQuery) -> Run:
    """Start a merge of every pair of the query, most likely first; of each pair the more complete record survives."""
    require(tx, query.kind)
    _refuse_concurrent(tx, query.kind)
    condition(query)
    pairs = count(tx, query)
    if not pairs:
        raise Invalid(tr("There is no such pair to merge."))
    if pairs > MOST_MERGES:
        raise Invalid(
            tr(
                "These are {count:,} pairs; at most {most:,} are merged at once. Ask for a higher score.",
                count=pairs,
                most=MOST_MERGES,
            )
        )
    return _enqueue(tx, query.kind, "merge", query, total=pairs)


def unmerge_all(tx: Writing, run_id: int) -> Run:
    """Start an undo of the merges of a run that have not been undone."""
    merged = get(tx, run_id)
    require(tx, merged.subject_kind)
    _refuse_concurrent(tx, merged.subject_kind)
    merges = undoable_merges(tx, run_id)
    if not merges:
        raise Invalid(tr("Nothing of that is merged any more."))
    return _enqueue(tx, merged.subject_kind, "unmerge", of_run_id=run_id, total=merges)


def undoable_merges(tx: Reading, run_id: int) -> int:
    """The number of merges of a run that have not been undone."""
    return int(tx.value("SELECT count(*) FROM merges WHERE run_id = $id AND undone_at IS NULL", id=run_id))


def cancel(tx: Writing, run_id: int) -> Run:
    """Stop a run before its next pair; what is done stays."""
    run = get(tx, run_id)
    require(tx, run.subject_kind)
    # Whose run it is must not be told either: it is “not found”.
    if not (run.created_by == tx.actor.id or tx.actor.sees_everything):
        raise NotFound(tr("run of yours"))
    if run.at_work:
        tx.run(
            "UPDATE base.duplicate_runs SET state = 'cancelled', finished_at = $now WHERE id = $id",
            now=tx.now,
            id=run_id,
        )
        tx.record("duplicates.cancelled", "duplicate_run", run_id)
    return get(tx, run_id)


def get(tx: Reading, run_id: int) -> Run:
    found = tx.rows("SELECT * FROM duplicate_runs WHERE id = $id", id=run_id)
    if not found:
        raise NotFound(tr("run"))
    return _with_visible_total(tx, Run(**found[0]))


@kept
def last(tx: Reading, kind: str, task: Task | None = None) -> Run | None:
    """The last run of a kind, or of one of its tasks."""
    found = tx.rows(
        """
        SELECT *
        FROM duplicate_runs
        WHERE subject_kind = $kind AND ($task IS NULL OR task = $task)
        ORDER BY id DESC
        LIMIT 1
        """,
        kind=kind,
        task=task,
    )
    return _with_visible_total(tx, Run(**found[0])) if found else None


def _with_visible_total(tx: Reading, run: Run) -> Run:
    """The run with its total as the actor sees it: a scan compares all records, but only visible pairs count."""
    if run.task != "scan" or tx.actor.sees_everything:
        return run
    pairs = count(tx, PairQuery(run.subject_kind))
    return run.model_copy(update={"total": pairs, "done": pairs})


def _unfinished(tx: Reading, kind: str) -> Run | None:
    """The unfinished run of a kind, by whomever."""
    found = tx.rows(
        "SELECT * FROM base.duplicate_runs WHERE subject_kind = $kind ORDER BY id DESC LIMIT 1",
        kind=kind,
    )
    run = _with_visible_total(tx, Run(**found[0])) if found else None
    return run if run and run.at_work else None


def _refuse_concurrent(tx: Reading, kind: str) -> None:
    if _unfinished(tx, kind):
        raise Invalid(tr("A scan or merge is at work already. Wait for it, or cancel it."))


def _enqueue(
    tx: Writing,
    kind: str,
    task: Task,
    query: PairQuery | None = None,
    *,
    of_run_id: int | None = None,
    total: int = 0,
) -> Run:
    run_id = tx.insert(
        """
        INSERT INTO base.duplicate_runs (
            subject_kind, task, state, least_score, reason, search, of_run_id, total, created_by, created_at
        )
        VALUES ($kind, $task, 'queued', $least_score, $reason, $search, $of_run_id, $total, $me, $now)
        RETURNING id
        """,
        kind=kind,
        task=task,
        least_score=query.least_score if query else 0,
        reason=query.reason if query else None,
        search=query.search if query else "",
        of_run_id=of_run_id,
        total=total,
        me=tx.actor.id,
        now=tx.now,
    )
    jobs.enqueue(tx, JOB, run_id)
    tx.record(f"duplicates.{task}_asked", "duplicate_run", run_id, kind=kind, total=total)
    return get(tx, run_id)
