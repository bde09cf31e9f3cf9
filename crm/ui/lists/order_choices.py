"""The choices of a bulk change of the status of orders."""

import streamlit as st

from crm.foundation import clock
from crm.foundation.language import tr
from crm.orders.statuses import STATUS_NAMES
from crm.records.bulk import Action, Change
from crm.ui import session
from crm.ui.components import days


def status() -> Change | None:
    """The status and, for paid orders, the day; orders that have a day keep theirs."""
    chosen = st.selectbox(
        tr("Status"),
        list(STATUS_NAMES),
        index=None,
        format_func=lambda status: tr(STATUS_NAMES[status]),
        placeholder=tr("Choose"),
        key="bulk-status",
    )
    if chosen is None:
        return None
    paid_on = None
    if chosen == "paid":
        today = clock.today(session.actor().time_zone)
        paid_on = days.ask(tr("Paid on, where no day is known"), today, key="bulk-paid-on")
    return Change(action=Action.SET_STATUS, status=chosen, on=paid_on)
