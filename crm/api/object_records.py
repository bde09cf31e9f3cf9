"""The records of custom types, at /objects/{slug}/records: the same routes as those of declared types, made from the
type at the first request for it.

A type is what the store says at the time of the request, so its routes cannot stand in the app beside the others: each
definition has an app of its own, which a new definition replaces.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPAuthorizationCredentials
from fastapi.security.utils import get_authorization_scheme_param
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from crm.api import openapi, problems, query, records
from crm.api.callers import caller
from crm.api.paths import list_path
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff, NotFound
from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import RecordType

PATH = "/objects/{type}/records"
KEPT_APPS = 100


class ObjectRecords:
    """Passes a request on to the routes of the type that its address names, by slug, key or plural."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        of = await run_in_threadpool(_type_at, request)
        # The type's own fields are never those of a module that is off, whatever they are called.
        request.state.gone = request.state.gone - of.record.model_fields.keys()
        here = f"/objects/{scope['path_params']['type']}/records"
        before, _, after = scope["path"].partition(here)
        await _app(of)({**scope, "path": f"{before}{list_path(of)}{after}"}, receive, send)


def serve(api: FastAPI) -> None:
    served: ASGIApp = ObjectRecords()
    for path in (PATH, f"{PATH}/{{rest:path}}"):
        api.add_route(path, served, include_in_schema=False)  # type: ignore[arg-type]  # any app can be an endpoint


def description(of: RecordType[Any]) -> Mapping[str, Any]:
    """The description of a type's routes."""
    found: Mapping[str, Any] = _app(of).openapi()
    return found


def _type_at(request: Request) -> RecordType[Any]:
    """The type in the address. Raises TokenRefused first: which types there are is not for passers-by."""
    scheme, credentials = get_authorization_scheme_param(request.headers.get("Authorization"))
    given = HTTPAuthorizationCredentials(scheme=scheme, credentials=credentials) if scheme.lower() == "bearer" else None
    found = caller(request, given)
    if not found.actor.has(Module.OBJECTS):
        raise ModuleOff(Module.OBJECTS)
    of = registry.custom_called(request.path_params["type"])
    if of is None:
        raise NotFound(tr("type of record"))
    return of


@lru_cache(KEPT_APPS)
def _app(of: RecordType[Any]) -> FastAPI:
    app = FastAPI(
        title=of.plural_name,
        version="1",
        openapi_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(query.refuse_unknown)],
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    problems.install(app)
    app.include_router(records.declared(of))
    openapi.describe(app)
    return app
