"""/files/<id>: an attached file, for those who may see its record. Nothing in it runs here: it is saved, or shown as
the picture or PDF that its content was found to be."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from crm.foundation.errors import CrmError, NotFound
from crm.foundation.language import tr
from crm.platform import process
from crm.records import attachments
from crm.records.attachments import PDF, UNKNOWN, Attachment
from crm.ui.auth import visitor

SAVED = "sandbox; default-src 'none'; frame-ancestors 'none'"
SHOWN = "sandbox; default-src 'none'; img-src 'self'; frame-ancestors 'self'"
SHOWN_PDF = "default-src 'none'; object-src 'self'; plugin-types application/pdf; frame-ancestors 'self'"
"""A sandbox would keep the browser's own viewer out; what it shows has no way to this origin."""

NEVER_GUESSED = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
SIGN = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#8a8f98" stroke-width="1.5">
<path d="M6 2.75h8l4.25 4.25v14.25H6zM14 2.75V7h4.25M9 12l6 6m0-6-6 6"/></svg>"""
"""A sheet of paper with a cross, for a picture that cannot be shown."""


async def save(request: Request) -> Response:
    """Send the file to be saved under its name."""
    try:
        found = await run_in_threadpool(_found, request)
    except CrmError as refusal:
        return visitor.refused(refusal)
    # As bytes of no type, whatever the name says: no browser opens them here.
    return _sent(found, UNKNOWN, "attachment", {"Content-Security-Policy": SAVED, "Cache-Control": "no-store"})


async def thumbnail(request: Request) -> Response:
    """Send a small picture of the file; a placeholder where it cannot be made, 404 for what is no picture."""
    try:
        found = await run_in_threadpool(_found, request)
        if not found.is_image:
            raise NotFound(tr("picture"))
    except CrmError as refusal:
        return visitor.refused(refusal)
    headers = {"Content-Security-Policy": SAVED, **NEVER_GUESSED}
    try:
        path = await run_in_threadpool(attachments.thumbnail, process.store(), found)
    except CrmError:
        # Never the picture itself, which may be damaged or vast.
        return Response(SIGN, media_type="image/svg+xml", headers={**headers, "Cache-Control": "no-store"})
    return FileResponse(path, media_type="image/webp", headers={**headers, "Cache-Control": "private, max-age=300"})


async def show(request: Request) -> Response:
    """Send the picture or PDF to be shown in place; 404 for anything else."""
    try:
        found = await run_in_threadpool(_found, request)
        if not found.has_preview:
            raise NotFound(tr("preview"))
        # One that cannot be made small may be made to exhaust a browser: it is not shown large either.
        if found.is_image:
            await run_in_threadpool(attachments.thumbnail, process.store(), found)
    except CrmError as refusal:
        return visitor.refused(refusal)
    policy = SHOWN_PDF if found.media_type == PDF else SHOWN
    headers = {"Content-Security-Policy": policy, "Cache-Control": "private, max-age=300"}
    return _sent(found, found.media_type, "inline", headers)


def _found(request: Request) -> Attachment:
    with process.reading(visitor.actor_of(request)) as tx:
        return attachments.get(tx, request.path_params["id"])


def _sent(found: Attachment, media_type: str, disposition: str, headers: dict[str, str]) -> Response:
    path = attachments.path_of(process.store(), found)
    if not path.is_file():
        return PlainTextResponse(tr("The content of this file is missing."), 410)
    return FileResponse(
        path,
        media_type=media_type,
        filename=found.file_name,
        content_disposition_type=disposition,
        headers={**headers, **NEVER_GUESSED},
    )


ROUTES = [
    Route("/files/{id:record}", save),
    Route("/files/{id:record}/preview", show),
    Route("/files/{id:record}/thumbnail", thumbnail),
]
