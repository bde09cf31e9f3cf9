"""“Why did this number change?”, in a drawer: what a figure was before, and the deals that make the difference, by
cause. The address holds the figure's code as `why`, with @ and the key of a part of a comparison where it is of one
alone, and how far back it is compared as `back`, so that it can be shared."""

from decimal import Decimal
from functools import partial

import polars as pl
import streamlit as st
from babel.numbers import format_decimal

from crm.foundation import money
from crm.foundation.language import later, tr
from crm.reports import why
from crm.reports.causes import Cause
from crm.reports.figure_codes import TERM_UNITS, Figure, Measure, Unit
from crm.reports.query import ReportFilters
from crm.reports.why import Back, Explained, Why
from crm.reports.wording import CAUSES
from crm.ui import session, words
from crm.ui.components import address
from crm.ui.components.dialogs import dialog
from crm.ui.reports import bridged_deals, charts, report_drawer, report_tables

WORD, BACK = "why", "back"
BACKS = {Back.DAY: later("A day before"), Back.WEEK: later("A week before"), Back.MONTH: later("A month before")}
MEASURES = {Measure.COUNT: later("Deals"), Measure.VALUE: later("Value"), Measure.WEIGHTED: later("Weighted")}
COUNTED = {
    Measure.COUNT: later("What is counted"),
    Measure.VALUE: later("Won value"),
    Measure.DAYS: later("Days from opened to won"),
}
OUT_OF = {Measure.COUNT: later("Out of"), Measure.VALUED: later("Won deals with a value")}
TERMS = {
    "open": later("N · open deals"),
    "rate": later("WR · win rate"),
    "mean_value": later("A · mean won value"),
    "cycle": later("C · days to win"),
}
UNITS: dict[str, Unit] = {"open": "count", **TERM_UNITS}


def press(code: str, *, key: str) -> None:
    """Draw the small button beside a figure."""
    if st.button(
        "", icon=":material/difference:", type="tertiary", help=tr("Why did this number change?"), key=f"why-{key}"
    ):
        open_(code)
        # The whole page: the button may stand in a fragment of which the drawer is no part.
        st.rerun()


def open_(code: str) -> None:
    report_drawer.close()
    st.query_params[WORD] = code


def close() -> None:
    for word in (WORD, BACK):
        st.query_params.pop(word, None)


def open_code() -> str:
    """The code of the figure that is explained; empty where none is."""
    return address.get(WORD).partition("@")[0]


def open_part() -> str | None:
    """The key of the part that it is of alone."""
    _, at, key = address.get(WORD).partition("@")
    return key if at else None


@dialog(
    later("Why did this number change?"),
    width="medium",
    position="right",
    icon=":material/difference:",
    on_dismiss=close,
)
def drawer(title: str, filters: ReportFilters, locale: str) -> None:
    figure = Figure.parse(open_code())
    st.subheader(words.plain(title), anchor=False)
    with st.container(horizontal=True):
        _measures(figure)
        now = address.segments(
            tr("Compared with"), BACK, {back.value: tr(name) for back, name in BACKS.items()}, default=Back.WEEK.value
        )
    found = session.read(why.explained, figure, filters, Back(now))
    _ends(found, locale)
    if figure.of_target:
        _target(found, locale)
    shown = _factor(found, locale) if found.factors else ""
    for part in found.parts:
        if not found.factors or (shown and part.name.partition(":")[0] == shown):
            _part(found, part, locale)


def _measures(figure: Figure) -> None:
    """Draw the choice between count, value and weighted value, of a cell that has them."""
    of = figure.measures
    if len(of) < 2:
        return
    st.segmented_control(
        tr("Figure"),
        list(of),
        default=figure.parts[0].measure,
        format_func=lambda measure: tr(MEASURES[measure]),
        required=True,
        label_visibility="collapsed",
        key="why-measure",
        on_change=_measure,
        args=(figure,),
    )


def _measure(figure: Figure) -> None:
    part = open_part()
    st.query_params[WORD] = figure.measures[st.session_state["why-measure"]] + ("" if part is None else f"@{part}")


def _ends(found: Why, locale: str) -> None:
    sides = {
        tr("At the end of {day}", day=words.day(found.first, locale)): found.before,
        _last(found, locale): found.after,
    }
    with st.grid(2, min_column_width=150):
        for label, amount in sides.items():
            st.metric(label, _shown(amount, found.figure.unit, found, locale), border=True)


def _last(found: Why, locale: str) -> str:
    return tr("Now") if found.filters.scope.as_of is None else words.day(found.last, locale)


def _target(found: Why, locale: str) -> None:
    if found.target is None:
        st.info(tr("There is no target of the whole period, so nothing to compare."), icon=":material/flag:")
        return
    st.caption(
        tr(
            "Target: {amount}, as it is set now, on both days.",
            amount=words.plain(_shown(found.target, "money", found, locale)),
        )
    )


def _factor(found: Why, locale: str) -> str:
    """Draw the terms of a product; the name of the chosen one."""
    factors = found.factors
    effects = [each.effect for each in factors]
    known = [each for each in effects if each is not None]
    table = pl.DataFrame(
        {
            later("Term"): [*(tr(TERMS[each.name]) for each in factors), tr("Difference")],
            later("Before"): [*(_shown(each.before, UNITS[each.name], found, locale) for each in factors), ""],
            later("After"): [*(_shown(each.after, UNITS[each.name], found, locale) for each in factors), ""],
            later("Effect"): [
                _signed(each, found.figure.unit, found, locale)
                for each in (*effects, sum(known, Decimal(0)) if known else None)
            ],
        }
    )
    chosen = st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, ("Before", "After", "Effect")),
        on_select="rerun",
        selection_mode="single-row",
        height="content",
        key=f"why-terms-{found.figure.code}-{found.first}",
        alt=tr("What each term made of the difference"),
    )
    rows = [row for row in chosen.selection.rows if row < len(factors)]
    if not rows:
        st.caption(tr("Select a row for its causes."))
    return factors[rows[0]].name if rows else ""


def _part(found: Why, part: Explained, locale: str) -> None:
    unit = part.measure.unit
    if name := _part_name(part):
        st.markdown(
            tr(
                "**{part}**: {before} before, {after} now",
                part=name,
                before=words.plain(_shown(part.before.amount, unit, found, locale)),
                after=words.plain(_shown(part.after.amount, unit, found, locale)),
            )
        )
    if not part.causes:
        st.info(tr("Nothing has changed it."), icon=":material/inbox:")
        return
    causes = list(part.causes)
    amounts = [*(part.causes[cause].amount for cause in causes), part.difference]
    columns = {
        "Cause": [*(tr(CAUSES[cause]) for cause in causes), tr("Difference")],
        later("Amount"): [_signed(amount, unit, found, locale) for amount in amounts],
    }
    if part.effects and not found.figure.is_sum:
        effects = [*(part.effects[cause] for cause in causes), sum(part.effects.values(), Decimal(0))]
        columns["Effect"] = [_signed(effect, found.figure.unit, found, locale) for effect in effects]
    table = pl.DataFrame(columns | {later("Deals"): [str(part.causes[cause].count) for cause in causes] + [""]})
    chosen = st.dataframe(
        table,
        hide_index=True,
        column_config=report_tables.columns(table, ("Amount", "Effect", "Deals")),
        on_select="rerun",
        selection_mode="single-row",
        height="content",
        key=f"why-causes-{found.figure.code}-{found.first}-{part.name}",
        alt=tr("What made the difference, by cause"),
    )
    rows = [row for row in chosen.selection.rows if row < len(causes)]
    if rows:
        _deals(found, part, causes[rows[0]], locale)
    else:
        st.caption(tr("Select a row for its deals."))


def _part_name(part: Explained) -> str:
    name = part.name.rpartition(":")[2]
    names = {"counted": COUNTED, "of": OUT_OF}
    return tr(names[name][part.measure]) if name in names else ""


def _deals(found: Why, part: Explained, cause: Cause, locale: str) -> None:
    unit = part.measure.unit
    bridged_deals.draw(
        partial(why.deals_of, why=found, name=part.name, cause=cause),
        lambda amount: _shown(amount, unit, found, locale),
        amounts=unit != "count",
        key=f"why-{found.figure.code}-{part.name}-{cause}",
        alt=tr(CAUSES[cause]),
    )


def _shown(amount: Decimal | None, unit: Unit, found: Why, locale: str) -> str:
    if amount is None:
        return "–"
    if unit == "money" and found.currency:
        return money.shown(money.rounded(amount, found.currency), found.currency, locale)
    if unit == "share":
        return charts.percent(float(amount), locale)
    if unit == "days":
        return tr("{days} d", days=format_decimal(amount, "#,##0.#", locale=locale))
    return tr("{count:,}", count=int(amount))


def _signed(amount: Decimal | None, unit: Unit, found: Why, locale: str) -> str:
    if amount is not None and unit == "share":
        return tr("{points} pts", points=format_decimal(amount * 100, "+#,##0.00;-#,##0.00", locale=locale))
    shown = _shown(amount, unit, found, locale)
    return f"+{shown}" if amount is not None and amount > 0 else shown
