"""/personal-data/<id>.zip: everything that is held on one person, for those who manage settings."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.api.outgoing import OutgoingFile
from crm.foundation.errors import CrmError
from crm.platform import files, process
from crm.privacy import personal_export
from crm.ui.auth import visitor


def address(contact_id: int) -> str:
    return f"/personal-data/{contact_id}.zip"


async def save(request: Request) -> Response:
    contact_id = request.path_params["id"]
    try:
        path = await run_in_threadpool(_written, request, contact_id)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return OutgoingFile(
        path,
        media_type="application/zip",
        filename=f"contact-{contact_id}.zip",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _written(request: Request, contact_id: int) -> Path:
    actor, store = visitor.actor_of(request), process.store()
    return files.outgoing(store, ".zip", lambda target: personal_export.write(store, actor, contact_id, target))


ROUTES = [Route("/personal-data/{id:record}.zip", save)]
