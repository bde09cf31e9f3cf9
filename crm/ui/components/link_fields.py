"""What a link says beside its two records: a label of the type's list, and a day. Both may be left out."""

from datetime import date

import streamlit as st

from crm.foundation.language import tr
from crm.records import links
from crm.ui import session
from crm.ui.components import days


def label_and_day(
    object_kind: str, key: str, *, label: str | None = None, day: date | None = None
) -> tuple[str | None, date | None]:
    """Draw the two; no label where the type has none."""
    names = [one.name for one in session.read(links.labels, object_kind)]
    index = names.index(label) if label in names else None
    chosen = (
        st.selectbox(tr("Label"), names, index=index, placeholder=tr("no label"), key=f"{key}-label") if names else None
    )
    return chosen, days.ask(tr("Day"), day, key=f"{key}-day")
