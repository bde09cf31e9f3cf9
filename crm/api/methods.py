"""Which methods an address takes: a 405 names them all."""

from functools import lru_cache
from re import Pattern
from typing import Any

from starlette.routing import compile_path


def allowed(api: Any, path: str) -> str:
    """The methods that an address takes, as the header `Allow` lists them."""
    found = {method for pattern, methods in _routes(api) if pattern.match(path) for method in methods}
    return ", ".join(sorted(found))


@lru_cache(128)
def _routes(api: Any) -> list[tuple[Pattern[str], list[str]]]:
    # From the description: the router itself names the methods of the first route that fits alone.
    paths = api.openapi()["paths"]
    return [(compile_path(path)[0], [method.upper() for method in paths[path]]) for path in paths]
