"""An order from a signed message: made or brought up to date once, whatever happens to the answer on its way."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm import orders
from crm.foundation.access import NOBODY, SYSTEM, Actor, Module, Permission, Role, Source
from crm.foundation.errors import ModuleOff
from crm.platform import workspace
from crm.store import Store, Writing
from crm.webhooks.inbound import deliveries


class Taken(BaseModel, frozen=True):
    """What a sender is told. `replayed`: this message was taken in before, and nothing was done now."""

    order_id: int
    created: bool
    replayed: bool = False

    @property
    def status(self) -> int:
        return 201 if self.created else 200


def webhook_of(store: Store) -> Actor:
    """Who acts where a message is taken in: a program that may write contacts and orders, and nothing else. ModuleOff
    where there are no orders."""
    with store.reading(SYSTEM) as tx:
        place = workspace.get(tx)
    if Module.ORDERS not in place.modules:
        raise ModuleOff(Module.ORDERS)
    return Actor(
        id=NOBODY,
        name="Webhook",
        role=Role.MANAGER,  # what a rep makes would be theirs
        permissions=frozenset({Permission.MANAGE_CONTACTS, Permission.MANAGE_CRM}),
        modules=place.modules,
        sees_everything=True,
        time_zone=place.time_zone,
        currency=place.currency,
        region=place.region,
        source=Source.API,
    )


OVERTAKEN = "An older message: a newer one of this order had come before, and stands."


def take_in(tx: Writing, source: str, message_id: str, order: dict[str, Any], told_at: datetime | None = None) -> Taken:
    """The order as the message tells it. The same message again, at once or later, is answered as the first time.

    `told_at` is when the order was so, by the sender's clock. A message that was overtaken by a newer one of the same
    order changes nothing, and is kept with the reason; one that does not say when counts as it comes.
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
    told_at = min(told_at, tx.now) if told_at else None  # a clock that is ahead would shut out all that follows
    known = orders.known_as(tx, source, order["external_id"]) if told_at else None
    if known is not None and told_at and deliveries.told_since(tx, known, told_at):
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
    """A signed message that says what cannot be: kept for who looks for its order. It may come again, mended."""
    deliveries.keep(tx, source, message_id, status, field=field, reason=reason)
