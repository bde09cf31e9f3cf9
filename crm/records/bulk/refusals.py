"""Records that a bulk change leaves as they are, with the reason: deals whose stage does not take them, companies
that are not the actor's to change."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from crm.pipelines import Kind, get, rules, stage
from crm.pipelines.arrivals import refused_days
from crm.records.bulk.model import Left, Refusal
from crm.records.bulk.operation import BulkOperation, Table
from crm.records.filters import Clause
from crm.store import Reading, Writing

EXAMPLES = 3
NONE = pl.DataFrame(schema={"id": pl.Int64, "because": pl.String})


def lay(
    tx: Reading, table: Table, operation: BulkOperation, where: Clause, becomes: int | None, closed_on: date | None
) -> None:
    """`refusing`: id and why, a row for each record that would be changed and may not be. `drop` it."""
    if not operation.is_arrival:
        foreign = bool(table.foreign) and not tx.actor.sees_everything
        tx.bulk("refusing", _foreign(tx, table, operation, where, becomes) if foreign else NONE)
        return
    tx.create_temp_table(
        "arriving",
        f"""
        SELECT record.id, target.id AS stage_id
        FROM deals AS record {operation.joins}, (SELECT $becomes)
        WHERE {where.sql} AND NOT {operation.already}
        """,
        **where.params,
        becomes=becomes,
    )
    found = pl.concat([_on_too_early_a_day(tx, closed_on), *_against_the_rules(tx)])
    tx.bulk("refusing", found.unique("id", keep="first", maintain_order=True))
    tx.drop("arriving")


def _foreign(tx: Reading, table: Table, operation: BulkOperation, where: Clause, becomes: int | None) -> pl.DataFrame:
    return tx.frame(
        f"""
        SELECT record.id, $because AS because
        FROM {table.name} AS record {operation.joins}, (SELECT $becomes)
        WHERE {where.sql}
          AND NOT {operation.already}
          AND record.id IN (SELECT id FROM base.{table.name} WHERE {table.foreign})
        """,
        **where.params,
        becomes=becomes,
        because=table.foreign_because,
    )


def _on_too_early_a_day(tx: Reading, closed_on: date | None) -> pl.DataFrame:
    if closed_on is None:
        return NONE
    found = refused_days(
        tx,
        """
        SELECT arriving.id, arriving.id AS deal_id, stage.kind, $day::DATE AS day
        FROM arriving
        JOIN base.stages AS stage ON stage.id = arriving.stage_id
        """,
        "It",
        day=closed_on,
    )
    return found.select("id", because="reason")


def _against_the_rules(tx: Reading) -> Iterator[pl.DataFrame]:
    """As the rules of each stage say that a deal arrives in: see crm/pipelines/rules.py."""
    for row in tx.rows("SELECT DISTINCT stage_id FROM arriving ORDER BY stage_id"):
        target = stage(tx, row["stage_id"])
        here = "SELECT id FROM arriving WHERE stage_id = $here"
        refusal = rules.winner_refusal(tx, get(tx, target.pipeline_id)) if target.kind is Kind.WON else None
        if refusal:
            yield tx.frame(f"SELECT id, $because AS because FROM ({here})", because=refusal, here=target.id)
        asked = rules.requirements(tx, [target.id])
        if not asked:
            continue
        by_field = {one.field: one for one in asked}
        lacking = rules.refused(tx, rules.stored(here, target.id), asked, here=target.id)
        said = [rules.sentence(target.name, [by_field[field] for field in fields]) for fields in lacking["lacking"]]
        because = pl.Series("because", [f"It cannot enter {sentence}" for sentence in said], pl.String)
        yield lacking.select("id").with_columns(because)


def told(tx: Reading, table: Table) -> list[Refusal]:
    """The reasons in `refusing`, the most frequent first, each with how many and a few of them by name."""
    rows = tx.rows(
        f"""
        SELECT refusing.because, count(*) AS many, list({table.shown} ORDER BY record.id)[:{EXAMPLES}] AS examples
        FROM refusing
        JOIN {table.name} AS record ON record.id = refusing.id
        GROUP BY refusing.because
        ORDER BY many DESC, refusing.because
        """
    )
    return [Refusal(**row) for row in rows]


def keep(tx: Writing, change_id: int, noun: str) -> None:
    tx.run(
        "INSERT INTO base.bulk_change_refusals SELECT $change_id, $noun, id, because FROM refusing ORDER BY id",
        change_id=change_id,
        noun=noun,
    )


def kept(tx: Reading, table: Table, change_id: int, limit: int, offset: int) -> list[Left]:
    """Of a change that the actor was found to see: hence `base.`; names are of those that the actor sees now."""
    rows = tx.rows(
        f"""
        SELECT record.id, {table.shown} AS name, refusal.because
        FROM base.bulk_change_refusals AS refusal
        LEFT JOIN {table.name} AS record ON record.id = refusal.subject_id
        WHERE refusal.bulk_change_id = $id
        ORDER BY refusal.subject_id
        LIMIT $limit OFFSET $offset
        """,
        id=change_id,
        limit=limit,
        offset=offset,
    )
    return [Left(**row) for row in rows]
