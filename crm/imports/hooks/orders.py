"""Orders from a file: by source and external id. Who bought is in buyers.py."""

import polars as pl

from crm.foundation.language import later, tr
from crm.imports.applying.references import Resolved, default_owner
from crm.imports.hooks.buyers import buyers
from crm.imports.model import Options
from crm.imports.planning.columns import Columns
from crm.imports.planning.import_hooks import ImportHooks
from crm.orders.declaration import ORDER
from crm.store import Reading, Writing


def clean(columns: Columns) -> None:
    columns.clean = columns.clean.with_columns(
        source=pl.col("source").fill_null(ORDER.fields["source"].default)
    ).with_columns(external_key=pl.concat_str("source", pl.lit(":"), "external_id"))


def resolve(tx: Reading, resolved: Resolved, options: Options) -> None:
    """Find the buyers, and give orders without a title one."""
    named = buyers(tx, resolved.rows, make=options.make_contacts, owner_id=default_owner(tx))
    resolved.rows = named.rows
    resolved.new_contacts = named.new
    if named.made:
        resolved.made["contacts"] = named.made
    resolved.point("contact", named.found, options)
    resolved.rows = resolved.rows.with_columns(
        title=pl.coalesce("title", pl.format(tr("Order {id}", id="{}"), "external_id"))
    )


# Status history


def created(tx: Writing, rows: pl.DataFrame) -> None:
    tx.insert_frame(
        rows.select("id", "status"),
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        SELECT id, NULL, status, $now, $me FROM frame
        """,
        now=tx.now,
        me=tx.actor.id,
    )


def before_update(tx: Writing, laid: frozenset[str]) -> None:
    if "new_status" not in laid:
        return
    tx.run(
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        SELECT id, old_status, new_status, $now, $me
        FROM changed
        WHERE new_status IS DISTINCT FROM old_status
        ORDER BY id
        """,
        now=tx.now,
        me=tx.actor.id,
    )


def undone(tx: Writing, columns: frozenset[str]) -> None:
    """Remove the last status step of the orders in `restored` that are in their former status again."""
    if "status" not in columns:
        return
    # Deleted, not followed by a step back: what was undone never happened.
    tx.run(
        """
        DELETE FROM base.order_statuses WHERE id IN (
            SELECT max(id)
            FROM base.order_statuses
            WHERE order_id IN (
                SELECT restored.id
                FROM restored
                JOIN undo_rows ON undo_rows.id = restored.id AND undo_rows.reason IS NULL  -- others stay as they are
                WHERE json_exists(restored.before, '$.status')
            )
            GROUP BY order_id
        )
        """
    )


HOOKS = ImportHooks(
    key="order",
    clean=clean,
    resolves=frozenset({"contact"}),
    resolve=resolve,
    found_by=later("Found by external id, within its source."),
    needs=pl.col("title").is_not_null() & pl.col("value").is_not_null() & pl.col("contact_id").is_not_null(),
    unless=later("A new order needs a contact, a value, and a title or an external id."),
    makes=frozenset({"make_contacts"}),
    created=created,
    before_update=before_update,
    undone=undone,
    own_tables=frozenset({"order_statuses"}),
)
