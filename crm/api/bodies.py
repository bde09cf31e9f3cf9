"""The bodies of requests that make and change a record, from the declaration of its type."""

from collections.abc import Callable, Mapping
from types import MappingProxyType, NoneType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args

from pydantic import Field, create_model

from crm.api.shapes import Amount, Attributes, Body, Day, Id, Moment, Number
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
    fields = {key: _property(one, default=None) for key, one in of.edited.items()}
    return _body(of, "Change", "", {**fields, **_beside(of), **others})


def given(of: RecordType[Any], shown: Mapping[str, Any] = MappingProxyType({}), **others: Any) -> type[Body]:
    """The body of a new record, as `change`; what must be there is required. `shown` is added to its example."""
    fields = {key: _property(one, default=_default(one)) for key, one in of.edited.items()}
    apart = {key: _apart(kind) for key, kind in of.extra_arguments.items()}
    return _body(of, "Given", of.about_new, {**fields, **_beside(of), **apart, **others}, {**_example(of), **shown})


def takes(body: type[Body]) -> Callable[[Function], Function]:
    """The `body` of a route's function is one of this type, which is known only when the product runs."""

    def annotated(function: Function) -> Function:
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


def _property(one: Declared, *, default: Any) -> tuple[Any, Any]:
    about: dict[str, Any] = {"description": one.described} if one.described else {}
    if one.example and one.kind in _AS_TEXT:
        about["examples"] = [one.example]
    return _type(one) if one.required else _type(one) | None, Field(default, **about)


def _type(one: Declared) -> Any:
    if isinstance(one, Choice):
        return Literal[tuple(one.values)]
    if isinstance(one, Text) and one.kind in (FieldKind.TEXT, FieldKind.LONG_TEXT):
        return Annotated[str, Field(json_schema_extra={"maxLength": one.limit})]  # the verb refuses, in its own words
    return TYPES[one.kind]


def _default(one: Declared) -> Any:
    """`...` where a new record must say it; what it has where it does not, as far as that is always the same."""
    if one.default is None:
        return ... if one.required else None
    return None if callable(one.default) else one.default


def _beside(of: RecordType[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if of.has(Trait.LABELS):
        about = f"Where given, all that the {of.key} is to have; new ones are made."
        found["labels"] = (list[str], Field([], max_length=50, description=about))
    if of.has(Trait.ATTRIBUTES):
        found["attributes"] = (Attributes, Field({}))
    return found


def _apart(kind: Any) -> tuple[Any, Any]:
    parts = [Id if part is int else part for part in get_args(kind) or (kind,)]
    return Union[tuple(parts)], None if NoneType in parts else ...  # noqa: UP007


def _example(of: RecordType[Any]) -> dict[str, Any]:
    shown = {key: one.example for key, one in of.edited.items() if one.example and one.kind in _AS_TEXT}
    return shown | {key: 1 for key, kind in of.extra_arguments.items() if kind is int}
