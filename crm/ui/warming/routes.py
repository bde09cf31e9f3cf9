"""/warm/<type>/<id> and /warm/list/<list>/<page>: read what the page of a record, the drawer of a deal or another page
of a list will read, for the person who is about to open it. They answer with nothing but whether they may see it.

With `?maybe` it is not certain that they will: then it is read only where the process has time to spare.
"""

import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.foundation.access import Actor
from crm.foundation.errors import CrmError, NotFound
from crm.foundation.language import tr
from crm.platform import process
from crm.records import registry
from crm.store import Reading
from crm.ui.auth import visitor
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.lists import ahead
from crm.ui.lists.url_state import MOST_PAGES
from crm.ui.warming.load import Load
from crm.ui.warming.reads import READS

BUSY = 0.4
"""Cores in use beyond which nothing is read for a pointer that only rests somewhere."""
SECONDS_ASIDE = 30
"""For which such a browser does not ask again."""

NO_STORE = {"Cache-Control": "no-store"}

_load = Load()
# One at a time of each in the whole process: pages come first, and who finds it taken loses nothing.
_pressed = threading.BoundedSemaphore(1)
_rested = threading.BoundedSemaphore(1)


async def warm_record(request: Request) -> Response:
    return await run_in_threadpool(_answer, request, _record)


async def warm_list_page(request: Request) -> Response:
    return await run_in_threadpool(_answer, request, _list_page)


def _answer(request: Request, reader_of: Callable[[Request, Actor], Callable[[Reading], object]]) -> Response:
    maybe = "maybe" in request.query_params
    if maybe and _load.cores() > BUSY:
        return Response(status_code=204, headers={**NO_STORE, "Retry-After": str(SECONDS_ASIDE)})
    try:
        actor = visitor.actor_of(request)
        read = reader_of(request, actor)
        turn = _rested if maybe else _pressed
        if turn.acquire(blocking=False):
            try:
                with process.reading(actor) as tx:
                    read(tx)
            finally:
                turn.release()
    except CrmError as refusal:
        return visitor.refused(refusal)
    return Response(status_code=204, headers=NO_STORE)


def _record(request: Request, actor: Actor) -> Callable[[Reading], object]:
    kind, record_id = request.path_params["kind"], request.path_params["id"]
    if kind not in READS or not registry.get(READS[kind].kind).is_on(actor):
        raise NotFound(tr("record"))
    return lambda tx: READS[kind].read(tx, record_id)


def _list_page(request: Request, actor: Actor) -> Callable[[Reading], object]:
    id_hash, page = request.headers[TRUSTED_HEADER.decode()], request.path_params["page"]
    read = ahead.LISTS.find(id_hash, request.path_params["key"])
    # Not every pager is of a list that can be read ahead.
    return lambda tx: read and 1 <= page <= MOST_PAGES and read(tx, page)


ROUTES = [Route("/warm/list/{key}/{page:record}", warm_list_page), Route("/warm/{kind}/{id:record}", warm_record)]
