"""Rows of deals that may not enter the stage which they name, or not on the day that they name: refused as on the board
and with the reason, in a dry run too. See crm/pipelines/rules.py and crm/deals/arrivals.py."""

from collections.abc import Callable

import polars as pl

from crm import pipelines
from crm.deals.arrivals import refused_days
from crm.foundation.language import tr
from crm.imports.planning.columns import FAULTS
from crm.pipelines import Requirement, rules
from crm.store import Reading

IN_FILE = {"value": "manual_value"}
"""Columns of a deal that a row holds under another name."""


def refused_new(tx: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """Faults of the rows that would become deals."""
    if rows.is_empty():
        return _none()
    tx.bulk("entering", rows)

    def of_row(column: str) -> str:
        there = IN_FILE.get(column, column)
        return f"{there} AS {column}" if there in rows.columns else f"NULL AS {column}"

    found = _refused(tx, "SELECT line AS id, new_stage_id AS stage_id, {columns} FROM entering", of_row)
    tx.drop("entering")
    return found


def refused_changed(tx: Reading) -> pl.DataFrame:
    """Faults of the rows in `changed` that would take a deal to another stage, or close it on another day."""
    present = {column["name"] for column in tx.rows("FROM pragma_table_info('changed')")}
    if "new_stage_id" not in present:  # the file names no stage: every deal stays in its own
        return _closed_otherwise(tx, stays="true")

    def of_row(column: str) -> str:
        new = f"new_{IN_FILE.get(column, column)}"
        stored = f"own.{column}" if column.startswith("a_") else f"seen.{column}"
        # A stage asks for what the deal holds afterwards: what the file leaves empty stays as it is.
        return f"coalesce(changed.{new}, {stored}) AS {column}" if new in present else f"{stored} AS {column}"

    days = _on_too_early_a_day(tx) if "new_closed_on" in present else _none()
    against = _refused(
        tx,
        """
        SELECT changed.line AS id, changed.new_stage_id AS stage_id, {columns}
        FROM changed
        JOIN everything.deals AS seen ON seen.id = changed.id
        LEFT JOIN base.deal_attributes AS own ON own.id = changed.id
        WHERE changed.new_stage_id IS DISTINCT FROM changed.old_stage_id
        """,
        of_row,
    )
    return pl.concat([days, _closed_otherwise(tx, stays="new_stage_id = old_stage_id"), against])


def _on_too_early_a_day(tx: Reading) -> pl.DataFrame:
    found = refused_days(
        tx,
        """
        SELECT line AS id, id AS deal_id, stage_kind AS kind, new_closed_on AS day
        FROM changed
        WHERE new_stage_id IS DISTINCT FROM old_stage_id AND stage_kind <> 'open'
        """,
        tr("The deal"),
    )
    return found.select(line="id", field=pl.lit("closed"), reason="reason").cast(FAULTS)  # type: ignore[arg-type]


def _closed_otherwise(tx: Reading, *, stays: str) -> pl.DataFrame:
    """Rows that name another day for a closing that is history already. `stays`: SQL of whether a deal stays in its
    stage."""
    return tx.frame(
        f"""
        SELECT
            line,
            'closed' AS field,
            format(
                CASE stage_kind WHEN 'won' THEN $won ELSE $lost END,
                strftime(old_closed_on, '%Y-%m-%d'),
                strftime(new_closed_on, '%Y-%m-%d')
            ) AS reason
        FROM changed
        WHERE {stays} AND stage_kind <> 'open' AND new_closed_on <> old_closed_on
        """,
        won=tr(
            "The deal was won on {day}, not on {other_day}. Open it again to close it on another day.",
            day="{0}",
            other_day="{1}",
        ),
        lost=tr(
            "The deal was lost on {day}, not on {other_day}. Open it again to close it on another day.",
            day="{0}",
            other_day="{1}",
        ),
    ).cast(FAULTS)  # type: ignore[arg-type]


def _refused(tx: Reading, arrivals: str, of_row: Callable[[str], str]) -> pl.DataFrame:
    every = pipelines.all_of(tx)
    stages = {stage.id: stage for pipeline in every for stage in pipeline.stages}
    requirements = rules.requirements(tx, list(stages))
    named = ", ".join(["true AS arrives", *(of_row(column) for column in rules.columns(requirements))])
    query = arrivals.format(columns=named)
    faults = [_of_winners(tx, query)]
    if requirements:
        found = rules.refused(tx, query, requirements)
        by_field = {(rule.stage_id, rule.field): rule for rule in requirements}
        # A sentence for each combination of stage and missing fields: there are few of those, and many rows.
        combinations = found.select("stage_id", "lacking").unique()
        reasons = [
            (stage_id, fields, *_message(stages[stage_id].name, [by_field[stage_id, field] for field in fields]))
            for stage_id, fields in combinations.iter_rows()
        ]
        schema = {**combinations.schema, "field": pl.String(), "reason": pl.String()}
        messages = pl.DataFrame(reasons, schema=schema, orient="row")
        faults.append(found.join(messages, on=["stage_id", "lacking"]).select("field", "reason", line="id"))
    return pl.concat([one.select(FAULTS.keys()).cast(FAULTS) for one in faults])  # type: ignore[arg-type]


def _message(stage_name: str, lacking: list[Requirement]) -> tuple[str, str]:
    return lacking[0].field, tr("The deal cannot enter {sentence}", sentence=rules.sentence(stage_name, lacking))


def _of_winners(tx: Reading, query: str) -> pl.DataFrame:
    """Rows that would win a deal in a pipeline where the importer may not."""
    refusals = {
        pipeline.won.id: refusal
        for pipeline in pipelines.all_of(tx)
        if (refusal := rules.winner_refusal(tx, pipeline)) is not None
    }
    if not refusals:
        return _none()
    rows = tx.frame(
        f"SELECT id AS line, stage_id FROM ({query}) WHERE stage_id IN (SELECT unnest($won::BIGINT[]))",
        won=list(refusals),
    )
    reasons = pl.DataFrame({"stage_id": list(refusals), "reason": list(refusals.values())})
    return rows.join(reasons, on="stage_id").with_columns(field=pl.lit("stage"))


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=FAULTS)
