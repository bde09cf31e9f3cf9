"""The lists of My day: steps to tick off, deals about to close, deals left alone too long."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st
from babel.dates import format_date
from streamlit.delta_generator import DeltaGenerator

from crm.deals import agenda
from crm.deals.agenda import Entry, Left, Step
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import plural, tr, tr_as
from crm.records import checklists
from crm.ui import record_links, refusals, session, undo, words
from crm.ui.components import styles
from crm.ui.records import record_layout

STYLE = (Path(__file__).parent / "day.css").read_text()

SHOWN = 10
"""Rows of one list; what is beyond is counted."""

STEP_WIDTHS = (35, 25, 10, 15, 15)
STALLED_WIDTHS = (25, 24, 22, 15, 14)


@dataclass(frozen=True)
class Context:
    """What all lists need to know. `team`: also whom each row is with."""

    today: date
    locale: str
    may_write: bool
    team: bool


def style() -> None:
    styles.add(STYLE, key="day-style")


@contextmanager
def _row(name: str, widths: tuple[int, ...], context: Context) -> Iterator[list[DeltaGenerator]]:
    """The cells of a row; the last, whom it is with, on a team's day alone."""
    shown = widths if context.team else widths[:-1]
    with st.container(key=f"day-row-{name}"):
        yield list(st.columns(shown, vertical_alignment="center", gap="small"))


def heading(title: str, count: int, about: str = "", *, colour: words.Colour = "gray") -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge = words.badge(tr("{count:,}", count=count), colour)
        st.markdown(f"**{title}** {badge}", width="content")
        if about:
            st.caption(about, width="content")


def steps(name: str, title: str, found: Sequence[Step], context: Context, *, colour: words.Colour = "gray") -> None:
    """`name` is of the list's key, whatever the language of its title."""
    if not found:
        return
    with st.container(gap="xsmall", key=f"day-{name}"):
        heading(title, len(found), colour=colour)
        for step in found[:SHOWN]:
            _step(step, context)
        _beyond(len(found) - SHOWN)


def _step(step: Step, context: Context) -> None:
    key = f"day-step-{step.item_id}"
    # The record decides, not the widget: somebody else may have ticked it meanwhile.
    st.session_state[key] = False
    with _row(f"step-{step.item_id}", STEP_WIDTHS, context) as (text, deal, when, *others):
        with text:
            label = words.plain(step.text)
            st.checkbox(label, key=key, disabled=not context.may_write, on_change=_tick, args=(step.item_id, step.text))
        with deal:
            record_links.link("deal", step.deal_id, words.plain(step.title))
        late = step.due_on < context.today
        when.markdown(f":small[:{'red' if late else 'gray'}[{_day(step.due_on, context)}]]")
        _value_and_person(others, step, step.by_name, context)


def _tick(item_id: int, text: str) -> None:
    """Callback of a step's tick."""
    try:
        session.do(checklists.tick, item_id)
    except CrmError as refusal:
        refusals.keep(refusal)
    else:
        undo.offer(tr("Done: {text}", text=text), checklists.untick, item_id)


def stalled(found: Sequence[Left], total: int, context: Context) -> None:
    if not found:
        return
    with st.container(gap="xsmall", key="day-stalled"):
        heading(
            tr_as("deals", "Stalled"),
            total,
            tr("Nobody has touched these for longer than usual in their stage."),
            colour="orange",
        )
        for left in found[:SHOWN]:
            with _row(f"stalled-{left.deal_id}", STALLED_WIDTHS, context) as (deal, about, step, *others):
                with deal:
                    record_links.link("deal", left.deal_id, words.plain(left.title), icon=":material/hourglass_bottom:")
                idle = plural(
                    "{stage} · {count:,} day idle",
                    "{stage} · {count:,} days idle",
                    left.idle_days,
                    stage=words.plain(left.stage_name),
                )
                about.markdown(f":small[:gray[{idle}]]")
                with step:
                    record_links.link("deal", left.deal_id, words.plain(left.next_step or tr("Plan the next step")))
                _value_and_person(others, left, left.owner_name, context)
        _beyond(total - SHOWN)


def closing(found: Sequence[Entry], total: int, context: Context) -> None:
    with record_layout.card("closing"):
        with record_layout.titled_row(tr("Closing this week")):
            st.caption(tr("{count:,}", count=total), width="content")
        if not found:
            st.caption(tr("No open deal is expected by Sunday."))
        for entry in found[:SHOWN]:
            late = entry.expected_close is not None and entry.expected_close < context.today
            day = f":{'red' if late else 'gray'}[{_day(entry.expected_close, context)}]"
            with st.container(gap=None):
                record_links.link("deal", entry.deal_id, words.plain(entry.title))
                facts = [day, *_money(entry, context), *([_person(entry.owner_name)] if context.team else [])]
                st.markdown(f":small[{' · '.join(facts)}]")
        _beyond(total - SHOWN)


def _beyond(more: int) -> None:
    if more > 0:
        st.caption(tr("and {count:,} more", count=more))


def _day(day: date | None, context: Context) -> str:
    if day is None:
        return "–"
    if day == context.today:
        return tr("Today")
    near = abs((day - context.today).days) < agenda.NEAR_DAYS
    return words.plain(str(format_date(day, "EEE d" if near else "medium", locale=context.locale)))


def _value_and_person(cells: list[DeltaGenerator], entry: Entry, name: str | None, context: Context) -> None:
    value, *person = cells
    value.markdown(f":small[{' '.join(_money(entry, context))}]" if entry.value is not None else "")
    for cell in person:
        cell.markdown(f":small[{_person(name)}]")


def _money(entry: Entry, context: Context) -> list[str]:
    if entry.value is None:
        return []
    return [f":gray[{words.plain(money.shown(entry.value, entry.currency, context.locale))}]"]


def _person(name: str | None) -> str:
    shown = name or tr("Nobody")
    return f":gray[{words.plain(shown)}]"
