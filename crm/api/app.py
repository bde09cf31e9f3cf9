"""The API: one app, mounted at /api/v1 beside the pages. Errors, limits and the OpenAPI description hold for all."""

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute

from crm.api import (
    attribute_schemas,
    attributes,
    backtests,
    binned,
    body_limit,
    bulk,
    caching,
    checklists,
    contacts,
    criteria,
    customer_reports,
    dashboard_schedules,
    dashboards,
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
    links,
    notes,
    notices,
    object_fields,
    object_records,
    object_types,
    openapi,
    orders,
    past,
    pipelines,
    problems,
    products,
    query,
    quotes,
    rates,
    records,
    reports,
    saved_views,
    scenarios,
    segments,
    sql,
    targets,
    users,
    why,
)
from crm.api.paths import BASE
from crm.records import registry

LIMITS = {
    "/imports": imports.upload_limit,
    "/files": files.upload_limit,
    "/rates/import": rates.upload_limit,
    "/hooks/orders": lambda: hooks.LARGEST,
}
BY_HAND = (
    contacts,
    customer_reports,
    duplicates,
    pipelines,
    deals,
    orders,
    imports,
    exports,
    reports,
    past,
    why,
    rates,
    attributes,
    users,
    erasures,
    hooks,
    notices,
    products,
    lines,
    quotes,
    notes,
    files,
    checklists,
    labels,
    binned,
    segments,
    saved_views,
    bulk,
    criteria,
    object_types,
    object_fields,
    links,
    sql,
    targets,
    backtests,
    dashboard_schedules,
    dashboards,
    scenarios,
)


def built() -> FastAPI:
    """The API with the routes of every registered record type: those by hand, and for the rest the declared ones."""
    api = FastAPI(
        title="Mallard",
        version="1",
        summary="Contacts, companies, pipelines, deals, orders, imports, exports and reports.",
        description=openapi.DESCRIPTION + criteria.LANGUAGE,
        servers=[{"url": BASE}],
        # `servers` names the base path; mounted under it, it would be there twice.
        root_path_in_servers=False,
        openapi_url=None,  # attribute_schemas serves it
        docs_url=None,  # the viewers load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        # Operation ids are the functions' names: generated clients call them so.
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(query.refuse_unknown)],
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    problems.install(api)
    # The last one added is the outermost: a body that is too large is refused before anything else runs.
    api.add_middleware(gone.Gone)
    api.add_middleware(caching.NoStore)
    api.add_middleware(body_limit.BodyLimit, limits=LIMITS)
    # Before the declared ones: the first route that fits answers, and `/orders/totals` fits `/orders/{id}`, too.
    for module in BY_HAND:
        api.include_router(module.router)
    by_hand = {route.name for module in BY_HAND for route in module.router.routes if isinstance(route, APIRoute)}
    for of in registry.declared().values():
        api.include_router(records.declared(of, by_hand))
    object_records.serve(api)
    api.add_api_route("/healthz", get_health, tags=["health"], openapi_extra={"security": []})
    openapi.describe(api)
    api.openapi()  # at the start, not with somebody's first request
    attribute_schemas.serve(api)
    return api


def get_health() -> dict[str, str]:
    """Whether the API answers. It needs no token."""
    return {"status": "ok"}


api = built()
