"""Files of imports: PUT /uploads?name=…, streamed to disk; rejected rows and templates."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from crm import imports
from crm.foundation import bounds, settings
from crm.foundation.access import Actor, Permission
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.platform import files, process
from crm.store import Reading
from crm.ui.auth import visitor

TEMPLATES = {"csv": imports.template_csv, "xlsx": imports.template_xlsx}
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def upload(request: Request) -> Response:
    """Take the body as the file, not as a form. Answers {"id", "sha256", "size"}; 413 beyond the limit."""
    name = request.query_params.get("name", "")
    limit = settings.load().upload_limit_mb * 2**20
    # A length that is said is refused at once; `keep_stream` counts what really comes.
    declared = bounds.whole(request.headers.get("content-length", "0"))
    if declared is None or declared > limit:
        return PlainTextResponse(tr("The file is larger than {limit:,} bytes, the limit here.", limit=limit), 413)
    try:
        store = process.store()
        actor = await run_in_threadpool(visitor.actor_of, request)
        # Before the body is read: who may not import must not fill the disk either.
        with store.reading(actor) as tx:
            tx.require(Permission.IMPORT)
        sha256, size = await files.keep_stream(store, request.stream(), limit)
        found = await run_in_threadpool(_register, actor, sha256, name, size)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return JSONResponse({"id": found.id, "sha256": sha256, "size": size}, 201)


def _register(actor: Actor, sha256: str, name: str, size: int) -> files.Upload:
    with process.store().writing(actor) as tx:
        return files.register(tx, sha256=sha256, file_name=name, size=size)


async def rejected(request: Request) -> Response:
    import_id = request.path_params["id"]
    return await _file(request, f"rejected-{import_id}.csv", lambda tx: imports.rejected_csv(tx, import_id))


async def unread(request: Request) -> Response:
    import_id = request.path_params["id"]
    return await _file(request, f"unread-{import_id}.csv", lambda tx: imports.unread_csv(tx, import_id))


async def template(request: Request) -> Response:
    kind, suffix = request.path_params["kind"], request.path_params["format"]
    if kind not in imports.kinds() or suffix not in TEMPLATES:
        return PlainTextResponse(tr("There is no such template."), 404)
    return await _file(
        request, f"{imports.type_of(kind).file_stem}-template.{suffix}", lambda tx: TEMPLATES[suffix](tx, kind)
    )


async def _file(request: Request, name: str, content: Callable[[Reading], bytes]) -> Response:
    try:
        found = await run_in_threadpool(_read, request, content)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return Response(
        found,
        media_type=MEDIA[name.rpartition(".")[2]],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _read(request: Request, content: Callable[[Reading], bytes]) -> bytes:
    with process.store().reading(visitor.actor_of(request)) as tx:
        tx.require(Permission.IMPORT)
        return content(tx)


ROUTES = [
    Route("/uploads", upload, methods=["PUT"]),
    Route("/imports/{id:record}/rejected.csv", rejected),
    Route("/imports/{id:record}/unread.csv", unread),
    Route("/imports/templates/{kind:str}.{format:str}", template),
]
