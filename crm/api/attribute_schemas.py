"""The custom attributes of this store in the description of the API, for whoever sends a token with the request.

Without a token the description is the same everywhere: what a team keeps about its customers is not for passers-by.
"""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from crm.api import gone, object_schemas
from crm.api.callers import caller
from crm.foundation.language import ENGLISH, speaking
from crm.records import attributes, registry
from crm.records.attributes import AttributeType, Definition, models

TYPES: dict[AttributeType, dict[str, Any]] = {
    AttributeType.TEXT: {"type": ["string", "null"], "maxLength": 5000},
    AttributeType.NUMBER: {"type": ["number", "null"]},
    AttributeType.CURRENCY: {"type": ["string", "number", "null"], "format": "decimal", "examples": ["1234.50"]},
    AttributeType.PERCENT: {"type": ["number", "null"], "examples": [12.5]},
    AttributeType.LINK: {"type": ["string", "null"], "format": "uri", "maxLength": 2000},
    AttributeType.DATE: {"type": ["string", "null"], "format": "date"},
    AttributeType.LIST: {"type": ["string", "null"]},
    AttributeType.CHECKBOX: {"type": ["boolean", "null"]},
}


def serve(api: FastAPI) -> None:
    """Serve `/openapi.json`, with the attributes that the store has at the time of the request."""

    def describe(request: Request) -> Response:
        scheme, credentials = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "bearer":
            return JSONResponse(api.openapi())
        with caller(request, HTTPAuthorizationCredentials(scheme=scheme, credentials=credentials)).reading() as tx:
            known = {model: attributes.definitions(tx, model) for model in models() if attributes.is_on(tx, model)}
            modules = tx.actor.modules
            custom = tuple(of for of in registry.custom().values() if of.is_on(tx.actor))
            left = gone.described(object_schemas.with_words(api, custom), modules)
            described = object_schemas.with_types(left, custom)
        return JSONResponse(with_attributes(described, known))

    api.add_route("/openapi.json", describe, include_in_schema=False)


def with_attributes(described: dict[str, Any], known: dict[str, list[Definition]]) -> dict[str, Any]:
    """The description, in which the attributes of each model have a schema of their own."""
    # A copy: the description without attributes is shared by all requests.
    schemas = dict(described["components"]["schemas"])
    for model, definitions in known.items():
        of = registry.get(model)
        shape = of.record.__name__
        begins = re.compile(rf"{shape}(?!\d)")  # Object12 is none of Object1
        own = f"{shape}Attributes"
        for name, schema in described["components"]["schemas"].items():
            # Contact, ContactGiven and ContactChange: the shapes of a model begin with its name.
            if begins.match(name) and "attributes" in schema.get("properties", {}):
                properties = schema["properties"] | {"attributes": {"$ref": f"#/components/schemas/{own}"}}
                schemas[name] = schema | {"properties": properties}
        with speaking(ENGLISH):
            about = f"The custom attributes of {of.an}, by key; null empties one."
        schemas[own] = {
            "type": "object",
            "title": own,
            "description": about,
            "properties": {definition.key: _property(definition) for definition in definitions},
            "additionalProperties": False,
        }
    return described | {"components": described["components"] | {"schemas": schemas}}


def _property(definition: Definition) -> dict[str, Any]:
    sentences = [f"{definition.type.capitalize()}. Filter it as `attribute:{definition.key}`."]
    if definition.pattern:
        sentences.append(f"The whole of it matches `{definition.pattern}`.")
    if definition.hint:
        sentences.append(f"{definition.hint.rstrip('.').capitalize()}.")
    choices = {"enum": [*definition.values, None]} if definition.type is AttributeType.LIST else {}
    return {"title": definition.name, "description": " ".join(sentences), **TYPES[definition.type], **choices}
