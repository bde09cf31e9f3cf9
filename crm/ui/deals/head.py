"""The head of a deal's page: the way back to its pipeline, title and state, what can be done, and the outcome."""

from datetime import date

import streamlit as st

from crm import deals
from crm.deals import DEAL, Deal
from crm.deals.health import STATUSES, Glance, Health
from crm.foundation.language import tr
from crm.pipelines import Kind
from crm.ui import session, words
from crm.ui.components import past_day
from crm.ui.deals import badges, closing, moving
from crm.ui.deals.health_card import STATUS_STYLES
from crm.ui.deals.lines import new_quote
from crm.ui.records import record_actions, record_layout


def show(
    deal: Deal, health: Health | None, *, follows: bool | None, may_change: bool, today: date, locale: str
) -> None:
    """`follows` is None where following makes no difference: the owner is notified anyhow."""
    back(deal, today)
    with (
        record_layout.title_row(deal.title, all_badges(deal, health, today, locale)),
        st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="record-actions"),
    ):
        _actions(deal, follows, may_change)
    if not deal.is_open:
        outcome(deal, locale, may_change=may_change)


def back(deal: Deal, today: date, as_of: date | None = None) -> None:
    """Draw the way back to the pipeline, of the same day, and the choice of a day."""
    day = {past_day.WORD: as_of.isoformat()} if as_of else {}
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="record-back"
    ):
        st.page_link(
            "pages/pipeline.py",
            label=words.plain(deal.pipeline_name),
            icon=":material/chevron_left:",
            query_params={"pipeline": str(deal.pipeline_id), **day},
        )
        past_day.button(today, type="tertiary")


def all_badges(deal: Deal, health: Health | Glance | None, today: date, locale: str) -> str:
    """Of its outcome, its health, and what it warns of on the day, as Markdown."""
    found = [] if deal.is_open else [badges.stage(deal)]
    if health:
        colour, icon = STATUS_STYLES[health.status]
        found.append(words.badge(f"{tr(STATUSES[health.status])} {health.score}", colour, icon))
    return " ".join([*found, *badges.warnings(deal, today, locale)])


def _actions(deal: Deal, follows: bool | None, may_change: bool) -> None:
    if follows is not None:
        _follow_button(deal, follows)
    if not may_change:
        return
    new_quote.popover(deal)
    if deal.is_open:
        _close_button(deal, Kind.WON, tr("Won"))
        _close_button(deal, Kind.LOST, tr("Lost"))
    record_actions.menu(DEAL, deal)


def _follow_button(deal: Deal, follows: bool) -> None:
    if follows:
        label, icon, verb = tr("Following"), ":material/notifications_active:", deals.unfollow
        help_ = tr("You get a notification when somebody wins it. Press to stop.")
    else:
        label, icon, verb = tr("Follow"), ":material/notifications:", deals.follow
        help_ = tr("Get a notification when somebody wins it.")
    st.button(label, icon=icon, key="follow", help=help_, on_click=session.on_press, args=(verb, deal.id))


def _close_button(deal: Deal, kind: Kind, label: str) -> None:
    st.button(
        label,
        icon=f":material/{badges.ICONS[kind]}:",
        key=f"close-{kind}",
        on_click=closing.ask,
        args=(deal.id, kind, deal.version),
    )


def outcome(deal: Deal, locale: str, *, may_change: bool = False) -> None:
    why = ": ".join(part for part in (deal.close_reason, deal.close_note) if part)
    text = tr(
        "**{stage}** on {day}",
        stage=words.plain(deal.stage_name),
        day=words.plain(words.day(deal.closed_on, locale)),
    )
    box = st.success if deal.status is Kind.WON else st.error
    with st.container(horizontal=True, vertical_alignment="center", key="record-outcome"):
        box(text + (f" · {words.plain(why)}" if why else ""), icon=f":material/{badges.ICONS[deal.status]}:")
        if may_change:
            st.button(
                tr("Reopen"),
                icon=":material/undo:",
                key="reopen",
                on_click=moving.on_press,
                args=(deals.reopen, deal),
            )
