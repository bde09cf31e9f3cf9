"""Adding and changing products.

Who may: a price is everybody's, so it takes what the shape of a pipeline takes: “manage the CRM” and, on top of it,
being a manager or having “manage settings”. Nothing of the catalog reaches lines that were made from it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from crm.catalog.prices import FIELD
from crm.catalog.product import Product, get, sku_key
from crm.foundation import identity, money
from crm.foundation.access import Actor, Module, Permission, Role
from crm.foundation.errors import Duplicate, Forbidden, Invalid
from crm.store import Reading, Writing

EDITABLE = frozenset({"sku", "name", "description", "active"})

Prices = Mapping[str, Decimal | int | str | None]
"""By currency; None takes the price away."""


def may_change(actor: Actor) -> bool:
    return (
        actor.has(Module.CATALOG)
        and actor.may(Permission.MANAGE_CRM)
        and (actor.role is Role.MANAGER or actor.may(Permission.MANAGE_SETTINGS))
    )


def require_changing(tx: Reading) -> None:
    tx.require(Permission.MANAGE_CRM, Module.CATALOG)
    if not may_change(tx.actor):
        raise Forbidden(f"{tx.actor.name} may not change the catalog. A manager or an administrator can.")


def create(
    tx: Writing,
    *,
    sku: str,
    name: str,
    description: str | None = None,
    prices: Prices | None = None,
    active: bool = True,
) -> Product:
    """A new product; Duplicate where another has its SKU."""
    require_changing(tx)
    fields = _checked({"sku": sku, "name": name, "description": description, "active": active})
    kept = {code: price for code, price in _prices(prices or {}).items() if price is not None}
    _refuse_taken(tx, fields["sku"], None)
    product_id = tx.insert(
        """
        INSERT INTO base.products (sku, sku_key, name, description, active, search, created_at, updated_at)
        VALUES ($sku, $sku_key, $name, $description, $active, $search, $now, $now)
        RETURNING id
        """,
        **fields,
        sku_key=sku_key(fields["sku"]),
        search=_search(fields),
        now=tx.now,
    )
    _write_prices(tx, product_id, kept)
    tx.record(
        "product.created",
        "product",
        product_id,
        sku=fields["sku"],
        name=fields["name"],
        changes={f"{FIELD}{code}": [None, price] for code, price in kept.items()},
    )
    return get(tx, product_id)


def edit(
    tx: Writing, product_id: int, *, version: int | None = None, prices: Prices | None = None, **changes: Any
) -> Product:
    """Set some fields and prices; a price that is None goes. Stale where somebody changed the product after `version`;
    nothing is written where nothing differs."""
    require_changing(tx)
    before = get(tx, product_id, version=version)
    fields = before.model_dump(include=set(EDITABLE)) | _checked(changes)
    _refuse_taken(tx, fields["sku"], product_id)
    given = _prices(prices or {})
    new_prices = {code: price for code, price in given.items() if before.prices.get(code) != price}
    differing = {
        name: [getattr(before, name), value] for name, value in fields.items() if getattr(before, name) != value
    }
    if not differing and not new_prices:
        return before
    tx.run(
        """
        UPDATE base.products SET
            sku = $sku,
            sku_key = $sku_key,
            name = $name,
            description = $description,
            active = $active,
            search = $search,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **fields,
        sku_key=sku_key(fields["sku"]),
        search=_search(fields),
        now=tx.now,
        id=product_id,
    )
    _write_prices(tx, product_id, new_prices)
    told = {f"{FIELD}{code}": [before.prices.get(code), price] for code, price in new_prices.items()}
    tx.record("product.changed", "product", product_id, changes=differing | told)
    return get(tx, product_id)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = given.keys() - EDITABLE
    if unknown:
        raise Invalid(f"A product has no field “{min(unknown)}” that can be set.", min(unknown))
    kept = {field: _CHECKS[field](value) if field in _CHECKS else value for field, value in given.items()}
    if not isinstance(kept.get("active", True), bool):
        raise Invalid("A product is active or not: true or false.", "active")
    return kept


def _sku(value: str | None) -> str:
    found = identity.text(value, "SKU", limit=80)
    if not found or not sku_key(found):
        raise Invalid("A product needs a SKU.", "sku")
    return found


def _name(value: str | None) -> str:
    found = identity.text(value, "name", limit=300)
    if not found:
        raise Invalid("A product needs a name.", "name")
    return found


def _description(value: str | None) -> str | None:
    return identity.text(value, "description", limit=2000)


_CHECKS: dict[str, Callable[[str | None], str | None]] = {"sku": _sku, "name": _name, "description": _description}


def _prices(given: Prices) -> dict[str, Decimal | None]:
    return {
        money.currency(code): None if price is None else money.exact(price, "prices", "price")
        for code, price in given.items()
    }


def _refuse_taken(tx: Reading, sku: str, product_id: int | None) -> None:
    holder = tx.rows(
        "SELECT id, sku, name FROM products WHERE id = (SELECT id FROM base.products WHERE sku_key = $key)",
        key=sku_key(sku),
    )
    if holder and holder[0]["id"] != product_id:
        raise Duplicate(
            f"“{holder[0]['name']}” has the SKU “{holder[0]['sku']}” already.",
            field="sku",
            holder_kind="product",
            holder_id=holder[0]["id"],
        )


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


def _search(fields: Mapping[str, Any]) -> str:
    return identity.search_text(fields["sku"], fields["name"])
