"""The API: one app, mounted at /api/v1 beside the pages. Errors, limits and the OpenAPI description hold for all."""

from fastapi import Depends, FastAPI

from crm.api import (
    attribute_schemas,
    attributes,
    body_limit,
    caching,
    companies,
    contacts,
    deals,
    exports,
    imports,
    openapi,
    pipelines,
    problems,
    query,
    reports,
    users,
)
from crm.api.paths import BASE

api = FastAPI(
    title="Mallard",
    version="1",
    summary="Contacts, companies, pipelines, deals, imports, exports and reports.",
    description=openapi.DESCRIPTION,
    servers=[{"url": BASE}],
    root_path_in_servers=False,
    openapi_url=None,  # attribute_schemas serves it
    docs_url=None,  # the viewers load their scripts from elsewhere
    redoc_url=None,
    redirect_slashes=False,
    generate_unique_id_function=lambda route: route.name,
    dependencies=[Depends(query.refuse_unknown)],
    telemetry={"tracing": False, "metrics": False, "logs": False},
)
problems.install(api)
api.add_middleware(caching.NoStore)
api.add_middleware(body_limit.BodyLimit, limits={"/imports": imports.upload_limit})

for noun in (contacts, companies, pipelines, deals, imports, exports, reports, attributes, users):
    api.include_router(noun.router)


@api.get("/healthz", tags=["health"], openapi_extra={"security": []})
def get_health() -> dict[str, str]:
    """Whether the API answers. It needs no token."""
    return {"status": "ok"}


openapi.describe(api)
attribute_schemas.serve(api)
