"""Refusals as `application/problem+json` (RFC 9457): the one place that turns a refusal into a status."""

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException as PlainHTTPException

from crm.api.methods import allowed
from crm.api.paths import path_of
from crm.foundation.errors import (
    ConfirmFirst,
    CrmError,
    Duplicate,
    Forbidden,
    Incomplete,
    Invalid,
    ModuleOff,
    NotFound,
    Stale,
    TooSlow,
    Unavailable,
)
from crm.foundation.sealing import Unreadable
from crm.platform.people.throttle import TooManyTries
from crm.platform.people.tokens import TokenRefused
from crm.webhooks.inbound import NotSigned
from crm.workbench.running import QueryRefused, TooManyQueries

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    field: str
    message: str


class Holder(BaseModel):
    """Who holds the value that would have been doubled."""

    kind: str
    id: int
    href: str | None


class Problem(BaseModel):
    """What went wrong. `type` is stable and made for programs; `detail` is a sentence for people."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
    holder: Holder | None = None
    """With `duplicate`: the record that holds the value, where you may see it."""
    seen: int | None = None
    """With `stale`: the version that you sent."""
    current: dict[str, Any] | None = None
    """With `stale`: what the record holds now."""
    line: int | None = None
    """Of a query that was refused: the line that is at fault, from 1."""
    column: int | None = None
    """The character of that line, from 1."""


class TooOften(CrmError):
    """The token has sent more requests than its share."""

    def __init__(self) -> None:
        super().__init__("This token asks too often. Wait a second and try again.")


class MalformedRequest(CrmError):
    """The request cannot be read at all."""


STATUSES: dict[type[CrmError], tuple[int, str, str]] = {
    MalformedRequest: (400, "malformed", "Malformed request"),
    TokenRefused: (401, "unauthenticated", "Not signed in"),
    NotSigned: (401, "not-signed", "Not signed"),
    Forbidden: (403, "forbidden", "Not allowed"),
    ConfirmFirst: (403, "confirm-first", "Confirm that it is you"),
    NotFound: (404, "not-found", "Not found"),
    ModuleOff: (404, "not-found", "Not found"),
    Duplicate: (409, "duplicate", "Already taken"),
    Stale: (412, "stale", "Changed since you read it"),
    Invalid: (422, "invalid", "Not valid"),
    TooOften: (429, "too-often", "Too many requests"),
    TooManyQueries: (429, "too-many-queries", "Too many queries at once"),
    TooSlow: (422, "too-slow", "Takes too long: narrow it"),
    TooManyTries: (429, "too-often", "Too many requests"),
    Unavailable: (503, "unavailable", "Not available now"),
    Unreadable: (503, "unavailable", "Not available now"),
}
"""Every refusal: its status, the end of its `type`, and its title. `tests/api` holds it complete."""

PLAIN: dict[int, tuple[str, str, str]] = {
    400: ("malformed", "Malformed request", "The body cannot be read as what it says it is."),
    404: ("not-found", "Not found", "There is nothing at this address."),
    405: ("wrong-method", "Wrong method", "This address does not take that method."),
    413: ("too-large", "Too large", "The body is too large."),
}
"""What the framework refuses before any code of ours: the end of its `type`, its title and what it means."""

HEADERS: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="Mallard"'},
    429: {"Retry-After": "1"},
    503: {"Retry-After": "2"},
}


def install(api: FastAPI) -> None:
    """Answer every refusal of this app with a problem."""
    api.add_exception_handler(CrmError, _of_refusal)  # type: ignore[arg-type]
    api.add_exception_handler(RequestValidationError, _of_shape)  # type: ignore[arg-type]
    api.add_exception_handler(PlainHTTPException, _of_framework)  # type: ignore[arg-type]
    api.add_exception_handler(HTTPException, _of_framework)  # type: ignore[arg-type]
    api.add_exception_handler(Exception, _of_fault)


def of(refusal: CrmError) -> JSONResponse:
    return _sent(problem_of(refusal))


def problem_of(refusal: CrmError | RequestValidationError) -> Problem:
    """The problem that a refusal, or a request of the wrong shape, is answered with."""
    if isinstance(refusal, RequestValidationError):
        return _shape_of(refusal)
    # A refusal without a status of its own answers as its nearest base class.
    status, kind, title = next(STATUSES[known] for known in type(refusal).__mro__ if known in STATUSES)
    more: dict[str, Any] = {}
    match refusal:
        case Duplicate():
            more = {"errors": [FieldError(field=refusal.field, message=str(refusal))], "holder": _holder(refusal)}
        case Stale():
            more = {"seen": refusal.known_version, "current": dict(refusal.current)}
        case Incomplete(fields=fields):
            more = {"errors": [FieldError(field=field, message=why) for field, why in fields.items()]}
        case QueryRefused(line=line, column=column):
            more = {"errors": [FieldError(field="sql", message=str(refusal))], "line": line, "column": column}
        case Invalid(field=str(field)):
            more = {"errors": [FieldError(field=field, message=str(refusal))]}
    return _problem(status, kind, title, str(refusal), **more)


def respond(status: int, kind: str, title: str, detail: str, **more: Any) -> JSONResponse:
    return _sent(_problem(status, kind, title, detail, **more))


def _problem(status: int, kind: str, title: str, detail: str, **more: Any) -> Problem:
    return Problem(type=f"urn:mallard:problem:{kind}", title=title, status=status, detail=detail, **more)


def _sent(problem: Problem) -> JSONResponse:
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True),
        problem.status,
        media_type=MEDIA_TYPE,
        headers=HEADERS.get(problem.status),
    )


def _of_refusal(request: Request, refusal: CrmError) -> JSONResponse:
    if isinstance(refusal, Forbidden):
        # Most often it is the token that may not, not its user: its scopes show which of the two.
        scopes = ", ".join(sorted(request.state.scopes))
        return of(Forbidden(f"{refusal} The token's scopes are: {scopes}."))
    return of(refusal)


def _of_shape(_: Request, error: RequestValidationError) -> JSONResponse:
    return _sent(_shape_of(error))


def _shape_of(error: RequestValidationError) -> Problem:
    """What pydantic found wrong with the shape of a request."""
    found = error.errors()
    if any(fault["type"] == "json_invalid" for fault in found):
        return problem_of(
            MalformedRequest(f"The body is not JSON: {found[0]['ctx']['error']} at {found[0]['loc'][-1]}.")
        )
    # At most a hundred: a body of a million faults must not make an answer of that size.
    faults = [FieldError(field=_field(fault["loc"]), message=fault["msg"]) for fault in found[:100]]
    return _problem(422, "invalid", "Not valid", f"{faults[0].field}: {faults[0].message}", errors=faults)


def _of_framework(request: Request, error: PlainHTTPException) -> JSONResponse:
    """What the router itself refuses: no such path, wrong method, a body that cannot be read or is too large."""
    kind, title, detail = PLAIN.get(error.status_code, ("refused", "Refused", str(error.detail)))
    response = respond(error.status_code, kind, title, detail)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        response.headers["Allow"] = allowed(request.app, path)
    return response


def _of_fault(_: Request, __: Exception) -> JSONResponse:
    # The server logs the exception; nothing of it leaves the house.
    # A commit that failed may yet have been kept, hence the advice.
    advice = "Something failed here; the server's log says what. Send a change again only with its Idempotency-Key."
    return respond(500, "fault", "Our fault", advice)


def _field(location: tuple[int | str, ...]) -> str:
    """("body", "attributes", "size") → attributes.size"""
    return ".".join(str(step) for step in location[1:]) or str(location[0])


def _holder(refusal: Duplicate) -> Holder | None:
    if refusal.holder_id is None:
        return None
    return Holder(kind=refusal.holder_kind, id=refusal.holder_id, href=path_of(refusal.holder_kind, refusal.holder_id))
