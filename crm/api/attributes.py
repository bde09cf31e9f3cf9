"""Custom attributes: which exist, their values where they are lists, and what becomes of their data."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from crm.api.callers import Calling
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import LARGEST_ID, Body, Id, Listed, PathId, shown, whole
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.records import attributes
from crm.records.attributes import AttributeType, Conversion, Definition, Deleted, ListValue
from crm.records.declaration import Trait
from crm.records.type_words import KeyOf
from crm.store import Reading, Writing

router = APIRouter(prefix="/attributes", tags=["attributes"])

Model = Annotated[str, KeyOf(Trait.ATTRIBUTES)]
ValueId = Annotated[int, Path(alias="value_id", ge=1, le=LARGEST_ID)]
Pattern = Annotated[
    str | None,
    Field(
        description="A regular expression that the whole of a text or link must match: Rust's syntax, without "
        "look-around or backreferences.",
        examples=["[A-Z]{3}-[0-9]+"],
    ),
]
Hint = Annotated[
    str | None, Field(description="The pattern in words, for people.", examples=["three letters, a dash, a number"])
]


class AttributeGiven(Body):
    """The key is made from the name, and stays."""

    model: Model
    name: str = Field(examples=["Shoe size"])
    type: AttributeType
    pattern: Pattern = None
    hint: Hint = None
    values: list[str] = Field([], max_length=500, description="What may be chosen, in order, where the type is a list.")


class AttributeChange(Body):
    """Another type is a conversion of its own."""

    name: str = ""
    pattern: Pattern = None
    hint: Hint = None
    value_order: list[Id] = Field([], max_length=500, description="Every value of the list once, in the new order.")


class Order(Body):
    model: Model
    order: list[Id] = Field(max_length=200, description="Every attribute of the model once, in the new order.")


class ConversionGiven(Body):
    to: AttributeType
    empty_rest: bool = Field(False, description="Values that cannot be converted are left empty instead of refused.")


class ValuesGiven(Body):
    names: list[str] = Field(min_length=1, max_length=500, description="Added after those that are there.")


class ValueChange(Body):
    name: str


@router.get("")
def list_attributes(caller: Calling, model: Model) -> Listed[Definition]:
    with caller.reading() as tx:
        _require_module(tx, model)
        return whole(attributes.definitions(tx, model))


@router.post("", status_code=201, response_model=Definition)
def define_attribute(change: Changing, body: AttributeGiven) -> Response:
    return change.create("attribute", lambda tx: attributes.define(tx, **body.model_dump()))


@router.post("/order", response_model=Listed[Definition])
def reorder_attributes(change: Changing, body: Order) -> Response:
    return change.make(lambda tx: whole(attributes.reorder(tx, body.model, body.order)))


@router.get("/deleted")
def list_deleted_attributes(caller: Calling, model: Model) -> Listed[Deleted]:
    """Those that can still be restored, the latest first."""
    with caller.reading() as tx:
        _require_module(tx, model)
        return whole(attributes.deleted(tx, model))


@router.get("/{id}", response_model=Definition)
def get_attribute(caller: Calling, attribute_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(attributes.get(tx, attribute_id))


@router.patch("/{id}", response_model=Definition)
def edit_attribute(change: Changing, attribute_id: PathId, body: AttributeChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: edit(tx, attribute_id, body, version))


@router.delete("/{id}", status_code=204)
def delete_attribute(change: Changing, attribute_id: PathId, version: ExpectedVersion) -> Response:
    """It is gone everywhere; its values are kept for 30 days, in which it can be restored."""
    return change.drop(lambda tx: attributes.delete(tx, attribute_id, version=version))


@router.post("/{id}/restore", response_model=Definition)
def restore_attribute(change: Changing, attribute_id: PathId) -> Response:
    """Bring a deleted attribute back with its values, under a numbered name where its own is taken meanwhile."""
    return change.make(lambda tx: attributes.restore(tx, attribute_id))


@router.get("/{id}/conversion", response_model=Conversion)
def preview_conversion(caller: Calling, attribute_id: PathId, to: AttributeType) -> Response:
    """How many values another type would keep and which it would not; nothing is changed."""
    with caller.reading() as tx:
        return shown(attributes.preview(tx, attribute_id, to))


@router.post("/{id}/conversion", response_model=Definition)
def convert_attribute(
    change: Changing, attribute_id: PathId, body: ConversionGiven, version: ExpectedVersion
) -> Response:
    """Change the type. The values as they were can be restored for 30 days, as an attribute of their own."""
    return change.make(
        lambda tx: attributes.convert(tx, attribute_id, body.to, empty_rest=body.empty_rest, version=version)
    )


@router.get("/{id}/values")
def list_attribute_values(caller: Calling, attribute_id: PathId) -> Listed[ListValue]:
    """What may be chosen in a list, and how many records hold each."""
    with caller.reading() as tx:
        return whole(attributes.list_values(tx, attribute_id))


@router.post("/{id}/values", response_model=Definition)
def add_attribute_values(change: Changing, attribute_id: PathId, body: ValuesGiven) -> Response:
    return change.make(lambda tx: attributes.add_values(tx, attribute_id, body.names))


@router.patch("/{id}/values/{value_id}", response_model=Definition)
def rename_attribute_value(change: Changing, attribute_id: PathId, value_id: ValueId, body: ValueChange) -> Response:
    """Another name, in every record that holds it too."""
    return change.make(lambda tx: attributes.rename_value(tx, value_of(tx, attribute_id, value_id), body.name))


@router.delete("/{id}/values/{value_id}", response_model=Definition)
def delete_attribute_value(
    change: Changing,
    attribute_id: PathId,
    value_id: ValueId,
    into: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The value that its records get.")] = None,
    leave_empty: Annotated[bool, Query(description="Its records get none.")] = False,
) -> Response:
    """Where records hold it, say what becomes of them."""
    return change.make(
        lambda tx: attributes.delete_value(tx, value_of(tx, attribute_id, value_id), into=into, leave_empty=leave_empty)
    )


def edit(tx: Writing, attribute_id: int, body: AttributeChange, version: int | None) -> Definition:
    found, given = attributes.get_for_change(tx, attribute_id, version=version), body.given()
    if "name" in given:
        found = attributes.rename(tx, attribute_id, body.name)
    if {"pattern", "hint"} & given.keys():
        found = attributes.set_pattern(
            tx, attribute_id, given.get("pattern", found.pattern), given.get("hint", found.hint)
        )
    if "value_order" in given:
        found = attributes.reorder_values(tx, attribute_id, body.value_order)
    return found


def value_of(tx: Reading, attribute_id: int, value_id: int) -> int:
    """The id of the value. Raises NotFound where it is none of this attribute's."""
    if value_id not in {value.id for value in attributes.list_values(tx, attribute_id)}:
        raise NotFound(tr("value"))
    return value_id


def _require_module(tx: Reading, model: str) -> None:
    if not attributes.is_on(tx, model):
        raise NotFound(tr("attribute"))
