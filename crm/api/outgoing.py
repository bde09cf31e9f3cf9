"""Sends a file that `crm.platform.files.outgoing` made."""

from pathlib import Path

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send


class OutgoingFile(FileResponse):
    """A file response that deletes its file once the answer is over, however that ended."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # No background task: Starlette leaves it out where a `Range` is refused or the sending breaks off, and the file
        # may hold everything that is known of somebody.
        try:
            await super().__call__(scope, receive, send)
        finally:
            Path(self.path).unlink(missing_ok=True)
