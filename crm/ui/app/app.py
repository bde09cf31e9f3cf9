"""Everything that one process runs, in the order in which it starts and ends."""

import asyncio
import gc
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
import typer
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount, Route
from streamlit.runtime.pages_manager import PagesManager

from crm.api.app import api
from crm.api.paths import BASE
from crm.foundation.language import tr
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.live import Hub
from crm.platform.people import sessions, tokens
from crm.records import feed
from crm.store import Store
from crm.ui.app import search_everywhere
from crm.ui.app.monitor import Monitor
from crm.ui.auth.auth_middleware import Site
from crm.ui.auth.auth_routes import AuthRoutes, has_no_users
from crm.ui.components.picker import routes as picker_routes
from crm.ui.routes import (
    attached_routes,
    dashboard_routes,
    downloads,
    personal_data,
    query_routes,
    quote_routes,
    report_downloads,
    static_files,
    texts,
    uploads,
)
from crm.ui.warming import routes as warm_routes
from crm.worker import Worker

SECONDS_BETWEEN_SAVES = 60.0
"""Seconds between writing down which sessions and tokens were used."""


class Application:
    """The routes of the product, and what one process starts and stops around them."""

    def __init__(self, settings: Settings, site: Site) -> None:
        self._settings = settings
        self._auth_routes = AuthRoutes(site, sso=settings.has_sso, fetched_ahead=static_files.of_front_page())
        self._monitor = Monitor()

    @property
    def routes(self) -> list[BaseRoute]:
        return [
            *self._auth_routes.routes,
            *self._sso_routes(),
            *self._monitor.routes,
            *search_everywhere.ROUTES,
            *picker_routes.ROUTES,
            *uploads.ROUTES,
            *downloads.ROUTES,
            *personal_data.ROUTES,
            *attached_routes.ROUTES,
            *quote_routes.ROUTES,
            *report_downloads.ROUTES,
            *dashboard_routes.ROUTES,
            *query_routes.ROUTES,
            *warm_routes.ROUTES,
            *texts.ROUTES,
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
        hub = self._monitor.hub = Hub(store, feed.kinds_changed)
        store.listeners.append(hub.publish)
        loop = asyncio.get_running_loop()
        # The signal arrives in another thread. Open streams end at once, else the server would wait for each of them.
        process.before_leaving(lambda: loop.call_soon_threadsafe(hub.close))
        worker = Worker(store)
        worker.start()
        saving = asyncio.create_task(_save_uses_regularly(store))
        if has_no_users():
            self._invite()
        # Streamlit imports pandas, and the pages import Polars: the first visitor would wait seconds for both.
        for slow in ("crm.ui.app.main", "pandas"):
            importlib.import_module(slow)
        # What is imported lives as long as the process: frozen, no collection goes through it again. Together with
        # `runner.postScriptGC = false` that is 25 reruns a second for one person, 6 by default (measured).
        gc.collect()
        gc.freeze()
        try:
            yield {}
        finally:
            hub.close()
            saving.cancel()
            with suppress(asyncio.CancelledError):
                await saving
            # The worker before the store that it writes to.
            await run_in_threadpool(worker.stop)
            await run_in_threadpool(_save_uses, store)
            process.stop()
            gc.unfreeze()

    def _invite(self) -> None:
        """Print the link with which the first administrator is made."""
        # With port 0 the system has chosen one, and the setting still says 0.
        reached = self._settings.model_copy(update={"port": st.get_option("server.port")})
        link = reached.own_url + self._auth_routes.open_set_up()
        # Standard error, which only whoever started the product reads: the link makes an administrator.
        told = tr("Nobody can sign in yet. Make the first administrator:")
        typer.echo(f"\n{told}\n\n  {link}\n", err=True)


async def _save_uses_regularly(store: Store) -> None:
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_SAVES)
        await run_in_threadpool(_save_uses, store)


def _save_uses(store: Store) -> None:
    # Uses are collected in memory: otherwise each read of a page would be a write.
    sessions.write_last_uses(store)
    tokens.write_last_uses(store)
