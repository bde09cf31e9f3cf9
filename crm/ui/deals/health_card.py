"""The health of a deal on screen: status by colour and icon, last touch, every penalty with its figures."""

from functools import partial

import streamlit as st

from crm.deals import Deal, health
from crm.deals.health import Health
from crm.foundation.access import SEES_EVERYTHING
from crm.foundation.language import plural, tr
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
        f"{tr(health.STATUSES[status])} · {score}",
        color=colour,
        icon=f":material/{icon}:",
        help=tr("Health: 100, minus points for each problem of the deal."),
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
    return glance and f"{SHAPES[glance.status]} {tr(health.STATUSES[glance.status])} · {glance.score}"


def idle_days(row: Row) -> int | None:
    glance: health.Glance | None = row["health"]
    return glance.idle_days if glance else None


def show(deal: Deal, found: Health, zone: str, locale: str) -> None:
    """Draw the last touch of an open deal, and behind a press what its score is made of."""
    with record_layout.card("health"):
        with record_layout.titled_row(tr("Health")):
            why = partial(_why, deal, found, zone, locale)
            lazy.popover(tr("Why?"), why, key=f"{record_state.of('deal', deal.id)}-why", type="tertiary")
        st.markdown(words.plain(_touched(found, zone, locale)))
        taken = [f"{tr(reason.name)} −{reason.points}" for reason in found.reasons if reason.points]
        st.caption(words.plain(" · ".join(taken)) or tr("Nothing takes points off."))


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
        why = " · ".join(tr(health.NAMES[reason]) for reason in found.reasons)
        st.caption(why or tr("Nothing takes points off."))


def _touched(found: Health, zone: str, locale: str) -> str:
    touch = found.last_touch
    what = tr(touch.name)
    if touch.by_name:
        what = tr("{touch} by {name}", touch=what, name=touch.by_name)
    days = plural("{count:,} day ago", "{count:,} days ago", found.idle_days) if found.idle_days else tr("today")
    moment = words.moment(touch.at, zone, locale)
    return tr("Last touch: {touch}, {days} ({moment})", touch=what, days=days, moment=moment)


def _reasons(found: Health) -> None:
    rows = {}
    for reason in found.reasons:
        points = f"**−{reason.points}**"
        if not reason.points:
            none = tr("0 of {weight}", weight=reason.weight)
            points = f":gray[{none}]"
        rows[tr(reason.name)] = f"{points} {words.plain(reason.detail)}"
    st.table(rows, border="horizontal")


def _limit(found: Health) -> str:
    match found.limit_source:
        case "by_hand":
            sentence = tr(
                "Idle for more than {limit_days:g} days it is stalled: the limit of its stage, set by hand.",
                limit_days=found.limit_days,
            )
        case "usual":
            sentence = tr(
                "Idle for more than {limit_days:g} days it is stalled: 90 % of {usual_visits:,} visits "
                "of won deals to this stage were over by then.",
                limit_days=found.limit_days,
                usual_visits=found.usual_visits,
            )
        case _:
            sentence = tr(
                "Its stage has no limit: none is set, and {usual_visits:,} visits of won deals tell too little.",
                usual_visits=found.usual_visits,
            )
    if not found.held_until:
        return sentence
    held = tr("A step due on {day} holds the clock, at most to twice the limit.", day=found.held_until)
    return f"{sentence} {held}"


def evaluation(found: Worth | None, zone: str, locale: str) -> None:
    """Draw the line that says how far the score is to be trusted, and as of when."""
    if found is None:
        st.caption(
            tr("How well the score predicts here: not computed yet. It is computed in the background, every night.")
        )
        return
    computed = tr("Computed on {moment}.", moment=words.moment(found.computed_at, zone, locale))
    why = words.plain(f"{found.why} {computed}")
    if found.auc is None:
        st.caption(tr("How well the score predicts here: – {why}", why=why))
        return
    st.caption(
        tr(
            "How well the score predicts here: **AUC {auc:.2f}** ({low:.2f} to {high:.2f}). {why}",
            auc=found.auc,
            low=found.low,
            high=found.high,
            why=why,
        )
    )
