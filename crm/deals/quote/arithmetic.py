"""What a line comes to."""

from decimal import Decimal, localcontext

from crm.foundation import money
from crm.foundation.errors import Invalid

_DIGITS = 60
"""Enough for quantity × price × percent without a rounding before the one that counts."""


def gross(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """Quantity × price, exact."""
    with localcontext(prec=_DIGITS):
        return quantity * unit_price


def line_total(
    quantity: Decimal, unit_price: Decimal, discount_kind: str | None, discount: Decimal, currency: str
) -> Decimal:
    """Quantity × price less discount, rounded half-even to the currency's minor unit; Invalid where the discount is
    more than the line, or where the total is too large to keep."""
    with localcontext(prec=_DIGITS):
        before = quantity * unit_price
        if discount_kind == "percent":
            off = before * discount / 100
            if discount > 100:
                raise Invalid(f"A discount of {discount.normalize():f} % is more than the whole line.", "discount")
        else:
            off = discount if discount_kind == "fixed" else Decimal(0)
            if off > before:
                raise Invalid(
                    f"A discount of {off.normalize():f} is more than the line comes to, {before.normalize():f}.",
                    "discount",
                )
        return money.rounded(before - off, currency)
