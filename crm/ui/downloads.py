"""/exports/<kind>.<format>: lists as files, for the person whose session the gate found, under a page's search,
filter and sort. Streamlit's own downloads are served to whoever knows their address; these are not."""

import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from crm import exports, filters, process, segments, sessions, users
from crm.errors import CrmError, Forbidden, Invalid, ModuleOff, NotFound
from crm.listing import Asked
from crm.ui.gate import TRUSTED_HEADER

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
STATUS: dict[type[CrmError], int] = {Forbidden: 403, ModuleOff: 403, Invalid: 422, NotFound: 404}


async def download(request: Request) -> Response:
    kind, suffix = request.path_params["kind"], request.path_params["format"]
    id_hash = request.headers.get(TRUSTED_HEADER.decode(), "")
    try:
        path = await run_in_threadpool(_written, id_hash, kind, suffix, dict(request.query_params))
    except CrmError as refusal:
        return PlainTextResponse(str(refusal), STATUS.get(type(refusal), 400))
    return FileResponse(
        path,
        media_type=MEDIA[suffix],
        filename=f"{kind}.{suffix}",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        background=BackgroundTask(path.unlink),
    )


def _written(id_hash: str, kind: str, suffix: str, query: dict[str, str]) -> Path:
    """The export on disk, so that a large one is sent in pieces; gone again once it was sent."""
    store = process.store()
    user_id = sessions.user_of(store, id_hash) if id_hash else None
    if user_id is None:
        raise Forbidden("Sign in first.")
    wanted = Asked(
        filter=filters.parse(query.get("filter")),
        search=query.get("q", ""),
        sort=query.get("sort", "-created_at"),
    )
    with tempfile.NamedTemporaryFile(prefix="export-", suffix=f".{suffix}", delete=False) as target:
        path = Path(target.name)
        try:
            with store.reading(users.actor(store, user_id)) as tx:
                within = segments.narrowed(tx, kind, wanted, _number(query.get("segment", "")), query.get("ids", ""))
                exports.write(tx, kind, suffix, within, target)
        except BaseException:
            path.unlink()
            raise
    return path


def _number(word: str) -> int | None:
    """An id that no record has for what is none: a segment that cannot be read is not “everything”."""
    if not word:
        return None
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 18 else -1


ROUTES = [Route("/exports/{kind}.{format}", download)]
