"""/exports/<kind>.<format>: lists as files, for the person who is signed in, under a page's search,
filter and sort. Streamlit's own downloads are served to whoever knows their address; these are not."""

from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm import exports
from crm.api.outgoing import OutgoingFile
from crm.foundation import bounds
from crm.foundation.errors import CrmError
from crm.platform import files, process
from crm.records import filters, segments
from crm.records.listing import ListQuery
from crm.ui.auth import visitor

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


async def download(request: Request) -> Response:
    kind, suffix = request.path_params["kind"], request.path_params["format"]
    try:
        path = await run_in_threadpool(_written, request, kind, suffix)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return OutgoingFile(
        path,
        media_type=MEDIA[suffix],
        filename=f"{kind}.{suffix}",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _written(request: Request, kind: str, suffix: str) -> Path:
    query = request.query_params
    asked = ListQuery(
        filter=filters.parse(query.get("filter")),
        search=query.get("q", ""),
        sort=query.get("sort", "-created_at"),
    )

    def write(target: BinaryIO) -> None:
        with process.store().reading(visitor.actor_of(request)) as tx:
            within = segments.narrowed(tx, kind, asked, _number(query.get("segment", "")), query.get("ids", ""))
            exports.write(tx, kind, suffix, within, target)

    return files.outgoing(process.store(), f".{suffix}", write)


def _number(word: str) -> int | None:
    """An id that no record has for what is none: a segment that cannot be read is not “everything”."""
    if not word:
        return None
    found = bounds.whole(word)
    return -1 if found is None else found


ROUTES = [Route("/exports/{kind}.{format}", download)]
