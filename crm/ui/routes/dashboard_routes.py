"""/dashboards/<id>.pdf and /dashboards/overview.pdf: a dashboard on paper for those who may see it, each with the
figures that they may see."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.dashboards import printing
from crm.foundation.errors import CrmError
from crm.platform import process
from crm.ui.auth import visitor
from crm.ui.routes.attached_routes import SHOWN_PDF


async def show(request: Request) -> Response:
    """Send the dashboard to be shown in place: it is printed here, and holds no script."""
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
    with process.reading(visitor.actor_of(request)) as tx:
        printout = printing.of_dashboard(tx, request.path_params.get("id"), dict(request.query_params))
    # Outside of the reading: printing takes longer than a snapshot should be held.
    return printing.file_name(printout), printing.printed(printout)


ROUTES = [Route("/dashboards/overview.pdf", show), Route("/dashboards/{id:record}.pdf", show)]
