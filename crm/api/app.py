"""The API: one app, mounted at /api/v1 beside the pages. Errors, limits and the OpenAPI description hold for all."""

from fastapi import Depends, FastAPI

from crm.api import (
    attribute_schemas,
    attributes,
    binned,
    body_limit,
    bulk,
    caching,
    checklists,
    companies,
    contacts,
    criteria,
    deals,
    duplicates,
    erasures,
    exports,
    files,
    gone,
    hooks,
    imports,
    labels,
    lines,
    merging,
    notes,
    notices,
    openapi,
    orders,
    pipelines,
    problems,
    products,
    query,
    quotes,
    reports,
    saved_views,
    segments,
    users,
)
from crm.api.paths import BASE

api = FastAPI(
    title="Mallard",
    version="1",
    summary="Contacts, companies, pipelines, deals, orders, imports, exports and reports.",
    description=openapi.DESCRIPTION + criteria.LANGUAGE,
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
LIMITS = {
    "/imports": imports.upload_limit,
    "/files": files.upload_limit,
    "/hooks/orders": lambda: hooks.LARGEST,
}
problems.install(api)
api.add_middleware(gone.Gone)
api.add_middleware(caching.NoStore)
api.add_middleware(body_limit.BodyLimit, limits=LIMITS)

for noun in (contacts, companies, duplicates, pipelines, deals, orders, imports, exports, reports, attributes):
    api.include_router(noun.router)
for noun in (users, erasures, hooks, notices):
    api.include_router(noun.router)
for sold in (products, lines, quotes):
    api.include_router(sold.router)
for shared in (notes, files, checklists, labels, binned, segments, saved_views, bulk, criteria):
    api.include_router(shared.router)
for merges in (merging.contacts, merging.companies):
    api.include_router(merges)


@api.get("/healthz", tags=["health"], openapi_extra={"security": []})
def get_health() -> dict[str, str]:
    """Whether the API answers. It needs no token."""
    return {"status": "ok"}


openapi.describe(api)
attribute_schemas.serve(api)
