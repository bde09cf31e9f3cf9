"""The bodies of requests that make and change a record, from the declaration of its type."""

from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args

from pydantic import Field, create_model

from crm.api.shapes import Amount, Attributes, Body, Day, Id, Moment, Number
from crm.foundation.language import ENGLISH, speaking
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Choice, FieldKind, Text
from crm.records.fields import Field as Declared

Function = TypeVar("Function", bound=Callable[..., Any])

TYPES: dict[FieldKind, Any] = {
    FieldKind.TEXT: str,
    FieldKind.LONG_TEXT: str,
    FieldKind.EMAIL: str,
    FieldKind.PHONE: str,
    FieldKind.DOMAIN: str,
    FieldKind.LINK: str,
    FieldKind.NUMBER: Number,
    FieldKind.MONEY: Amount,
    FieldKind.CURRENCY: str,
    FieldKind.PERCENT: Number,
    FieldKind.DATE: Day,
    FieldKind.MOMENT: Moment,
    FieldKind.CHECKBOX: bool,
    FieldKind.CHOICE: str,
    FieldKind.REFERENCE: Id,
}
"""What JSON holds for a value of each kind of field."""

_AS_TEXT = frozenset(FieldKind) - {FieldKind.REFERENCE, FieldKind.CHECKBOX, FieldKind.NUMBER, FieldKind.PERCENT}
"""Kinds whose example, which is a file's, is written the same in JSON."""


def change(of: RecordType[Any], **others: Any) -> type[Body]:
    """The body of an edit: every field may be left out. `others`: further properties, or some in the place of those
    that the declaration makes, as (type, default) or (type, Field)."""
    fields = {key: _property(field, default=None) for key, field in of.edited.items()}
    return _body(of, "Change", "", {**fields, **_labels_and_attributes(of), **others})


def given(of: RecordType[Any], shown: Mapping[str, Any] = MappingProxyType({}), **others: Any) -> type[Body]:
    """The body of a new record, as `change`; what must be there is required. `shown` is added to its example."""
    fields = {key: _property(field, default=_default(field)) for key, field in of.edited.items()}
    special = {key: _special(kind) for key, kind in of.extra_arguments.items()}
    return _body(
        of,
        "Given",
        of.about_new,
        {**fields, **_labels_and_attributes(of), **special, **others},
        {**_example(of), **shown},
    )


def takes(body: type[Body]) -> Callable[[Function], Function]:
    """Declare the type of a route function's `body`, which is known only when the product runs."""

    def annotated(function: Function) -> Function:
        # FastAPI reads the annotations when the route is added; at import the registry is not complete yet.
        function.__annotations__["body"] = body
        return function

    return annotated


def _body(
    of: RecordType[Any], suffix: str, about: str, fields: Mapping[str, Any], example: Mapping[str, Any] | None = None
) -> type[Body]:
    name = of.record.__name__ + suffix
    extra = {"json_schema_extra": {"examples": [example]}} if example else {}
    made: type[Body] = create_model(
        name, __base__=Body, __module__=__name__, __doc__=about or None, __cls_kwargs__=extra, **fields
    )
    return made


def _property(field: Declared, *, default: Any) -> tuple[Any, Any]:
    about: dict[str, Any] = {"description": field.described} if field.described else {}
    if field.example and field.kind in _AS_TEXT:
        about["examples"] = [field.example]
    return _type(field) if field.required else _type(field) | None, Field(default, **about)


def _type(field: Declared) -> Any:
    if isinstance(field, Choice) and field.values:
        return Literal[tuple(field.values)]
    if isinstance(field, Text) and field.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
        return Annotated[str, Field(json_schema_extra={"maxLength": field.limit})]  # the verb refuses, in its own words
    return TYPES[field.kind]


def _default(field: Declared) -> Any:
    """The default of a field in the body of a new record; `...` where it is required."""
    if field.default is None:
        return ... if field.required else None
    # A default that depends on the day or the workspace is the verb's to fill in.
    return None if callable(field.default) else field.default


def _labels_and_attributes(of: RecordType[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if of.has(Trait.LABELS):
        with speaking(ENGLISH):
            about = f"Where given, all that the {of.one} is to have; new ones are made."
        found["labels"] = (list[str], Field([], max_length=50, description=about))
    if of.has(Trait.ATTRIBUTES):
        found["attributes"] = (Attributes, Field({}))
    return found


def _special(kind: Any) -> tuple[Any, Any]:
    parts = [Id if part is int else part for part in get_args(kind) or (kind,)]
    return Union[tuple(parts)], None if NoneType in parts else ...  # noqa: UP007


def _example(of: RecordType[Any]) -> dict[str, Any]:
    shown = {key: field.example for key, field in of.edited.items() if field.example and field.kind in _AS_TEXT}
    return shown | {key: 1 for key, kind in of.extra_arguments.items() if kind is int}
