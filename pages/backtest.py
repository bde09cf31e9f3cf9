"""Back-test: what past forecasts were worth, what the open deals are expected to bring, and stages beside history."""

from decimal import Decimal
from functools import partial

import polars as pl
import streamlit as st

from crm import pipelines
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.pipelines import Pipeline
from crm.platform.people import users
from crm.reports import backtests
from crm.reports.backtests import HORIZON, PipelineBacktest
from crm.reports.periods import Grain, Period
from crm.reports.prediction.backtest import Backtest, Method
from crm.reports.prediction.calibration import StageCalibration
from crm.reports.prediction.outlook import ExpectedWins, Outlook
from crm.reports.scope import require_crm
from crm.reports.wording import WHY_NO_RANGE
from crm.store import Reading
from crm.ui import refusals, session, words
from crm.ui.reports import backtest_charts, charts, report_cards, report_filters, report_tables

METHODS = {
    Method.MODEL: later("Mallard’s forecast"),
    Method.AALEN_JOHANSEN: later("Curves by age"),
    Method.STATIC: later("Weighted by stage"),
    Method.LAST_ACTUAL: later("As the quarter before"),
}
ABOUT = later("""
For each past month end the forecast is made again from what was known then, of the deals that were open then, and
compared with what of them was won in the 92 days after. Nothing that came later is used.

**Bias**: how much too high or low all forecasts together were. **WAPE**: how far off they were on average, whatever the
direction. **Brier**: the mean squared error of the single deals' chances; it has to be below the base, which giving
every deal the same chance would score. **Range**: P10 to P90, from 10,000 simulated futures in which good and bad
months come to all deals at once; it should hold four in five of what came, else none is drawn.

Compared with three plain ways: **curves by age** (Aalen–Johansen), **weighted by stage** (value × the stage's
probability), and **as the quarter before**.
""")
ABOUT_STAGES = later("""
The probability of each stage as it was set, beside the share that was won of the deals that were ever in it and have
closed, with its 95 % interval. A stage is off where the interval does not hold what was set, with 20 closings or more.
""")


def draw_title(tx: Reading, shown: Pipeline, every: list[Pipeline], found: PipelineBacktest | None) -> None:
    with report_cards.title_row(tr("Back-test")):
        names = {str(each.id): each.name for each in every}
        report_filters.choice(
            tr("Pipeline"), "pipeline", names, default=str(shown.id), key="backtest-pipeline", bare=True
        )
        if found and found.owners:
            people = {str(one.id): one.name for one in users.everyone(tx) if one.id in found.owners}
            whole = {"": tr("Everybody")} if found.whole else {}
            default = "" if whole else next(iter(people), "")
            report_filters.choice(
                tr("Owner"), "owner", whole | people, default=default, key="backtest-owner", bare=True
            )


def draw_outlook(outlook: Outlook, currency: str, locale: str) -> None:
    def amount(value: float) -> str:
        return money.compact(Decimal(value), currency, locale)

    st.subheader(tr("What the open deals are expected to bring"), anchor=False)
    with st.grid(4, min_column_width=150):
        for figure, title in [
            (outlook.whole, tr("Until {day}", day=words.day(outlook.whole.end, locale))),
            *((each, _month(each, locale)) for each in outlook.buckets),
        ]:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(words.plain(title), amount(figure.expected))
                if figure.p10 is not None and figure.p90 is not None:
                    st.caption(
                        tr("{low} to {high}, four times in five", low=amount(figure.p10), high=amount(figure.p90))
                    )
    notes = [tr(WHY_NO_RANGE[outlook.why_not])] if outlook.why_not else []
    if outlook.unknown:
        notes.append(tr("{count:,} open deals have too little history for a forecast.", count=outlook.unknown))
    for note in notes:
        st.caption(note)


def _month(figure: ExpectedWins, locale: str) -> str:
    return charts.label(Period(first=figure.first, end=figure.end), Grain.MONTH, locale)


def draw_cards(tested: Backtest, locale: str) -> None:
    percent = partial(charts.percent, locale=locale)
    accuracy, single = tested.accuracy[Method.MODEL], tested.discrimination[Method.MODEL]
    with st.grid(4, min_column_width=150):
        report_cards.card(later("Bias"), percent(accuracy.bias), tr("of what was won"), icon=":material/balance:")
        report_cards.card(later("WAPE"), percent(accuracy.wape), tr("mean error"), icon=":material/straighten:")
        report_cards.card(
            later("Brier"), f"{single.brier:.3f}", tr("base {base:.3f}", base=single.base), icon=":material/casino:"
        )
        held = tr("{covered} of {count}", covered=tested.covered, count=tested.backtests) if tested.backtests else "–"
        report_cards.card(later("Within the range"), held, tr("aim 80 %"), icon=":material/fit_width:")


def draw_past(tested: Backtest, pipeline_id: int, currency: str, locale: str) -> None:
    report_cards.headline(tr("Forecast and what came"), ABOUT, csv="backtest", pipeline_id=pipeline_id)
    names = {method: tr(name) for method, name in METHODS.items()}
    st.plotly_chart(
        backtest_charts.past_chart(tested, names, currency, charts.palette(), locale),
        config=charts.QUIET,
        key="backtest-past",
        alt=tr("Forecasts of past month ends and what was won"),
    )
    percent = partial(charts.percent, locale=locale)
    methods = pl.DataFrame(
        {
            "Method": [names[method] for method in METHODS],
            later("Bias"): [percent(tested.accuracy[method].bias) for method in METHODS],
            later("WAPE"): [percent(tested.accuracy[method].wape) for method in METHODS],
            later("WAPE by owner"): [percent(tested.accuracy[method].wape_by_owner) for method in METHODS],
        }
    )
    st.dataframe(
        methods,
        hide_index=True,
        column_config=report_tables.columns(methods, ("Bias", "WAPE", "WAPE by owner")),
        key="backtest-methods",
        height="content",
        alt=tr("Errors by method"),
    )
    report_cards.csv_link("backtest-accuracy", tr("Errors by method"), pipeline_id=pipeline_id)
    months = _months(tested, currency, locale)
    st.dataframe(
        months,
        hide_index=True,
        column_config=report_tables.columns(
            months, [name for name in months.columns if name not in ("Month end", "Deals")]
        )
        | {"Month end": report_tables.day("Month end")},
        key="backtest-months",
        height=report_cards.height(months.height),
        alt=tr("Forecasts of past month ends and what was won"),
    )


def _months(tested: Backtest, currency: str, locale: str) -> pl.DataFrame:
    def amounts(values: list[float | None]) -> list[str]:
        return [money.shown(None if value is None else Decimal(round(value)), currency, locale) for value in values]

    points = tested.points
    return pl.DataFrame(
        {
            later("Month end"): [point.day for point in points],
            later("Open deals"): [point.deals for point in points],
            later("Won"): amounts([point.actual for point in points]),
            later("Forecast"): amounts([point.forecasts[Method.MODEL] for point in points]),
            "P10": amounts([point.p10 for point in points]),
            "P90": amounts([point.p90 for point in points]),
        }
    )


def draw_reliability(tested: Backtest, pipeline_id: int, locale: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(tr("Are the chances what they say?"), anchor=False, width="content")
        report_cards.csv_link("backtest-reliability", "CSV", pipeline_id=pipeline_id)
    st.plotly_chart(
        backtest_charts.reliability_chart(tested, charts.palette(), locale),
        config=charts.QUIET,
        key="backtest-reliability",
        alt=tr("Chances given, and the share that was won"),
    )


def draw_stages(pipeline: Pipeline, stages: list[StageCalibration], locale: str) -> None:
    report_cards.headline(tr("Stages beside history"), ABOUT_STAGES)
    refusals.show_kept()
    percent = partial(charts.percent, locale=locale)
    names = {stage.id: stage for stage in pipeline.open_stages}
    may = pipelines.may_shape(session.actor())
    for each in stages:
        stage = names.get(each.stage_id)
        if stage is None:
            continue
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(words.plain(stage.name), width=200)
            st.caption(tr("Set: {share}", share=percent(float(stage.probability) / 100)), width=120)
            if each.share is None:
                st.caption(tr("No deal of it has closed yet"), width="stretch")
                continue
            told = tr(
                "History: {share} ({low} to {high}), {won:,} won of {closed:,} closed",
                share=percent(each.share),
                low=percent(each.low),
                high=percent(each.high),
                won=each.won,
                closed=each.closed,
            )
            st.caption(told, width="stretch")
            adopted = Decimal(each.share * 100).quantize(Decimal("0.01"))
            if each.is_off and may and adopted != stage.probability:
                st.button(
                    tr("Adopt {share}", share=percent(each.share)),
                    key=f"adopt-{stage.id}",
                    on_click=session.on_press,
                    args=(pipelines.adopt_probability, stage.id, adopted),
                    kwargs={"seen": stage.probability},
                )


def show() -> None:
    with session.reading() as tx:
        require_crm(tx)
        every = pipelines.all_of(tx)
        if not every:
            st.title(tr("Back-test"), anchor=False)
            st.info(tr("There is no pipeline yet, so nothing to forecast."), icon=":material/inbox:")
            return
        asked = st.query_params.get("pipeline", "")
        pipeline = next((each for each in every if str(each.id) == asked), every[0])
        found = session.read(backtests.of_pipeline, pipeline_id=pipeline.id)
        draw_title(tx, pipeline, every, found)
        locale, zone = tx.actor.language, tx.actor.time_zone
    tested = _chosen(found)
    if found and found.outlook and not st.query_params.get("owner"):
        draw_outlook(found.outlook, found.currency, locale)
    if tested is None:
        st.info(
            tr("There is no back-test yet. It is made each night, once deals have been won or lost for a few months."),
            icon=":material/hourglass_empty:",
        )
        if pipelines.may_shape(session.actor()):
            st.button(tr("Make it now"), key="backtest-now", on_click=session.attempt, args=(backtests.request,))
    else:
        draw_cards(tested, locale)
        draw_past(tested, pipeline.id, found.currency if found else "", locale)
        draw_reliability(tested, pipeline.id, locale)
    if found and found.stages:
        draw_stages(pipeline, found.stages, locale)
    if found:
        st.caption(
            tr(
                "Made {moment}, over {days} days ahead.",
                moment=words.moment(found.computed_at, zone, locale),
                days=HORIZON,
            )
        )


def _chosen(found: PipelineBacktest | None) -> Backtest | None:
    if found is None:
        return None
    owner = st.query_params.get("owner", "")
    if owner.isdecimal() and int(owner) in found.owners:
        return found.owners[int(owner)]
    return found.whole or next(iter(found.owners.values()), None)


try:
    show()
except CrmError as refusal:
    st.error(str(refusal), icon=":material/error:")
