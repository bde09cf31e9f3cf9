"""The fields of custom types: attributes that may be required or unique."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field

from crm import objects
from crm.api import attributes as attribute_routes
from crm.api.attributes import AttributeChange, ConversionGiven, Hint, Pattern, ValueChange, ValueId, ValuesGiven
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.shapes import LARGEST_ID, Body, Id, Listed, PathId, shown, whole
from crm.foundation.access import Module
from crm.records import attributes
from crm.records.attributes import AttributeType, Conversion, Deleted, ListValue
from crm.store import Reading, Writing

router = APIRouter(
    prefix="/objects/types/{id}/fields", tags=["custom types"], dependencies=[Depends(needs(Module.OBJECTS))]
)

FieldId = Annotated[int, Path(alias="field_id", ge=1, le=LARGEST_ID)]


class FieldGiven(Body):
    """The key, by which records and filters name the field, is made from the name, and stays."""

    name: str = Field(examples=["Starts on"])
    type: AttributeType
    required: bool = Field(False, description="Every record needs a value: refused where some have none.")
    unique: bool = Field(False, description="No two records have the same value. Of texts and links, at most four.")
    pattern: Pattern = None
    hint: Hint = None
    values: list[str] = Field([], max_length=500, description="What may be chosen, in order, where the type is a list.")


class FieldChange(AttributeChange):
    """Another type is a conversion of its own."""

    required: bool = False
    unique: bool = False


class FieldOrder(Body):
    order: list[Id] = Field(max_length=200, description="Every field of the type once, in the new order.")


class FieldShown(BaseModel):
    """`primary`: it names the records everywhere."""

    id: int
    key: str
    name: str
    type: AttributeType
    required: bool
    unique: bool
    primary: bool
    pattern: str | None
    hint: str | None
    values: list[str]
    position: int
    created_at: datetime
    version: int


@router.get("", response_model=Listed[FieldShown])
def list_object_fields(caller: Calling, type_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(whole(shown_fields(tx, type_id)))


@router.post("", status_code=201, response_model=FieldShown)
def add_object_field(change: Changing, type_id: PathId, body: FieldGiven) -> Response:
    return change.create(
        f"/objects/types/{type_id}/fields", lambda tx: _shown(objects.add_field(tx, type_id, **body.given()))
    )


@router.post("/order", response_model=Listed[FieldShown])
def reorder_object_fields(change: Changing, type_id: PathId, body: FieldOrder) -> Response:
    def work(tx: Writing) -> Listed[FieldShown]:
        attributes.reorder(tx, objects.get(tx, type_id).kind, body.order)
        return whole(shown_fields(tx, type_id))

    return change.make(work)


@router.get("/deleted", response_model=Listed[Deleted])
def list_deleted_object_fields(caller: Calling, type_id: PathId) -> Response:
    """Those that can still be restored, the latest first."""
    with caller.reading() as tx:
        return shown(whole(attributes.deleted(tx, objects.get(tx, type_id).kind)))


@router.get("/{field_id}", response_model=FieldShown)
def get_object_field(caller: Calling, type_id: PathId, field_id: FieldId) -> Response:
    with caller.reading() as tx:
        return shown(_of(tx, type_id, field_id))


@router.patch("/{field_id}", response_model=FieldShown)
def edit_object_field(
    change: Changing, type_id: PathId, field_id: FieldId, body: FieldChange, version: ExpectedVersion
) -> Response:
    def work(tx: Writing) -> FieldShown:
        _of(tx, type_id, field_id)
        attribute_routes.edit(tx, field_id, body, version)
        given = body.given()
        if "required" in given:
            objects.set_required(tx, field_id, body.required)
        if "unique" in given:
            objects.set_unique(tx, field_id, body.unique)
        return _of(tx, type_id, field_id)

    return change.make(work)


@router.delete("/{field_id}", status_code=204)
def delete_object_field(change: Changing, type_id: PathId, field_id: FieldId, version: ExpectedVersion) -> Response:
    """It is gone everywhere; its values are kept for 30 days, in which it can be restored. Not the one that names the
    records, and none that is unique."""

    def work(tx: Writing) -> None:
        _of(tx, type_id, field_id)
        objects.delete_field(tx, field_id, version=version)

    return change.drop(work)


@router.post("/{field_id}/restore", response_model=FieldShown)
def restore_object_field(change: Changing, type_id: PathId, field_id: FieldId) -> Response:
    """Bring a deleted field back with its values. It is no longer required."""

    def work(tx: Writing) -> FieldShown:
        objects.restore_field(tx, field_id)
        # Of another type it is not found here, and stays deleted.
        return _of(tx, type_id, field_id)

    return change.make(work)


@router.get("/{field_id}/conversion", response_model=Conversion)
def preview_object_field_conversion(caller: Calling, type_id: PathId, field_id: FieldId, to: AttributeType) -> Response:
    """How many values another type would keep and which it would not; nothing is changed."""
    with caller.reading() as tx:
        _of(tx, type_id, field_id)
        return shown(attributes.preview(tx, field_id, to))


@router.post("/{field_id}/conversion", response_model=FieldShown)
def convert_object_field(
    change: Changing, type_id: PathId, field_id: FieldId, body: ConversionGiven, version: ExpectedVersion
) -> Response:
    """Change the type. The values as they were can be restored for 30 days, as a field of their own."""

    def work(tx: Writing) -> FieldShown:
        _of(tx, type_id, field_id)
        attributes.convert(tx, field_id, body.to, empty_rest=body.empty_rest, version=version)
        return _of(tx, type_id, field_id)

    return change.make(work)


@router.get("/{field_id}/values", response_model=Listed[ListValue])
def list_object_field_values(caller: Calling, type_id: PathId, field_id: FieldId) -> Response:
    """What may be chosen in a list, and how many records hold each."""
    with caller.reading() as tx:
        _of(tx, type_id, field_id)
        return shown(whole(attributes.list_values(tx, field_id)))


@router.post("/{field_id}/values", response_model=FieldShown)
def add_object_field_values(change: Changing, type_id: PathId, field_id: FieldId, body: ValuesGiven) -> Response:
    def work(tx: Writing) -> FieldShown:
        _of(tx, type_id, field_id)
        attributes.add_values(tx, field_id, body.names)
        return _of(tx, type_id, field_id)

    return change.make(work)


@router.patch("/{field_id}/values/{value_id}", response_model=FieldShown)
def rename_object_field_value(
    change: Changing, type_id: PathId, field_id: FieldId, value_id: ValueId, body: ValueChange
) -> Response:
    """Another name, in every record that holds it too."""

    def work(tx: Writing) -> FieldShown:
        _of(tx, type_id, field_id)
        attributes.rename_value(tx, attribute_routes.value_of(tx, field_id, value_id), body.name)
        return _of(tx, type_id, field_id)

    return change.make(work)


@router.delete("/{field_id}/values/{value_id}", response_model=FieldShown)
def delete_object_field_value(
    change: Changing,
    type_id: PathId,
    field_id: FieldId,
    value_id: ValueId,
    into: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The value that its records get.")] = None,
    leave_empty: Annotated[bool, Query(description="Its records get none.")] = False,
) -> Response:
    """Where records hold it, say what becomes of them."""

    def work(tx: Writing) -> FieldShown:
        _of(tx, type_id, field_id)
        value = attribute_routes.value_of(tx, field_id, value_id)
        attributes.delete_value(tx, value, into=into, leave_empty=leave_empty)
        return _of(tx, type_id, field_id)

    return change.make(work)


def shown_fields(tx: Reading, type_id: int) -> list[FieldShown]:
    return [_shown(one) for one in objects.fields(tx, type_id)]


def _of(tx: Reading, type_id: int, field_id: int) -> FieldShown:
    """The field. Raises NotFound where it is none of this type's."""
    return _shown(objects.get_field(tx, type_id, field_id))


def _shown(field: objects.Field) -> FieldShown:
    return FieldShown(
        **field.definition.model_dump(), required=field.required, unique=field.unique, primary=field.primary
    )
