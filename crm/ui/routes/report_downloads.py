"""/reports/<name>.csv: a report as a file, under a page's filters, for whoever is signed in."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.foundation.errors import CrmError
from crm.platform import process
from crm.reports import customer_sheets, order_sheet, sheets
from crm.ui.auth import visitor


async def download(request: Request) -> Response:
    name = request.path_params["name"]
    try:
        content = await run_in_threadpool(_sheet, request, name)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _sheet(request: Request, name: str) -> bytes:
    with process.reading(visitor.actor_of(request)) as tx:
        query = dict(request.query_params)
        if name == "orders":
            return order_sheet.sheet(tx, query)
        if name in customer_sheets.SHEETS:
            return customer_sheets.sheet(tx, name, query)
        return sheets.sheet(tx, name, query)


ROUTES = [Route("/reports/{name}.csv", download)]
