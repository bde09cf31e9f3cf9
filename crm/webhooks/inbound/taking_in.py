"""Applies an order from a signed message exactly once, even if the answer is lost and the message sent again."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm import orders
from crm.foundation.access import NOBODY, SYSTEM, Actor, Module, Permission, Role, Source
from crm.foundation.errors import ModuleOff
from crm.foundation.language import later
from crm.platform import workspace
from crm.store import Store, Writing
from crm.webhooks.inbound import deliveries


class Taken(BaseModel, frozen=True):
    """The result for the sender. `replayed`: the message was applied before, and nothing was done now."""

    order_id: int
    created: bool
    replayed: bool = False

    @property
    def status(self) -> int:
        return 201 if self.created else 200


def webhook_of(store: Store) -> Actor:
    """The actor for incoming messages: a program that may only write contacts and orders. Raises ModuleOff where the
    module of orders is off."""
    with store.reading(SYSTEM) as tx:
        place = workspace.get(tx)
    if Module.ORDERS not in place.modules:
        raise ModuleOff(Module.ORDERS)
    return Actor(
        id=NOBODY,
        name="Webhook",
        role=Role.MANAGER,  # records created by a rep would be owned by the actor
        permissions=frozenset({Permission.MANAGE_CONTACTS, Permission.MANAGE_CRM}),
        modules=place.modules,
        sees_everything=True,
        time_zone=place.time_zone,
        currency=place.currency,
        region=place.region,
        source=Source.API,
    )


OVERTAKEN = later("An older message: a newer one of this order had come before, and stands.")


def take_in(tx: Writing, source: str, message_id: str, order: dict[str, Any], told_at: datetime | None = None) -> Taken:
    """Create or update the order of a message. A repeated message is answered like the first time.

    `told_at` is the time of the message's data by the sender's clock. A message that is older than one already applied
    to the order changes nothing, and is logged with the reason; one without a time is applied as it arrives.
    """
    before = tx.rows(
        """
        SELECT order_id, created FROM base.webhook_deliveries WHERE source = $source AND answered = $message_id
        """,
        source=source,
        message_id=message_id,
    )
    if before:
        return Taken(**before[0], replayed=True)
    told_at = min(told_at, tx.now) if told_at else None  # a clock that is ahead would make later messages look old
    known = orders.known_as(tx, source, order["external_id"]) if told_at else None
    if known is not None and told_at and deliveries.newer_applied(tx, known, told_at):
        taken = Taken(order_id=known, created=False)
        reason = OVERTAKEN
    else:
        done = orders.upsert(tx, source=source, **order)
        taken = Taken(order_id=done.order.id, created=done.created)
        reason = None
    deliveries.keep(
        tx,
        source,
        message_id,
        taken.status,
        order_id=taken.order_id,
        created=taken.created,
        reason=reason,
        told_at=told_at,
    )
    return taken


def refused(tx: Writing, source: str, message_id: str, status: int, field: str | None, reason: str) -> None:
    """Log a signed message that was refused, for whoever looks for its order. It may be sent again corrected."""
    deliveries.keep(tx, source, message_id, status, field=field, reason=reason)
