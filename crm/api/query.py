"""Query parameters: one that a route does not know is refused, so that a misspelt filter never means “everything”."""

from functools import lru_cache
from typing import Any

from fastapi import Request

from crm.foundation.errors import Invalid


async def refuse_unknown(request: Request) -> None:
    # Who sends none needs no description, which takes longest of all that the first request to a custom type makes.
    if not request.query_params:
        return
    known = _known(request.app)[request.scope["route"].path_format, request.method.lower()]
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        taken = ", ".join(sorted(known)) or "no query parameters"
        raise Invalid(f"There is no query parameter “{unknown[0]}” here. This takes {taken}.", unknown[0])


# The records of each custom type are served by an app of their own.
@lru_cache(128)
def _known(api: Any) -> dict[tuple[str, str], frozenset[str]]:
    """(path, method) → the query parameters that the OpenAPI description names."""
    # From the description, which has those of dependencies and of parameter models, too.
    return {
        (path, method): frozenset(given["name"] for given in operation.get("parameters", ()) if given["in"] == "query")
        for path, operations in api.openapi()["paths"].items()
        for method, operation in operations.items()
    }
