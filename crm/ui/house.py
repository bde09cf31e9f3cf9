"""Everything that one process runs, in the order in which it starts and ends."""

import asyncio
import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute
from streamlit.runtime.pages_manager import PagesManager

from crm import process, sessions
from crm.live import Hub
from crm.settings import Settings
from crm.store import Store
from crm.ui.doors import Doors, nobody_yet
from crm.ui.gate import Door
from crm.ui.monitor import Monitor

BETWEEN_KEEPING = 60.0
"""Seconds between writing down which sessions were used."""


class House:
    def __init__(self, settings: Settings, door: Door) -> None:
        self._settings = settings
        self._doors = Doors(door, sso=False)
        self._monitor = Monitor()

    @property
    def routes(self) -> list[BaseRoute]:
        return [*self._doors.routes, *self._monitor.routes]

    @asynccontextmanager
    async def lifespan(self, _: st.App) -> AsyncIterator[dict[str, Any]]:
        # st.navigation decides about pages. Without this the first visitor would meet `pages/` without it.
        PagesManager.uses_pages_directory = False
        store = process.start(self._settings)
        hub = self._monitor.hub = Hub()
        store.listeners.append(hub.publish)
        keeping = asyncio.create_task(_keep_sessions(store))
        if nobody_yet():
            self._invite()
        gc.collect()
        gc.freeze()
        try:
            yield {"hub": hub}
        finally:
            hub.close()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await run_in_threadpool(sessions.keep, store)
            process.stop()
            gc.unfreeze()

    def _invite(self) -> None:
        """The set-up link goes to standard error: only who started the product reads that."""
        address, port = self._settings.address, st.get_option("server.port")
        link = self._doors.open_set_up()
        print(
            f"\nNobody can sign in yet. Make the first administrator:\n\n  http://{address}:{port}{link}\n",
            file=sys.stderr,
            flush=True,
        )  # noqa: T201


async def _keep_sessions(store: Store) -> None:
    while True:
        await asyncio.sleep(BETWEEN_KEEPING)
        await run_in_threadpool(sessions.keep, store)
