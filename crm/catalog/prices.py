"""The price history of a product, read from the log, which keeps each change of a price."""

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from crm.catalog.product import get
from crm.records.history import history
from crm.store import Reading

FIELD = "price "
"""The prefix of a currency in the log's name of a changed price."""


class PriceChange(BaseModel, frozen=True):
    happened_at: datetime
    actor_name: str
    currency: str
    before: Decimal | None
    after: Decimal | None
    """None where the price was removed."""


def price_history(tx: Reading, product_id: int) -> list[PriceChange]:
    """The changes, newest first. Raises NotFound where there is no such product."""
    product = get(tx, product_id)
    return [
        PriceChange(
            happened_at=event.happened_at,
            actor_name=event.actor_name,
            currency=field.removeprefix(FIELD),
            before=before,
            after=after,
        )
        for event in history(tx, "product", product.id)
        for field, (before, after) in (event.payload.get("changes") or {}).items()
        if field.startswith(FIELD)
    ]
