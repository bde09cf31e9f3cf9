"""The generic checks of `crm verify`: is the log's chain unbroken, does every reference lead to a row, is every key
unique, is every row found by its id? The layers above name the references, keys and rules.

The schema has no foreign keys (DuckDB's forbid ordinary edits), so this is where orphans would show.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crm.foundation.language import tr
from crm.store import Reading
from crm.store.events import REDACTING, Link, chain

BATCH = 20_000
SAMPLE = 200


@dataclass(frozen=True, order=True)
class Reference:
    """A column that points to the id of another table: NULL, or the id of a row there, deleted ones included."""

    table: str
    column: str
    target: str


def tables(tx: Reading) -> set[str]:
    return {row["table_name"] for row in tx.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base'")}


def columns(tx: Reading, ending: str) -> list[tuple[str, str]]:
    """(table, column) of the columns whose names end with `ending`."""
    rows = tx.rows(
        """
        SELECT table_name, column_name
        FROM duckdb_columns()
        SEMI JOIN duckdb_tables() USING (schema_name, table_name)  -- not views
        WHERE schema_name = 'base' AND ends_with(column_name, $ending)
        ORDER BY ALL
        """,
        ending=ending,
    )
    return [(row["table_name"], row["column_name"]) for row in rows]


def chain_faults(tx: Reading) -> Iterator[str]:
    """Recompute the hash chain from the first event; stops at the first event whose hash does not follow.

    An event whose payload was erased keeps its own hash; the hash of its emptied form must be the one that the erasing
    event, itself part of the chain, names.
    """
    redacted = _redacted(tx)
    seq, before = 0, "0" * 64
    while rows := tx.rows("SELECT * FROM base.events WHERE seq > $seq ORDER BY seq LIMIT $batch", seq=seq, batch=BATCH):
        for row in rows:
            link = Link(**row)
            if link.seq != seq + 1:
                yield tr("The log misses event {missing}: the next one is {next}.", missing=seq + 1, next=link.seq)
                return
            if chain(before, link) not in (link.hash, redacted.get(link.seq)):
                yield tr(
                    "Event {number} of the log ({name}) was altered: its hash does not follow.",
                    number=link.seq,
                    name=link.name,
                )
                return
            seq, before = link.seq, link.hash


def _redacted(tx: Reading) -> dict[int, str]:
    """{sequence number: hash of the emptied event}. Where several erasures name one, the last counts."""
    found: dict[int, str] = {}
    for row in tx.rows("SELECT particulars FROM base.events WHERE name = $name ORDER BY seq", name=REDACTING):
        found |= {int(seq): digest for seq, digest in json.loads(row["particulars"])["redacted"].items()}
    return found


def orphans(tx: Reading, references: Iterable[Reference]) -> Iterator[str]:
    for reference in references:
        found = tx.rows(
            f"""
            SELECT count(*) AS n, min(child.{reference.column}) AS example
            FROM base.{reference.table} AS child
            ANTI JOIN base.{reference.target} AS parent ON parent.id = child.{reference.column}
            WHERE child.{reference.column} IS NOT NULL{_except_product(reference.column)}
            """
        )[0]
        if found["n"]:
            yield tr(
                "{count:,} rows of {table} name a {column} not held by {target}, such as {example}.",
                count=found["n"],
                table=reference.table,
                column=reference.column,
                target=reference.target,
                example=found["example"],
            )


def _except_product(column: str) -> str:
    # User 0 is the product itself, which has no row.
    return " AND child.user_id <> 0" if column == "user_id" else ""


def doubles(tx: Reading, keys: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Faults of (table, key column) pairs where two rows hold one value: the table's own constraint is damaged."""
    for table, key in keys:
        found = tx.value(
            f"""
            SELECT count(*) FROM (
                SELECT {key} FROM base.{table} WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1
            )
            """
        )
        if found:
            yield tr(
                "{count:,} values of {key} are held by more than one row of {table}.", count=found, key=key, table=table
            )


def rule_breaks(tx: Reading, rules: Mapping[str, str]) -> Iterator[str]:
    """Faults by rule: each query returns the ids of the rows that break it; `$now` is the current time."""
    for rule, sql in rules.items():
        found = tx.rows(sql, **({"now": tx.now} if "$now" in sql else {}))
        if found:
            yield tr(
                "{count:,} × {rule}, such as number {example}.", count=len(found), rule=tr(rule), example=found[0]["id"]
            )


def lost_lookups(tx: Reading, tables: Iterable[str]) -> Iterator[str]:
    """Look up a sample of rows by id: a damaged index finds nothing while a scan still sees the row."""
    for table in tables:
        ids = tx.rows(f"SELECT id FROM base.{table} USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (1)")
        lost = [
            row["id"] for row in ids if tx.value(f"SELECT id FROM base.{table} WHERE id = $id", id=row["id"]) is None
        ]
        if lost:
            yield tr(
                "{lost} of {count} look-ups in {table} found nothing, such as number {example}.",
                lost=len(lost),
                count=len(ids),
                table=table,
                example=lost[0],
            )
