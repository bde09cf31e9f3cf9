"""Orders: what customers bought, and the history of their statuses. A log; nothing is charged."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from crm import orders
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, Seen
from crm.api.shapes import Amount, Body, Day, Id, Listed, ListParams, Narrowing, PathId, shown, whole
from crm.foundation.access import Module
from crm.orders import Order, Source, Status, Step, Total
from crm.store import Writing

router = APIRouter(prefix="/orders", tags=["orders"], dependencies=[Depends(needs(Module.ORDERS))])


class BuyerGiven(Body):
    """Who bought: found by identifier, then email, then phone; a new contact where nobody is it."""

    identifier: str | None = Field(None, description="Your own key for the customer.")
    email: str | None = None
    phone: str | None = None
    name: str | None = None


class OrderChange(Body):
    title: str = Field("", examples=["Reading lamp"])
    contact_id: Id | None = None
    deal_id: Id | None = None
    value: Amount = Decimal(0)
    currency: str = Field("", examples=["BRL"])
    status: Status = "pending"
    source: Source = "api"
    external_id: str | None = Field(None, description="What the source calls the order; unique in that source.")
    ordered_on: Day | None = Field(None, description="The day it was placed.")
    paid_on: Day | None = None
    note: str | None = None


class OrderGiven(OrderChange):
    """Who bought is `contact_id` or `contact`. Left out, the status is pending, the source api, the currency the
    workspace's and the order date today."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Reading lamp",
                    "value": "249.90",
                    "currency": "BRL",
                    "status": "paid",
                    "source": "commerce",
                    "external_id": "1042",
                    "ordered_on": "2026-11-03",
                    "paid_on": "2026-11-03",
                    "contact": {"email": "lia@example.com", "name": "Lia Prado"},
                }
            ]
        }
    )

    title: str
    value: Amount
    contact: BuyerGiven | None = None


class StatusGiven(Body):
    status: Status
    paid_on: Day | None = Field(None, description="When it was paid; today where it becomes paid and nobody says.")


@router.get("", response_model=Listed[Order])
def list_orders(caller: Calling, asked: Annotated[ListParams, Query()]) -> Response:
    with caller.reading() as tx:
        return shown(asked.page(tx, orders.find, Order))


@router.post("", status_code=201, response_model=Order, responses={200: {"model": Order}})
def create_order(change: Changing, body: OrderGiven) -> Response:
    """With an `external_id`, the order that the source calls so is made, or brought up to date where it is there (200):
    the same one again never doubles, also when two arrive at once. What is left out then stays as it is."""

    def work(tx: Writing) -> tuple[Order, bool]:
        given = {"source": "api", **body.given()}
        if body.contact:
            given["contact"] = body.contact.given()
        if not given.get("external_id"):
            return orders.create(tx, **given), True
        done = orders.upsert(tx, **{"status": None, **given})
        return done.order, done.created

    return change.upsert("order", work)


@router.get("/totals", response_model=Listed[Total])
def get_order_totals(caller: Calling, asked: Annotated[Narrowing, Query()]) -> Response:
    """What the orders of a list come to, a row for each currency, the one with the most orders first. Amounts of two
    currencies are never added up."""
    with caller.reading() as tx:
        return shown(whole(orders.totals(tx, asked.list_query())))


@router.get("/{id}", response_model=Order)
def get_order(caller: Calling, order_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(orders.get(tx, order_id))


@router.patch("/{id}", response_model=Order)
def edit_order(change: Changing, order_id: PathId, body: OrderChange, version: Seen) -> Response:
    return change.make(lambda tx: orders.edit(tx, order_id, version=version, **body.given()))


@router.delete("/{id}", status_code=204)
def delete_order(change: Changing, order_id: PathId, version: Seen) -> Response:
    """Into the bin, from which it can be restored for 30 days."""
    return change.drop(lambda tx: orders.delete(tx, order_id, version=version))


@router.post("/{id}/restore", response_model=Order)
def restore_order(change: Changing, order_id: PathId) -> Response:
    return change.make(lambda tx: orders.restore(tx, order_id))


@router.post("/{id}/status", response_model=Order)
def set_order_status(change: Changing, order_id: PathId, body: StatusGiven, version: Seen) -> Response:
    """A status that makes no sense is kept, and `warnings` of the answer says so."""
    return change.make(lambda tx: orders.set_status(tx, order_id, body.status, paid_on=body.paid_on, version=version))


@router.get("/{id}/history")
def get_order_history(caller: Calling, order_id: PathId) -> Listed[Step]:
    """Every status the order was in, oldest first, with who put it there and when."""
    with caller.reading() as tx:
        return whole(orders.history(tx, order_id))
