"""How large a request may be: checked before anything is read, and again while it is read."""

from collections.abc import Callable, Mapping

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm.api.problems import respond
from crm.foundation import bounds

USUAL = 1024 * 1024


class BodyLimit:
    """Refuses a body over the limit with 413: `limits` for some paths, one MiB for every other."""

    def __init__(self, app: ASGIApp, limits: Mapping[str, Callable[[], int]]) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        own = self.limits.get(scope["path"].removeprefix(scope.get("root_path", "")))
        limit = own() if own else USUAL
        too_large = f"The body is larger than {limit:,} bytes, the limit here."
        declared = bounds.whole(dict(scope["headers"]).get(b"content-length", b"0").decode("latin-1"))
        if declared is None or declared > limit:
            await respond(413, "too-large", "Too large", too_large)(scope, receive, send)
            return
        read = 0

        # A request without a length, or with a wrong one, is counted as it comes.
        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413, too_large)
            return message

        await self.app(scope, counted, send)
