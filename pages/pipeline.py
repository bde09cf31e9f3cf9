"""Pipeline: one pipeline as a board, a table or a calendar, under one search, owner, period and filter."""

import streamlit as st

from crm import deals, pipelines
from crm.foundation import clock
from crm.foundation.access import Permission
from crm.foundation.errors import TooSlow
from crm.foundation.language import later, tr
from crm.pipelines import Pipeline
from crm.ui import live, record_links, refusals, session, undo
from crm.ui.board import frame
from crm.ui.checklists import templates as checklist_templates
from crm.ui.components import address, filter_builder, quick_filters
from crm.ui.deals import closing, drawer, figures_fold, metrics, new
from crm.ui.lists import bulk
from crm.ui.pipelines import gallery, settings
from crm.ui.views import board_view, calendar_view, past_view, saved_bar, switch, table, url_state

SETTINGS, TEMPLATES, NEW = later("Pipeline settings"), later("Checklist templates"), later("New pipeline")


def first_pipeline(may_shape: bool) -> None:
    st.title(tr("Pipeline"), anchor=False)
    if not may_shape:
        st.info(
            tr("There is no pipeline yet. A manager or an administrator can make one."), icon=":material/view_kanban:"
        )
        return
    st.markdown(tr("Choose how your team sells. Every stage can be renamed, recoloured and moved later."))
    gallery.show()


def head(pipeline: Pipeline, every: list[Pipeline]) -> None:
    """Draw the choice of pipeline and view, saved views, and actions."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="pipeline-head"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.title(tr("Pipeline"), anchor=False, width="content")
            names = {str(each.id): each.name for each in every}
            address.choice(tr("Pipeline"), "pipeline", names, default=str(every[0].id), key="board-pipeline")
            switch.show(state.kind)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if state.as_of:
                return
            saved_bar.menu(state)
            if may_shape:
                shape_menu(pipeline, every)
            if may_change:
                with st.container(key="new-deal", width="content"):
                    st.button(tr("New deal"), type="primary", icon=":material/add:", shortcut="n", on_click=new.ask)


def shape_menu(pipeline: Pipeline, every: list[Pipeline]) -> None:
    what = st.menu_button(
        "",
        [SETTINGS, TEMPLATES, NEW],
        format_func=tr,
        icon=":material/tune:",
        help=tr("Change pipelines"),
        key="shape",
    )
    if what:
        drawer.dismiss()
    if what == SETTINGS:
        settings.show(pipeline.id)
    if what == TEMPLATES:
        checklist_templates.dialog()
    if what == NEW:
        gallery.dialog()


@refusals.fragment
def figures(pipeline_id: int, owner_id: int | None) -> None:
    live.on_change("deal", "pipeline", key="figures-live", beside_dialogs=True)
    try:
        row = session.read(deals.figures, pipeline_id, owner_id=owner_id)
    except TooSlow:  # the board below says what to do about it
        too_long = tr("These figures take too long to add up.")
        st.caption(f":material/timer_off: {too_long}")
    else:
        metrics.row(row, locale)


@refusals.fragment
def deals_shown() -> None:
    """Draw the deals in the chosen view, and the dialog that is open over them."""
    live.on_change("deal", "pipeline", *record_links.named_types(deals.DEAL), key="board-live", beside_dialogs=True)
    with session.reading() as tx:
        # Something in this fragment has changed the address: what stands above it has to show that too.
        if url_state.read(tx, choices.pipelines) != state:
            st.rerun()
    today = clock.today(session.actor().time_zone)
    if state.as_of and not state.faults:
        past_view.show(state, state.as_of, locale)
        filter_builder.drawer("deals", within=state.query.within(today))
        return
    if state.faults:
        saved_bar.broken(state)
    elif state.kind == "table":
        table.show(state, may_change=may_change, locale=locale)
    else:
        if state.query.filter:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                quick_filters.sentence("deals", key="board")
        if state.kind == "calendar":
            calendar_view.show(state, readonly=not may_change, today=today, locale=locale)
        else:
            found = board_view.show(state, readonly=not may_change, today=today, locale=locale)
            if not found.count:
                nothing_here(state.narrowed)
    undo.show()
    if state.kind == "board" and bulk.is_started(deals.DEAL):
        bulk.ask_if_started(deals.DEAL, key=f"board-{state.pipeline.id}")
    elif closing.is_open():
        closing.show()
    elif metrics.is_explained():
        row = session.read(deals.figures, state.pipeline.id, owner_id=state.query.owner_id)
        metrics.explain(state.pipeline.id, state.query.owner_id, row, locale)
    elif deal_id := drawer.open_deal():
        drawer.show(deal_id)
    else:
        filter_builder.drawer("deals", within=state.query.within(today))


def nothing_here(narrowed: bool) -> None:
    if narrowed:
        st.info(tr("No deal matches. Try other words or another owner."), icon=":material/search_off:")
    elif may_change:
        with st.container(horizontal=True, vertical_alignment="center"):
            if may_import:
                hint = tr("No deals here yet. Add one with **New deal**, or bring in a file.")
            else:
                hint = tr("No deals here yet. Add one with **New deal**.")
            st.markdown(hint)
            if may_import:
                st.page_link(
                    "pages/imports.py",
                    label=tr("Import deals"),
                    icon=":material/upload_file:",
                    query_params={"new": "deals"},
                )


actor = session.actor()
may_change = actor.may(Permission.MANAGE_CRM)
may_import = actor.may(Permission.IMPORT)
may_shape = pipelines.may_shape(actor)
with session.reading() as tx:
    choices = frame.read(tx)
    folds = figures_fold.read(tx)
locale = choices.locale

if not choices.pipelines:
    first_pipeline(may_shape)
    st.stop()

with session.reading() as tx:
    state = url_state.read(tx, choices.pipelines)
if address.taken("new") and may_change and not state.as_of:
    new.ask()
head(state.pipeline, choices.pipelines)
if not state.as_of:
    bulk.offer_way_back(deals.DEAL)
folds = folds if state.kind == "board" and not state.as_of else {}
if any(folds.values()):
    with st.container(key="figures"):
        figures(state.pipeline.id, state.query.owner_id)
switch.narrowing(state, choices.owners, folds, today=clock.today(actor.time_zone))
deals_shown()
saved_bar.dialogs(state)
if new.is_open() and not state.as_of:
    new.show(state.pipeline)
