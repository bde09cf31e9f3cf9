"""/exports/<kind>.<format>: a list as a file, under a page's search, filter and sort, for whoever is signed in.
Streamlit's own downloads are served to anybody who knows their address."""

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
from crm.records import filters, registry, segments
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
        filename=f"{registry.by_plural(kind).file_stem}.{suffix}",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _written(request: Request, kind: str, suffix: str) -> Path:
    query = request.query_params
    list_query = ListQuery(
        filter=filters.parse(query.get("filter")),
        search=query.get("q", ""),
        sort=query.get("sort", "-created_at"),
    )

    def write(target: BinaryIO) -> None:
        # Not `process.reading`, whose limit is a page's: a million rows take longer to write.
        with process.store().reading(visitor.actor_of(request)) as tx:
            within = segments.narrowed(tx, kind, list_query, _number(query.get("segment", "")), query.get("ids", ""))
            exports.write(tx, kind, suffix, within, target)

    return files.outgoing(process.store(), f".{suffix}", write)


def _number(word: str) -> int | None:
    """The id of a segment, None where none is asked for."""
    if not word:
        return None
    found = bounds.whole(word)
    # An id that no record has: a segment that cannot be read is not “everything”.
    return -1 if found is None else found


ROUTES = [Route("/exports/{kind}.{format}", download)]
