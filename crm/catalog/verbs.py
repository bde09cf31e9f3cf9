"""Creates and edits products.

Prices affect everybody, so this takes “manage the CRM” and in addition the role of a manager, or “manage settings”, as
changing pipelines does. Existing lines of deals keep their copies of name and price.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm.catalog.declaration import PRODUCT, Product, sku_key
from crm.catalog.prices import FIELD
from crm.catalog.product import get
from crm.foundation import money
from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import Forbidden, Invalid
from crm.foundation.language import tr
from crm.records import validation, writing
from crm.store import Reading, Writing

Prices = Mapping[str, Decimal | int | str | None]
"""{currency: price}; None removes the price."""


def may_change(actor: Actor) -> bool:
    return actor.shapes(Module.CATALOG)


def require_changing(tx: Reading) -> None:
    tx.require(Permission.MANAGE_CRM, Module.CATALOG)
    if not may_change(tx.actor):
        raise Forbidden(tr("{name} may not change the catalog. A manager or an administrator can.", name=tx.actor.name))


def create(tx: Writing, /, *, prices: Prices | None = None, **given: Any) -> Product:
    """Create a product. Raises Duplicate where another has its SKU."""
    require_changing(tx)
    fields = _checked(tx, writing.with_defaults(tx, PRODUCT, given))
    new_prices = {code: price for code, price in _prices(prices or {}).items() if price is not None}
    validation.refuse_taken(tx, PRODUCT, fields)
    product_id = writing.insert(tx, PRODUCT, fields)
    _write_prices(tx, product_id, new_prices)
    tx.record(
        "product.created",
        "product",
        product_id,
        sku=fields["sku"],
        name=fields["name"],
        changes={f"{FIELD}{code}": [None, price] for code, price in new_prices.items()},
    )
    return get(tx, product_id)


def edit(
    tx: Writing, /, product_id: int, *, version: int | None = None, prices: Prices | None = None, **changes: Any
) -> Product:
    """Set some fields and prices; None removes a price. Writes nothing where nothing differs. Raises Stale where the
    product was changed after `version`."""
    require_changing(tx)
    before = get(tx, product_id, version=version)
    now = before.model_dump(include=set(PRODUCT.edited))
    changed = {key: value for key, value in _checked(tx, changes).items() if now[key] != value}
    validation.refuse_taken(tx, PRODUCT, now | changed, own_id=product_id)
    given = _prices(prices or {})
    new_prices = {code: price for code, price in given.items() if before.prices.get(code) != price}
    if not changed and not new_prices:
        return before
    writing.update(tx, PRODUCT, product_id, changed, now | changed)
    _write_prices(tx, product_id, new_prices)
    # `price_history` reads them from the log.
    price_changes = {f"{FIELD}{code}": [before.prices.get(code), price] for code, price in new_prices.items()}
    tx.record(
        "product.changed",
        "product",
        product_id,
        changes={key: [now[key], value] for key, value in changed.items()} | price_changes,
    )
    return get(tx, product_id)


def _checked(tx: Reading, given: Mapping[str, Any]) -> dict[str, Any]:
    fields = validation.checked(tx, PRODUCT, given)
    if "sku" in fields and not sku_key(fields["sku"]):  # only blanks that trimming leaves, such as no-break spaces
        raise Invalid(PRODUCT.fields["sku"].missing, "sku")
    return fields


def _prices(given: Prices) -> dict[str, Decimal | None]:
    return {
        money.currency(code): None if price is None else money.exact(price, "prices", tr("price"))
        for code, price in given.items()
    }


def _write_prices(tx: Writing, product_id: int, prices: Mapping[str, Decimal | None]) -> None:
    for code, price in prices.items():
        if price is None:
            tx.run(
                "DELETE FROM base.product_prices WHERE product_id = $id AND currency = $code", id=product_id, code=code
            )
        else:
            tx.run(
                """
                INSERT INTO base.product_prices VALUES ($id, $code, $price)
                ON CONFLICT (product_id, currency) DO UPDATE SET price = excluded.price
                """,
                id=product_id,
                code=code,
                price=price,
            )
