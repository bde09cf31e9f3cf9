"""The drawer of a new order that begins with what a record's page says."""

from typing import Any, NoReturn

import streamlit as st

from crm.foundation.language import tr
from crm.ui.forms import drawer_form, record_form
from crm.ui.forms.draft import forget
from crm.ui.orders.form import LAYOUT

_PRESET = "order-preset"


def start(**preset: Any) -> None:
    """Callback: open the drawer. `preset` are fields that the order begins with, names of records beside ids."""
    forget(LAYOUT.new)
    drawer_form.start(LAYOUT.new)
    st.session_state[_PRESET] = preset


def is_open() -> bool:
    return drawer_form.is_open(LAYOUT.new)


def show() -> None:
    """Draw the drawer, if it is open; the page below stays where it is once the order is made."""
    record_form.new_if_started(LAYOUT, preset=st.session_state.get(_PRESET), then=_stay)


def _stay(_: int) -> NoReturn:
    st.toast(tr("Saved."), icon=":material/check:")
    st.rerun()
