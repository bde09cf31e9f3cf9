"""Which stored record each row is about: one hash join a key, all in one snapshot of the store.

The look-ups read `base.`: a key is taken also where the actor may not see who holds it. Such a row is refused without
a word on the holder.
"""

from dataclasses import dataclass

import polars as pl

from crm.imports.planning.columns import FAULTS
from crm.imports.planning.table import Table
from crm.store import Reading

UNSEEN = "The row belongs to a record that you may not see."


@dataclass(frozen=True)
class Matched:
    new: pl.DataFrame
    known: pl.DataFrame
    """The rows of stored records, with `target`, its id, in the order of that id: an UPDATE from it is ten times
    faster than from one in the file's order."""
    faults: pl.DataFrame
    conflicts: pl.Series
    """Lines, of the faults: those that the store stands in the way of."""


def match(tx: Reading, table: Table, rows: pl.DataFrame, new_owner: int | None) -> Matched:
    """`new_owner` owns the new records that name no owner, of tables whose records have one."""
    tx.bulk("row_keys", rows.select("line", *table.match_on))
    tx.create_temp_table("hits", " UNION ALL ".join(_join(table, index) for index in range(len(table.finders))))
    refused = _faults(tx, table)
    faults = refused.select(FAULTS.keys()).cast(FAULTS)  # type: ignore[arg-type]
    found = tx.frame("SELECT line, arg_min(id, preference) AS target FROM hits GROUP BY line")
    tx.drop("row_keys", "hits")
    new = rows.join(found, on="line", how="anti", maintain_order="left")
    lacking = new.filter(~table.needs.fill_null(False)).select("line", field=pl.lit(None, pl.String))
    lacking = lacking.with_columns(reason=pl.lit(table.unless))
    known = rows.join(found, on="line", how="inner").join(faults, on="line", how="anti").sort("target")
    sound = new.filter(table.needs.fill_null(False))
    if "owner_id" in table.columns:
        sound = sound.with_columns(owner_id=pl.coalesce("owner_id", pl.lit(new_owner, pl.Int64)))
    return Matched(
        new=sound,
        known=known,
        faults=pl.concat([faults, lacking.cast(FAULTS)]),  # type: ignore[arg-type]
        conflicts=refused.filter("conflict")["line"],
    )


def _join(table: Table, index: int) -> str:
    word, among, condition = table.finders[index]
    return f"""
        SELECT row.line, {index} AS preference, '{word}' AS word, found.id
        FROM row_keys AS row
        JOIN {among} AS found ON {condition}
    """


def _faults(tx: Reading, table: Table) -> pl.DataFrame:
    """Rows of records not seen, of two records at once, and of a record that an earlier row is about."""
    seen = "true" if tx.actor.sees_everything else f"id IN (SELECT id FROM {table.name})"
    return tx.frame(
        f"""
        WITH row AS (
            SELECT
                line,
                bool_and({seen}) AS seen,
                count(DISTINCT id) AS records,
                arg_min(id, preference) AS target
            FROM hits
            GROUP BY line
        ),
        rated AS (
            SELECT *, min(line) OVER (PARTITION BY target, seen AND records = 1) AS first_line FROM row
        )
        SELECT
            rated.line,
            NULL::VARCHAR AS field,
            CASE
                WHEN NOT rated.seen THEN $unseen
                WHEN rated.records > 1 THEN 'The row is about several records: ' || (
                    SELECT string_agg(shown, ', ' ORDER BY preference, id) FROM (
                        SELECT
                            hit.preference,
                            hit.id,
                            {table.shown} || ' (' || hit.id || ') by its ' || hit.word AS shown
                        FROM hits AS hit
                        JOIN base.{table.name} AS found ON found.id = hit.id
                        WHERE hit.line = rated.line
                    )
                ) || '.'
                ELSE 'The row is about the same record as line ' || rated.first_line || '.'
            END AS reason,
            NOT rated.seen OR rated.records > 1 AS conflict
        FROM rated
        WHERE NOT rated.seen OR rated.records > 1 OR rated.line > rated.first_line
        """,
        unseen=UNSEEN,
    )
