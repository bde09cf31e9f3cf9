"""The lines of a deal: from the catalog or of their own. With any, the deal's value is their sum."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import ConfigDict, Field

from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import LARGEST_ID, Body, Id, Number, PathId, shown
from crm.deals import quote
from crm.deals.quote import Line, Lines
from crm.deals.quote.lines import DiscountKind
from crm.foundation.access import Module
from crm.store import Writing

router = APIRouter(prefix="/deals/{id}/lines", tags=["lines"], dependencies=[Depends(needs(Module.CRM))])

LineId = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Fine = Annotated[Number, Field(ge=0, description="At most four decimal places.", examples=["10.50"])]


class LineChange(Body):
    """A product, by id or SKU, brings its name and its price in the deal's currency, unless others are given."""

    product_id: Id | None = None
    sku: str | None = None
    name: str | None = None
    quantity: Fine = Decimal(1)
    unit_price: Fine | None = None
    discount_kind: DiscountKind | None = Field(None, description="An amount of the deal's currency, or percent.")
    discount: Fine | None = None


class LineGiven(LineChange):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Delivery", "quantity": "1", "unit_price": "30.00"},
                {"sku": "LAMP-1", "quantity": "12", "discount_kind": "percent", "discount": "5"},
            ]
        }
    )

    currency: str | None = Field(None, description="Of the first line, which sets the deal's.", examples=["BRL"])


class Order(Body):
    line_ids: list[Id] = Field(max_length=quote.MOST_LINES, description="Every line of the deal, each once.")


@router.get("", response_model=Lines)
def list_lines(caller: Calling, deal_id: PathId) -> Response:
    """In their order, and what they come to."""
    with caller.reading() as tx:
        return shown(quote.of(tx, deal_id))


@router.post("", status_code=201, response_model=Line)
def add_line(change: Changing, deal_id: PathId, body: LineGiven) -> Response:
    """Below the others. The total is quantity × price less discount, rounded half-even to the currency's minor unit."""
    return change.create("line", lambda tx: quote.add(tx, deal_id, **body.given()))


@router.put("/order", response_model=Lines)
def order_lines(change: Changing, deal_id: PathId, body: Order) -> Response:
    return change.make(lambda tx: _ordered(tx, deal_id, body))


@router.get("/{line_id}", response_model=Line)
def get_line(caller: Calling, deal_id: PathId, line_id: LineId) -> Response:
    with caller.reading() as tx:
        return shown(quote.get(tx, deal_id, line_id))


@router.patch("/{line_id}", response_model=Line)
def edit_line(
    change: Changing, deal_id: PathId, line_id: LineId, body: LineChange, version: ExpectedVersion
) -> Response:
    """`If-Match` is the line's own version: two people on different lines of a deal do not meet."""
    return change.make(lambda tx: quote.edit(tx, deal_id, line_id, version=version, **body.given()))


@router.delete("/{line_id}", status_code=204)
def remove_line(change: Changing, deal_id: PathId, line_id: LineId, version: ExpectedVersion) -> Response:
    """With the last one the deal has its typed value again, in that value's currency."""
    return change.drop(lambda tx: quote.remove(tx, deal_id, line_id, version=version))


def _ordered(tx: Writing, deal_id: int, body: Order) -> Lines:
    quote.reorder(tx, deal_id, body.line_ids)
    return quote.of(tx, deal_id)
