"""Generates a catalog, and lines of some deals that sum to about their values."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from crm import catalog
from crm.catalog import Product
from crm.deals import quote
from crm.demo.opportunities import PER_UNIT, NewDeal
from crm.demo.phrases import EXTRAS, WARES
from crm.foundation import money
from crm.foundation.access import Module
from crm.foundation.language import tr
from crm.platform import workspace
from crm.store import Writing

SHARE = 0.3
"""The share of deals with a value that have lines."""
QUOTED = 20
DISCOUNTS = (5, 8, 10, 12)


def write_catalog(tx: Writing) -> list[Product]:
    """The products, with prices in the demo's currencies; one is no longer sold."""
    workspace.switch(tx, Module.CATALOG, True)
    made = []
    for ware in WARES:
        prices = {code: str(_fine(Decimal(ware.price) / Decimal(str(unit)))) for code, unit in PER_UNIT.items()}
        made.append(
            catalog.create(
                tx,
                sku=ware.sku,
                name=tr(ware.name),
                description=ware.description and tr(ware.description),
                prices=prices,
                active=ware.active,
            )
        )
    return [product for product in made if product.active]


def write_lines(tx: Writing, seed: int, deals: Sequence[NewDeal], products: Sequence[Product]) -> None:
    """Write the lines. A random generator of their own keeps the deals the same with and without them."""
    chance = random.Random(seed + 1)  # noqa: S311 — looks, not secrets
    rows = [
        {"deal_id": deal.id, "position": place, "created_at": deal.created_at, **line}
        for deal in deals
        if deal.value and chance.random() < SHARE
        for place, line in enumerate(_lines(chance, deal.value, deal.currency, products), 1)
    ]
    tx.bulk("demo_lines", pl.DataFrame(rows, infer_schema_length=None))
    tx.run(
        """
        INSERT INTO base.deal_lines (
            deal_id, position, product_id, sku, name, quantity, unit_price, discount_kind, discount, total,
            created_at, updated_at
        )
        SELECT
            deal_id, position, product_id, sku, name, quantity, unit_price, discount_kind, discount, total,
            created_at, created_at
        FROM demo_lines
        ORDER BY deal_id, position
        """
    )
    tx.run(
        """
        UPDATE base.deals SET quoted_value = quoted.total, manual_currency = currency
        FROM (SELECT deal_id, sum(total) AS total FROM base.deal_lines GROUP BY deal_id ORDER BY deal_id) AS quoted
        WHERE quoted.deal_id = deals.id
        """
    )


def write_quotes(tx: Writing) -> None:
    """Issue quotes of the open deals with lines that moved last."""
    newest = tx.rows(
        """
        SELECT id
        FROM deals
        WHERE status = 'open' AND id IN (SELECT deal_id FROM deal_lines)
        ORDER BY updated_at DESC, id
        LIMIT $quoted
        """,
        quoted=QUOTED,
    )
    for row in newest:
        quote.issue(tx, row["id"])


def _lines(chance: random.Random, value: Decimal, currency: str, products: Sequence[Product]) -> list[dict[str, Any]]:
    found = []
    left = value
    fitting = [product for product in products if product.prices[currency] <= value]
    for product in chance.sample(fitting, min(len(fitting), chance.randrange(1, 5))):
        price = product.prices[currency]
        quantity = min(int(left * Decimal(str(chance.uniform(0.3, 0.9))) / price), 250)
        if quantity:
            off = chance.choice(DISCOUNTS) if chance.random() < 0.3 else 0
            found.append(_line(product, product.name, quantity, price, off, currency))
            left -= quantity * price
    # What the products leave of the deal's value is one line of its own.
    if left >= 1:
        found.append(_line(None, tr(chance.choice(EXTRAS)), 1, _fine(left), 0, currency))
    return found


def _line(product: Product | None, name: str, quantity: int, price: Decimal, off: int, currency: str) -> dict[str, Any]:
    return {
        "product_id": product.id if product else None,
        "sku": product.sku if product else None,
        "name": name,
        "quantity": quantity,
        "unit_price": price,
        "discount_kind": "percent" if off else None,
        "discount": off,
        "total": quote.line_total(Decimal(quantity), price, "percent" if off else None, Decimal(off), currency),
    }


def _fine(amount: Decimal) -> Decimal:
    return money.rounded(amount, "BRL")
