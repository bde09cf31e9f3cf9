"""Validates the fields of a line, which a person, a program, or the product gives."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm import catalog
from crm.catalog import Product
from crm.deals.quote.arithmetic import line_total
from crm.deals.record import Deal
from crm.foundation import bounds, identity, money
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.store import Reading

EDITABLE = frozenset({"name", "quantity", "unit_price", "discount_kind", "discount"})
GIVEN = EDITABLE | {"product_id", "sku"}
MOST_LINES = 1000
DISCOUNTS = ("fixed", "percent")

Fields = dict[str, Any]


def refuse_unknown(given: Mapping[str, Any]) -> None:
    """Raise Invalid where a field is named that a line does not have."""
    unknown = given.keys() - GIVEN
    if unknown:
        raise Invalid(tr("A line has no field “{field}” that can be set.", field=min(unknown)), min(unknown))


def with_product(tx: Reading, given: Mapping[str, Any], currency: str) -> Fields:
    """The given fields, completed with name, SKU and price of the product that they name by id or SKU."""
    product = product_of(tx, given)
    fields = {field: value for field, value in given.items() if field not in ("product_id", "sku")}
    if product is None:
        return fields
    price = fields.get("unit_price")
    if price is None and currency not in product.prices:
        raise Invalid(
            tr(
                "“{name}” has no price in {currency}. Give the line a price of its own.",
                name=product.name,
                currency=currency,
            ),
            "unit_price",
        )
    return fields | {
        "product_id": product.id,
        "sku": product.sku,
        "name": fields.get("name") or product.name,
        "unit_price": product.prices[currency] if price is None else price,
    }


def product_of(tx: Reading, given: Mapping[str, Any]) -> Product | None:
    """The product that the fields name, None for none. Raises Invalid where it does not exist or is inactive."""
    if given.get("product_id") is not None:
        product: Product | None = catalog.get(tx, given["product_id"])
    elif given.get("sku"):
        product = catalog.by_sku(tx, given["sku"])
        if product is None:
            raise Invalid(tr("The catalog has no product with the SKU “{sku}”.", sku=bounds.shown(given["sku"])), "sku")
    else:
        return None
    if product is not None and not product.active:
        raise Invalid(
            tr("“{name}” is no longer sold. Make it active in the catalog first.", name=product.name), "product_id"
        )
    return product


def currency_of_first(tx: Reading, deal: Deal, given: Mapping[str, Any], currency: str | None) -> str:
    """The currency of a deal that gets its first line: the given one, else the deal's own, unless the product has a
    single price, in another currency."""
    if currency is not None:
        return money.currency(currency)
    product = product_of(tx, given)
    if product is None or given.get("unit_price") is not None or deal.currency in product.prices:
        return deal.currency
    return next(iter(product.prices)) if len(product.prices) == 1 else deal.currency


def checked(fields: Mapping[str, Any], currency: str) -> Fields:
    """All columns of a line, checked and normalised, with its total. Raises Invalid."""
    line: Fields = {"product_id": fields.get("product_id"), "sku": fields.get("sku"), "name": _name(fields.get("name"))}
    line["quantity"] = _number(fields.get("quantity"), "quantity", tr("quantity"), tr("A line needs a quantity."))
    if not line["quantity"]:
        raise Invalid(tr("A quantity is more than zero. Remove the line instead."), "quantity")
    line["unit_price"] = _number(fields.get("unit_price"), "unit_price", tr("price"), tr("A line needs a price."))
    kind, discount = fields.get("discount_kind"), fields.get("discount")
    if kind is not None and kind not in DISCOUNTS:
        raise Invalid(tr("A discount is fixed or percent, not “{kind}”.", kind=bounds.shown(kind)), "discount_kind")
    given = Decimal(0) if discount is None else money.exact(discount, "discount", tr("discount"))
    if given and kind is None:
        raise Invalid(tr("Say whether the discount is fixed or percent."), "discount_kind")
    # A discount of nothing is none, of whatever kind.
    line["discount_kind"], line["discount"] = (kind, given) if given else (None, Decimal("0.0000"))
    line["total"] = line_total(line["quantity"], line["unit_price"], line["discount_kind"], line["discount"], currency)
    return line


def _name(value: Any) -> str:
    found = identity.text(value, later("name"), limit=500) if isinstance(value, str) else None
    if not found:
        raise Invalid(tr("A line needs a name: what is sold?"), "name")
    return found


def _number(value: Any, field: str, name: str, missing: str) -> Decimal:
    if value is None or value == "":
        raise Invalid(missing, field)
    return money.exact(value, field, name)
