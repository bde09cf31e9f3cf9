"""Finds a product with its prices, by id or SKU."""

from crm.catalog.declaration import PRODUCT, Product, sku_key
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff
from crm.records import reading
from crm.store import Reading


def get(tx: Reading, product_id: int, *, version: int | None = None) -> Product:
    """The product, active or not. Raises NotFound where there is none, Stale where it was changed after `version`."""
    require_catalog(tx)
    return reading.get(tx, PRODUCT, product_id, version=version)


def find_one(tx: Reading, product_id: int) -> Product | None:
    return reading.find_one(tx, PRODUCT, product_id) if tx.actor.has(Module.CATALOG) else None


def by_sku(tx: Reading, sku: str) -> Product | None:
    """The product with this SKU, compared in normal form; None where there is none."""
    require_catalog(tx)
    # From `base.`: the visible view leaves the key out. `get` looks at the view.
    found = tx.value("SELECT id FROM base.products WHERE sku_key = $key", key=sku_key(sku))
    return None if found is None else get(tx, found)


def require_catalog(tx: Reading) -> None:
    if not tx.actor.has(Module.CATALOG):
        raise ModuleOff(Module.CATALOG)
