"""The list of products."""

from dataclasses import replace

from crm.catalog.declaration import PRODUCT
from crm.catalog.product import require_catalog
from crm.records import lists
from crm.records.filters import All, Rule
from crm.records.listing import ListQuery, Page
from crm.store import Reading, Row
from crm.store.kept import kept

_ACTIVE = Rule(field="active", op="is", value=True)


@kept
def find(tx: Reading, query: ListQuery, *, inactive: bool = False) -> Page:
    """A page of products, each a row with the fields of `Product`; only what is active unless `inactive` is given."""
    require_catalog(tx)
    return lists.find(tx, PRODUCT, query if inactive else _active_only(query))


def count(tx: Reading, query: ListQuery, *, inactive: bool = False) -> int:
    require_catalog(tx)
    return lists.count(tx, PRODUCT, query if inactive else _active_only(query))


@kept
def named(tx: Reading, query: str, limit: int = 20) -> list[Row]:
    """The active products whose name or SKU match the search, for a selection field."""
    return find(tx, ListQuery(search=query, sort="name", limit=limit)).items


def _active_only(query: ListQuery) -> ListQuery:
    return replace(query, filter=All(of=(_ACTIVE, query.filter)) if query.filter else _ACTIVE)


@kept
def options(tx: Reading) -> dict[int, str]:
    """{product id: “SKU: name”} of all products, including inactive ones, which deals may still hold."""
    rows = tx.rows("SELECT id, sku, name FROM products ORDER BY lower(name), id")
    return {row["id"]: f"{row['sku']}: {row['name']}" for row in rows}
