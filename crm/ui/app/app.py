"""Everything that one process runs, in the order in which it starts and ends."""

import asyncio
import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import streamlit as st
import typer
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount, Route
from streamlit.runtime.pages_manager import PagesManager

from crm.api.app import api
from crm.api.paths import BASE
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.live import Hub
from crm.platform.people import sessions, tokens
from crm.records import feed
from crm.store import Store
from crm.ui.app.monitor import Monitor
from crm.ui.auth.auth_middleware import Site
from crm.ui.auth.auth_routes import AuthRoutes, nobody_yet
from crm.ui.routes import attached_routes, downloads, personal_data, quote_routes, report_downloads, uploads
from crm.worker import Worker

BETWEEN_KEEPING = 60.0
"""Seconds between writing down which sessions and tokens were used."""


class Application:
    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings = settings
        self._auth_routes = AuthRoutes(site, sso=settings.has_sso)
        self._monitor = Monitor()

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            *self._auth_routes.routes,
            *self._sso_routes(),
            *self._monitor.routes,
            *uploads.ROUTES,
            *downloads.ROUTES,
            *personal_data.ROUTES,
            *attached_routes.ROUTES,
            *quote_routes.ROUTES,
            *report_downloads.ROUTES,
            Mount(BASE, app=api),
        ]

    def _sso_routes(self) -> list[Route]:
        if not self._settings.has_sso:
            return []
        from crm.ui.auth.sso import SingleSignOn  # its library is slow to import, and most do without it

        return SingleSignOn(self._settings, self._auth_routes).routes

    @asynccontextmanager
    async def lifespan(self, _: st.App) -> AsyncIterator[dict[str, Any]]:
        # st.navigation decides about pages. Without this the first visitor would meet `pages/` without it.
        PagesManager.uses_pages_directory = False
        store = process.start(self._settings)
        hub = self._monitor.hub = Hub(partial(feed.kinds_changed, store))
        store.listeners.append(hub.publish)
        loop = asyncio.get_running_loop()
        process.before_leaving(lambda: loop.call_soon_threadsafe(hub.close))
        worker = Worker(store)
        worker.start()
        keeping = asyncio.create_task(_keep_uses(store))
        if nobody_yet():
            self._invite()
        # Streamlit wants pandas; the first visitor does not wait for either.
        for slow in ("crm.ui.app.main", "pandas"):
            importlib.import_module(slow)
        gc.collect()
        gc.freeze()
        try:
            yield {}
        finally:
            hub.close()
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await keeping
            await run_in_threadpool(worker.stop)
            await run_in_threadpool(_write_down_uses, store)
            process.stop()
            gc.unfreeze()

    def _invite(self) -> None:
        """The set-up link goes to standard error: only who started the product reads that."""
        reached = self._settings.model_copy(update={"port": st.get_option("server.port")})
        link = reached.own_url + self._auth_routes.open_set_up()
        typer.echo(f"\nNobody can sign in yet. Make the first administrator:\n\n  {link}\n", err=True)


async def _keep_uses(store: Store) -> None:
    while True:
        await asyncio.sleep(BETWEEN_KEEPING)
        await run_in_threadpool(_write_down_uses, store)


def _write_down_uses(store: Store) -> None:
    sessions.write_last_uses(store)
    tokens.write_last_uses(store)
