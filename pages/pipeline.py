"""Pipeline: the board of one pipeline, with its figures, search and owner above it."""

import streamlit as st

from crm import clock, deals, health, pipelines
from crm.access import Permission
from crm.deals import Board
from crm.filters import Rule
from crm.health import Glance
from crm.pipelines import Pipeline
from crm.ui import address, filter_builder, live, quick_filters, session
from crm.ui.board import board, frame
from crm.ui.board.moves import acks, apply
from crm.ui.board.payload import payload
from crm.ui.checklists import templates as checklist_templates
from crm.ui.deals import closing, drawer, metrics, new
from crm.ui.pipelines import gallery, settings

STEP = 50


def chosen(every: list[Pipeline]) -> Pipeline:
    asked_for = address.get("pipeline")
    return next((one for one in every if str(one.id) == asked_for), every[0])


def first_pipeline(may_shape: bool) -> None:
    st.title("Pipeline", anchor=False)
    if not may_shape:
        st.info("There is no pipeline yet. A manager or an administrator can make one.", icon=":material/view_kanban:")
        return
    st.markdown("Choose how your team sells. Every stage can be renamed, recoloured and moved later.")
    gallery.show()


def head(pipeline: Pipeline, every: list[Pipeline], owners: dict[str, str]) -> tuple[str, int | None]:
    """Title, filters and actions in one row; what is searched for, and whose deals."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.title("Pipeline", anchor=False, width="content")
            names = {str(one.id): one.name for one in every}
            address.choice("Pipeline", "pipeline", names, default=str(every[0].id), key="board-pipeline")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            with st.container(width=220):
                search = address.search("Search deals", key="board-search")
            owner = address.choice("Owner", "owner", owners, default=frame.EVERYBODY, key="board-owner")
            filter_builder.button("deals", "Filter", key="board")
            if may_shape:
                shape_menu(pipeline, every)
            if may_change:
                st.button("New deal", type="primary", icon=":material/add:", shortcut="n", on_click=new.ask)
    return search, int(owner) if owner != frame.EVERYBODY else None


def shape_menu(pipeline: Pipeline, every: list[Pipeline]) -> None:
    what = st.menu_button(
        "",
        ["Pipeline settings", "Checklist templates", "New pipeline"],
        icon=":material/tune:",
        help="Change pipelines",
        key="shape",
    )
    if what:
        drawer.dismiss()
    if what == "Pipeline settings":
        settings.show(pipeline.id)
    if what == "Checklist templates":
        checklist_templates.dialog()
    if what == "New pipeline":
        gallery.dialog()


@st.fragment
def figures(pipeline_id: int, owner_id: int | None) -> None:
    live.on_change("deal", "pipeline", key="figures-live")
    metrics.row(session.kept(deals.figures, pipeline_id, owner_id=owner_id), locale)


@st.fragment
def cards(pipeline_id: int, search: str, owner_id: int | None) -> None:
    key = f"board-{pipeline_id}"
    shown = st.session_state.setdefault(f"{key}-shown", {})
    live.on_change("deal", "pipeline", key="board-live")
    asked = quick_filters.asked()
    look = {"search": search, "owner_id": owner_id, "shown": tuple(shown.items())}
    found = session.tried(session.kept, deals.board, pipeline_id, filter=asked, **look)
    if found is None:  # the filter cannot be answered, and has just been said to
        found = session.kept(deals.board, pipeline_id, **look)
    today = clock.today(session.actor().time_zone)

    def opened() -> None:
        drawer.open_(st.session_state[key].opened)

    def closes() -> None:
        asked = st.session_state[key].closing
        closing.ask(asked["id"], found.pipeline.stage(asked["stage"]).kind, asked["version"])

    def more() -> None:
        stage_id = st.session_state[key].more
        shown[stage_id] = shown.get(stage_id, deals.SCREENFUL) + STEP

    if asked:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            quick_filters.sentence(session.kept(deals.fields), key="board")
    if not found.count:
        nothing_here(bool(search or owner_id or asked))
    board(
        payload(found, glances(found), acks=acks(), readonly=not may_change, today=today, locale=locale),
        key=key,
        on_moves=lambda: apply(st.session_state[key].moves),
        on_closing=closes,
        on_opened=opened,
        on_more=more,
    )
    if closing.asked():
        closing.show()
    elif deal_id := drawer.asked():
        drawer.show(deal_id)
    else:
        filter_builder.drawer("deals", within=Rule(field="pipeline_id", op="is", value=pipeline_id))


def glances(found: Board) -> dict[int, Glance]:
    """The health of the cards on screen."""
    return session.kept(health.at_a_glance, tuple(card.id for column in found.columns for card in column.cards))


def nothing_here(narrowed: bool) -> None:
    if narrowed:
        st.info("No deal matches. Try other words or another owner.", icon=":material/search_off:")
    elif may_change:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"No deals here yet. Add one with **New deal**{', or bring in a file' if may_import else ''}.")
            if may_import:
                st.page_link("pages/imports.py", label="Import deals", icon=":material/upload_file:")


actor = session.actor()
may_change = actor.may(Permission.MANAGE_CRM)
may_import = actor.may(Permission.IMPORT)
may_shape = pipelines.may_shape(actor)
around = session.kept(frame.read)
locale = around.locale

if not around.pipelines:
    first_pipeline(may_shape)
    st.stop()

pipeline = chosen(around.pipelines)
search, owner_id = head(pipeline, around.pipelines, around.owners)
figures(pipeline.id, owner_id)
cards(pipeline.id, search, owner_id)
if new.asked():
    new.show(pipeline)
