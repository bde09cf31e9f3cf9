"""Custom attributes: which exist, and making one."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import Field

from crm import attributes
from crm.api.callers import Calling
from crm.api.changes import Changing
from crm.api.shapes import Body, Listed, whole
from crm.attributes import AttributeType, Definition

router = APIRouter(prefix="/attributes", tags=["attributes"])

Model = Literal["contact", "company", "deal"]


class AttributeGiven(Body):
    """The key is made from the name, and stays."""

    model: Model
    name: str = Field(examples=["Shoe size"])
    type: AttributeType


@router.get("")
def list_attributes(caller: Calling, model: Model) -> Listed[Definition]:
    with caller.reading() as tx:
        return whole(attributes.definitions(tx, model))


@router.post("", status_code=201, response_model=Definition)
def define_attribute(change: Changing, body: AttributeGiven) -> Response:
    return change.create(
        "attribute", lambda tx: attributes.define(tx, model=body.model, name=body.name, type=body.type)
    )
