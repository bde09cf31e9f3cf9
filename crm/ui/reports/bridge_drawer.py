"""The deals behind one cause of the bridge, in a drawer."""

from functools import partial

import streamlit as st

from crm.foundation import money
from crm.foundation.language import later
from crm.reports import bridge
from crm.reports.bridge import Bridge
from crm.reports.causes import Cause
from crm.ui import words
from crm.ui.components.dialogs import dialog
from crm.ui.reports import bridged_deals, report_drawer


@dialog(later("Deals"), width="medium", position="right", icon=":material/list_alt:", on_dismiss=report_drawer.close)
def drawer(title: str, report: Bridge, cause: Cause, locale: str) -> None:
    st.subheader(words.plain(title), anchor=False)
    bridged_deals.draw(
        partial(bridge.drill_down, bridge=report, cause=cause),
        partial(money.shown, code=report.currency, locale=locale),
        key=f"cause-{cause}",
        alt=title,
    )
