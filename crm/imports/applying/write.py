"""Writing an import: a few statements over whole tables, inside the one transaction that its caller holds."""

from collections.abc import Sequence

import polars as pl

from crm.deals import versions
from crm.imports.applying.changes import names
from crm.imports.applying.matching import Matched
from crm.imports.applying.placing import put_on_top, record_changes_of_stage, record_first_stages, with_ranks
from crm.imports.model import Kind
from crm.imports.planning import labelled, orders
from crm.imports.planning.plan import Plan
from crm.imports.planning.table import Table
from crm.imports.reading.normal_forms import search_texts
from crm.pipelines.arrivals import correct_reasons, moment
from crm.store import Writing

SEARCH = "strip_accents(lower(concat_ws(chr(10), {columns})))"
"""crm.foundation.identity.search_text, by test, for the scripts that DuckDB knows the accents of."""


def create(tx: Writing, plan: Plan, matched: Matched, import_id: int) -> pl.DataFrame:
    """The new records, in the file's order, with the `id` that each has got."""
    table = plan.table
    if matched.new.is_empty():
        return matched.new
    ids = tx.frame(
        f"SELECT nextval('base.{table.noun}_ids') AS id FROM range($many)", many=matched.new.height
    ).to_series()
    rows = matched.new.with_columns(ids, search=search_texts(matched.new, table.search))
    if plan.kind is Kind.ORDERS:
        rows = orders.completed(rows, tx.actor.currency, tx.today)
    if plan.kind is Kind.DEALS:
        rows = with_ranks(tx, rows)
    created = tx.insert_frame(
        rows,
        _insert(table, plan.kind),
        now=tx.now,
        today=tx.today,
        zone=tx.actor.time_zone,
        currency=tx.actor.currency,
    )
    if created != rows.height:
        raise RuntimeError(f"wrote {created} new records, not {rows.height}")
    _write_attributes(tx, table, plan.attributes, rows)
    labelled.write_new(tx, table.noun, rows)
    if plan.kind is Kind.DEALS:
        record_first_stages(tx, rows)
        _note_new_versions(tx, rows)
    if plan.kind is Kind.ORDERS:
        orders.record_first_statuses(tx, rows)
    note_created(tx, import_id, table, rows, plan.attributes)
    return rows


def _note_new_versions(tx: Writing, rows: pl.DataFrame) -> None:
    tx.bulk("new_deals", rows.select("id"))
    versions.note_brought(tx, "SELECT id FROM new_deals")
    tx.drop("new_deals")


def note_created(tx: Writing, import_id: int, table: Table, rows: pl.DataFrame, attributes: Sequence[str] = ()) -> None:
    """The import's record of what it made: id, line, and `after`, the record as the change feed tells of it. The image
    is read from the stored rows, which have what the file left to defaults."""
    if rows.is_empty():
        return
    named = names([*table.columns, *attributes])
    image = [f"'{name}': {'own' if column in attributes else 'was'}.{column}" for column, name in named.items()]
    joins = f"LEFT JOIN base.{table.attributes} AS own ON own.id = was.id" if attributes else ""
    if labelled.COLUMN in rows.columns:
        image.append("'labels': coalesce(tagged.labels, [])")
        joins += labelled.stored(table.noun)
    tx.insert_frame(
        rows.select("id", "line"),
        f"""
        INSERT INTO base.import_changes (import_id, line, subject_kind, subject_id, change, version, after)
        SELECT $import_id, frame.line, $noun, was.id, 'created', 1, to_json({{{", ".join(image)}}})
        FROM frame
        JOIN base.{table.name} AS was ON was.id = frame.id
        {joins}
        """,
        import_id=import_id,
        noun=table.noun,
    )


def _insert(table: Table, kind: Kind) -> str:
    columns = [*table.columns, *table.keys.values()]
    values = {column: column for column in columns} | {"created_at": "$now", "updated_at": "$now"}
    values["search"] = "search"
    if kind is Kind.CONTACTS:
        values["blocked"] = "coalesce(blocked, false)"
    if kind is Kind.DEALS:
        values |= {
            "stage_id": "new_stage_id",
            "pipeline_id": "(SELECT pipeline_id FROM base.stages WHERE id = new_stage_id)",
            "currency": "coalesce(currency, $currency)",
            "rank": "rank",
            "created_at": moment("coalesce(created, closed_on)"),
        }
    names, found = ", ".join(values), ", ".join(values.values())
    return f"""
        INSERT INTO base.{table.name} (id, {names})
        SELECT id, {found}
        FROM frame, (SELECT $zone, $today, $currency)
    """


def update(tx: Writing, plan: Plan, import_id: int) -> int:
    """The records that `changed` holds; how many."""
    table = plan.table
    laid = {column["name"] for column in tx.rows("FROM pragma_table_info('changed')")}
    plain = [column for column in table.columns if f"new_{column}" in laid]
    keys = [key for column, key in table.keys.items() if f"new_{key}" in laid and _changes(tx, column)]
    new = {
        column: f"changed.new_{column}" if f"new_{column}" in laid else f"target.{column}" for column in table.search
    }
    moves = plan.kind is Kind.DEALS and "new_stage_id" in laid
    if moves:
        put_on_top(tx)
    if plan.kind is Kind.ORDERS and "new_status" in laid:
        orders.record_changes_of_status(tx)
    updated = tx.run(
        f"""
        UPDATE base.{table.name} AS target SET
            {", ".join(f"{column} = changed.new_{column}" for column in plain)}{"," if plain else ""}
            search = {SEARCH.format(columns=", ".join(new.values()))},
            updated_at = $now,
            version = target.version + 1
        FROM changed
        WHERE changed.id = target.id
        """,
        now=tx.now,
    )
    for key in keys:
        tx.run(
            f"""
            UPDATE base.{table.name} AS target SET {key} = changed.new_{key}
            FROM changed
            WHERE changed.id = target.id AND changed.new_{key} IS DISTINCT FROM target.{key}
            """
        )
    if moves:
        record_changes_of_stage(tx)
    if plan.kind is Kind.DEALS:
        correct_reasons(tx, "SELECT id FROM changed")
    labelled.write_changed(tx, table.noun)
    if plan.attributes:
        of_changed = ", ".join(f"new_{column} AS {column}" for column in plan.attributes)
        _write_attributes(tx, table, plan.attributes, tx.frame(f"SELECT id, {of_changed} FROM changed ORDER BY id"))
    if plan.kind is Kind.DEALS:
        versions.note_each(tx, "SELECT id FROM changed")
    tx.run(
        f"""
        INSERT INTO base.import_changes (
            import_id, line, subject_kind, subject_id, change, before, after, version, from_version
        )
        SELECT
            $import_id,
            changed.line,
            $noun,
            changed.id,
            'updated',
            changed.before,
            changed.after,
            was.version,
            was.version - 1
        FROM changed
        JOIN base.{table.name} AS was ON was.id = changed.id
        """,
        import_id=import_id,
        noun=table.noun,
    )
    return updated


def _changes(tx: Writing, column: str) -> bool:
    """An UPDATE of a key looks at the whole table, even to change nothing."""
    return bool(tx.value(f"SELECT count(*) FROM changed WHERE new_{column} IS DISTINCT FROM old_{column}"))


def _write_attributes(tx: Writing, table: Table, attributes: list[str], rows: pl.DataFrame) -> None:
    filled = rows.filter(~pl.all_horizontal(pl.col(attributes).is_null())) if attributes else rows.clear()
    if filled.is_empty():
        return
    names = ", ".join(attributes)
    tx.insert_frame(
        filled.select("id", *attributes),
        f"""
        INSERT INTO base.{table.attributes} (id, {names})
        SELECT id, {names} FROM frame
        ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in attributes)}
        """,
    )
