"""The statuses that an order was in, as a table."""

from collections.abc import Sequence

import streamlit as st

from crm.foundation.language import tr
from crm.orders import Step
from crm.orders.statuses import STATUS_NAMES
from crm.ui import words
from crm.ui.orders import table


def show(steps: Sequence[Step], time_zone: str, locale: str) -> None:
    """Newest first."""
    shown = steps[::-1]
    st.table(
        {
            tr("Status"): [words.plain(table.status(step.to_status)) for step in shown],
            tr("Before"): [tr(STATUS_NAMES[step.from_status]) if step.from_status else "–" for step in shown],
            tr("When"): [words.plain(words.moment(step.at, time_zone, locale)) for step in shown],
            tr("By"): [words.plain(step.by_name) for step in shown],
        },
        border="horizontal",
        hide_index=True,
    )
