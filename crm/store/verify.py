"""`crm verify`: is the log unbroken, does every reference lead somewhere, is every key held once?

The schema has no foreign keys (DuckDB's forbid ordinary edits), so this is where orphans would show.
"""

import json
from collections.abc import Iterator

from crm.foundation.access import SYSTEM
from crm.store import Reading, Store
from crm.store.events import REDACTING, Link, chain
from crm.store.verify_history import HISTORY_RULES

BATCH = 20_000
SAMPLE = 200

REFERENCES = (
    ("grants", "user_id", "users"),
    ("team_members", "team_id", "teams"),
    ("team_members", "user_id", "users"),
    ("sessions", "user_id", "users"),
    ("tokens", "user_id", "users"),
    ("notices", "user_id", "users"),
    ("idempotency_keys", "user_id", "users"),
    ("contact_attributes", "id", "contacts"),
    ("company_attributes", "id", "companies"),
    ("deal_attributes", "id", "deals"),
    ("attribute_values", "attribute_id", "attributes"),
    ("companies", "owner_id", "users"),
    ("companies", "team_id", "teams"),
    ("contacts", "company_id", "companies"),
    ("contacts", "owner_id", "users"),
    ("contacts", "team_id", "teams"),
    ("contact_labels", "contact_id", "contacts"),
    ("contact_labels", "label_id", "labels"),
    ("deal_labels", "deal_id", "deals"),
    ("deal_labels", "label_id", "labels"),
    ("stages", "pipeline_id", "pipelines"),
    ("deals", "pipeline_id", "pipelines"),
    ("deals", "stage_id", "stages"),
    ("deals", "owner_id", "users"),
    ("deals", "team_id", "teams"),
    ("deals", "contact_id", "contacts"),
    ("deals", "company_id", "companies"),
    ("deals", "close_reason_id", "close_reasons"),
    ("orders", "contact_id", "contacts"),
    ("orders", "deal_id", "deals"),
    ("order_statuses", "order_id", "orders"),
    ("stage_events", "deal_id", "deals"),
    ("stage_events", "pipeline_id", "pipelines"),
    ("stage_events", "from_stage_id", "stages"),
    ("stage_events", "to_stage_id", "stages"),
    ("stage_events", "owner_id", "users"),
    ("stage_events", "team_id", "teams"),
    ("stage_events", "close_reason_id", "close_reasons"),
    ("stage_versions", "stage_id", "stages"),
    ("stage_versions", "pipeline_id", "pipelines"),
    ("deal_versions", "deal_id", "deals"),
    ("deal_versions", "owner_id", "users"),
    ("deal_versions", "team_id", "teams"),
    ("stage_requirements", "stage_id", "stages"),
    ("pipeline_winners", "pipeline_id", "pipelines"),
    ("pipeline_winners", "user_id", "users"),
    ("health_weights", "pipeline_id", "pipelines"),
    ("imports", "upload_id", "uploads"),
    ("import_changes", "import_id", "imports"),
    ("import_rejects", "import_id", "imports"),
    ("import_left", "import_id", "imports"),
    ("mails", "user_id", "users"),
    ("merges", "run_id", "duplicate_runs"),
    ("merge_rows", "merge_id", "merges"),
    ("duplicate_runs", "of_run_id", "duplicate_runs"),
    ("segments", "user_id", "users"),
    ("preferences", "user_id", "users"),
    ("bulk_change_rows", "bulk_change_id", "bulk_changes"),
    ("bulk_change_refusals", "bulk_change_id", "bulk_changes"),
    ("bulk_change_rows", "was_close_reason_id", "close_reasons"),
    ("bulk_changes", "close_reason_id", "close_reasons"),
    ("saved_views", "user_id", "users"),
    ("saved_views", "pipeline_id", "pipelines"),
    ("attachments", "upload_id", "uploads"),
    ("checklists", "deal_id", "deals"),
    ("checklist_items", "checklist_id", "checklists"),
    ("checklist_items", "deal_id", "deals"),
    ("checklist_items", "assignee_id", "users"),
    ("checklist_template_items", "template_id", "checklist_templates"),
    ("deal_followers", "deal_id", "deals"),
    ("deal_followers", "user_id", "users"),
    ("stalls_told", "deal_id", "deals"),
    ("product_prices", "product_id", "products"),
    ("deal_lines", "deal_id", "deals"),
    ("deal_lines", "product_id", "products"),
    ("quotes", "deal_id", "deals"),
    ("quotes", "contact_id", "contacts"),
    ("quotes", "company_id", "companies"),
    ("webhook_deliveries", "order_id", "orders"),
    ("known_browsers", "user_id", "users"),
    ("second_factors", "user_id", "users"),
    ("recovery_codes", "user_id", "users"),
)
"""Child table, its column, parent table. A child column may be NULL; a value must lead to a row, be it in the bin."""

KEYS = (
    ("users", "email_key"),
    ("companies", "domain_key"),
    ("contacts", "email_key"),
    ("contacts", "phone_key"),
    ("contacts", "identifier_key"),
    ("deals", "identifier_key"),
    ("orders", "external_key"),
    ("labels", "name_key"),
    ("products", "sku_key"),
)

RULES = {
    "a pipeline without exactly one Won and one Lost stage": """
        SELECT pipeline.id
        FROM base.pipelines AS pipeline
        LEFT JOIN base.stages AS stage ON stage.pipeline_id = pipeline.id AND stage.deleted_at IS NULL
        WHERE pipeline.deleted_at IS NULL
        GROUP BY pipeline.id
        HAVING count(*) FILTER (stage.kind = 'won') <> 1 OR count(*) FILTER (stage.kind = 'lost') <> 1
    """,
    "a deal in a stage of another pipeline": """
        SELECT deal.id
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE stage.pipeline_id <> deal.pipeline_id
    """,
    "a deal whose closing day and stage disagree": """
        SELECT deal.id
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE (stage.kind = 'open') <> (deal.closed_on IS NULL)
    """,
    "a deal that stands elsewhere than its movement history says": """
        SELECT deal.id
        FROM base.deals AS deal
        LEFT JOIN (
            SELECT deal_id, arg_max(to_stage_id, id) AS stage_id
            FROM base.stage_events
            GROUP BY deal_id
        ) AS last ON last.deal_id = deal.id
        WHERE last.stage_id IS DISTINCT FROM deal.stage_id
    """,
    **HISTORY_RULES,
    "a deal whose value is not the sum of its lines": """
        SELECT deal.id
        FROM base.deals AS deal
        LEFT JOIN (
            SELECT deal_id, sum(total) AS total FROM base.deal_lines GROUP BY deal_id
        ) AS quoted ON quoted.deal_id = deal.id
        WHERE deal.quoted_value IS DISTINCT FROM quoted.total
           OR (deal.manual_currency IS NULL) <> (quoted.total IS NULL)
    """,
    "a line that comes to something else than quantity × price less discount": """
        SELECT id
        FROM (
            SELECT id, total, before, CASE discount_kind
                WHEN 'percent' THEN before - before::DOUBLE * discount::DOUBLE / 100
                WHEN 'fixed' THEN before - discount
                ELSE before
            END::DOUBLE AS net
            FROM (SELECT *, quantity::DOUBLE * unit_price::DOUBLE AS before FROM base.deal_lines)
        )
        WHERE abs(total::DOUBLE - net) > 0.5 + before * 1e-9  -- minor units are 1 at most; doubles lose digits
    """,
    "a contact whose keys and values disagree": """
        SELECT id
        FROM base.contacts
        WHERE deleted_at IS NULL
          AND (
            (email IS NULL) <> (email_key IS NULL)
            OR (phone IS NULL) <> (phone_key IS NULL)
            OR (identifier IS NULL) <> (identifier_key IS NULL)
          )
    """,
    "an order whose external id and key disagree": """
        SELECT id
        FROM base.orders
        WHERE deleted_at IS NULL AND external_key IS DISTINCT FROM source || ':' || external_id
    """,
    "an order in another status than its history says": """
        SELECT purchase.id
        FROM base.orders AS purchase
        LEFT JOIN (
            SELECT order_id, arg_max(to_status, id) AS status
            FROM base.order_statuses
            GROUP BY order_id
        ) AS last ON last.order_id = purchase.id
        WHERE last.status IS DISTINCT FROM purchase.status
    """,
    "a record in the bin that still holds a key": """
        SELECT id FROM base.contacts
        WHERE deleted_at IS NOT NULL
          AND (email_key IS NOT NULL OR phone_key IS NOT NULL OR identifier_key IS NOT NULL)
        UNION ALL
        SELECT id FROM base.companies WHERE deleted_at IS NOT NULL AND domain_key IS NOT NULL
        UNION ALL
        SELECT id FROM base.deals WHERE deleted_at IS NOT NULL AND identifier_key IS NOT NULL
        UNION ALL
        SELECT id FROM base.orders WHERE deleted_at IS NOT NULL AND external_key IS NOT NULL
    """,
    "a note on a record that is not there": """
        SELECT note.id
        FROM base.notes AS note
        ANTI JOIN (
            SELECT 'contact' AS kind, id FROM base.contacts
            UNION ALL
            SELECT 'company', id FROM base.companies
            UNION ALL
            SELECT 'deal', id FROM base.deals
        ) AS record ON record.kind = note.subject_kind AND record.id = note.subject_id
    """,
    "a file of a record that is not there": """
        SELECT attachment.id
        FROM base.attachments AS attachment
        ANTI JOIN (
            SELECT 'contact' AS kind, id FROM base.contacts
            UNION ALL
            SELECT 'company', id FROM base.companies
            UNION ALL
            SELECT 'deal', id FROM base.deals
        ) AS record ON record.kind = attachment.subject_kind AND record.id = attachment.subject_id
    """,
    "an item of a checklist of another deal": """
        SELECT item.id
        FROM base.checklist_items AS item
        JOIN base.checklists AS list ON list.id = item.checklist_id
        WHERE item.deal_id <> list.deal_id
    """,
    "an item that is done by nobody, or by somebody at no time": """
        SELECT id FROM base.checklist_items WHERE (done_at IS NULL) <> (done_by IS NULL)
    """,
    "a merge that stands, though what it absorbed is awake": """
        SELECT merge.id
        FROM base.merges AS merge
        JOIN base.contacts AS contact ON contact.id = merge.absorbed_id AND contact.deleted_at IS NULL
        WHERE merge.subject_kind = 'contact' AND merge.undone_at IS NULL
        UNION ALL
        SELECT merge.id
        FROM base.merges AS merge
        JOIN base.companies AS company ON company.id = merge.absorbed_id AND company.deleted_at IS NULL
        WHERE merge.subject_kind = 'company' AND merge.undone_at IS NULL
    """,
    "an import whose counts do not add up to its rows": """
        SELECT id
        FROM base.imports
        WHERE state = 'done' AND total <> created + updated + unchanged + skipped + rejected
    """,
}


def verify(store: Store) -> list[str]:
    """Every problem as a sentence; empty where the store is sound. Reads everything, changes nothing."""
    with store.reading(SYSTEM) as tx:
        return [
            *_chain_faults(tx),
            *_orphans(tx),
            *_doubles(tx),
            *_rule_breaks(tx),
            *_columns_apart(tx),
            *_lost_lookups(tx),
        ]


def _chain_faults(tx: Reading) -> Iterator[str]:
    """Walk the log from its first event; the first link that does not hold ends the walk.

    An event from which an erased person was taken out keeps its hash; what it holds now must be what the erasing event,
    itself part of the chain, says.
    """
    redacted = _redacted(tx)
    seq, before = 0, "0" * 64
    while rows := tx.rows("SELECT * FROM base.events WHERE seq > $seq ORDER BY seq LIMIT $batch", seq=seq, batch=BATCH):
        for row in rows:
            link = Link(**row)
            if link.seq != seq + 1:
                yield f"The log misses event {seq + 1}: the next one is {link.seq}."
                return
            if chain(before, link) not in (link.hash, redacted.get(link.seq)):
                yield f"Event {link.seq} of the log ({link.name}) was altered: its hash does not follow."
                return
            seq, before = link.seq, link.hash


def _redacted(tx: Reading) -> dict[int, str]:
    """The hash of each emptied event as it now is: the last erasing event that named it counts."""
    found: dict[int, str] = {}
    for row in tx.rows("SELECT particulars FROM base.events WHERE name = $name ORDER BY seq", name=REDACTING):
        found |= {int(seq): digest for seq, digest in json.loads(row["particulars"])["redacted"].items()}
    return found


def _orphans(tx: Reading) -> Iterator[str]:
    for child, column, parent in REFERENCES:
        found = tx.rows(
            f"""
            SELECT count(*) AS n, min(child.{column}) AS example
            FROM base.{child} AS child
            ANTI JOIN base.{parent} AS parent ON parent.id = child.{column}
            WHERE child.{column} IS NOT NULL{_but_nobody(column)}
            """
        )[0]
        if found["n"]:
            yield f"{found['n']:,} rows of {child} name a {column} not held by {parent}, such as {found['example']}."


def _but_nobody(column: str) -> str:
    return " AND child.user_id <> 0" if column == "user_id" else ""


def _doubles(tx: Reading) -> Iterator[str]:
    for table, key in KEYS:
        found = tx.value(
            f"""
            SELECT count(*) FROM (
                SELECT {key} FROM base.{table} WHERE {key} IS NOT NULL GROUP BY {key} HAVING count(*) > 1
            )
            """
        )
        if found:
            yield f"{found:,} values of {key} are held by more than one row of {table}."


def _rule_breaks(tx: Reading) -> Iterator[str]:
    for rule, sql in RULES.items():
        found = tx.rows(sql, **({"now": tx.now} if "$now" in sql else {}))
        if found:
            yield f"{len(found):,} × {rule}, such as number {found[0]['id']}."


def _columns_apart(tx: Reading) -> Iterator[str]:
    """Each custom attribute owns a column, `a_<key>`, and `d_<id>` while it is in the bin. Without its column the lists
    of its model fail; a column without its attribute holds values that nobody sees, exports or erases."""
    found = tx.rows(
        """
        SELECT table_name, column_name, owner
        FROM (
            SELECT
                model || '_attributes' AS table_name,
                'a_' || key AS column_name,
                'attribute “' || name || '”' AS owner
            FROM base.attributes
            UNION ALL
            SELECT model || '_attributes', 'd_' || id, 'deleted attribute “' || name || '”'
            FROM base.deleted_attributes
        ) AS defined
        FULL JOIN (
            SELECT table_name, column_name, true AS there
            FROM duckdb_columns()
            WHERE database_name = current_database()
              AND schema_name = 'base'
              AND table_name IN ('contact_attributes', 'company_attributes', 'deal_attributes')
              AND column_name <> 'id'
        ) AS held USING (table_name, column_name)
        WHERE owner IS NULL OR there IS NULL
        ORDER BY table_name, column_name
        """
    )
    for row in found:
        if row["owner"]:
            yield f"The {row['owner']} has no column {row['column_name']} in {row['table_name']}."
        else:
            yield f"The column {row['column_name']} of {row['table_name']} belongs to no attribute."


def _lost_lookups(tx: Reading) -> Iterator[str]:
    """A damaged key index answers look-ups with nothing while a scan still sees the row."""
    for table in ("users", "contacts", "companies", "deals", "orders"):
        ids = tx.rows(f"SELECT id FROM base.{table} USING SAMPLE reservoir({SAMPLE} ROWS) REPEATABLE (1)")
        lost = [
            row["id"] for row in ids if tx.value(f"SELECT id FROM base.{table} WHERE id = $id", id=row["id"]) is None
        ]
        if lost:
            yield f"{len(lost)} of {len(ids)} look-ups in {table} found nothing, such as number {lost[0]}."
