"""Orders from a file: by source and external id. Who bought, and the deal, are in buyers.py and references.py of
crm/imports/applying."""

from datetime import date

import polars as pl

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.imports.model import OnDuplicate
from crm.imports.planning.columns import Columns
from crm.imports.planning.deals import amount_and_currency
from crm.imports.planning.table import Table, by_key
from crm.imports.reading import normal_forms
from crm.orders import SOURCES, STATUSES
from crm.store import Writing

STATUS_WORDS = {
    "pending": ("pending", "open", "unpaid", "awaiting payment", "on hold", "processing", "pendente", "aberto",
                "em aberto", "aguardando pagamento", "em processamento"),
    "paid": ("paid", "completed", "complete", "paga", "pago", "quitado", "concluido", "concluida", "aprovado"),
    "partially_paid": ("partially paid", "partial", "partly paid", "parcial", "parcialmente pago", "pago parcialmente"),
    "overdue": ("overdue", "late", "past due", "vencido", "vencida", "atrasado", "em atraso"),
    "refunded": ("refunded", "refund", "reembolsado", "reembolsada", "estornado", "devolvido"),
    "cancelled": ("cancelled", "canceled", "void", "voided", "cancelado", "cancelada", "anulado"),
    "failed": ("failed", "declined", "rejected", "falhou", "falha", "recusado", "recusada", "nao aprovado"),
}  # fmt: skip
SOURCE_WORDS = {
    "manual": ("manual", "by hand", "a mao", "manualmente"),
    "webhook": ("webhook",),
    "api": ("api",),
    "payments": ("payments", "payment", "pagamentos", "pagamento"),
    "commerce": ("commerce", "shop", "store", "e commerce", "ecommerce", "loja", "loja virtual", "comercio"),
}
"""Words of files, folded and without punctuation, in English and Portuguese."""

FOLLOWS_VALUE = "CASE WHEN row.value IS NOT NULL THEN coalesce(row.currency, was.currency) ELSE was.currency END"
"""An amount is never relabelled: its currency changes with it or not at all."""

TABLE = Table(
    noun="order",
    name="orders",
    keys={"external_id": "external_key"},
    plain=(
        "title",
        "contact_id",
        "deal_id",
        "value",
        "currency",
        "status",
        "source",
        "ordered_on",
        "paid_on",
        "note",
    ),
    search=("title", "external_id"),
    shown="found.title",
    finders=(by_key("external id", "orders", "external_key"),),
    match_on=("external_key",),
    needs=pl.col("title").is_not_null() & pl.col("value").is_not_null() & pl.col("contact_id").is_not_null(),
    unless="A new order needs a contact, a value, and a title or an external id.",
    rules={
        ("currency", OnDuplicate.OVERWRITE): FOLLOWS_VALUE,
        ("currency", OnDuplicate.FILL): "was.currency",
    },
    has_attributes=False,
)

KEYS = (("external_key", "external_id"),)


def clean(columns: Columns) -> None:
    for key, limit in (("external_id", 200), ("title", 300), ("note", 2000), ("deal", 300)):
        columns.text(key, limit)
    for key, limit in (("contact", 300), ("contact_identifier", 200)):
        columns.text(key, limit)
    columns.email("contact_email")
    columns.phone("contact_phone")
    columns.put("status", lambda column: normal_forms.by_value(column, status))
    columns.put("source", lambda column: normal_forms.by_value(column, source))
    for key in ("ordered_on", "paid_on"):
        columns.date(key)
    amount_and_currency(columns, "value")
    columns.clean = columns.clean.with_columns(source=pl.col("source").fill_null("manual")).with_columns(
        external_key=pl.concat_str("source", pl.lit(":"), "external_id")
    )


def status(text: str) -> str:
    return _of(STATUS_WORDS, text, "status of an order", STATUSES)


def source(text: str) -> str:
    return _of(SOURCE_WORDS, text, "source of orders", SOURCES)


def _of(words: dict[str, tuple[str, ...]], text: str, what: str, known: tuple[str, ...]) -> str:
    asked = " ".join(identity.folded(text).replace("_", " ").replace("-", " ").split())
    found = next((value for value, spoken in words.items() if asked in spoken), None)
    if found is None:
        raise Invalid(f"“{text}” is not a {what}: {', '.join(one.replace('_', ' ') for one in known)}.")
    return found


def named(rows: pl.DataFrame) -> pl.DataFrame:
    """New orders; one without a title is called by its number."""
    return rows.with_columns(title=pl.coalesce("title", pl.format("Order {}", "external_id")))


def completed(rows: pl.DataFrame, currency: str, today: date) -> pl.DataFrame:
    """New orders with what holds where the file says nothing."""
    return rows.with_columns(
        pl.col("currency").fill_null(currency),
        pl.col("status").fill_null("pending"),
        pl.col("ordered_on").fill_null(today),
    )


# Status history


def record_first_statuses(tx: Writing, rows: pl.DataFrame) -> None:
    tx.insert_frame(
        rows.select("id", "status"),
        """
        INSERT INTO base.order_statuses (order_id, from_status, to_status, happened_at, by_id)
        SELECT id, NULL, status, $now, $me FROM frame
        """,
        now=tx.now,
        me=tx.actor.id,
    )


def record_changes_of_status(tx: Writing) -> None:
    """Of the orders in `changed`."""
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


def take_back_changes_of_status(tx: Writing) -> None:
    """The orders in `restored` that are in their former status again lose their last step: it never happened."""
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
