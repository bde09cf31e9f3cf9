"""Files beside records."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from crm.api.callers import Calling
from crm.api.changes import Change, Changing, Key, fingerprint
from crm.api.shapes import LARGEST_ID, Listed, PathId, shown, whole
from crm.api.subjects import kind_of
from crm.foundation import bounds, settings
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import tr
from crm.platform import files, process
from crm.records import attachments, subjects
from crm.records.attachments import UNKNOWN, Attachment
from crm.records.declaration import Trait
from crm.records.type_words import KeyOf, PluralOf

router = APIRouter(tags=["files"])

PIECE = 1024 * 1024
FORM_OVERHEAD = 64 * 1024
"""Bytes that a form may take in addition to its file."""

_KIND: TypeAdapter[str] = TypeAdapter(Annotated[str, KeyOf(Trait.FILES)])

FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "subject_kind", "subject_id"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "subject_kind": _KIND.json_schema(),
                    "subject_id": {"type": "integer", "minimum": 1, "maximum": LARGEST_ID},
                },
            }
        }
    },
}


def upload_limit() -> int:
    return settings.load().attachment_limit_mb * 2**20 + FORM_OVERHEAD


@router.get("/{subjects}/{id}/files", response_model=Listed[Attachment])
def list_files(
    caller: Calling,
    subjects: Annotated[str, PluralOf(Trait.FILES), Path(description="Which records.")],
    record_id: PathId,
) -> Response:
    """The newest first."""
    with caller.reading() as tx:
        return shown(whole(attachments.of(tx, kind_of(subjects), record_id)))


@router.post("/files", status_code=201, response_model=Attachment, openapi_extra={"requestBody": FORM})
async def attach_file(request: Request, caller: Calling, key: Key = None) -> Response:
    """Put a file beside a record. Its `media_type` is what its content is found to be."""
    async with request.form(max_files=1, max_fields=4, max_part_size=FORM_OVERHEAD) as form:
        kind, record_id, file = _sent(dict(form))
        return await run_in_threadpool(_attach, request, caller, key, kind, record_id, file)


@router.get("/files/{id}", response_model=Attachment)
def get_file(caller: Calling, file_id: PathId) -> Response:
    with caller.reading() as tx:
        return shown(attachments.get(tx, file_id))


@router.get(
    "/files/{id}/content", response_class=Response, responses={200: {"content": {"application/octet-stream": {}}}}
)
def get_file_content(caller: Calling, file_id: PathId) -> Response:
    with caller.reading() as tx:
        found = attachments.get(tx, file_id)
    path = attachments.path_of(process.store(), found)
    if not path.is_file():
        raise NotFound(tr("content of this file"))
    return FileResponse(
        # A download of an unknown type, whatever it holds: no browser runs it.
        path,
        media_type=UNKNOWN,
        filename=found.file_name,
        headers={"X-Content-Type-Options": "nosniff"},
    )


@router.get(
    "/files/{id}/thumbnail",
    response_class=Response,
    responses={200: {"content": {"image/webp": {}}, "description": "The picture, small."}},
)
def get_file_thumbnail(caller: Calling, file_id: PathId) -> Response:
    """What a picture shows, at most 256 pixels wide and high; 422 with the reason where it cannot be shown."""
    with caller.reading() as tx:
        found = attachments.get(tx, file_id)
    path = attachments.thumbnail(process.store(), found)
    return FileResponse(path, media_type="image/webp", headers={"X-Content-Type-Options": "nosniff"})


@router.delete("/files/{id}", status_code=204)
def remove_file(change: Changing, file_id: PathId) -> Response:
    """Who attached it may, and who manages settings."""
    return change.drop(lambda tx: attachments.remove(tx, file_id))


def _sent(form: dict[str, object]) -> tuple[str, int, UploadFile]:
    unknown = sorted(form.keys() - {"file", "subject_kind", "subject_id"})
    if unknown:
        raise Invalid(f"There is no field “{unknown[0]}” here, only file, subject_kind, subject_id.", unknown[0])
    file, kind, record_id = form.get("file"), str(form.get("subject_kind", "")), str(form.get("subject_id", ""))
    if not isinstance(file, UploadFile):
        raise Invalid("Send the file as the field “file” of multipart/form-data.", "file")
    try:
        kind = _KIND.validate_python(kind)
    except ValidationError as error:
        raise Invalid(f"Say what it is beside: {error.errors()[0]['ctx']['expected']}.", "subject_kind") from None
    subject_id = bounds.whole(record_id)
    if subject_id is None:
        raise Invalid("Give the id of the record that it is beside.", "subject_id")
    return kind, subject_id, file


def _attach(
    request: Request, caller: Calling, key: str | None, kind: str, record_id: int, file: UploadFile
) -> Response:
    """Store the file, then attach it."""
    # Who may not attach it is refused before the file is stored.
    caller.require(subjects.permission(kind))
    with caller.reading() as tx:
        subjects.require_visible(tx, kind, record_id)
    name = file.filename or "file"
    limit = settings.load().attachment_limit_mb * 2**20
    sha256, size = files.keep(process.store(), iter(lambda: file.file.read(PIECE), b""), limit)
    # Outside of the change: reading the content must not hold the writer's place.
    media_type = attachments.media_type(files.folder(process.store()) / sha256, name)
    # By the file's hash, not by the body: a repeated form has another boundary.
    content = f"{kind}\n{record_id}\n{name}\n{sha256}".encode()
    return Change(caller, key, fingerprint(request, content)).create(
        "file",
        lambda tx: attachments.attach(
            tx, kind, record_id, sha256=sha256, file_name=name, size=size, media_type=media_type
        ),
    )
