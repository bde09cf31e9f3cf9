"""Start: the first steps in an empty workspace, from a pipeline over contacts to users."""

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.language import tr
from crm.reports import first_steps
from crm.ui import session, words


def step(title: str, says: str, icon: str, *, done: bool, page: str, label: str, **query: str) -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"### :material/{icon}: {title}", width="content")
            if done:
                st.badge(tr("done"), color="green", icon=":material/check:")
        st.markdown(says)
        st.space("stretch")
        st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=query)


actor = session.require(Permission.MANAGE_SETTINGS)
with session.reading() as tx:
    steps = first_steps.read(tx)

st.title(tr("Welcome, {name}", name=words.plain(actor.name.split()[0])))
st.markdown(tr("Three steps, in any order, and your team can work. This page goes away once the first two are done."))
with st.grid(3, min_column_width=260):
    step(
        tr("How you sell"),
        tr("Choose a pipeline made for your trade, or start from scratch. Stages can be changed at any time."),
        "view_kanban",
        done=steps.has_pipeline,
        page="pages/pipeline.py",
        label=tr("Choose a pipeline"),
    )
    step(
        tr("Whom you sell to"),
        tr(
            "Bring your contacts, companies and deals from a CSV or Excel file. Nothing is written before you have "
            "seen what would happen."
        ),
        "upload_file",
        done=steps.has_contacts,
        page="pages/imports.py",
        label=tr("Import a file"),
        new="contacts",
    )
    step(
        tr("Who works here"),
        tr("Add the people of your team. Each role may do what its work needs."),
        "group_add",
        done=steps.has_people,
        page="pages/settings.py",
        label=tr("Add people"),
    )
