"""`crm serve`: the product on a socket, refused where strangers could reach it before it is ready for them."""

import os
import socket
import sys
from contextlib import suppress
from types import FrameType

import typer

from crm.foundation.access import SYSTEM, Role
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.foundation.settings import ROOT, Settings
from crm.platform import process
from crm.platform.people import users

LARGEST_MESSAGE = 200 * 1024 * 1024
SECONDS_TO_FINISH = 5


class NotReady(CrmError):
    """The product would be reachable by others in a state in which it must not be."""


def serve(settings: Settings) -> None:
    """Open the store, listen, and serve until a signal ends it. Raises StoreRefused or NotReady before it listens."""
    store = process.start(settings)
    try:
        if not settings.on_loopback:
            with store.reading(SYSTEM) as tx:
                _refuse_unready(settings, any(user.role is Role.ADMINISTRATOR for user in users.everyone(tx)))
        # Bound before anything is served: a port in use is one sentence, and port 0 has a number to print.
        listening = _listen(settings)
    except BaseException:
        process.stop()
        raise
    _run(settings, listening)


def _refuse_unready(settings: Settings, has_administrator: bool) -> None:
    where = settings.address
    if not has_administrator:
        raise NotReady(
            tr(
                "Listening on {where} lets others reach this: make an administrator first, with `crm user add`, or on "
                "this machine's own address.",
                where=where,
            )
        )
    if not settings.encrypted:
        raise NotReady(
            tr(
                "Listening on {where} lets others reach this: give CRM_TLS_CERTIFICATE and CRM_TLS_KEY, or "
                "--behind-proxy if a proxy ends TLS.",
                where=where,
            )
        )
    if not settings.base_url:
        raise NotReady(
            tr(
                "Listening on {where} lets others reach this: give CRM_BASE_URL, such as https://crm.example.com; "
                "other host names are refused.",
                where=where,
            )
        )


BACKLOG = 2048
"""Connections that wait to be accepted: as many as uvicorn lets wait."""


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.address, settings.port))
        # The address is told before the application is imported, which takes seconds: who calls meanwhile waits.
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        where = f"{settings.address}:{settings.port}"
        raise NotReady(tr("Cannot listen on {where}: {why}.", where=where, why=error.strerror)) from None
    return listening


def _run(settings: Settings, listening: socket.socket) -> None:
    import uvicorn
    from streamlit import config as streamlit_config  # slow to import, and of no use to the other commands

    from crm.platform.connections import Limits, limited

    port = listening.getsockname()[1]
    os.environ["CRM_PORT"] = str(port)  # for links to this product: the settings may say 0
    # The application, pages and .streamlit are found by path, wherever the command was called.
    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    streamlit_config.set_option("server.port", port, "crm serve")
    typer.echo(tr("Mallard is at {address}", address=settings.model_copy(update={"port": port}).own_url))
    config = uvicorn.Config(
        "streamlit_app:app",
        log_level="warning",
        access_log=False,
        http=limited(Limits.of(settings)),
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        proxy_headers=settings.behind_proxy,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )
    with suppress(KeyboardInterrupt):  # raised again by uvicorn once all has ended
        server = uvicorn.Server(config)
        end = server.handle_exit

        def handle_exit(sig: int, frame: FrameType | None) -> None:
            process.leave()  # open event streams would keep the server from ending
            end(sig, frame)

        server.handle_exit = handle_exit  # type: ignore[method-assign]
        server.run(sockets=[listening])
