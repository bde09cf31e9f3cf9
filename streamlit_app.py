"""The launcher: pages, live events, API and worker in one process behind one sign-in.

`crm serve` runs it; `streamlit run streamlit_app.py` and `uvicorn streamlit_app:app` do too.
"""

import streamlit as st
from starlette.middleware import Middleware

from crm.foundation import settings
from crm.foundation.settings import ROOT
from crm.store import modes
from crm.ui.app.app import Application
from crm.ui.auth.auth_middleware import AuthMiddleware, Site
from crm.ui.routes.static_files import StaticFiles

modes.keep_private()
_settings = settings.load()
_site = Site.of(_settings)
_application = Application(_settings, _site)

app = st.App(
    ROOT / "main.py",
    routes=_application.routes,
    middleware=[Middleware(AuthMiddleware, site=_site), Middleware(StaticFiles)],
    lifespan=_application.lifespan,
)
