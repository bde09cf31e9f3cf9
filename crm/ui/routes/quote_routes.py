"""/quotes/<deal>/<id>.pdf: a quote of a deal, for those who may see the deal."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.deals import quote
from crm.foundation.errors import CrmError
from crm.platform import letterhead, process, workspace
from crm.ui.auth import visitor
from crm.ui.routes.attached_routes import SHOWN_PDF


async def show(request: Request) -> Response:
    """Send the quote to be shown in place: it is printed here, and holds no script."""
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
    """File name and content of the PDF."""
    deal_id, quote_id = request.path_params["deal"], request.path_params["id"]
    with process.reading(visitor.actor_of(request)) as tx:
        found = quote.get_quote(tx, deal_id, quote_id)
        place, paper, language = workspace.get(tx), letterhead.get(tx, found.letterhead_id), tx.actor.language
    # Outside of the reading: printing takes longer than a snapshot should be held.
    return quote.file_name(found), quote.printed(found, place.name, language, paper)


ROUTES = [Route("/quotes/{deal:record}/{id:record}.pdf", show)]
