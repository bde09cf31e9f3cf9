"""What undoing an import would do with each record, as temporary tables: the preview shows it, `undo_apply` does it.

A record goes back to what it was only where nothing has touched it since: it still has the version that the import
left it in, nothing was attached to a record that the import created, and nobody else holds a key that it would get
back. All reads are of `base.`: what the import wrote was its person's to write.
"""

from typing import Any

import polars as pl

from crm.foundation.language import later, tr
from crm.imports.hooks import hooks_of
from crm.imports.model import Import
from crm.imports.planning import labelled, written
from crm.imports.planning.cleaning import key_column, unique_targets
from crm.records import labels, references, registry
from crm.records.declaration import RecordType
from crm.records.merging.children import Child, children
from crm.store import Reading

MADE_ON_THE_WAY = ("company", "contact")
"""Types whose records an import of something else may make: see `Options.make_companies` and `make_contacts`."""

GONE = later("It is gone: erased for good, or purged from the bin.")
IN_BIN = later("It was deleted since.")
CHANGED = later("It was changed since.")


def assess(tx: Reading, found: Import) -> None:
    """Create the temporary table `undo_rows`: line, id, change, before, version, from_version, and `reason` where the
    record is left as it is; with it `restored` and `unused_…`. `clear` drops them."""
    of = found.of
    tx.create_temp_table(
        "undo_rows",
        f"""
        SELECT
            change.line,
            change.subject_id AS id,
            change.change,
            change.before,
            was.version,
            change.from_version,
            CASE
                WHEN was.id IS NULL THEN $gone
                WHEN was.deleted_at IS NOT NULL THEN $in_bin
                WHEN NOT coalesce(
                    was.version = change.version,
                    CASE change.change WHEN 'created' THEN was.version = 1 ELSE was.updated_at = $applied_at END
                ) THEN $changed
            END AS reason
        FROM base.import_changes AS change
        LEFT JOIN base.{of.plural} AS was ON was.id = change.subject_id
        WHERE change.import_id = $import_id AND change.subject_kind = $key
        ORDER BY id
        """,
        import_id=found.id,
        key=of.key,
        applied_at=found.finished_at,
        gone=tr(GONE),
        in_bin=tr(IN_BIN),
        changed=tr(CHANGED),
    )
    _create_imported_notes(tx, found)
    _create_imported_links(tx, found)
    _leave(tx, _with_children(tx, of))
    if has_updated(tx):
        create_restored(tx, of)
        _leave(tx, _with_taken_keys(tx, of))
        _leave(tx, _with_lost_links(tx, of))
    else:
        # A table of an earlier call in this transaction would be taken for this import's.
        tx.drop("restored")
    for key in MADE_ON_THE_WAY:
        _create_unused(tx, of, found.id, registry.get(key))
    _create_unused_labels(tx, of, found)


def clear(tx: Reading) -> None:
    tx.drop(
        "undo_rows",
        "restored",
        "imported_notes",
        "imported_links",
        "unused_labels",
        *(f"unused_{registry.get(key).plural}" for key in MADE_ON_THE_WAY),
    )


def _create_imported_notes(tx: Reading, found: Import) -> None:
    """Create the temporary table `imported_notes`: id and subject_id of the notes that the import added and nobody has
    changed since."""
    tx.create_temp_table(
        "imported_notes",
        """
        SELECT id, subject_id
        FROM base.notes
        WHERE subject_kind = $key
          AND created_at = $applied_at
          AND updated_at = created_at
          AND author_id = $author
          AND subject_id IN (SELECT id FROM undo_rows)
        """,
        key=found.of.key,
        applied_at=found.finished_at,
        author=found.created_by,
    )


def _create_imported_links(tx: Reading, found: Import) -> None:
    """Create the temporary table `imported_links`: id and record_id, of the imported type, of the links that the import
    made and nobody has changed since."""
    near = "object" if found.of.custom else "subject"
    tx.create_temp_table(
        "imported_links",
        f"""
        SELECT id, {near}_id AS record_id
        FROM base.links
        WHERE {near}_kind = $key AND created_at = $applied_at AND updated_at = created_at AND created_by = $author
        """,
        key=found.of.key,
        applied_at=found.finished_at,
        author=found.created_by,
    )


def own_tables(of: RecordType[Any]) -> frozenset[str]:
    """The tables of what an import gives to its records itself."""
    # Their rows are no sign that somebody touched a record: whoever adds one later changes the record's version.
    return hooks_of(of).own_tables | {f"{of.key}_labels"}


def has_updated(tx: Reading) -> bool:
    return bool(tx.value("SELECT EXISTS (FROM undo_rows WHERE change = 'updated' AND reason IS NULL)"))


def _leave(tx: Reading, refused: pl.DataFrame) -> None:
    """`refused` has id and reason."""
    if refused.is_empty():
        return
    tx.bulk("refused", refused.unique("id", keep="first"))
    tx.create_temp_table(
        "undo_rows",
        """
        SELECT undo_rows.* REPLACE (coalesce(undo_rows.reason, refused.reason) AS reason)
        FROM undo_rows
        LEFT JOIN refused USING (id)
        ORDER BY id
        """,
    )
    tx.drop("refused")


def _with_children(tx: Reading, of: RecordType[Any]) -> pl.DataFrame:
    """Records that it created and to which somebody has attached something."""
    attached = [child for child in children(tx, of.key) if child.table not in own_tables(of)]
    if not attached:
        return pl.DataFrame(schema={"id": pl.Int64, "reason": pl.String})
    return tx.frame(
        f"""
        SELECT id, format($attached, string_agg(DISTINCT what, ', ' ORDER BY what)) AS reason
        FROM ({" UNION ALL ".join(_owners(child, of.key) for child in attached)})
        WHERE id IN (SELECT id FROM undo_rows WHERE change = 'created' AND reason IS NULL)
        GROUP BY id
        """,
        attached=tr("Something was attached to it since: {what}.", what="{0}"),
    )


def _owners(child: Child, key: str) -> str:
    of_kind = f" AND {child.kind_column} = '{key}'" if child.kind_column else ""
    what = registry.many_of(child.table).replace("'", "''")
    imported = {"notes": "imported_notes", "links": "imported_links"}.get(child.table)
    others = f" AND id NOT IN (SELECT id FROM {imported})" if imported else ""
    named = f"{child.column} IS NOT NULL{of_kind}{others}"
    return f"SELECT {child.column} AS id, '{what}' AS what FROM base.{child.table} WHERE {named}"


def create_restored(tx: Reading, of: RecordType[Any]) -> None:
    """Create the temporary table `restored`: id and every column of record and attributes that an update replaced, as
    it was."""
    types = {
        row["column_name"]: row["data_type"]
        for row in tx.rows(
            """
            SELECT column_name, data_type FROM duckdb_columns()
            WHERE schema_name = 'base' AND table_name IN ($table, $attributes) AND column_name <> 'id'
            """,
            table=of.plural,
            attributes=f"{of.key}_attributes",
        )
    }
    named = {
        row["name"]
        for row in tx.rows("SELECT DISTINCT unnest(json_keys(before)) AS name FROM undo_rows WHERE reason IS NULL")
    }
    needed = {*named, *written.searched(of), *_of_keys(of)}
    own = {name: "was" for name in written.columns(of, hooks_of(of)) if name in needed}
    custom = {name: "custom" for name in named if name.startswith("a_") and name in types}
    columns = [_as_it_was(name, types[name], source) for name, source in (own | custom).items()]
    if labelled.COLUMN in named:
        columns.append("CAST(before->'$.labels' AS VARCHAR[]) AS labels")
    tx.create_temp_table(
        "restored",
        f"""
        SELECT {", ".join(["undo_rows.id", "undo_rows.version", "from_version", "undo_rows.before", *columns])}
        FROM undo_rows
        JOIN base.{of.plural} AS was ON was.id = undo_rows.id
        LEFT JOIN {written.attributes_table(of)} AS custom ON custom.id = undo_rows.id
        WHERE undo_rows.change = 'updated' AND undo_rows.reason IS NULL
        ORDER BY undo_rows.id
        """,
    )


def _as_it_was(name: str, kind: str, source: str) -> str:
    """SQL of a column as it was before the import; as it is where the import did not change it."""
    path, now = f"'$.{name}'", f"{source}.{name}"
    # An attribute may hold another type since: a former value that cannot be of it is not put back.
    was = f"CASE WHEN before->>{path} IS NULL THEN NULL ELSE coalesce(TRY_CAST(before->>{path} AS {kind}), {now}) END"
    return f"CASE WHEN json_exists(before, {path}) THEN {was} ELSE {now} END AS {name}"


def _of_keys(of: RecordType[Any]) -> list[str]:
    """The columns that a key of several fields may be made of."""
    composed = any(one.unique and one.unique.form for one in of.fields.values())
    return [one.column for one in of.fields.values()] if composed else []


def _with_taken_keys(tx: Reading, of: RecordType[Any]) -> pl.DataFrame:
    """Records whose former key another record holds by now, unless that one goes with this import."""
    found = []
    for column, key in keys_restored(tx, of).items():
        tx.bulk("former_keys", keys_of(tx, of, column))
        found.append(
            tx.frame(
                f"""
                SELECT former_keys.id, format($taken, former_keys.{column}) AS reason
                FROM former_keys
                JOIN base.{of.plural} AS holder ON holder.{key} = former_keys.key AND holder.id <> former_keys.id
                LEFT JOIN undo_rows AS going ON going.id = holder.id
                WHERE going.id IS NULL OR going.change <> 'created' OR going.reason IS NOT NULL
                """,
                taken=tr("What it was known by belongs to another record now: {key}.", key="{0}"),
            )
        )
        tx.drop("former_keys")
    return pl.concat(found) if found else pl.DataFrame(schema={"id": pl.Int64, "reason": pl.String})


def _with_lost_links(tx: Reading, of: RecordType[Any]) -> pl.DataFrame:
    """Records that would point again to what is no longer there."""
    there = {row["name"] for row in tx.rows("FROM pragma_table_info('restored')")}
    found = []
    for column, reference in of.references.items():
        if column in there:
            table = references.target(reference).view.removeprefix("base.")
            binned = {row["name"] for row in tx.rows(f"FROM pragma_table_info('base.{table}')")} & {"deleted_at"}
            # A record in the bin is no longer there to point to; types without a bin have no such column.
            alive = " AND target.deleted_at IS NULL" if binned else ""
            found.append(
                tx.frame(
                    f"""
                    SELECT restored.id, $lost AS reason
                    FROM restored
                    ANTI JOIN base.{table} AS target ON target.id = restored.{column}{alive}
                    WHERE restored.{column} IS NOT NULL AND json_exists(restored.before, '$.{column}')
                    """,
                    lost=tr("What it pointed to is no longer there: its {field}.", field=tr(reference.label).lower()),
                )
            )
    return pl.concat(found) if found else pl.DataFrame(schema={"id": pl.Int64, "reason": pl.String})


def keys_restored(tx: Reading, of: RecordType[Any]) -> dict[str, str]:
    """Column → key of those that go back with some record."""
    named = {
        row["name"]
        for row in tx.rows("SELECT DISTINCT unnest(json_keys(before)) AS name FROM undo_rows WHERE reason IS NULL")
    }
    return {column: key for column, key in written.keys(of).items() if column in named}


def keys_of(tx: Reading, of: RecordType[Any], column: str) -> pl.DataFrame:
    """id, the column and its `key`, of the records in `restored` that get it back."""
    rows = tx.frame(f"SELECT * FROM restored WHERE json_exists(before, '$.{column}') ORDER BY id")
    field = next(one for one in unique_targets(of) if one.column == column)
    return rows.select("id", column, key=key_column(field, rows))


def _create_unused(tx: Reading, of: RecordType[Any], import_id: int, made: RecordType[Any]) -> None:
    """Create the temporary table `unused_companies` or `unused_contacts`: id of those that an import of something else
    created, and that nothing will name once it is undone."""
    attached = [child for child in children(tx, made.key) if child.table not in own_tables(made)]
    naming = " UNION ALL ".join(_still_naming(child, of, made.key) for child in attached)
    tx.create_temp_table(
        f"unused_{made.plural}",
        f"""
        SELECT made.id
        FROM base.import_changes AS change
        JOIN base.{made.plural} AS made ON made.id = change.subject_id
        WHERE change.import_id = $import_id
          AND change.subject_kind = $made
          AND $imported <> $made
          AND made.version = 1
          AND made.deleted_at IS NULL
          AND made.id NOT IN (SELECT id FROM ({naming or "SELECT NULL AS id WHERE false"}))
        """,
        import_id=import_id,
        imported=of.key,
        made=made.key,
    )


def _create_unused_labels(tx: Reading, of: RecordType[Any], found: Import) -> None:
    """Create the temporary table `unused_labels`: id of the labels that the import made, and that no record will have
    once it is undone."""
    having = " UNION ALL ".join(
        f"SELECT label_id, '{each.key}' AS kind, {each.key}_id AS id FROM base.{each.key}_labels"
        for each in labels.types_with_labels()
    )
    tx.create_temp_table(
        "unused_labels",
        f"""
        SELECT label.id
        FROM base.labels AS label
        WHERE label.id IN (SELECT unnest($made::BIGINT[]))
          AND label.id NOT IN (
            SELECT label_id FROM ({having}) AS link
            WHERE kind <> $key OR link.id NOT IN (
                SELECT id FROM undo_rows
                WHERE reason IS NULL AND (change = 'created' OR json_exists(before, '$.labels'))
            )
          )
        """,
        made=found.found.get("new_labels", []),
        key=of.key,
    )


def _still_naming(child: Child, of: RecordType[Any], made: str) -> str:
    owners = _owners(child, made)
    if child.table != of.plural:
        return owners
    # What is undone with it names it no longer.
    return f"""{owners} AND {child.table}.id NOT IN (
        SELECT id FROM undo_rows
        WHERE reason IS NULL AND (change = 'created' OR json_exists(before, '$.{made}_id'))
    )"""
