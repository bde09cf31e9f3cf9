"""A deal's line items and their totals."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel

from crm.deals import verbs as deals
from crm.deals.quote.arithmetic import gross
from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff, NotFound, Stale
from crm.foundation.language import later, tr
from crm.store import Reading
from crm.store.kept import kept

DiscountKind = Literal["fixed", "percent"]


class Line(BaseModel, frozen=True):
    id: int
    deal_id: int
    position: int
    product_id: int | None
    """None for a line that is not from the catalog."""
    sku: str | None
    name: str
    """Name, SKU and price are copies from when the line was added; later changes of the product leave them."""
    quantity: Decimal
    unit_price: Decimal
    discount_kind: DiscountKind | None
    discount: Decimal
    """An amount in the deal's currency, or percent; 0 without a kind."""
    total: Decimal
    version: int
    created_at: datetime
    updated_at: datetime


class Lines(BaseModel, frozen=True):
    deal_id: int
    currency: str
    items: list[Line]
    gross: Decimal
    """The sum before discounts, rounded line by line."""
    discount: Decimal
    """`gross` less `value`."""
    value: Decimal | None
    """The sum of the lines' totals, which is the deal's value; None without any line."""


@kept
def of(tx: Reading, deal_id: int) -> Lines:
    """The lines of a deal in their order. Raises NotFound where the actor may not see the deal."""
    if not tx.actor.has(Module.CRM):
        raise ModuleOff(Module.CRM)
    deal = deals.get(tx, deal_id)
    items = [Line(**row) for row in tx.rows(f"{_ALL} WHERE deal_id = $id ORDER BY position, id", id=deal_id)]
    # Rounded line by line: it is then what people get who add up the printed amounts.
    before = sum((money.rounded(gross(line.quantity, line.unit_price), deal.currency) for line in items), Decimal(0))
    value = sum((line.total for line in items), Decimal(0))
    return Lines(
        deal_id=deal_id,
        currency=deal.currency,
        items=items,
        gross=before,
        discount=before - value,
        value=value if items else None,
    )


def get(tx: Reading, deal_id: int, line_id: int, *, version: int | None = None) -> Line:
    """A line of a deal. Raises NotFound where the deal has no such line or is not visible, Stale after another
    change."""
    rows = tx.rows(f"{_ALL} WHERE id = $id AND deal_id = $deal_id", id=line_id, deal_id=deal_id)
    if not rows:
        raise NotFound(tr("line"))
    line = Line(**rows[0])
    if version is not None and version != line.version:
        raise Stale(
            tr(
                "Somebody changed the line “{name}” since you opened it: it is {line} now. Look at it, then try again.",
                name=line.name,
                line=in_short(line),
            ),
            known_version=version,
            current=line.model_dump(),
        )
    return line


def in_short(line: Line) -> str:
    """A line in short: 3 × 10.00, less 5 %."""
    return tr(
        _IN_SHORT[line.discount_kind],
        quantity=line.quantity.normalize(),
        price=line.unit_price.normalize(),
        discount=line.discount.normalize(),
    )


_IN_SHORT = {
    None: later("{quantity:,f} × {price:,f}"),
    "fixed": later("{quantity:,f} × {price:,f}, less {discount:,f}"),
    "percent": later("{quantity:,f} × {price:,f}, less {discount:,f} %"),
}


_ALL = """
    SELECT
        id, deal_id, position, product_id, sku, name, quantity, unit_price, discount_kind, discount, total, version,
        created_at, updated_at
    FROM deal_lines
"""
