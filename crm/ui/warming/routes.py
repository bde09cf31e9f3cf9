"""/warm/<type>/<id>: reads what the page of a record will read, for the person who is about to open it. It answers with
nothing but whether they may see the record."""

import threading

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.foundation.errors import CrmError, NotFound
from crm.foundation.language import tr
from crm.platform import process
from crm.records import registry
from crm.ui.auth import visitor
from crm.ui.warming.reads import READS

_working = threading.BoundedSemaphore(1)
"""One at a time in the whole process: pages come first, and a press that finds it taken loses nothing."""


async def warm(request: Request) -> Response:
    try:
        await run_in_threadpool(_warm, request)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


def _warm(request: Request) -> None:
    actor = visitor.actor_of(request)
    kind, record_id = request.path_params["kind"], request.path_params["id"]
    if kind not in READS or not registry.get(kind).is_on(actor):
        raise NotFound(tr("record"))
    if not _working.acquire(blocking=False):
        return
    try:
        with process.reading(actor) as tx:
            READS[kind](tx, record_id)
    finally:
        _working.release()


ROUTES = [Route("/warm/{kind}/{id:record}", warm)]
