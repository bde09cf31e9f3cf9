"""The runs of each person: kept for themselves alone. The audit log says who ran when, over which views."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator

from crm.foundation.access import Actor, Permission
from crm.store import Reading, Store, Writing
from crm.workbench import queries, running
from crm.workbench.parameters import Parameter
from crm.workbench.running import Query, QueryRefused, QueryStopped, Result

KEPT = 200
"""Runs of one person."""

State = Literal["done", "refused", "stopped"]


class Run(BaseModel, frozen=True):
    id: int
    saved_as: int | None
    """The saved query that was run."""
    sql: str
    parameters: Annotated[tuple[Parameter, ...], BeforeValidator(queries.parsed)]
    """With the values that it had."""
    state: State
    message: str
    """Why it was refused or stopped."""
    result_rows: int
    milliseconds: int
    created_at: datetime


def latest(tx: Reading, limit: int = KEPT) -> list[Run]:
    """The actor's own runs, the latest first."""
    tx.require(Permission.RUN_SQL)
    rows = tx.rows("SELECT * EXCLUDE (user_id) FROM sql_runs ORDER BY id DESC LIMIT $limit", limit=limit)
    return [Run(**row) for row in rows]


def run(store: Store, actor: Actor, query: Query, *, run_id: str | None = None, saved_as: int | None = None) -> Result:
    """Run a query and keep that it was run, also where it is refused or stopped."""
    try:
        result = running.of(store).run(actor, query, run_id)
    except (QueryRefused, QueryStopped) as refusal:
        state: State = "refused" if isinstance(refusal, QueryRefused) else "stopped"
        with store.writing(actor) as tx:
            _keep(tx, query, saved_as, state, message=str(refusal))
        raise
    with store.writing(actor) as tx:
        _keep(
            tx,
            query,
            saved_as,
            "done",
            rows=result.table.num_rows if result.table is not None else 0,
            milliseconds=round(result.seconds * 1000),
            views=result.views,
        )
    return result


def _keep(
    tx: Writing,
    query: Query,
    saved_as: int | None,
    state: State,
    *,
    message: str = "",
    rows: int = 0,
    milliseconds: int = 0,
    views: tuple[str, ...] = (),
) -> None:
    given = query.parameters.items()
    run_id = tx.insert(
        """
        INSERT INTO base.sql_runs
            (user_id, saved_as, text, parameters, state, message, result_rows, milliseconds, created_at)
        VALUES ($me, $saved_as, $text, $parameters, $state, $message, $rows, $milliseconds, $now)
        RETURNING id
        """,
        me=tx.actor.id,
        saved_as=saved_as,
        text=query.sql,
        parameters=queries.as_json(Parameter(name=name, type=kind, value=value) for name, (kind, value) in given),
        state=state,
        message=message[:2_000],
        rows=rows,
        milliseconds=milliseconds,
        now=tx.now,
    )
    tx.run(
        """
        DELETE FROM base.sql_runs
        WHERE user_id = $me
          AND id <= (SELECT id FROM base.sql_runs WHERE user_id = $me ORDER BY id DESC LIMIT 1 OFFSET $kept)
        """,
        me=tx.actor.id,
        kept=KEPT,
    )
    # The text stays out of the log, which keeps what it holds: it may name customers.
    tx.record("sql_run.ended", "sql_run", run_id, state=state, views=list(views), rows=rows, milliseconds=milliseconds)
