"""The log of incoming webhooks: every signed message and its result."""

from datetime import datetime

from pydantic import BaseModel

from crm.foundation.access import Module, Permission
from crm.foundation.language import tr
from crm.store import Reading, Writing
from crm.webhooks.inbound.secrets import SecretSource


class Delivery(BaseModel, frozen=True):
    """One signed message. `status` is the HTTP status of the answer; `order_title` is None where the order is deleted;
    `reason` says why nothing was changed, if so."""

    id: int
    source: SecretSource
    message_id: str
    received_at: datetime
    status: int
    order_id: int | None
    order_title: str | None
    created: bool | None
    field: str | None
    reason: str | None


def recent(tx: Reading, limit: int = 50, offset: int = 0) -> list[Delivery]:
    """The messages, newest first."""
    tx.require(Permission.MANAGE_SETTINGS, Module.ORDERS)
    rows = tx.rows(
        """
        SELECT delivery.* EXCLUDE (answered, told_at), found.title AS order_title
        FROM base.webhook_deliveries AS delivery
        LEFT JOIN orders AS found ON found.id = delivery.order_id
        ORDER BY delivery.id DESC
        LIMIT $limit OFFSET $offset
        """,
        limit=limit,
        offset=offset,
    )
    found = (Delivery(**row) for row in rows)
    return [one.model_copy(update={"reason": tr(one.reason)}) if one.reason else one for one in found]


def count(tx: Reading) -> int:
    tx.require(Permission.MANAGE_SETTINGS, Module.ORDERS)
    return int(tx.value("SELECT count(*) FROM base.webhook_deliveries"))


def newer_applied(tx: Reading, order_id: int, told_at: datetime) -> bool:
    """Whether a message with a later time has been applied to the order."""
    return bool(
        tx.value(
            "SELECT count(*) FROM base.webhook_deliveries WHERE order_id = $id AND told_at > $told_at",
            id=order_id,
            told_at=told_at,
        )
    )


def keep(
    tx: Writing,
    source: str,
    message_id: str,
    status: int,
    *,
    order_id: int | None = None,
    created: bool | None = None,
    field: str | None = None,
    reason: str | None = None,
    told_at: datetime | None = None,
) -> None:
    """Log a message, in the transaction of its change if there is one: a repeated message is then answered from
    here."""
    # `answered` is unique where it is filled: an applied message counts once, a refused one may come again.
    tx.run(
        """
        INSERT INTO base.webhook_deliveries (
            source, message_id, answered, received_at, status, order_id, created, field, reason, told_at
        )
        VALUES (
            $source, $message_id, CASE WHEN $order_id IS NOT NULL THEN $message_id END, $now, $status, $order_id,
            $created, $field, $reason, $told_at
        )
        """,
        source=source,
        message_id=message_id,
        status=status,
        order_id=order_id,
        created=created,
        field=field,
        reason=reason[:500] if reason else None,
        told_at=told_at,
        now=tx.now,
    )
