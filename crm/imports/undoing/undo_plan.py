"""What undoing an import would do with each record, as temporary tables: the preview shows it, `undo_apply` does it.

A record goes back to what it was only where nothing has touched it since: it still has the version that the import
left it in, nothing was attached to a record that the import created, and nobody else holds a key that it would get
back. All reads are of `base.`: what the import wrote was its person's to write.
"""

import polars as pl

from crm.imports.applying.display_values import NAMES
from crm.imports.model import Import
from crm.imports.planning import contacts, labelled
from crm.imports.planning.plan import KINDS
from crm.imports.planning.table import Table
from crm.records.merging.children import Child, children
from crm.store import Reading

ITS_OWN = {"contact_labels", "deal_labels", "stage_events", "deal_versions", "order_statuses"}
"""Children that an import gives to its records itself; whoever adds one later changes the record's version."""

MADE_ON_THE_WAY = {"company": "companies", "contact": "contacts"}
"""Nouns that an import of something else may make → their tables."""

GONE = "It is gone: erased for good, or purged from the bin."
IN_BIN = "It was deleted since."
CHANGED = "It was changed since."
ATTACHED = "Something was attached to it since: "
LOST = "What it pointed to is no longer there: its "
TAKEN = "What it was known by belongs to another record now: "


def assess(tx: Reading, found: Import) -> None:
    """Lay `undo_rows`: line, id, change, before, version, and `reason` where the record is left as it is."""
    table = table_of(found)
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
        LEFT JOIN base.{table.name} AS was ON was.id = change.subject_id
        WHERE change.import_id = $import_id AND change.subject_kind = $noun
        ORDER BY id
        """,
        import_id=found.id,
        noun=table.noun,
        applied_at=found.finished_at,
        gone=GONE,
        in_bin=IN_BIN,
        changed=CHANGED,
    )
    _leave(tx, _with_children(tx, table))
    if has_updated(tx):
        lay_restored(tx, table)
        _leave(tx, _with_taken_keys(tx, table))
        _leave(tx, _with_lost_links(tx))
    else:
        tx.drop("restored")
    for noun in MADE_ON_THE_WAY:
        _lay_unused(tx, found, noun)


def clear(tx: Reading) -> None:
    tx.drop("undo_rows", "restored", *(f"unused_{table}" for table in MADE_ON_THE_WAY.values()))


def table_of(found: Import) -> Table:
    table: Table = KINDS[found.kind].TABLE
    return table


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


def _with_children(tx: Reading, table: Table) -> pl.DataFrame:
    """Records that it created and to which somebody has attached something."""
    of = [child for child in children(tx, table.noun) if child.table not in ITS_OWN]
    if not of:
        return pl.DataFrame(schema={"id": pl.Int64, "reason": pl.String})
    return tx.frame(
        f"""
        SELECT id, $attached || string_agg(DISTINCT what, ', ' ORDER BY what) || '.' AS reason
        FROM ({" UNION ALL ".join(_owners(child, table.noun) for child in of)})
        WHERE id IN (SELECT id FROM undo_rows WHERE change = 'created' AND reason IS NULL)
        GROUP BY id
        """,
        attached=ATTACHED,
    )


def _owners(child: Child, noun: str) -> str:
    of_kind = f" AND {child.kind_column} = '{noun}'" if child.kind_column else ""
    what = child.table.replace("_", " ")
    named = f"{child.column} IS NOT NULL{of_kind}"
    return f"SELECT {child.column} AS id, '{what}' AS what FROM base.{child.table} WHERE {named}"


def lay_restored(tx: Reading, table: Table) -> None:
    """Lay `restored`: id and every column of the record and its attributes that an update replaced, as it was."""
    types = {
        row["column_name"]: row["data_type"]
        for row in tx.rows(
            """
            SELECT column_name, data_type FROM duckdb_columns()
            WHERE schema_name = 'base' AND table_name IN ($table, $attributes) AND column_name <> 'id'
            """,
            table=table.name,
            attributes=table.attributes,
        )
    }
    named = {
        row["name"]
        for row in tx.rows("SELECT DISTINCT unnest(json_keys(before)) AS name FROM undo_rows WHERE reason IS NULL")
    }
    own = {name: "was" for name in table.columns if name in named or name in table.search}
    custom = {name: "custom" for name in named if name.startswith("a_") and name in types}
    columns = [_as_it_was(name, types[name], source) for name, source in (own | custom).items()]
    if labelled.COLUMN in named:
        columns.append("CAST(before->'$.labels' AS VARCHAR[]) AS labels")
    tx.create_temp_table(
        "restored",
        f"""
        SELECT {", ".join(["undo_rows.id", "undo_rows.version", "from_version", "undo_rows.before", *columns])}
        FROM undo_rows
        JOIN base.{table.name} AS was ON was.id = undo_rows.id
        LEFT JOIN {table.attributes_stored} AS custom ON custom.id = undo_rows.id
        WHERE undo_rows.change = 'updated' AND undo_rows.reason IS NULL
        ORDER BY undo_rows.id
        """,
    )


def _as_it_was(name: str, kind: str, source: str) -> str:
    """An attribute may have come to hold another type: what cannot be of it is not put back."""
    path, now = f"'$.{name}'", f"{source}.{name}"
    was = f"CASE WHEN before->>{path} IS NULL THEN NULL ELSE coalesce(TRY_CAST(before->>{path} AS {kind}), {now}) END"
    return f"CASE WHEN json_exists(before, {path}) THEN {was} ELSE {now} END AS {name}"


def _with_taken_keys(tx: Reading, table: Table) -> pl.DataFrame:
    """Records whose former key another record holds by now, unless that one goes with this import."""
    found = []
    for column, key in keys_restored(tx, table).items():
        tx.bulk("former_keys", keys_of(tx, column))
        found.append(
            tx.frame(
                f"""
                SELECT former_keys.id, $taken || former_keys.{column} || '.' AS reason
                FROM former_keys
                JOIN base.{table.name} AS holder ON holder.{key} = former_keys.key AND holder.id <> former_keys.id
                LEFT JOIN undo_rows AS going ON going.id = holder.id
                WHERE going.id IS NULL OR going.change <> 'created' OR going.reason IS NOT NULL
                """,
                taken=TAKEN,
            )
        )
        tx.drop("former_keys")
    return pl.concat(found) if found else pl.DataFrame(schema={"id": pl.Int64, "reason": pl.String})


def _with_lost_links(tx: Reading) -> pl.DataFrame:
    """Records that would point again to what is no longer there."""
    there = {row["name"] for row in tx.rows("FROM pragma_table_info('restored')")}
    found = []
    for column, table in NAMES.items():
        if column in there:
            binned = {row["name"] for row in tx.rows(f"FROM pragma_table_info('base.{table}')")} & {"deleted_at"}
            alive = " AND target.deleted_at IS NULL" if binned else ""
            found.append(
                tx.frame(
                    f"""
                    SELECT restored.id, $lost || '{column.removesuffix("_id").replace("_", " ")}.' AS reason
                    FROM restored
                    ANTI JOIN base.{table} AS target ON target.id = restored.{column}{alive}
                    WHERE restored.{column} IS NOT NULL AND json_exists(restored.before, '$.{column}')
                    """,
                    lost=LOST,
                )
            )
    return pl.concat(found) if found else pl.DataFrame(schema={"id": pl.Int64, "reason": pl.String})


def keys_restored(tx: Reading, table: Table) -> dict[str, str]:
    """Column → key of those that go back with some record."""
    named = {
        row["name"]
        for row in tx.rows("SELECT DISTINCT unnest(json_keys(before)) AS name FROM undo_rows WHERE reason IS NULL")
    }
    return {column: key for column, key in table.keys.items() if column in named}


def keys_of(tx: Reading, column: str) -> pl.DataFrame:
    """id, the column and its `key`, of the records in `restored` that get it back."""
    rows = tx.frame(f"SELECT id, {column} FROM restored WHERE json_exists(before, '$.{column}') ORDER BY id")
    return rows.with_columns(key=contacts.email_keys(rows[column]) if column == "email" else rows[column])


def _lay_unused(tx: Reading, found: Import, noun: str) -> None:
    """Lay `unused_companies` or `unused_contacts`: id of those that an import of something else made, and that nothing
    will name."""
    of = [child for child in children(tx, noun) if child.table not in ITS_OWN]
    naming = (
        " UNION ALL ".join(_still_naming(child, table_of(found), noun) for child in of)
        or "SELECT NULL AS id WHERE false"
    )
    tx.create_temp_table(
        f"unused_{MADE_ON_THE_WAY[noun]}",
        f"""
        SELECT made.id
        FROM base.import_changes AS change
        JOIN base.{MADE_ON_THE_WAY[noun]} AS made ON made.id = change.subject_id
        WHERE change.import_id = $import_id
          AND change.subject_kind = $made
          AND $noun <> $made
          AND made.version = 1
          AND made.deleted_at IS NULL
          AND made.id NOT IN (SELECT id FROM ({naming}))
        """,
        import_id=found.id,
        noun=table_of(found).noun,
        made=noun,
    )


def _still_naming(child: Child, table: Table, noun: str) -> str:
    owners = _owners(child, noun)
    if child.table != table.name:
        return owners
    return f"""{owners} AND {child.table}.id NOT IN (
        SELECT id FROM undo_rows
        WHERE reason IS NULL AND (change = 'created' OR json_exists(before, '$.{noun}_id'))
    )"""
