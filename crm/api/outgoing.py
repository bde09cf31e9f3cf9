"""A file that `crm.platform.files.outgoing` made to be sent."""

from pathlib import Path

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send


class OutgoingFile(FileResponse):
    """It is gone once its answer is over, however that ended: Starlette's background task is left out where a `Range`
    is refused or the sending breaks off, and the file may hold all that is known of somebody."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            Path(self.path).unlink(missing_ok=True)
