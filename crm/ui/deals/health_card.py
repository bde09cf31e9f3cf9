"""The health of a deal on screen: status by colour and icon, last touch, every penalty with its figures."""

from functools import partial

import streamlit as st

from crm.deals import Deal, health
from crm.deals.health import Health
from crm.foundation.access import SEES_EVERYTHING
from crm.reports import evaluations
from crm.reports.health_evaluation import Worth
from crm.store import Reading, Row
from crm.ui import session, words
from crm.ui.components import lazy
from crm.ui.records import record_layout, record_state

STATUS_STYLES: dict[str, tuple[words.Colour, str]] = {
    "healthy": ("green", "favorite"),
    "at_risk": ("orange", "warning"),
    "stalled": ("violet", "hourglass_disabled"),
    "overdue": ("red", "event_busy"),
}
"""Colour and icon of each status: never colour alone."""
SHAPES = {"healthy": "○", "at_risk": "▲", "stalled": "■", "overdue": "◆"}
"""In the cells of a table, which hold neither icons nor colours; not every machine has a font of pictures."""


def badge(status: str, score: int) -> None:
    colour, icon = STATUS_STYLES[status]
    st.badge(
        f"{health.STATUSES[status]} · {score}",
        color=colour,
        icon=f":material/{icon}:",
        help="Health: 100 less what is not well with the deal.",
    )


def fill(tx: Reading, rows: list[Row]) -> None:
    """Set `health` in each row of a list, None where the deal has none."""
    # Two columns show health; it is read once for the page.
    if all("health" in row for row in rows):
        return
    glances = health.at_a_glance(tx, [row["id"] for row in rows])
    for row in rows:
        row["health"] = glances.get(row["id"])


def as_text(row: Row) -> str | None:
    """The health of a row for a table's cell, which shows no icons: a shape and the words."""
    glance = row["health"]
    return glance and f"{SHAPES[glance.status]} {health.STATUSES[glance.status]} · {glance.score}"


def idle_days(row: Row) -> int | None:
    glance: health.Glance | None = row["health"]
    return glance.idle_days if glance else None


def show(deal: Deal, found: Health, zone: str, locale: str) -> None:
    """Draw the last touch of an open deal, and behind a press what its score is made of."""
    with record_layout.card("health"):
        with record_layout.titled_row("Health"):
            why = partial(_why, deal, found, zone, locale)
            lazy.popover("Why?", why, key=f"{record_state.of('deal', deal.id)}-why", type="tertiary")
        st.markdown(words.plain(_touched(found, zone, locale)))
        taken = [f"{reason.name} −{reason.points}" for reason in found.reasons if reason.points]
        st.caption(words.plain(" · ".join(taken)) or "Nothing takes points off.")


def _why(deal: Deal, found: Health, zone: str, locale: str) -> None:
    _reasons(found)
    st.caption(words.plain(_limit(found)))
    if session.actor().role in SEES_EVERYTHING:  # a statistic for those who set the weights
        evaluation(session.read(evaluations.of_pipeline, deal.pipeline_id), zone, locale)


def brief(deal: Deal) -> None:
    """Draw the badge and what takes points off, for the drawer."""
    found = session.read(health.at_a_glance, (deal.id,)).get(deal.id)
    if found is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(found.status, found.score)
        st.caption(" · ".join(health.NAMES[reason] for reason in found.reasons) or "Nothing takes points off.")


def _touched(found: Health, zone: str, locale: str) -> str:
    touch = found.last_touch
    who = f" by {touch.by_name}" if touch.by_name else ""
    days = "today" if found.idle_days == 0 else f"{found.idle_days:,} day{'s' if found.idle_days != 1 else ''} ago"
    return f"Last touch: {touch.name}{who}, {days} ({words.moment(touch.at, zone, locale)})"


def _reasons(found: Health) -> None:
    st.table(
        {
            reason.name: f"**−{reason.points}** {words.plain(reason.detail)}"
            if reason.points
            else f":gray[0 of {reason.weight}] {words.plain(reason.detail)}"
            for reason in found.reasons
        },
        border="horizontal",
    )


def _limit(found: Health) -> str:
    match found.limit_source:
        case "by_hand":
            sentence = (
                f"Idle for more than {found.limit_days:g} days it is stalled: the limit of its stage, set by hand."
            )
        case "usual":
            sentence = (
                f"Idle for more than {found.limit_days:g} days it is stalled: 90 % of {found.usual_visits:,} visits of "
                "won deals to this stage were over by then."
            )
        case _:
            sentence = (
                f"Its stage has no limit: none is set, and {found.usual_visits:,} visits of won deals tell too little."
            )
    held = f" A step due on {found.held_until} holds the clock, at most to twice the limit." if found.held_until else ""
    return sentence + held


def evaluation(found: Worth | None, zone: str, locale: str) -> None:
    """Draw the line that says how far the score is to be trusted, and as of when."""
    if found is None:
        st.caption("How well the score predicts here: not computed yet. It is computed in the background, every night.")
        return
    computed = f"Computed on {words.moment(found.computed_at, zone, locale)}."
    if found.auc is None:
        st.caption(f"How well the score predicts here: – {words.plain(f'{found.why} {computed}')}")
        return
    st.caption(
        f"How well the score predicts here: **AUC {found.auc:.2f}** ({found.low:.2f} to {found.high:.2f}). "
        + words.plain(f"{found.why} {computed}")
    )
