"""The description of the API, true to what it answers: problems, the token, the headers of writes."""

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from crm.api.hooks import OrderMessage
from crm.api.problems import MEDIA_TYPE, Problem

DESCRIPTION = """
Send `Authorization: Bearer crm_…` with every request. A token never may more than its user; a record that the user
may not see is 404. Its scopes: `read` for every GET of records and reports; `write` for every change, which answers
with the record as it then is; `import`, together with `write`, for imports; `export` for whole lists as files; `sql`
for queries in SQL; `settings` for what only administrators set; `privacy`, together with it, to hand out all that is
held on a person and to erase them.

- **Lists** answer `{"items", "total", "next"}`. Give `next` back as `cursor` for the following page.
- **Money** is a string beside its ISO 4217 `currency`; **times** are ISO 8601 in UTC; **days** are those of the
  workspace's time zone.
- **Errors** are `application/problem+json`. Decide by `type`; show `detail`; `errors[]` names the fields at fault.
- **`Idempotency-Key`** on a write: sent again with the same request it answers as before, with
  `Idempotency-Replayed: true`, and changes nothing.
- **`If-Match`** on an edit: the version you saw. If the record was changed since, nothing happens and 412 shows what
  it holds now.
- **`PATCH`** changes the fields it names; `null` empties one.
- **Custom types** have their records at `/objects/{slug}/records`, with the routes of contacts; wherever a kind is
  named, the slug names them. Fetched with a token, this description holds the team's own.
"""

PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "The token is missing, unknown, expired or revoked.",
    "403": "The user or the token may not do this.",
    "404": "There is no such thing, or the user may not see it, or its module is switched off.",
    "405": "This address does not take this method.",
    "409": "Another record holds a value that must be unique; `holder` says which.",
    "412": "The record was changed since the version in `If-Match`; `current` shows it.",
    "413": "The body is too large.",
    "422": "Something given is not valid; `errors` names the fields.",
    "429": "This token asks too often; `Retry-After` says when to try again.",
    "503": "The store cannot take the change now; `Retry-After` says when to try again.",
}
SIGNATURE = {
    "type": "apiKey",
    "in": "header",
    "name": "webhook-signature",
    "description": "`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`, keyed with "
    "the secret that an administrator made; several, parted by blanks, while secrets change.",
}
READS = ("401", "403", "404", "422", "429", "503")
WRITES = ("400", "401", "403", "404", "409", "413", "422", "429", "503")

EXAMPLE = {
    "type": "urn:mallard:problem:invalid",
    "title": "Not valid",
    "status": 422,
    "detail": "“ana@” is not an email address.",
    "errors": [{"field": "email", "message": "“ana@” is not an email address."}],
}


def describe(api: FastAPI) -> None:
    """Have the API describe itself in full when it is first asked to, once every route is there."""
    found = cache(lambda: _description(api))
    api.openapi = found  # type: ignore[method-assign]


def _description(api: FastAPI) -> dict[str, Any]:
    schema = get_openapi(
        title=api.title,
        version=api.version,
        summary=api.summary,
        description=api.description,
        routes=api.routes,
        servers=api.servers,
    )
    schemas = schema["components"]["schemas"]
    # FastAPI describes a 422 of its own, which is never sent: ours is a problem like the others.
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for model in (Problem, OrderMessage):  # the second is read by hand, once its signature is known to be good
        found = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(found.pop("$defs", {}))
        schemas[model.__name__] = found
    schema["components"]["securitySchemes"]["signature"] = SIGNATURE
    schema["components"]["responses"] = {status: _response(text) for status, text in PROBLEMS.items()}
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            _describe(method, operation)
    return schema


def _describe(method: str, operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    responses.pop("422", None)
    if operation.get("security") == []:
        return
    statuses = READS if method == "get" else WRITES
    takes_version = any(parameter["name"] == "If-Match" for parameter in operation.get("parameters", ()))
    for status in sorted({*statuses, *(("412",) if takes_version else ())}):
        responses[status] = {"$ref": f"#/components/responses/{status}"}
    if method != "get":
        for status in ("200", "201", "204"):
            if status in responses:
                responses[status]["headers"] = _headers(status)


def _headers(status: str) -> dict[str, Any]:
    """The headers of the answer to a write."""
    text = {"type": "string"}
    found = {"Idempotency-Replayed": {"description": "`true` where nothing was done anew.", "schema": text}}
    if status != "204":
        found["ETag"] = {"description": "The record's version, where it has one.", "schema": text}
    if status == "201":
        found["Location"] = {"description": "Where the new record is.", "schema": text}
    return found


def _response(text: str) -> dict[str, Any]:
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": EXAMPLE}
    return {"description": text, "content": {MEDIA_TYPE: content}}
