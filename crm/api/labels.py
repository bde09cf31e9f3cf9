"""Labels: what contacts, deals and orders can be marked with."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from crm.api.callers import Calling
from crm.api.changes import Changing
from crm.api.shapes import Body, Id, Listed, PathId, shown, whole
from crm.records import labels
from crm.records.labels import Label

router = APIRouter(prefix="/labels", tags=["labels"])

Colour = Literal["blue", "green", "orange", "violet", "red", "gray"]
Name = Annotated[str, Field(max_length=40, examples=["vip"])]


class LabelGiven(Body):
    name: Name
    colour: Colour | None = None


class LabelChange(Body):
    name: Name = ""
    colour: Colour = "blue"


class Into(Body):
    into: Id = Field(description="The label that its records have instead.")


@router.get("", response_model=Listed[Label])
def list_labels(caller: Calling) -> Response:
    with caller.reading() as tx:
        return shown(whole(labels.all_of(tx)))


@router.post("", status_code=201, response_model=Label)
def create_label(change: Changing, body: LabelGiven) -> Response:
    return change.create("label", lambda tx: labels.create(tx, body.name, colour=body.colour))


@router.get("/{id}", response_model=Label)
def get_label(caller: Calling, label_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(labels.get(tx, label_id))


@router.patch("/{id}", response_model=Label)
def change_label(change: Changing, label_id: PathId, body: LabelChange) -> Response:
    """On every record at once."""
    return change.make(lambda tx: labels.change(tx, label_id, **body.given()))


@router.post("/{id}/merge", response_model=Label)
def merge_label(change: Changing, label_id: PathId, body: Into) -> Response:
    """Its records have the other label instead, and it is gone; the other is the answer."""
    return change.make(lambda tx: labels.merge(tx, label_id, into=body.into))


@router.delete("/{id}", status_code=204)
def delete_label(change: Changing, label_id: PathId) -> Response:
    """Gone from every record."""
    return change.drop(lambda tx: labels.delete(tx, label_id))
