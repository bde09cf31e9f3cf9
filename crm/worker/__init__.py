"""The thread that runs queued jobs while the product runs.

It survives whatever a job raises, BaseException included: Polars' panics are no Exception, and no signal reaches this
thread.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from crm import notifications
from crm.dashboards import mailing, schedules
from crm.foundation import language
from crm.foundation.access import SYSTEM
from crm.foundation.language import later
from crm.imports import kept_plans
from crm.imports import run as import_run
from crm.imports.undoing import undo_job
from crm.imports.verbs import JOB as IMPORT
from crm.platform import files, jobs, mail, rate_fetching
from crm.platform.jobs import Ending, Job
from crm.platform.people import users
from crm.privacy.erasing import JOB as ERASE
from crm.privacy.erasing import run as erase_run
from crm.records import duplicates
from crm.records.duplicates import run as duplicate_run
from crm.reports import backtests, evaluations
from crm.store import Committed, Store
from crm.worker import housekeeping

log = logging.getLogger(__name__)

POLL_SECONDS = 5.0
"""Seconds after which the queue is checked even if no commit woke the worker: jobs may become due by time alone."""

UNEXPECTED = later("Something unexpected went wrong (the log says what)")


@dataclass(frozen=True)
class Work:
    """A kind of job: `run(store, subject_id)` opens its own transactions and returns how it ended."""

    run: Callable[[Store, int], str]
    on_failure: Callable[[Store, int, str], None] | None = None
    """Marks the subject as failed and notifies its owner, after `run` raised an unexpected error or ended the process.
    Called with the reason, as the start of a sentence that continues “, and nothing was …”."""


KINDS: dict[str, Work] = {
    IMPORT: Work(import_run.run, import_run.on_failure),
    mail.JOB: Work(mail.run, mail.on_failure),
    undo_job.JOB: Work(undo_job.run, undo_job.on_failure),
    ERASE: Work(erase_run.run, erase_run.on_failure),
    housekeeping.JOB: Work(housekeeping.run, housekeeping.on_failure),
    notifications.JOB: Work(notifications.run, notifications.on_failure),
    duplicates.JOB: Work(duplicate_run.run, duplicate_run.on_failure),
    evaluations.JOB: Work(evaluations.run, evaluations.on_failure),
    backtests.JOB: Work(backtests.run, backtests.on_failure),
    rate_fetching.JOB: Work(rate_fetching.run, rate_fetching.on_failure),
    schedules.JOB: Work(mailing.run_due, mailing.on_failure_of_due),
    mailing.JOB: Work(mailing.run, mailing.on_failure),
}


class Worker:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._unread_events = threading.Event()
        self._unread_events.set()  # what was committed before this start may not be delivered
        self._thread = threading.Thread(target=self._work, name="worker", daemon=True)

    def start(self) -> None:
        requeue_interrupted(self._store)
        files.clear_unfinished(self._store)
        kept_plans.clear(self._store)
        with self._store.writing(SYSTEM) as tx:
            housekeeping.schedule(tx)
            notifications.schedule(tx)
            evaluations.schedule(tx)
            backtests.schedule(tx)
            rate_fetching.schedule(tx)
            schedules.queue(tx)
        self._store.listeners.append(self._on_commit)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the current job."""
        self._ending.set()
        self._wake.set()
        self._store.listeners.remove(self._on_commit)
        self._thread.join()

    def _on_commit(self, committed: Committed) -> None:
        """Wake the worker: any change with an event may have queued a job, and checking takes a millisecond."""
        if any(event.name in notifications.INTERESTING for event in committed.events):
            self._unread_events.set()
        if committed.events:
            self._wake.set()

    def _work(self) -> None:
        interrupted = False
        while not self._ending.is_set():
            # Before looking, not after: a commit in between sets it again.
            self._wake.clear()
            try:
                if interrupted:  # such as by a full disk: no job is running any more
                    with self._store.writing(SYSTEM) as tx:
                        jobs.requeue_running(tx)
                    interrupted = False
                self._deliver()
                while not self._ending.is_set() and work_one(self._store):
                    self._deliver()
                self._store.checkpoint_if_quiet()
            except BaseException:
                log.exception("the worker could not look for work")
                interrupted = True
            self._wake.wait(POLL_SECONDS)

    def _deliver(self) -> None:
        """Deliver notifications. A failure is retried with the next change, and does not stop the jobs."""
        if not self._unread_events.is_set():
            return
        self._unread_events.clear()
        try:
            while not self._ending.is_set() and notifications.catch_up(self._store):
                pass
        except BaseException:
            log.exception("people could not be told of what happened")


def work_one(store: Store) -> bool:
    """Run the oldest due job; False where there is none."""
    # Asked in a snapshot first: a claim that finds no job would still commit, and every commit invalidates caches.
    with store.reading(SYSTEM) as tx:
        if not jobs.any_due(tx):
            return False
    with store.writing(SYSTEM) as tx:
        job = jobs.claim(tx)
    if job is None:
        return False
    ending, message = _run_job(store, job)
    with store.writing(SYSTEM) as tx:
        jobs.finish(tx, job.id, ending, message)
    return True


def requeue_interrupted(store: Store) -> None:
    """At the start of a process: queue interrupted jobs again, and give up those that were interrupted twice."""
    with store.writing(SYSTEM) as tx:
        jobs.requeue_interrupted(tx)
        given_up = jobs.given_up(tx)
    for job in given_up:
        log.error("job %s of kind %s was at work when the product ended, twice: it is given up", job.id, job.kind)
        with language.speaking(_language_of(store, job)):
            _call_on_failure(store, job, jobs.STOPPED_TWICE)
        with store.writing(SYSTEM) as tx:
            jobs.finish(tx, job.id, "failed", jobs.STOPPED_TWICE)


def _run_job(store: Store, job: Job) -> tuple[Ending, str | None]:
    """Run the job, with what it writes down for people in the language of whoever queued it."""
    with language.speaking(_language_of(store, job)):
        return _run(store, job)


def _language_of(store: Store, job: Job) -> str:
    with store.reading(SYSTEM) as tx:
        return users.language_of(tx, job.created_by)


def _run(store: Store, job: Job) -> tuple[Ending, str | None]:
    try:
        state = KINDS[job.kind].run(store, job.subject_id)
    except BaseException as error:
        log.exception("job %s of kind %s failed", job.id, job.kind)
        _call_on_failure(store, job, UNEXPECTED)
        return "failed", repr(error)
    return ("failed" if state == "failed" else "cancelled" if state == "cancelled" else "done"), None


def _call_on_failure(store: Store, job: Job, why: str) -> None:
    on_failure = KINDS[job.kind].on_failure
    if on_failure is None:
        return
    try:
        on_failure(store, job.subject_id, why)
    except BaseException:  # the job ends all the same: else it would stop every start
        log.exception("whose job %s of kind %s is could not be told", job.id, job.kind)
