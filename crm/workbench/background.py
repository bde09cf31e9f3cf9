"""Queries that run while their page stays usable, and their results for as long as a page or file may ask for them."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import BinaryIO
from uuid import uuid4
from weakref import WeakKeyDictionary

from crm import exports
from crm.foundation import language
from crm.foundation.access import Actor, Permission
from crm.foundation.errors import CrmError, Invalid, NotFound
from crm.foundation.language import tr
from crm.store import Store
from crm.workbench import running, runs
from crm.workbench.running import Query, Result

SOON = 0.4
"""Seconds within which most queries have ended: a page waits for them rather than drawing first that it waits."""
KEPT_SECONDS = 30 * 60.0
KEPT_OF_ONE = 4
"""Results of one person."""
KEPT_BYTES = 256 * 2**20
"""Of everybody's."""


@dataclass
class Job:
    run_id: str
    query: Query
    saved_as: int | None
    sight: tuple[object, ...]
    """What its person could see when it began: with another sight they run it again."""
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    result: Result | None = None
    refusal: CrmError | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def at_work(self) -> bool:
        return not self.done.is_set()

    @property
    def seconds(self) -> float:
        """Since it began, until it ended."""
        return (self.ended or time.monotonic()) - self.began

    @property
    def size(self) -> int:
        return self.result.table.nbytes if self.result and self.result.table is not None else 0


class Jobs:
    """The queries of one store's people that run, and those that ended lately."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._guard = threading.Lock()

    def start(self, actor: Actor, query: Query, *, saved_as: int | None = None) -> Job:
        """Begin a run. What it is refused for stands in the job once it is done."""
        job = Job(uuid4().hex, query, saved_as, _sight(actor))
        with self._guard:
            self._jobs[job.run_id] = job
            self._sweep()
        threading.Thread(target=self._run, args=(job, actor), name="sql-run", daemon=True).start()
        return job

    def find(self, actor: Actor, run_id: str) -> Job | None:
        """A run of the actor's own, None where it is gone or they see other things than when it began."""
        with self._guard:
            job = self._jobs.get(run_id)
        if job is None or job.sight != _sight(actor) or not actor.may(Permission.RUN_SQL):
            return None
        return job

    def cancel(self, actor: Actor, run_id: str) -> None:
        running.of(self._store).cancel(actor, run_id)

    def _run(self, job: Job, actor: Actor) -> None:
        language.use(actor.language)
        try:
            job.result = runs.run(self._store, actor, job.query, run_id=job.run_id, saved_as=job.saved_as)
        except CrmError as refusal:
            job.refusal = refusal
        except Exception:
            # Nobody waits for the thread: whoever looks at the job is told, and the log has why.
            job.refusal = Invalid(tr("The query failed for a reason of the product's own. Try again."), "sql")
            raise
        finally:
            job.ended = time.monotonic()
            with self._guard:
                self._sweep()
            job.done.set()

    def _sweep(self) -> None:
        old = time.monotonic() - KEPT_SECONDS
        ended = [job for job in self._jobs.values() if job.ended is not None]
        for job in ended:
            if job.ended is not None and job.ended < old:
                self._jobs.pop(job.run_id, None)
        for person in {job.sight[0] for job in self._jobs.values()}:
            own = [job for job in self._jobs.values() if job.sight[0] == person and job.ended is not None]
            for job in own[:-KEPT_OF_ONE]:
                self._jobs.pop(job.run_id, None)
        held = [job for job in self._jobs.values() if job.size]
        while len(held) > 1 and sum(job.size for job in held) > KEPT_BYTES:
            self._jobs.pop(held.pop(0).run_id, None)


def write(store: Store, actor: Actor, run_id: str, format: str, target: BinaryIO) -> None:
    """The result of a run of the actor's own as a file. Raises Forbidden, ConfirmFirst, NotFound, Invalid."""
    with store.reading(actor) as tx:
        tx.require(Permission.RUN_SQL)
        tx.require(Permission.EXPORT)
        tx.require_confirmed()  # as for every list of people
    job = of(store).find(actor, run_id)
    if job is None or job.result is None or job.result.table is None:
        raise NotFound(tr("result"))
    exports.write_result(job.result.table, format, target)


def _sight(actor: Actor) -> tuple[object, ...]:
    return actor.id, actor.permissions, actor.modules, actor.team_ids, actor.sees_everything


_guard = threading.Lock()
_of_stores: "WeakKeyDictionary[Store, Jobs]" = WeakKeyDictionary()


def of(store: Store) -> Jobs:
    """The one register of a store's runs."""
    with _guard:
        found = _of_stores.get(store)
        if found is None:
            found = _of_stores[store] = Jobs(store)
        return found
