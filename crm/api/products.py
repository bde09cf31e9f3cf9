"""Products: what is sold, and at which price."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from crm import catalog
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, Seen
from crm.api.shapes import Body, Listed, ListParams, Number, PathId, shown, whole
from crm.catalog import PriceChange, Product
from crm.foundation.access import Module

router = APIRouter(prefix="/products", tags=["products"], dependencies=[Depends(needs(Module.CATALOG))])

Price = Annotated[Number, Field(ge=0, description="At most four decimal places.", examples=["199.90"])]


class ProductChange(Body):
    sku: str = Field("", description="No two products share one, in its normal form.", examples=["LAMP-1"])
    name: str = ""
    description: str | None = None
    active: bool = True
    prices: dict[str, Price | None] = Field(
        {}, max_length=200, description="By currency; null takes the price away, what is not named stays."
    )


class ProductGiven(ProductChange):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"sku": "LAMP-1", "name": "Reading lamp", "prices": {"BRL": "199.90"}}]}
    )

    sku: str
    name: str


class ProductQuery(ListParams):
    sort: str = Field("name", description="name, sku, created_at or updated_at; “-” before it sorts descending.")
    inactive: bool = Field(False, description="With those that are no longer sold.")


@router.get("", response_model=Listed[Product])
def list_products(caller: Calling, asked: Annotated[ProductQuery, Query()]) -> Response:
    with caller.reading() as tx:
        return shown(asked.page(tx, lambda tx, wish: catalog.find(tx, wish, inactive=asked.inactive), Product))


@router.post("", status_code=201, response_model=Product)
def create_product(change: Changing, body: ProductGiven) -> Response:
    """Managers and administrators may."""
    return change.create("product", lambda tx: catalog.create(tx, **body.given()))


@router.get("/{id}", response_model=Product)
def get_product(caller: Calling, product_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(catalog.get(tx, product_id))


@router.patch("/{id}", response_model=Product)
def edit_product(change: Changing, product_id: PathId, body: ProductChange, version: Seen) -> Response:
    """Managers and administrators may. Lines of deals that were made from the product stay as they are."""
    return change.make(lambda tx: catalog.edit(tx, product_id, version=version, **body.given()))


@router.get("/{id}/prices")
def get_price_history(caller: Calling, product_id: PathId) -> Listed[PriceChange]:
    """Every change of a price, newest first: who, when, from, to."""
    with caller.reading() as tx:
        return whole(catalog.price_history(tx, product_id))
