"""The person behind a request for a file, by the session that the middleware found, and the answer to a refusal."""

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from crm.foundation import bounds
from crm.foundation.access import Actor
from crm.foundation.errors import ConfirmFirst, CrmError, Forbidden, Invalid, ModuleOff, NotFound, TooSlow, Unavailable
from crm.foundation.language import tr
from crm.platform import process
from crm.platform.people import presence
from crm.ui.auth.auth_middleware import TRUSTED_HEADER


class RecordId(IntegerConvertor):
    """`{id:record}` in a path: an id, and nothing that no column could hold."""

    # More digits are no address at all: the engine would raise on a number that fits no column.
    regex = rf"[0-9]{{1,{bounds.LONGEST_WHOLE}}}"


register_url_convertor("record", RecordId())

STATUS: dict[type[CrmError], int] = {
    NotFound: 404,
    Forbidden: 403,
    ConfirmFirst: 403,
    ModuleOff: 403,
    Invalid: 422,
    TooSlow: 422,
    Unavailable: 503,
}


def actor_of(request: Request) -> Actor:
    id_hash = request.headers.get(TRUSTED_HEADER.decode(), "")
    found = presence.actor_of(process.store(), id_hash) if id_hash else None
    if found is None:
        raise Forbidden(tr("Sign in first."))
    return found


def refused(refusal: CrmError) -> Response:
    return PlainTextResponse(str(refusal), STATUS.get(type(refusal), 400))
