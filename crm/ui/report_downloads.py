"""/reports/<name>.csv: the reports as files, for the person whose session the gate found, under a page's filters."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crm import process, sessions, users
from crm.errors import CrmError, Forbidden, Invalid, ModuleOff, NotFound
from crm.reports import sheets
from crm.ui.gate import TRUSTED_HEADER

STATUS: dict[type[CrmError], int] = {NotFound: 404, Forbidden: 403, ModuleOff: 403, Invalid: 422}


async def download(request: Request) -> Response:
    name = request.path_params["name"]
    id_hash = request.headers.get(TRUSTED_HEADER.decode(), "")
    try:
        content = await run_in_threadpool(_sheet, id_hash, name, dict(request.query_params))
    except CrmError as refusal:
        return PlainTextResponse(str(refusal), STATUS.get(type(refusal), 400))
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _sheet(id_hash: str, name: str, query: dict[str, str]) -> bytes:
    store = process.store()
    user_id = sessions.user_of(store, id_hash) if id_hash else None
    if user_id is None:
        raise Forbidden("Sign in first.")
    with store.reading(users.actor(store, user_id)) as tx:
        return sheets.sheet(tx, name, query)


ROUTES = [Route("/reports/{name}.csv", download)]
