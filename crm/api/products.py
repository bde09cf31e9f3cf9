"""What only products do: having prices, and being listed only while they are sold."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field

from crm import catalog
from crm.api import bodies, records
from crm.api.callers import Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Listed, ListParams, Number, PathId, shown, whole
from crm.catalog import PRODUCT, PriceChange, Product

router = records.router(PRODUCT)

Price = Annotated[Number, Field(ge=0, description="At most four decimal places.", examples=["199.90"])]


_PRICES: tuple[Any, Any] = (
    dict[str, Price | None],
    Field({}, max_length=200, description="By currency; null takes the price away, what is not named stays."),
)


class ProductQuery(ListParams):
    sort: str = Field("name", description="name, sku, created_at or updated_at; “-” before it sorts descending.")
    inactive: bool = Field(False, description="With those that are no longer sold.")


@router.get("", response_model=Listed[Product])
def list_products(caller: Calling, params: Annotated[ProductQuery, Query()]) -> Response:
    with caller.reading() as tx:
        return shown(params.page(tx, lambda tx, query: catalog.find(tx, query, inactive=params.inactive), Product))


@router.post("", status_code=201, response_model=Product)
@bodies.takes(bodies.given(PRODUCT, {"prices": {"BRL": "199.90"}}, prices=_PRICES))
def create_product(change: Changing, body: Body) -> Response:
    """Managers and administrators may."""
    return change.create("product", lambda tx: catalog.create(tx, **body.given()))


@router.patch("/{id}", response_model=Product)
@bodies.takes(bodies.change(PRODUCT, prices=_PRICES))
def edit_product(change: Changing, product_id: PathId, body: Body, version: ExpectedVersion) -> Response:
    """Managers and administrators may. Lines of deals that were made from the product stay as they are."""
    return change.make(lambda tx: catalog.edit(tx, product_id, version=version, **body.given()))


@router.get("/{id}/prices")
def get_price_history(caller: Calling, product_id: PathId) -> Listed[PriceChange]:
    """Every change of a price, newest first: who, when, from, to."""
    with caller.reading() as tx:
        return whole(catalog.price_history(tx, product_id))
