"""The list of imports that one may see, the newest first, and the way to a new one."""

import streamlit as st

from crm import imports
from crm.foundation.language import capitalized, later, plural, tr
from crm.imports import Import, result_notice
from crm.ui import live, refusals, session, words
from crm.ui.components import address

STATES: dict[str, tuple[str, words.Colour, str]] = {
    "queued": ("schedule", "gray", later("Waiting")),
    "running": ("sync", "blue", later("Running")),
    "planned": ("fact_check", "violet", later("Dry run ready")),
    "done": ("check_circle", "green", later("Done")),
    "failed": ("error", "red", later("Failed")),
    "cancelled": ("cancel", "gray", later("Cancelled")),
    "undone": ("undo", "gray", later("Undone")),
}


ROWS = 50


def show() -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.title(tr("Imports"), anchor=False)
        if st.button(tr("New import"), type="primary", icon=":material/upload_file:"):
            st.query_params["new"] = "contacts"
            st.rerun()
    _list()


@refusals.fragment
def _list() -> None:
    live.on_change("import", key="imports-live")
    before = address.record_id("before")
    with session.reading() as tx:
        # One more than is shown tells whether there are older ones. By id, not by offset: what begins meanwhile moves
        # no page.
        found = imports.latest(tx, ROWS + 1, before=before or None)
        zone = tx.actor.time_zone
    if not found:
        with st.container(border=True, horizontal_alignment="center"):
            st.subheader(tr("Nothing was imported yet"), anchor=False, width="content")
            st.caption(
                tr(
                    "Bring contacts, companies, deals and orders in from CSV, Excel or OpenDocument, or as your last "
                    "CRM exported them. A dry run shows what would happen before anything is written."
                ),
                width="content",
            )
        return
    with st.container(gap="xsmall"):
        for each in found[:ROWS]:
            _row(each, zone)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if before:
            st.button(tr("Newest"), icon=":material/first_page:", on_click=address.put, args=("before", ""))
        if len(found) > ROWS:
            older = str(found[ROWS - 1].id)
            st.button(tr("Older"), icon=":material/chevron_right:", on_click=address.put, args=("before", older))


def _row(found: Import, zone: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(gap=None, width="content"):
            st.page_link("pages/imports.py", label=words.plain(found.file_name), query_params={"import": str(found.id)})
            begun = words.moment(found.created_at, zone)
            st.caption(f"{capitalized(found.of.many)} · {words.plain(found.created_by_name)} · {begun}")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption(counts(found))
            badge(found)


def badge(found: Import) -> None:
    icon, colour, label = STATES[found.state]
    if found.undo_state in ("queued", "running"):
        icon, colour, label = "undo", "blue", later("Being undone")
    share = f" · {found.progress:.0%}" if found.at_work and found.progress else ""
    st.badge(tr(label) + share, icon=f":material/{icon}:", color=colour)


def counts(found: Import) -> str:
    """Such as 1,200 rows · 1,150 created · 50 rejected, leaving out zeros; of a dry run 1,150 to create."""
    if found.state == "undone":
        deleted, restored, left = (found.undone.get(what, 0) for what in ("deleted", "restored", "left"))
        undone = [
            plural("{count:,} deleted", "{count:,} deleted", deleted) if deleted else "",
            plural("{count:,} put back", "{count:,} put back", restored) if restored else "",
            plural("{count:,} left", "{count:,} left", left) if left else "",
        ]
        return " · ".join(filter(None, undone))
    if found.state not in ("planned", "done"):
        return ""
    return " · ".join([plural("{count:,} row", "{count:,} rows", found.total), *result_notice.counted(found)])
