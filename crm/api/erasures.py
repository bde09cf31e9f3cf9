"""Privacy requests: everything that is held on a person, and erasing them for good. The token needs `settings` and, to
hand out or to erase, `privacy`."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field
from starlette.responses import FileResponse

from crm.api.callers import MAY_HAND_OUT, Calling
from crm.api.changes import Changing
from crm.api.outgoing import OutgoingFile
from crm.api.shapes import Body, Listed, PathId, shown, whole
from crm.foundation.access import Permission
from crm.platform import files, process
from crm.platform.people.tokens import Scope
from crm.privacy import erasing, personal_export
from crm.privacy.erasing import Erasure, Preview

router = APIRouter(tags=["privacy"])


class Sure(Body):
    """That it is meant: there is no way back."""

    sure: Annotated[str, Field(description="The word ERASE.", examples=["ERASE"])]


@router.get("/contacts/{id}/erasure", response_model=Preview)
def preview_erasure(caller: Calling, contact_id: PathId) -> Response:
    """What erasing this contact would take: rows by table, texts of others that name it, files, imports, backups."""
    with caller.reading(Scope.SETTINGS) as tx:
        return shown(erasing.preview(tx, contact_id))


@router.post("/contacts/{id}/erasure", response_model=Erasure, dependencies=MAY_HAND_OUT)
def erase_contact(change: Changing, contact_id: PathId, body: Sure) -> Response:
    """Erase a contact, alive or in the bin, from every table, the log, files and the bytes of the store. It is done in
    the background: `state` goes from `queued` by `erased` to `done`."""
    return change.make(lambda tx: erasing.begin(tx, contact_id, sure=body.sure))


@router.get("/contacts/{id}/personal-data", response_class=FileResponse, dependencies=MAY_HAND_OUT)
def get_personal_data(caller: Calling, contact_id: PathId) -> FileResponse:
    """Everything that is held on a person, as a ZIP archive of JSON and files."""
    # The whole archive is written before it is sent: who may not have it is refused before that.
    caller.require(Permission.MANAGE_SETTINGS)
    store = process.store()
    path = files.outgoing(store, ".zip", lambda target: personal_export.write(store, caller.actor, contact_id, target))
    return OutgoingFile(
        path,
        media_type="application/zip",
        filename=f"contact-{contact_id}.zip",
    )


@router.get("/erasures", response_model=Listed[Erasure])
def list_erasures(caller: Calling) -> Response:
    """The receipts, newest first. They name nobody."""
    with caller.reading(Scope.SETTINGS) as tx:
        return shown(whole(erasing.receipts(tx)))


@router.get("/erasures/{id}", response_model=Erasure)
def get_erasure(caller: Calling, erasure_id: PathId) -> Response:
    with caller.reading(Scope.SETTINGS) as tx:
        return shown(erasing.get(tx, erasure_id))
