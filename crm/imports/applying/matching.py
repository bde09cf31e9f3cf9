"""Which stored record each row is about: one hash join a key, all in one snapshot of the store.

The look-ups read `base.`: a key is taken also where the actor may not see who holds it. Such a row is refused without
a word on the holder.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from crm.foundation.language import later, tr
from crm.imports.fields import all_targets
from crm.imports.planning import written
from crm.imports.planning.cleaning import unique_targets
from crm.imports.planning.columns import FAULTS, first_of_each_line, without
from crm.imports.planning.plan import Plan
from crm.records.declaration import RecordType
from crm.records.fields import FieldKind
from crm.store import Reading

# A type without unique fields and finders has no joins: every row is a new record.
NO_HITS = "SELECT NULL::BIGINT AS line, 0 AS preference, '' AS word, NULL::BIGINT AS id WHERE false"
UNSEEN = later("The row belongs to a record that you may not see.")


@dataclass(frozen=True)
class Matched:
    new: pl.DataFrame
    known: pl.DataFrame
    """The rows of stored records, with `target`, its id, in the order of that id: an UPDATE from it is ten times
    faster than from one in the file's order."""
    faults: pl.DataFrame
    conflicts: pl.Series
    """Lines, of the faults: those that the store stands in the way of."""


def match(tx: Reading, plan: Plan, rows: pl.DataFrame, new_owner: int | None) -> Matched:
    """`new_owner` owns the new records that name no owner, of types whose records have one."""
    of = plan.of
    # Only the keys go to the store and back: the other columns of a million rows stay in Polars.
    tx.bulk("row_keys", rows.select("line", *written.keys(of).values(), *plan.hooks.match_on))
    tx.create_temp_table("hits", " UNION ALL ".join(_joins(plan)) or NO_HITS)
    refused = _faults(tx, of)
    faults = refused.select(FAULTS.keys()).cast(FAULTS)  # type: ignore[arg-type]
    found = tx.frame("SELECT line, arg_min(id, preference) AS target FROM hits GROUP BY line")
    tx.drop("row_keys", "hits")
    new = without(rows, found["line"])
    known = without(rows.join(found, on="line", how="inner"), faults["line"]).sort("target")
    lacking = _lacking(plan, new)
    sound = without(new, lacking["line"])
    if "owner_id" in sound.columns:
        sound = sound.with_columns(owner_id=pl.coalesce("owner_id", pl.lit(new_owner, pl.Int64)))
    return Matched(
        new=sound,
        known=known,
        faults=pl.concat([faults, lacking]),
        conflicts=refused.filter("conflict")["line"],
    )


def _joins(plan: Plan) -> list[str]:
    """SQL joins that find the record of a row, the surest first: by its keys, then as the type's hooks say."""
    targets = [(target, written.keys(plan.of)[target.column]) for target in unique_targets(plan.of)]
    finders = [(tr(target.label).lower(), f"found.{key} = row.{key}") for target, key in targets]
    finders += [(tr(word), condition) for word, condition in plan.hooks.finders]
    return [
        f"""
        SELECT row.line, {place} AS preference, {_quoted(word)} AS word, found.id
        FROM row_keys AS row
        JOIN base.{plan.of.plural} AS found ON {condition}
        """
        for place, (word, condition) in enumerate(finders)
    ]


def _quoted(text: str) -> str:
    """The text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def _lacking(plan: Plan, new: pl.DataFrame) -> pl.DataFrame:
    """Faults of rows that lack what a new record needs."""
    needed = [(None, plan.hooks.needs, tr(plan.hooks.unless))] if plan.hooks.needs is not None else _required(plan.of)
    faults = [
        new.filter(~condition.fill_null(False)).select("line", field=pl.lit(field), reason=pl.lit(reason)).cast(FAULTS)  # type: ignore[arg-type]
        for field, condition, reason in needed
    ]
    return first_of_each_line(faults)


def _required(of: RecordType[Any]) -> list[tuple[str | None, pl.Expr, str]]:
    """(field, condition, message) of the required fields without a default."""
    needed = [target for target in all_targets(of).values() if target.column and target.field.required]
    return [
        (target.key, pl.col(target.column).is_not_null(), target.field.missing)
        for target in needed
        # A checkbox that nobody ticks is not ticked, which is a value.
        if target.field.default is None and target.kind is not FieldKind.CHECKBOX
    ]


def _faults(tx: Reading, of: RecordType[Any]) -> pl.DataFrame:
    """Faults of rows about a record that the actor may not see, about several at once, or about that of an earlier
    row."""
    # Where the actor sees everything the semi-join over the view would let each row through, and is spared.
    seen = "true" if tx.actor.sees_everything else f"id IN (SELECT id FROM {of.plural})"
    # A row that is refused itself claims no record (`seen AND records = 1`): the next row about that record is its
    # first.
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
                WHEN rated.records > 1 THEN format($several, (
                    SELECT string_agg(shown, ', ' ORDER BY preference, id) FROM (
                        SELECT
                            hit.preference,
                            hit.id,
                            format($by, {of.title_sql("found")}, hit.id, hit.word) AS shown
                        FROM hits AS hit
                        JOIN base.{of.plural} AS found ON found.id = hit.id
                        WHERE hit.line = rated.line
                    )
                ))
                ELSE format($again, rated.first_line)
            END AS reason,
            NOT rated.seen OR rated.records > 1 AS conflict
        FROM rated
        WHERE NOT rated.seen OR rated.records > 1 OR rated.line > rated.first_line
        """,
        unseen=tr(UNSEEN),
        several=tr("The row is about several records: {records}.", records="{0}"),
        by=tr("{name} ({id}) by its {field}", name="{0}", id="{1}", field="{2}"),
        again=tr("The row is about the same record as line {line}.", line="{0}"),
    )
