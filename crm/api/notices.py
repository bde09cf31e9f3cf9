"""What waits for the caller: nobody else's can be looked at or marked."""

from fastapi import APIRouter, Query, Response

from crm.api.callers import MAY_WRITE, Calling
from crm.api.changes import Changing
from crm.api.shapes import Listed, PathId, shown, whole
from crm.platform import notices
from crm.platform.notices import Notice

router = APIRouter(prefix="/notices", tags=["notices"])


@router.get("", response_model=Listed[Notice])
def list_notices(
    caller: Calling, unread: bool = Query(False, description="Only those that were not read yet.")
) -> Response:
    """One's own, the newest first, at most 200."""
    with caller.reading() as tx:
        return shown(whole(notices.of_actor(tx, unread=unread)))


@router.post("/read", status_code=204, dependencies=MAY_WRITE)
def mark_notices_read(change: Changing) -> Response:
    """All that wait for the caller."""
    return change.drop(notices.mark_read)


@router.post("/{id}/read", status_code=204, dependencies=MAY_WRITE)
def mark_notice_read(change: Changing, notice_id: PathId) -> Response:
    """One that was read before stays as it is."""
    return change.drop(lambda tx: notices.mark_read(tx, notice_id))
