"""/quotes/<deal>/<id>.pdf: a quote that was made of a deal's lines, for those who may see the deal."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.deals import quote
from crm.foundation.errors import CrmError
from crm.platform import process, workspace
from crm.ui.auth import visitor
from crm.ui.routes.attached_routes import SHOWN_PDF


async def show(request: Request) -> Response:
    """In place: it is our own work, and holds no script."""
    try:
        name, content = await run_in_threadpool(_printed, request)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "Content-Security-Policy": SHOWN_PDF,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def _printed(request: Request) -> tuple[str, bytes]:
    """Read first, print after: printing takes longer than anything in the store should wait for."""
    deal_id, quote_id = request.path_params["deal"], request.path_params["id"]
    with process.reading(visitor.actor_of(request)) as tx:
        found = quote.get_quote(tx, deal_id, quote_id)
        place = workspace.get(tx)
    return quote.file_name(found), quote.printed(found, place.name, place.locale)


ROUTES = [Route("/quotes/{deal:record}/{id:record}.pdf", show)]
