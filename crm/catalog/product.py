"""A product with its prices, found by its id or by its SKU."""

import unicodedata
from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel

from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff, NotFound
from crm.records.changes import refuse_stale
from crm.store import Reading, Row


class Product(BaseModel, frozen=True):
    id: int
    sku: str
    """As it was typed; no two products share its normal form."""
    name: str
    description: str | None
    active: bool
    prices: dict[str, Decimal]
    """By currency, in the order of their codes."""
    created_at: datetime
    updated_at: datetime
    version: int


def sku_key(sku: str) -> str:
    """The normal form: compatible forms made one (NFKC), without regard to case, blanks as one space."""
    return " ".join(unicodedata.normalize("NFKC", sku).casefold().split())


def get(tx: Reading, product_id: int, *, version: int | None = None) -> Product:
    """The product, active or not; NotFound where there is none, Stale where it was changed after `version`."""
    _require_catalog(tx)
    rows = tx.rows("SELECT * EXCLUDE (search) FROM products WHERE id = $id", id=product_id)
    if not rows:
        raise NotFound("product")
    found = Product(**rows[0], prices=prices_of(tx, [product_id])[product_id])
    refuse_stale(tx, "product", found, found.name, version)
    return found


def by_sku(tx: Reading, sku: str) -> Product | None:
    """The product of this SKU in its normal form."""
    _require_catalog(tx)
    found = tx.value("SELECT id FROM base.products WHERE sku_key = $key", key=sku_key(sku))
    return None if found is None else get(tx, found)


def prices_of(tx: Reading, product_ids: list[int]) -> dict[int, dict[str, Decimal]]:
    """{product: {currency: price}}, with an empty one for a product without prices."""
    found: dict[int, dict[str, Decimal]] = {one: {} for one in product_ids}
    for row in tx.rows(
        """
        SELECT product_id, currency, price
        FROM product_prices
        WHERE product_id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY product_id, currency
        """,
        ids=product_ids,
    ):
        found[row["product_id"]][row["currency"]] = row["price"]
    return found


def with_prices(tx: Reading, rows: list[Row]) -> list[Row]:
    prices = prices_of(tx, [row["id"] for row in rows])
    return [{**row, "prices": prices[row["id"]]} for row in rows]


def _require_catalog(tx: Reading) -> None:
    if not tx.actor.has(Module.CATALOG):
        raise ModuleOff(Module.CATALOG)
