"""The box that finds a product and puts it into the grid."""

from collections.abc import Callable
from typing import Any

from crm import catalog
from crm.catalog import Product
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.ui import session
from crm.ui.components import picker
from crm.ui.deals.lines.sheet import Cells
from crm.ui.records import record_state


def box(deal_id: int, currency: str, *, on_pick: Callable[[int, Cells], None]) -> None:
    key = f"{record_state.of('deal', deal_id)}-product"

    def take(product_id: int) -> None:
        try:
            product = session.read(catalog.get, product_id)
        except CrmError as refusal:
            picker.refuse(key, refusal)
        else:
            on_pick(deal_id, _cells(product, currency))

    picker.action(
        tr("Add a product"), "product", key=key, on_pick=take, placeholder=tr("Name or SKU"), currency=currency
    )


def _cells(product: Product, currency: str) -> Cells:
    price: Any = product.prices.get(currency)
    return {
        "sku": product.sku,
        "name": product.name,
        "quantity": 1.0,
        "price": None if price is None else float(price),
    }
