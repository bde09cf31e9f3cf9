"""Sales velocity on the conversion page, with its four terms."""

from functools import partial

import streamlit as st

from crm.foundation import money
from crm.foundation.language import later, plural, tr
from crm.reports import velocity
from crm.reports.drilldown import Behind
from crm.reports.velocity import Cell, Term, Velocity
from crm.store import Reading
from crm.ui import words
from crm.ui.reports import charts, rate_notes, report_cards, report_drawer, stage_details, win_rate

ABOUT = later("""
**V = N × WR × A ÷ C**: what the open deals bring per day if they are won as often, for as much and as fast as in the
last 90 days.

**N**: open deals. **WR**: win rate by count. **A**: mean value of the won deals that carry one; values in other
currencies are converted at the rate of the closing day. **C**: mean days from opened to won, at least 1.

WR, A and C are of the deals closed in the 90 days that end with the day of the report, whatever its period is. Where a
term cannot be computed, neither can V.
""")
TITLES = {
    Term.OPEN: later("Open"),
    Term.WON: later("Won in the last 90 days"),
    Term.LOST: later("Lost in the last 90 days"),
}


def draw(found: Velocity, locale: str, *, pipeline_id: int) -> None:
    report_cards.headline(tr("Sales velocity"), ABOUT, csv="velocity", pipeline_id=pipeline_id)
    percent, won = partial(charts.percent, locale=locale), found.rate.won
    code = {term: str(Cell(term=term)) for term in Term}
    with st.grid(5, min_column_width=150):
        report_cards.card(
            later("V · per day"),
            "–" if found.per_day is None else money.compact(found.per_day, found.currency, locale),
            words.plain(formula(found, locale)),
            icon=":material/speed:",
            why="velocity:per_day",
        )
        report_cards.card(
            later("N · open deals"),
            words.number(found.open),
            report_cards.deals(found.open),
            code[Term.OPEN] if found.open else "",
            icon=":material/handshake:",
            why="velocity:count:open",
        )
        report_cards.card(
            later("WR · win rate"),
            percent(found.win_rate),
            win_rate.words(found.rate, percent),
            code[Term.LOST] if found.rate.lost.count else "",
            icon=":material/target:",
            why="velocity:rate",
        )
        report_cards.card(
            later("A · mean won value"),
            "–" if found.mean_value is None else money.compact(found.mean_value, found.currency, locale),
            plural("{count:,} won deal with a value", "{count:,} won deals with a value", won.valued),
            code[Term.WON] if won.count else "",
            icon=":material/payments:",
            why="velocity:mean_value",
        )
        report_cards.card(
            later("C · days to win"),
            stage_details.days(found.cycle, locale),
            tr("Mean from opened to won") if found.cycle is not None else tr("No deal was won"),
            icon=":material/timer:",
            why="velocity:cycle",
        )
    if won.valueless:
        st.caption(tr("A leaves out won deals without a value: {count:,}.", count=won.valueless))
    rate_notes.draw(found.rates, found.currency, locale, csv="velocity-rates", pipeline_id=pipeline_id)
    if found.left_out:
        st.caption(rate_notes.without_rate(found.left_out, found.currency))


def formula(found: Velocity, locale: str) -> str:
    """The terms as they are multiplied."""
    value = "–" if found.mean_value is None else money.shown(found.mean_value, found.currency, locale)
    return tr(
        "{open} × {win_rate} × {value} ÷ {days}",
        open=words.number(found.open),
        win_rate=charts.percent(found.win_rate, locale),
        value=value,
        days=stage_details.days(found.cycle, locale),
    )


def drill_down(found: Velocity, cell: Cell) -> tuple[str, report_drawer.LookUp]:
    """Title and look-up of the deals of a term."""

    def look_up(tx: Reading, limit: int, offset: int) -> Behind:
        return velocity.drill_down(tx, found, cell, limit=limit, offset=offset)

    return tr(TITLES[cell.term]), look_up
