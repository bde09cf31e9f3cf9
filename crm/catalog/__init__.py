"""The catalog: what is sold, under which SKU, at which price in which currency."""

from crm.catalog.listing import count, find, named
from crm.catalog.prices import PriceChange, price_history
from crm.catalog.product import Product, by_sku, get
from crm.catalog.verbs import create, edit, may_change, require_changing

__all__ = [
    "PriceChange",
    "Product",
    "by_sku",
    "count",
    "create",
    "edit",
    "find",
    "get",
    "may_change",
    "named",
    "price_history",
    "require_changing",
]
