"""The export of a list, a segment or picked records as a file."""

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.language import tr
from crm.records.declaration import RecordType
from crm.ui import refusals, session
from crm.ui.auth import confirming
from crm.ui.components import address, lazy
from crm.ui.lists.picking import Picked

FORMATS = {"CSV": "csv", "Excel": "xlsx", "Parquet": "parquet"}


@refusals.fragment
def menu(of: RecordType[Any], picked: Picked | None = None, *, key: str, filter: str | None = None) -> None:
    """Links to the list as filtered, or to what is picked, in each format; not drawn for those who may not export.
    `filter` replaces the address's, where the list is narrowed by more than that."""
    if not session.actor().may(Permission.EXPORT):
        return
    query = {name: address.get(name) for name in ("q", "filter", "sort", "segment") if address.get(name)}
    if filter is not None:
        query["filter"] = filter
    if picked and not picked.all_that_match:
        query["ids"] = ",".join(str(one) for one in picked.query.ids or ())

    def described(format: str) -> str:
        if picked:
            return tr("The {count:,} selected as {format}", count=picked.many, format=format)
        return tr("All {kinds} of this list, as filtered, as {format}", kinds=of.many, format=format)

    def links() -> None:
        if of.personal and not confirming.confirmed(f"{key}-export"):
            return
        for name, suffix in FORMATS.items():
            st.link_button(
                name,
                f"/exports/{of.plural}.{suffix}?{urlencode(query)}",
                icon=":material/description:",
                width="stretch",
                help=described(name),
            )

    label = tr("Export selected") if picked else tr("Export")
    lazy.popover(label, links, key=f"{key}-export", icon=":material/download:")
