"""The catalog: products with their SKUs, and their prices by currency."""

from crm.catalog.declaration import PRODUCT, Product
from crm.catalog.listing import count, find, named, options
from crm.catalog.prices import PriceChange, price_history
from crm.catalog.product import by_sku, find_one, get
from crm.catalog.verbs import create, edit, may_change, require_changing

__all__ = [
    "PRODUCT",
    "PriceChange",
    "Product",
    "by_sku",
    "count",
    "create",
    "edit",
    "find",
    "find_one",
    "get",
    "may_change",
    "named",
    "options",
    "price_history",
    "require_changing",
]
