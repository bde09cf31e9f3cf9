"""/personal-data/<id>.zip: everything that is held on one person, to those who manage settings."""

import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from crm import personal_export, process
from crm.errors import CrmError
from crm.ui import visitor


def address(contact_id: int) -> str:
    return f"/personal-data/{contact_id}.zip"


async def save(request: Request) -> Response:
    contact_id = int(request.path_params["id"])
    try:
        path = await run_in_threadpool(_written, request, contact_id)
    except CrmError as refusal:
        return PlainTextResponse(str(refusal), visitor.STATUS.get(type(refusal), 400))
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"contact-{contact_id}.zip",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        background=BackgroundTask(path.unlink),
    )


def _written(request: Request, contact_id: int) -> Path:
    """The archive on disk, sent in pieces; gone again once it was sent."""
    actor = visitor.actor_of(request)
    with tempfile.NamedTemporaryFile(prefix="person-", suffix=".zip", delete=False) as target:
        path = Path(target.name)
        try:
            personal_export.write(process.store(), actor, contact_id, target)
        except BaseException:
            path.unlink()
            raise
    return path


ROUTES = [Route("/personal-data/{id:int}.zip", save)]
