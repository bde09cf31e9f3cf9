"""What browsers and machines ask of the running product: the event stream of open pages, health, metrics."""

import threading
from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from crm.foundation.access import SYSTEM
from crm.platform import process
from crm.platform.live import Hub
from crm.platform.people import presence
from crm.ui.auth.auth_middleware import LOOPBACK, TRUSTED_HEADER

STREAM_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Encoding": "identity",  # else Streamlit's gzip would hold messages back
    # nginx would collect a stream into blocks before it passes it on.
    "X-Accel-Buffering": "no",
}


class Monitor:
    """The routes of one process; its hub exists once the event loop runs."""

    def __init__(self) -> None:
        self.hub: Hub | None = None

    @property
    def routes(self) -> list[Route]:
        return [Route("/events", self.events), Route("/healthz", self.health), Route("/metrics", self.metrics)]

    async def events(self, request: Request) -> Response:
        """Server-sent events: once at the start what changed since `after`, or since the last event that the browser
        had of the connection before, and after each commit what that changed.

        It ends with the session it was opened by.
        """
        if self.hub is None:
            return JSONResponse({"detail": "Starting."}, 503)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        return StreamingResponse(
            _event_stream(self.hub, request.headers[TRUSTED_HEADER.decode()], after),
            media_type="text/event-stream",
            headers=STREAM_HEADERS,
        )

    async def health(self, _: Request) -> Response:
        version = await run_in_threadpool(_probe_store)
        return JSONResponse({"status": "ok", "version": version})

    async def metrics(self, request: Request) -> Response:
        """Prometheus text, for this machine alone: figures about the process, none about records."""
        # Behind a proxy on this machine every request comes from the loopback: a forwarded one does not count.
        if request.client is None or request.client.host not in LOOPBACK or "x-forwarded-for" in request.headers:
            return JSONResponse({"detail": "Metrics are for this machine alone."}, 403)
        figures = await run_in_threadpool(_figures)
        figures["mallard_open_streams"] = len(self.hub) if self.hub else 0
        figures["mallard_threads"] = threading.active_count()
        return PlainTextResponse("".join(f"{name} {value}\n" for name, value in figures.items()))


async def _event_stream(hub: Hub, id_hash: str, after: str) -> AsyncIterator[str]:
    """What the hub tells after this place, as server-sent events, until the session with this hash ends."""
    yield "retry: 2000\n\n"
    # Not before: of a client that is gone by then, nothing would ever close it.
    stream = hub.open_stream(after)
    async for event in stream.events():
        # A session that has ended hears nothing more. An open page is no use of its session, which would never expire.
        if not await run_in_threadpool(presence.user_of, process.store(), id_hash, counts_as_use=False):
            return
        # A comment line keeps proxies from closing a connection that is idle.
        yield event or ": still here\n\n"


def _probe_store() -> int:
    """The store's version, after a read that fails where the file cannot be read."""
    store = process.store()
    with store.reading(SYSTEM) as tx:
        tx.value("SELECT count(*) FROM workspace")
    return store.version


def _figures() -> dict[str, int]:
    store = process.store()
    with store.reading(SYSTEM) as tx:
        row = tx.row(
            """
            SELECT
                (SELECT count(*) FROM base.sessions) AS mallard_sessions,
                (SELECT count(*) FROM base.jobs WHERE state = 'queued') AS mallard_jobs_queued,
                (SELECT count(*) FROM base.jobs WHERE state = 'running') AS mallard_jobs_running,
                (SELECT count(*) FROM base.jobs WHERE state = 'failed') AS mallard_jobs_failed
            """
        )
    return {"mallard_store_version": store.version, **row}
