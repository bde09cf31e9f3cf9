"""What only orders do: coming from other systems, their totals, and the history of their statuses."""

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from crm import orders
from crm.api import bodies, records
from crm.api.callers import Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import Body, Day, Listed, Narrowing, PathId, shown, whole
from crm.orders import ORDER, Order, Source, Status, Step, Total
from crm.store import Writing

router = records.router(ORDER)


class BuyerGiven(Body):
    """Who bought: found by identifier, then email, then phone; a new contact where nobody is it."""

    identifier: str | None = Field(None, description="Your own key for the customer.")
    email: str | None = None
    phone: str | None = None
    name: str | None = None


_GIVEN = bodies.given(
    ORDER,
    {"contact": {"email": "lia@example.com", "name": "Lia Prado"}},
    source=(Source, "api"),
    ordered_on=(Day | None, Field(None, description="The day it was placed.")),
    contact=(BuyerGiven | None, None),
)


class StatusGiven(Body):
    status: Status
    paid_on: Day | None = Field(None, description="When it was paid; today where it becomes paid and nobody says.")


@router.post("", status_code=201, response_model=Order, responses={200: {"model": Order}})
@bodies.takes(_GIVEN)
def create_order(change: Changing, body: Body) -> Response:
    """With an `external_id`, the order that the source calls so is made, or brought up to date where it is there (200):
    the same one again never doubles, also when two arrive at once. What is left out then stays as it is."""

    def work(tx: Writing) -> tuple[Order, bool]:
        given = {"source": "api", **records.fields(body)}
        if not given.get("external_id"):
            return records.labelled(tx, ORDER, orders.create(tx, **given), body), True
        # No status: an order that is there keeps its own.
        done = orders.upsert(tx, **{"status": None, **given})
        return records.labelled(tx, ORDER, done.order, body), done.created

    return change.upsert("order", work)


@router.get("/totals", response_model=Listed[Total])
def get_order_totals(caller: Calling, params: Annotated[Narrowing, Query()]) -> Response:
    """What the orders of a list come to, a row for each currency, the one with the most orders first. Amounts of two
    currencies are never added up."""
    with caller.reading() as tx:
        return shown(whole(orders.totals(tx, params.list_query())))


@router.post("/{id}/status", response_model=Order)
def set_order_status(change: Changing, order_id: PathId, body: StatusGiven, version: ExpectedVersion) -> Response:
    """A status that makes no sense is kept, and `warnings` of the answer says so."""
    return change.make(lambda tx: orders.set_status(tx, order_id, body.status, paid_on=body.paid_on, version=version))


@router.get("/{id}/history")
def get_order_history(caller: Calling, order_id: PathId) -> Listed[Step]:
    """Every status the order was in, oldest first, with who put it there and when."""
    with caller.reading() as tx:
        return whole(orders.history(tx, order_id))
