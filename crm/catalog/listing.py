"""The list of products: what it is filtered, searched and sorted by."""

from dataclasses import replace

from crm.catalog.product import with_prices
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff
from crm.records import listing
from crm.records.filters import All, Clause, Criteria, Field, FieldType, Filter, Rule
from crm.records.listing import Asked, Page, Sort, Source
from crm.store import Reading, Row

_FIELDS = (
    Field("sku", "SKU", FieldType.TEXT, "product.sku"),
    Field("name", "Name", FieldType.TEXT, "product.name"),
    Field("description", "Description", FieldType.TEXT, "product.description"),
    Field("active", "Active", FieldType.CHECKBOX, "product.active"),
    Field("created_at", "Created", FieldType.MOMENT, "product.created_at"),
    Field("updated_at", "Last changed", FieldType.MOMENT, "product.updated_at"),
)
_ACTIVE = Rule(field="active", op="is", value=True)


def fields(tx: Reading, asked: Filter | None = None) -> Criteria:
    return Criteria(_FIELDS, noun="products")


def searched(query: str) -> Clause:
    return listing.words(query, "contains(product.search, {word})")


SOURCE = Source(
    table="products",
    alias="product",
    columns="product.* EXCLUDE (search)",
    joins="",
    sorts={
        "name": Sort("lower(product.name)", "VARCHAR"),
        "sku": Sort("lower(product.sku)", "VARCHAR"),
        "created_at": Sort("product.created_at", "TIMESTAMPTZ"),
        "updated_at": Sort("product.updated_at", "TIMESTAMPTZ"),
    },
    fields=fields,
    searched=searched,
)


def find(tx: Reading, asked: Asked, *, inactive: bool = False) -> Page:
    """A page of products, each a row with the fields of `Product`; only what is active unless `inactive` is given."""
    _require_catalog(tx)
    page = listing.find(tx, SOURCE, asked if inactive else _active_only(asked))
    return replace(page, items=with_prices(tx, page.items))


def count(tx: Reading, asked: Asked, *, inactive: bool = False) -> int:
    _require_catalog(tx)
    return listing.count(tx, SOURCE, asked if inactive else _active_only(asked))


def named(tx: Reading, query: str, limit: int = 20) -> list[Row]:
    """The active products that a few letters of name or SKU find, for a field where one is chosen."""
    return find(tx, Asked(search=query, sort="name", limit=limit)).items


def _active_only(asked: Asked) -> Asked:
    return replace(asked, filter=All(of=(_ACTIVE, asked.filter)) if asked.filter else _ACTIVE)


def _require_catalog(tx: Reading) -> None:
    if not tx.actor.has(Module.CATALOG):
        raise ModuleOff(Module.CATALOG)
