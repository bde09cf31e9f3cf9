"""The status history of an order: who set which status, and when."""

from datetime import datetime

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.store import Reading
from crm.store.kept import kept


class Step(BaseModel, frozen=True):
    at: datetime
    from_status: str | None
    """None for the order's creation."""
    to_status: str
    by_id: int
    by_name: str


@kept
def history(tx: Reading, order_id: int) -> list[Step]:
    """The steps of an order, oldest first. Raises NotFound where the actor may not see it."""
    if not tx.rows("SELECT id FROM orders WHERE id = $id", id=order_id):
        raise NotFound(tr("order"))
    rows = tx.rows(
        """
        SELECT
            step.happened_at AS at,
            step.from_status,
            step.to_status,
            step.by_id,
            coalesce(person.name, 'Mallard') AS by_name
        FROM base.order_statuses AS step  -- of an order that was found in the visible view
        LEFT JOIN users AS person ON person.id = step.by_id
        WHERE step.order_id = $id
        ORDER BY step.id
        """,
        id=order_id,
    )
    return [Step(**row) for row in rows]
