"""The arithmetic of a line's total."""

from decimal import Decimal, localcontext

from crm.foundation import money
from crm.foundation.errors import Invalid
from crm.foundation.language import tr

_DIGITS = 60
"""Digits of precision: enough for quantity × price × percent without an intermediate rounding."""


def gross(quantity: Decimal, unit_price: Decimal) -> Decimal:
    """Quantity × price, exact."""
    with localcontext(prec=_DIGITS):
        return quantity * unit_price


def line_total(
    quantity: Decimal, unit_price: Decimal, discount_kind: str | None, discount: Decimal, currency: str
) -> Decimal:
    """Quantity × price less discount, rounded half-even to the currency's minor unit. Raises Invalid where the discount
    exceeds the line, or the total is too large to store."""
    with localcontext(prec=_DIGITS):
        before = quantity * unit_price
        if discount_kind == "percent":
            off = before * discount / 100
            if discount > 100:
                raise Invalid(
                    tr("A discount of {discount:f} % is more than the whole line.", discount=discount.normalize()),
                    "discount",
                )
        else:
            off = discount if discount_kind == "fixed" else Decimal(0)
            if off > before:
                raise Invalid(
                    tr(
                        "A discount of {discount:f} is more than the line comes to, {total:f}.",
                        discount=off.normalize(),
                        total=before.normalize(),
                    ),
                    "discount",
                )
        return money.rounded(before - off, currency)
