"""Webhooks from other systems, signed as Standard Webhooks: no token, no session, nobody but who holds the secret."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError

from crm.api import problems
from crm.api.callers import Caller
from crm.api.orders import BuyerGiven
from crm.api.shapes import Amount, Body, Day, Id, Moment
from crm.foundation.access import Actor
from crm.foundation.errors import CrmError, Unavailable
from crm.orders import Status
from crm.platform import process
from crm.webhooks import inbound
from crm.webhooks.inbound import SecretSource

router = APIRouter(prefix="/hooks", tags=["webhooks"])

LARGEST = 64 * 1024


class OrderTold(Body):
    """The order as it is now. One that the source calls `external_id` is brought up to date; what is left out stays."""

    external_id: str = Field(description="What you call the order: the same one again never doubles.")
    title: str = Field(examples=["Reading lamp"])
    value: Amount
    currency: str | None = None
    status: Status | None = None
    contact: BuyerGiven | None = None
    contact_id: Id | None = None
    deal_id: Id | None = None
    ordered_on: Day | None = None
    paid_on: Day | None = None
    note: str | None = None


class OrderMessage(Body):
    type: Literal["order.created", "order.updated"]
    timestamp: Moment | None = Field(
        default=None,
        description="When the order was as told; UTC where no zone is given. A message that is older than one of the "
        "same order that was taken in changes nothing.",
    )
    data: OrderTold


class TakenIn(BaseModel):
    order_id: int
    created: bool


@dataclass(frozen=True)
class Signed:
    """A message that somebody signed who may."""

    actor: Actor
    source: SecretSource
    id: str
    body: bytes


async def _body(request: Request) -> bytes:
    return await request.body()


def _signed(request: Request, body: Annotated[bytes, Depends(_body)]) -> Signed:
    """Verify the signature, before anything of the message is parsed. Raises NotSigned; ModuleOff while orders are
    off."""
    store = process.store()
    actor = inbound.webhook_of(store)
    with process.reading(actor) as tx:
        source = inbound.signed_by(tx, body, request.headers)
    return Signed(actor, source, request.headers["webhook-id"], body)


@router.post(
    "/orders",
    status_code=201,
    response_model=TakenIn,
    responses={200: {"model": TakenIn}},
    openapi_extra={
        "security": [{"signature": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/OrderMessage"}}},
        },
    },
)
def take_in_order(message: Annotated[Signed, Depends(_signed)]) -> Response:
    """An order from another system, signed with the secret that an administrator made for it under Settings: headers
    `webhook-id`, `webhook-timestamp` and `webhook-signature` as Standard Webhooks has them, at most five minutes old.
    Made (201) or brought up to date (200); left as it is (200) where a message with a later `timestamp` came before.
    The same `webhook-id` again is answered as the first time."""
    caller = Caller(message.actor, frozenset())
    try:
        read = OrderMessage.model_validate_json(message.body)
        order = {"currency": None, "status": None, **read.data.given()}
        told_at = _moment(read.timestamp)
        taken = caller.change(lambda tx: inbound.take_in(tx, message.source, message.id, order, told_at))
    except ValidationError as fault:
        shape = RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in fault.errors()])
        raise _logged(caller, message, shape) from fault
    # Not logged: the sender comes again by itself, and the log needs the writer that is not available.
    except Unavailable:
        raise
    except CrmError as refusal:
        raise _logged(caller, message, refusal) from refusal
    answer = TakenIn(order_id=taken.order_id, created=taken.created)
    headers = {"Idempotency-Replayed": "true"} if taken.replayed else None
    return JSONResponse(answer.model_dump(), taken.status, headers)


def _moment(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _logged(
    caller: Caller, message: Signed, refusal: RequestValidationError | CrmError
) -> RequestValidationError | CrmError:
    """Log the refusal among the deliveries; the refusal, to raise."""
    problem = problems.problem_of(refusal)
    field = problem.errors[0].field if problem.errors else None
    # In a transaction of its own: that of the order was rolled back.
    caller.change(lambda tx: inbound.refused(tx, message.source, message.id, problem.status, field, problem.detail))
    return refusal
