"""Imports: a file is sent, read and planned by the worker, looked at, applied or cancelled."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from crm import imports
from crm.api.callers import Calling
from crm.api.changes import Change, Changing, Key, fingerprint
from crm.api.shapes import LARGEST_ID, Body, Listed, PathId, shown
from crm.foundation import settings
from crm.foundation.access import Permission
from crm.foundation.errors import Invalid
from crm.imports import Fates, Import, LeftPage, Options, Outcome, UndoPreview, UnreadPage
from crm.imports.model import Kind
from crm.platform import files, process
from crm.platform.people.tokens import Scope
from crm.store import Reading, Writing

router = APIRouter(prefix="/imports", tags=["imports"])

SHOWN_ERRORS = 100
PIECE = 1024 * 1024

_KIND: TypeAdapter[str] = TypeAdapter(Kind)

FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "kind"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "kind": _KIND.json_schema(),
                    "options": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": {"$ref": "#/components/schemas/Options"},
                        "description": "JSON. With `dry_run` the import stops at `planned`.",
                    },
                },
            }
        }
    },
}


class RowError(BaseModel):
    line: int
    field: str | None
    reason: str


class ImportShown(Import):
    """`total` = `created` + `updated` + `unchanged` + `skipped` + `rejected` once the file is read. `errors` holds the
    first hundred rejected rows; `rejected.csv` holds all of them."""

    errors: list[RowError]


@dataclass(frozen=True)
class _Sent:
    kind: str
    options: Options
    file: UploadFile

    def pieces(self) -> Iterator[bytes]:
        while piece := self.file.file.read(PIECE):
            yield piece


@router.post("", status_code=201, response_model=ImportShown, openapi_extra={"requestBody": FORM})
async def begin_import(request: Request, caller: Calling, key: Key = None) -> Response:
    """Send a file. The import is `queued`: ask for it again until it is `planned`, `done` or `failed`."""
    # Who may not import is told so before anything is read; hence the form is not a parameter.
    await run_in_threadpool(caller.require, Permission.IMPORT)
    async with request.form(max_files=1, max_fields=5, max_part_size=256 * 1024) as form:
        sent = _sent(dict(form))
        return await run_in_threadpool(_begin, request, caller, key, sent)


@router.get("")
def list_imports(
    caller: Calling,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[int | None, Query(ge=1, le=LARGEST_ID, description="The `next` of the page before.")] = None,
) -> Listed[Import]:
    """The newest first."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        # One more than the page shows whether there is a next one.
        found = imports.latest(tx, limit + 1, before=cursor)
        total = imports.count(tx)
    items = found[:limit]
    return Listed(items=items, total=total, next=str(items[-1].id) if len(found) > limit else None)


class SavedMapping(BaseModel):
    name: str
    options: Options


@router.get("/mappings/{kind}")
def list_mappings(caller: Calling, kind: Kind) -> list[SavedMapping]:
    """The mappings that were saved for files of a kind, with all their options."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        return [SavedMapping(name=name, options=options) for name, options in imports.mappings(tx, kind).items()]


@router.get("/{id}", response_model=ImportShown)
def get_import(caller: Calling, import_id: PathId) -> Response:
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        return shown(_shown(tx, imports.get(tx, import_id)))


@router.get("/{id}/rejected.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def get_rejected_rows(caller: Calling, import_id: PathId) -> Response:
    """The rejected rows as they stand in the file, each with its line and reason before it."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        content = imports.rejected_csv(tx, import_id)
    disposition = f'attachment; filename="rejected-{import_id}.csv"'
    return Response(content, media_type="text/csv", headers={"Content-Disposition": disposition})


@router.get("/{id}/unread")
def list_unread(
    caller: Calling,
    import_id: PathId,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> UnreadPage:
    """The cells that were left empty, or read in part, as `bad_cells` and `second` of the options have it."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        return imports.unread(tx, import_id, limit=limit, offset=offset)


@router.get("/{id}/unread.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def get_unread_rows(caller: Calling, import_id: PathId) -> Response:
    """The rows of these cells as they stand in the file, each with line, field and reason before it."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        content = imports.unread_csv(tx, import_id)
    disposition = f'attachment; filename="unread-{import_id}.csv"'
    return Response(content, media_type="text/csv", headers={"Content-Disposition": disposition})


class Confirmed(Body):
    """Where `found.encoding_guessed` is true, `encoding` confirms the one in `found.encoding`."""

    encoding: str | None = None


@router.post("/{id}/apply", response_model=ImportShown)
def apply_import(change: Changing, import_id: PathId, body: Confirmed | None = None) -> Response:
    """Carry out a planned import."""
    encoding = body.encoding if body else None
    return change.make(lambda tx: _shown(tx, imports.apply(tx, import_id, encoding=encoding)))


class MappedValues(Body):
    """As in `Options`: beside what is mapped already."""

    values: dict[str, dict[str, str | None]] = Field(default_factory=dict)
    new_values: dict[str, list[str]] = Field(default_factory=dict)


@router.post("/{id}/values", response_model=ImportShown)
def map_values(change: Changing, import_id: PathId, body: MappedValues) -> Response:
    """Map further values of a planned import, such as those in `found.unknown_values`: the file is planned anew."""
    return change.make(lambda tx: _shown(tx, imports.map_values(tx, import_id, body.values, body.new_values)))


@router.post("/{id}/cancel", response_model=ImportShown)
def cancel_import(change: Changing, import_id: PathId) -> Response:
    """Stop an import, or the undoing of one: nothing of it is written."""
    # First outside of a change: an import that writes holds the writer's place, and has to give it up before.
    with change.caller.reading(Scope.IMPORT) as tx:
        imports.interrupt(tx, import_id)
    return change.make(lambda tx: _shown(tx, imports.cancel(tx, import_id)))


@router.get("/{id}/outcomes/{outcome}")
def list_outcomes(
    caller: Calling,
    import_id: PathId,
    outcome: Outcome,
    search: Annotated[str, Query(max_length=200, description="Words that stand in the row.")] = "",
    field: Annotated[str | None, Query(max_length=100, description="Rows that fill, change or break it.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> Fates:
    """The rows of one outcome, in the file's order; of a dry run, what would become of them."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        return imports.outcomes(tx, import_id, outcome, search=search, field=field, limit=limit, offset=offset)


@router.get("/{id}/undo")
def preview_undo(caller: Calling, import_id: PathId) -> UndoPreview:
    """What undoing would do now: how many records it would delete, put back, and leave as they are, and why."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        return imports.undo_preview(tx, import_id)


@router.post("/{id}/undo", response_model=ImportShown)
def undo_import(change: Changing, import_id: PathId) -> Response:
    """Undo an import as a whole, updates included. It is queued: ask for it until its state is `undone`. Records that
    something touched since are left, and listed at `left`."""
    return change.make(lambda tx: _shown(tx, imports.undo(tx, import_id)))


@router.get("/{id}/left")
def list_left(
    caller: Calling,
    import_id: PathId,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
) -> LeftPage:
    """The records that undoing left as they were, or before it would leave, each with its reason."""
    with caller.reading(Scope.READ, Scope.IMPORT) as tx:
        return imports.undo_left(tx, import_id, limit=limit, offset=offset)


def _sent(form: dict[str, object]) -> _Sent:
    unknown = sorted(form.keys() - {"file", "kind", "options"})
    if unknown:
        raise Invalid(f"There is no field “{unknown[0]}” here, only file, kind and options.", unknown[0])
    file, kind = form.get("file"), form.get("kind")
    if not isinstance(file, UploadFile):
        raise Invalid("Send the file as the field “file” of multipart/form-data.", "file")
    try:
        kind = _KIND.validate_python(kind)
    except ValidationError as error:
        raise Invalid(f"Say what the file holds: {error.errors()[0]['ctx']['expected']}.", "kind") from None
    try:
        options = Options.model_validate_json(str(form.get("options") or "{}"))
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(("options", *(str(step) for step in fault["loc"])))
        raise Invalid(f"The options cannot be read: {fault['msg']}.", field) from None
    return _Sent(kind, options, file)


def _begin(request: Request, caller: Calling, key: str | None, sent: _Sent) -> Response:
    sha256, size = files.keep(process.store(), sent.pieces(), upload_limit())
    # By the file's hash, not by the body: a repeated form has another boundary.
    content = json.dumps([sha256, sent.file.filename, sent.kind, sent.options.model_dump(mode="json")])

    def work(tx: Writing) -> ImportShown:
        upload = files.register(tx, sha256=sha256, file_name=sent.file.filename or "", size=size)
        return _shown(tx, imports.begin(tx, sent.kind, upload.id, sent.options))

    return Change(caller, key, fingerprint(request, content.encode())).create("import", work)


def upload_limit() -> int:
    return settings.load().upload_limit_mb * 2**20


def _shown(tx: Reading, found: Import) -> ImportShown:
    rows = imports.rejected(tx, found.id, SHOWN_ERRORS)
    errors = [RowError(line=row["line"], field=row["field"], reason=row["reason"]) for row in rows]
    return ImportShown(**found.model_dump(), errors=errors)
