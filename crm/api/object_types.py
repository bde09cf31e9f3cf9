"""Custom types: what a team keeps beside contacts and deals, and the templates that types can be made from."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from crm import objects
from crm.api.callers import Calling, needs
from crm.api.changes import Changing, ExpectedVersion
from crm.api.object_fields import FieldShown, shown_fields
from crm.api.shapes import Body, Id, Listed, PathId, shown, whole
from crm.foundation.access import Module
from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.objects import ObjectType, Template
from crm.records.attributes import AttributeType
from crm.store import Reading, Writing

router = APIRouter(prefix="/objects", tags=["custom types"], dependencies=[Depends(needs(Module.OBJECTS))])


class TypeGiven(Body):
    """The slug, by which addresses name the type, is made from the name, and stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"singular": "Course", "plural": "Courses"}]})

    singular: str
    plural: str
    icon: str = Field("", examples=[":material/school:"])
    primary: str = Field("", description="What the text that names its records is called; by default Name.")
    shared: bool = Field(False, description="Everybody sees every record, whatever owner-based privacy says.")


class TypeChange(Body):
    """Slug and key stay when the type is renamed."""

    singular: str = ""
    plural: str = ""
    icon: str = ""
    primary_field: str = Field("", description="The key of the text or list that names its records.")
    shared: bool = False


class Order(Body):
    order: list[Id] = Field(max_length=200, description="Every type once, in the new order.")


class TypeShown(BaseModel):
    """`key` names the type in events; addresses take it in the place of the slug."""

    id: int
    key: str
    slug: str
    singular: str
    plural: str
    icon: str
    primary_field: str
    shared: bool
    position: int
    created_at: datetime
    updated_at: datetime
    version: int
    fields: list[FieldShown]


class DeletedType(BaseModel):
    id: int
    slug: str
    singular: str
    plural: str
    deleted_at: datetime
    deleted_by_name: str
    until: datetime = Field(description="Until then it can be restored.")


class TemplateField(BaseModel):
    name: str
    type: AttributeType
    values: list[str]
    required: bool
    unique: bool


class TemplateType(BaseModel):
    singular: str
    plural: str
    icon: str
    primary: str
    fields: list[TemplateField]
    shared: bool


class TypeTemplate(BaseModel):
    """Named in the language of the user."""

    key: str
    name: str
    about: str
    types: list[TemplateType]


@router.get("/types", response_model=Listed[TypeShown])
def list_object_types(caller: Calling) -> Response:
    """In the team's order."""
    with caller.reading() as tx:
        return shown(_several(tx, objects.types(tx)))


@router.post("/types", status_code=201, response_model=TypeShown)
def create_object_type(change: Changing, body: TypeGiven) -> Response:
    return change.create("object_type", lambda tx: _shown(tx, objects.create(tx, **body.given())))


@router.post("/types/order", response_model=Listed[TypeShown])
def reorder_object_types(change: Changing, body: Order) -> Response:
    return change.make(lambda tx: _several(tx, objects.reorder(tx, body.order)))


@router.get("/types/deleted", response_model=Listed[DeletedType])
def list_deleted_object_types(caller: Calling) -> Response:
    """Those that can still be restored, the latest first."""
    with caller.reading() as tx:
        found = objects.deleted(tx)
        return shown(whole([DeletedType(**one.model_dump(), until=one.until) for one in found]))


@router.get("/types/{id}", response_model=TypeShown)
def get_object_type(caller: Calling, type_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(_shown(tx, objects.get(tx, type_id)))


@router.patch("/types/{id}", response_model=TypeShown)
def edit_object_type(change: Changing, type_id: PathId, body: TypeChange, version: ExpectedVersion) -> Response:
    return change.make(lambda tx: _shown(tx, objects.change(tx, type_id, version=version, **body.given())))


@router.delete("/types/{id}", status_code=204)
def delete_object_type(change: Changing, type_id: PathId, version: ExpectedVersion) -> Response:
    """It is gone everywhere; its records, notes, files and links are kept for 30 days, in which it can be restored."""
    return change.drop(lambda tx: objects.delete(tx, type_id, version=version))


@router.post("/types/{id}/restore", response_model=TypeShown)
def restore_object_type(change: Changing, type_id: PathId) -> Response:
    """Bring a deleted type back with its records, under a numbered slug where its own is taken meanwhile."""
    return change.make(lambda tx: _shown(tx, objects.restore(tx, type_id)))


@router.get("/templates", response_model=Listed[TypeTemplate])
def list_object_templates(caller: Calling) -> Response:
    """Ready-made types for some trades, as a starting point."""
    with caller.reading():
        return shown(whole([_template(one) for one in objects.TEMPLATES]))


@router.post("/templates/{template}", status_code=201, response_model=Listed[TypeShown])
def create_object_types_from_template(change: Changing, template: str) -> Response:
    """Make the types of a template."""
    return change.create_several(lambda tx: _from_template(tx, template))


def _shown(tx: Reading, of: ObjectType) -> TypeShown:
    return TypeShown(**of.model_dump(), key=of.kind, fields=shown_fields(tx, of.id))


def _several(tx: Reading, types: Sequence[ObjectType]) -> Listed[TypeShown]:
    return whole([_shown(tx, one) for one in types])


def _from_template(tx: Writing, key: str) -> Listed[TypeShown]:
    found = next((one for one in objects.TEMPLATES if one.key == key), None)
    if found is None:
        raise NotFound(tr("template"))
    return _several(tx, objects.from_template(tx, found))


def _template(given: Template) -> TypeTemplate:
    return TypeTemplate(
        key=given.key,
        name=tr(given.name),
        about=tr(given.about),
        types=[
            TemplateType(
                singular=tr(of.singular),
                plural=tr(of.plural),
                icon=of.icon,
                primary=tr(of.primary),
                shared=of.shared,
                fields=[
                    TemplateField(
                        name=tr(field.name),
                        type=field.type,
                        values=[tr(value) for value in field.values],
                        required=field.required,
                        unique=field.unique,
                    )
                    for field in of.fields
                ],
            )
            for of in given.types
        ],
    )
