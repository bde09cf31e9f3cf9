"""Writing an import: a few statements over whole tables, inside the one transaction that its caller holds."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from crm.foundation import identity
from crm.imports.applying.changes import names
from crm.imports.applying.matching import Matched
from crm.imports.planning import labelled, noted, written
from crm.imports.planning.plan import Plan
from crm.imports.reading.normal_forms import search_texts
from crm.records.declaration import RecordType
from crm.records.fields import FieldKind
from crm.store import Writing
from crm.store.work import ROW_GROUP

SEARCH = identity.searchable_sql("concat_ws(chr(10), {columns})")
"""crm.foundation.identity.search_text, by test, for the scripts that DuckDB knows the accents of."""

NOTED_AT_ONCE = 2 * ROW_GROUP
"""Rows whose JSON is made in one statement, which holds the texts of all of its rows at the same time."""


def create(tx: Writing, plan: Plan, matched: Matched, import_id: int) -> pl.DataFrame:
    """Insert the new records; their rows in the file's order, with the `id` that each has got."""
    of = plan.of
    if matched.new.is_empty():
        return matched.new
    ids = tx.frame(f"SELECT nextval('base.{of.key}_ids') AS id FROM range($many)", many=matched.new.height).to_series()
    rows = _with_defaults(tx, of, matched.new)
    rows = rows.with_columns(ids, search=search_texts(rows, written.searched(of)))
    if plan.hooks.complete:
        rows = plan.hooks.complete(tx, rows)
    created = tx.insert_frame(
        rows,
        _insert(plan),
        now=tx.now,
        today=tx.today,
        zone=tx.actor.time_zone,
    )
    if created != rows.height:
        raise RuntimeError(f"wrote {created} new records, not {rows.height}")
    rows = rows.drop("search")  # as long as all other texts together, and nothing below reads it
    _write_attributes(tx, of, plan.attributes, rows, new=True)
    if of.labels_field:
        labelled.write_new(tx, of.key, rows)
    written_notes = noted.write_new(tx, of.key, rows) if noted.taken(of) else 0
    if plan.hooks.created:
        plan.hooks.created(tx, rows)
    elif of.hooks.after_set:
        tx.bulk("new_records", rows.select("id"))
        of.hooks.after_set(tx, "SELECT id FROM new_records")
        tx.drop("new_records")
    if written_notes and plan.hooks.noted:
        tx.bulk("noted_records", rows.select("id"))
        plan.hooks.noted(tx, "SELECT id FROM noted_records")
        tx.drop("noted_records")
    _note_new(tx, import_id, plan, rows)
    return rows


def _with_defaults(tx: Writing, of: RecordType[Any], rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their fields' defaults where the file says nothing."""
    filled = {field.column: field.default for field in of.fields.values() if field.default is not None}
    return rows.with_columns(
        pl.col(column).fill_null(default(tx) if callable(default) else default)
        for column, default in filled.items()
        if column in rows.columns
    )


def note_created(tx: Writing, import_id: int, of: RecordType[Any], columns: Sequence[str], rows: pl.DataFrame) -> None:
    """Record in `import_changes` what the import created beside the rows' own records: id, line, and `after`, the
    record as the change feed has it, read from the stored rows."""
    if not rows.is_empty():
        stored = f"SELECT frame.line, was.* FROM frame JOIN base.{of.plural} AS was ON was.id = frame.id"
        _note(tx, import_id, of, rows.select("id", "line"), stored, names(of, columns))


def _note_new(tx: Writing, import_id: int, plan: Plan, rows: pl.DataFrame) -> None:
    """As `note_created`, of the rows' own records."""
    # Made of what the insertion wrote: reading a million stored rows again takes half as long as writing them.
    of, values = plan.of, _values(plan)
    inserted = [*plan.columns, *plan.attributes]
    shown = ", ".join(f"{values.get(column, column)} AS {column}" for column in inserted)
    made = f"SELECT id, line, {shown} FROM frame, (SELECT $zone, $today, $now)"
    labels = rows[labelled.COLUMN] if labelled.COLUMN in rows.columns else None
    place = {"zone": tx.actor.time_zone, "today": tx.today, "now": tx.now}
    for part in rows.iter_slices(NOTED_AT_ONCE):
        _note(tx, import_id, of, part, made, names(of, inserted), labels=labels, **place)


def _note(
    tx: Writing,
    import_id: int,
    of: RecordType[Any],
    frame: pl.DataFrame,
    made: str,
    named: Mapping[str, str],
    *,
    labels: pl.Series | None = None,
    **params: object,
) -> None:
    image = [f"'{name}': was.{column}" for column, name in named.items()]
    # Labels that the file does not give are not looked for: a join of a million rows would find none.
    is_labelled = labels is not None and labels.null_count() < labels.len()
    if labels is not None:
        image.append("'labels': coalesce(tagged.labels, [])" if is_labelled else "'labels': []::VARCHAR[]")
    tx.insert_frame(
        frame,
        f"""
        INSERT INTO base.import_changes (import_id, line, subject_kind, subject_id, change, version, after)
        SELECT $import_id, was.line, $key, was.id, 'created', 1, to_json({{{", ".join(image)}}})
        FROM ({made}) AS was
        {labelled.stored(of.key) if is_labelled else ""}
        """,
        import_id=import_id,
        key=of.key,
        **params,
    )


def _insert(plan: Plan) -> str:
    values = _values(plan)
    # $zone and $today are for the SQL of hooks, and named here in any case: the engine refuses a parameter that no SQL
    # names.
    return f"""
        INSERT INTO base.{plan.of.plural} (id, {", ".join(values)})
        SELECT id, {", ".join(values.values())}
        FROM frame, (SELECT $zone, $today)
    """


def _values(plan: Plan) -> dict[str, str]:
    """{column of a new record: SQL over the row}"""
    of = plan.of
    values = {column: column for column in [*plan.columns, *written.keys(of).values()]}
    for field in of.fields.values():
        if field.column in values and field.kind is FieldKind.CHECKBOX and field.required:
            values[field.column] = f"coalesce({field.column}, false)"
    return values | {"created_at": "$now", "updated_at": "$now", "search": "search", **plan.hooks.insert}


def update(tx: Writing, plan: Plan, import_id: int) -> int:
    """Write the new values of the records in `changed`; how many."""
    of = plan.of
    present = frozenset(column["name"] for column in tx.rows("FROM pragma_table_info('changed')"))
    plain = [column for column in plan.columns if f"new_{column}" in present]
    keys = [key for column, key in written.keys(of).items() if f"new_{key}" in present and _changes(tx, column)]
    new = [
        f"changed.new_{column}" if f"new_{column}" in present else f"target.{column}" for column in written.searched(of)
    ]
    if plan.hooks.before_update:
        plan.hooks.before_update(tx, present)
    updated = tx.run(
        f"""
        UPDATE base.{of.plural} AS target SET
            {", ".join(f"{column} = changed.new_{column}" for column in plain)}{"," if plain else ""}
            search = {SEARCH.format(columns=", ".join(new)) if new else "target.search"},
            updated_at = $now,
            version = target.version + 1
        FROM changed
        WHERE changed.id = target.id
        """,
        now=tx.now,
    )
    # Unique columns apart, and only where they differ: an UPDATE that names one checks its index for every row (7.6 s
    # instead of 2.6 s for a million).
    for key in keys:
        tx.run(
            f"""
            UPDATE base.{of.plural} AS target SET {key} = changed.new_{key}
            FROM changed
            WHERE changed.id = target.id AND changed.new_{key} IS DISTINCT FROM target.{key}
            """
        )
    if plan.hooks.updated:
        plan.hooks.updated(tx, present)
    if of.labels_field:
        labelled.write_changed(tx, of.key)
    if f"new_{noted.COLUMN}" in present and noted.taken(of):
        noted.write_changed(tx, of.key)
        if plan.hooks.noted:
            plan.hooks.noted(tx, "SELECT id FROM changed")
    if plan.attributes:
        of_changed = ", ".join(f"new_{column} AS {column}" for column in plan.attributes)
        _write_attributes(
            tx, of, plan.attributes, tx.frame(f"SELECT id, {of_changed} FROM changed ORDER BY id"), new=False
        )
    if of.hooks.after_set:
        of.hooks.after_set(tx, "SELECT id FROM changed")
    _note_updated(tx, of, import_id)
    return updated


def _note_updated(tx: Writing, of: RecordType[Any], import_id: int) -> None:
    tx.run(
        f"""
        INSERT INTO base.import_changes (
            import_id, line, subject_kind, subject_id, change, before, after, version, from_version
        )
        SELECT
            $import_id,
            changed.line,
            $key,
            changed.id,
            'updated',
            changed.before,
            changed.after,
            was.version,
            was.version - 1
        FROM changed
        JOIN base.{of.plural} AS was ON was.id = changed.id
        """,
        import_id=import_id,
        key=of.key,
    )


def _changes(tx: Writing, column: str) -> bool:
    """Whether the column of a key changes in any record."""
    # Asked first, since an UPDATE of a key scans the whole table even to change nothing.
    return bool(tx.value(f"SELECT count(*) FROM changed WHERE new_{column} IS DISTINCT FROM old_{column}"))


def _write_attributes(
    tx: Writing, of: RecordType[Any], attributes: list[str], rows: pl.DataFrame, *, new: bool
) -> None:
    """Write the attributes of `rows`, of which none has any yet where they are new."""
    # A record without attributes has no row in their table.
    filled = rows.filter(~pl.all_horizontal(pl.col(attributes).is_null())) if attributes else rows.clear()
    if filled.is_empty():
        return
    names = ", ".join(attributes)
    # Looking for a conflict that cannot be takes as long as the insertion.
    replacing = f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in attributes)}"
    tx.insert_frame(
        filled.select("id", *attributes),
        f"""
        INSERT INTO {written.attributes_table(of)} (id, {names})
        SELECT id, {names} FROM frame
        {"" if new else replacing}
        """,
    )
