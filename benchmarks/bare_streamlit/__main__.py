"""Serves the bare pages, under the settings that the product is served under."""

import gc
import importlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit import config


async def healthy(_: Request) -> Response:
    return PlainTextResponse("ok")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    for slow in ("pandas", "plotly.graph_objects"):
        importlib.import_module(slow)
    gc.collect()
    gc.freeze()
    yield {}


def main() -> None:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config.set_option("server.port", port, "bare pages")
    # Of .streamlit/config.toml all else counts here, too: it is read from the folder in which this is started.
    app = st.App(Path(__file__).with_name("page.py"), routes=[Route("/healthz", healthy)], lifespan=lifespan)
    print(f"Mallard is at http://127.0.0.1:{port}", flush=True)
    settings = uvicorn.Config(
        app, log_level="warning", access_log=False, ws="websockets-sansio", ws_per_message_deflate=False
    )
    uvicorn.Server(settings).run(sockets=[listening])


main()
