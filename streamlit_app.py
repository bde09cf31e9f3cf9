"""The launcher: pages, live events, API and worker in one process behind one gate.

`crm serve` runs it; `streamlit run streamlit_app.py` and `uvicorn streamlit_app:app` do too.
"""

import streamlit as st
from starlette.middleware import Middleware

from crm.foundation import settings
from crm.foundation.settings import HOUSE
from crm.store import modes
from crm.ui.app.app import House
from crm.ui.auth.auth_middleware import Door, Gate

modes.keep_private()
_settings = settings.load()
_door = Door.of(_settings)
_house = House(_settings, _door)

app = st.App(
    HOUSE / "main.py",
    routes=_house.routes,
    middleware=[Middleware(Gate, door=_door)],
    lifespan=_house.lifespan,
)
