"""The declaration of the record type product."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from crm.foundation.access import Module, Permission
from crm.foundation.language import later
from crm.records.declaration import Record, RecordType
from crm.records.fields import Checkbox, LongText, Moment, Sort, Text, Unique
from crm.store import Reading, Row


def sku_key(sku: str) -> str:
    """The normal form of a SKU: Unicode NFKC, case folded, blanks as one space."""
    return " ".join(unicodedata.normalize("NFKC", sku).casefold().split())


def _key(fields: Mapping[str, Any]) -> str | None:
    return sku_key(fields["sku"])


class Product(Record, frozen=True):
    sku: Annotated[
        str,
        Text(
            label=later("SKU"),
            limit=80,
            required=later("A product needs a SKU."),
            unique=Unique("sku_key", _key, later("{holder} has the SKU “{value}” already.")),
            described="No two products share one, in its normal form.",
            example="LAMP-1",
            searched=True,
            sort=Sort(),
        ),
    ]
    """The SKU as typed; unique in its normal form."""
    name: Annotated[str, Text(label=later("Name"), limit=300, searched=True, sort=Sort(), example="Reading lamp")]
    description: Annotated[str | None, LongText(label=later("Description"), limit=2_000)]
    active: Annotated[
        bool,
        Checkbox(label=later("Active"), required=later("A product is active or not: true or false."), default=True),
    ]
    prices: dict[str, Decimal]
    """{currency: price}, in the order of the codes."""
    created_at: Annotated[datetime, Moment(label=later("Created"), sort=Sort())]
    updated_at: Annotated[datetime, Moment(label=later("Last changed"), sort=Sort())]


def complete(tx: Reading, rows: list[Row]) -> None:
    """Set `prices` in rows of products: {currency: price}, empty for a product without prices."""
    found: dict[int, dict[str, Decimal]] = {row["id"]: {} for row in rows}
    for price in tx.rows(
        """
        SELECT product_id, currency, price
        FROM product_prices
        WHERE product_id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY product_id, currency
        """,
        ids=list(found),
    ):
        found[price["product_id"]][price["currency"]] = price["price"]
    for row in rows:
        row["prices"] = found[row["id"]]


PRODUCT = RecordType(
    key=later("product"),
    plural=later("products"),
    record=Product,
    icon=":material/inventory_2:",
    permission=Permission.MANAGE_CRM,
    module=Module.CATALOG,
    default_sort="name",
    described_by=("sku",),
    complete=complete,
)
