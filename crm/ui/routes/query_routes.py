"""/sql/schema: what there is to query, for the editor; /sql/results/<run>.<format>: the result of one's own run."""

from pathlib import Path
from typing import Any, BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.api.outgoing import OutgoingFile
from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.platform import files, process
from crm.ui.auth import visitor
from crm.ui.routes.downloads import MEDIA
from crm.workbench import background
from crm.workbench.child import words
from crm.workbench.views import views


async def schema(request: Request) -> Response:
    try:
        found = await run_in_threadpool(_schema, request)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _schema(request: Request) -> dict[str, Any]:
    with process.reading(visitor.actor_of(request)) as tx:
        tx.require(Permission.RUN_SQL)
        found = [
            {
                "name": view.name,
                "description": view.description,
                "columns": [
                    {"name": column.name, "type": column.type, "description": column.description}
                    for column in view.columns
                ],
            }
            for view in views(tx).values()
        ]
    return {
        "views": found,
        "functions": words.FUNCTIONS,
        "keywords": words.KEYWORDS,
        "types": words.TYPES,
    }


async def download(request: Request) -> Response:
    suffix = request.path_params["format"]
    try:
        path = await run_in_threadpool(_written, request, request.path_params["run"], suffix)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return OutgoingFile(
        path,
        media_type=MEDIA[suffix],
        filename=f"query.{suffix}",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _written(request: Request, run_id: str, suffix: str) -> Path:
    store, actor = process.store(), visitor.actor_of(request)

    def write(target: BinaryIO) -> None:
        background.write(store, actor, run_id, suffix, target)

    return files.outgoing(store, f".{suffix}" if suffix in MEDIA else "", write)


ROUTES = [Route("/sql/schema", schema), Route("/sql/results/{run}.{format}", download)]
