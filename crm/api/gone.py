"""Hides the fields of modules that are off: they are in no answer, no request and no description.

The records keep what they hold; the fields are back once the module is.
"""

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.foundation.access import Module
from crm.foundation.errors import Invalid
from crm.records import registry
from crm.records.declaration import RecordType

FIELDS = {Module.COMPANIES: ("companies", "make_companies"), Module.CATALOG: ("product_id",)}
"""Of what is no record of a registered type: their own fields say which module they are of."""

PATHS = {
    Module.CRM: (
        "/pipelines",
        "/pipeline-templates",
        "/close-reasons",
        "/reports",
        "/saved-views",
        "/checklist",
        "/targets",
    ),
    Module.ORDERS: ("/hooks",),
    Module.OBJECTS: ("/objects", "/contacts/{id}/links", "/deals/{id}/links"),
}
"""Beside those of the record types of a module."""

_OWN_KEYS = ("attributes", "properties")
"""Below these the keys are of the team's own attributes, whatever they are called."""


def fields(modules: Iterable[Module]) -> frozenset[str]:
    """The fields that are gone while only these modules are on."""
    on = set(modules)
    others = {name for module, names in FIELDS.items() if module not in on for name in names}
    return frozenset(others).union(*(_of_records(of, on) for of in registry.types().values()))


def _of_records(of: RecordType[Any], on: Collection[Module]) -> set[str]:
    """Fields of a type that belong to a module that is off, and the names that stand beside references."""
    found = {key for key, field in of.fields.items() if field.module and field.module not in on}
    return found | {of.name_fields[key] for key in found if key in of.name_fields}


async def refuse(request: Request) -> None:
    """Invalid where the body of a request names a field that is gone, as one that never was."""
    gone: frozenset[str] = getattr(request.state, "gone", frozenset())
    # In whatever case the media type is written; without one, FastAPI reads the body as JSON.
    if not gone or "json" not in request.headers.get("content-type", "json").lower():
        return
    try:
        # Parsed, not searched: JSON can write the letters of a name as escapes.
        named = _first(json.loads(await request.body()), gone)
    except (ValueError, RecursionError):
        return  # what it is instead of JSON is said where it is read
    if named:
        raise Invalid(f"There is no field “{named}” here.", named)


class Gone:
    """Takes the fields of modules that are off out of answers. `caller` says which, once it knows who asks."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        held: list[Message] = []

        async def stripped(message: Message) -> None:
            # Held back until the body is whole: its length stands in the head.
            if message["type"] == "http.response.start" and state.get("gone") and _is_json(message):
                held.append(message)
            elif held and message["type"] == "http.response.body":
                held.append(message)
                if not message.get("more_body"):
                    start, *bodies = held
                    body = without(b"".join(part.get("body", b"") for part in bodies), state["gone"])
                    MutableHeaders(scope=start)["Content-Length"] = str(len(body))
                    await send(start)
                    await send({"type": "http.response.body", "body": body})
            else:
                await send(message)

        await self.app(scope, receive, stripped)


def without(body: bytes, gone: frozenset[str]) -> bytes:
    """The JSON without the fields."""
    # Most answers name none of them, and are passed on unparsed.
    if not any(f'"{name}"'.encode() in body for name in gone):
        return body
    left = _without(json.loads(body), lambda name: name in gone)
    return json.dumps(left, ensure_ascii=False, separators=(",", ":")).encode()


def described(description: dict[str, Any], modules: Iterable[Module]) -> dict[str, Any]:
    """The description of the API, as if what is off had never been there."""
    on, gone = set(modules), fields(modules)
    off = _paths(on)
    schemas = {
        name: schema | {"properties": _left(schema["properties"], gone), "required": _needed(schema, gone)}
        # The keys of …Attributes are the team's own, whatever they are called.
        if "properties" in schema and not name.endswith("Attributes")
        else schema
        for name, schema in description["components"]["schemas"].items()
    }
    return description | {
        "paths": {path: item for path, item in description["paths"].items() if not path.startswith(off)} if off
        else description["paths"],
        "components": description["components"] | {"schemas": schemas},
    }  # fmt: skip


def _paths(on: Collection[Module]) -> tuple[str, ...]:
    """The prefixes of the addresses that are off."""
    types = [of.plural for of in registry.types().values() if of.module and of.module not in on]
    found = [path for module, paths in PATHS.items() if module not in on for path in paths]
    return (*found, *(f"/{plural}" for plural in types), *(f"/segments/{{id}}/{plural}" for plural in types))


def _left(properties: dict[str, Any], gone: frozenset[str]) -> dict[str, Any]:
    return {name: schema for name, schema in properties.items() if name not in gone}


def _needed(schema: dict[str, Any], gone: frozenset[str]) -> list[str]:
    return [name for name in schema.get("required", ()) if name not in gone]


def _is_json(start: Message) -> bool:
    kind = MutableHeaders(scope=start).get("content-type", "")
    return kind.startswith(("application/json", "application/problem+json"))


def _without(value: Any, is_gone: Callable[[str], bool]) -> Any:
    if isinstance(value, list):
        return [_without(item, is_gone) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: item if name in _OWN_KEYS else _without(item, is_gone)
        for name, item in value.items()
        if not is_gone(name)
    }


def _first(value: Any, gone: frozenset[str]) -> str | None:
    if isinstance(value, list):
        return next((found for item in value if (found := _first(item, gone))), None)
    if not isinstance(value, dict):
        return None
    own = next((name for name in value if name in gone), None)
    return own or next(
        (found for name, item in value.items() if name not in _OWN_KEYS and (found := _first(item, gone))), None
    )
