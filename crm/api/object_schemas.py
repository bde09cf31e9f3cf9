"""The custom types of this store in the description of the API: their routes, and their slugs where a kind is named."""

import json
from collections.abc import Container, Sequence
from functools import lru_cache
from typing import Any

from fastapi import FastAPI

from crm.api import object_records
from crm.records.declaration import RecordType, Trait
from crm.records.type_words import Compared, KeyOf, PluralOf

Types = Sequence[RecordType[Any]]


def with_types(described: dict[str, Any], types: Types) -> dict[str, Any]:
    """The description, and the routes of these types with their schemas."""
    paths, schemas = dict(described["paths"]), dict(described["components"]["schemas"])
    operations = {said["operationId"] for methods in paths.values() for said in methods.values()}
    for of in types:
        found = _apart(of, schemas, operations)
        paths |= found["paths"]
        schemas |= found["components"]["schemas"]
        operations |= {said["operationId"] for methods in found["paths"].values() for said in methods.values()}
    return described | {"paths": paths, "components": described["components"] | {"schemas": schemas}}


@lru_cache(8)
def with_words(api: FastAPI, types: tuple[RecordType[Any], ...]) -> dict[str, Any]:
    """The description, in which each enumeration of kinds names these types, too."""
    described: dict[str, Any] = api.openapi()
    if not types:
        return described
    words: list[PluralOf] = [made(trait) for trait in Trait for made in (PluralOf, KeyOf)] + [Compared()]
    more = {tuple(word.described()): [of.slug for of in types] + [word.word(of) for of in types] for word in words}
    found: dict[str, Any] = _extended(described, more)
    return found


def _extended(value: Any, more: dict[tuple[Any, ...], list[str]]) -> Any:
    if isinstance(value, list):
        return [_extended(item, more) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: [*item, *more.get(tuple(item), ())] if name == "enum" else _extended(item, more)
        for name, item in value.items()
    }


def _apart(of: RecordType[Any], schemas: dict[str, Any], operations: Container[str]) -> dict[str, Any]:
    """The description of a type's routes, in which nothing is called as something else in the whole is."""
    found = object_records.description(of)
    own = found["components"]["schemas"]
    new = {name: _free(name, schemas) for name, said in own.items() if schemas.get(name, said) != said}
    text = json.dumps(found)
    for name, free in new.items():
        text = text.replace(f'"#/components/schemas/{name}"', f'"#/components/schemas/{free}"')
    changed: dict[str, Any] = json.loads(text)
    parts = changed["components"]["schemas"]
    changed["components"]["schemas"] = {new.get(name, name): said for name, said in parts.items()}
    for methods in changed["paths"].values():
        for said in methods.values():
            said["operationId"] = _free(said["operationId"], operations)
    return changed


def _free(name: str, taken: Container[str]) -> str:
    """Course, or CourseObject where another thing is called so."""
    while name in taken:
        name += "_of_type" if name.islower() else "Object"
    return name
