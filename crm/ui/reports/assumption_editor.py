"""The inputs of a what-if. What is typed lives in the session until it is saved as a scenario; each input begins with
what the opened scenario assumes."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crm import pipelines
from crm.foundation import money
from crm.foundation.language import later, tr
from crm.pipelines import Stage
from crm.platform.people import users
from crm.reports import assumptions, forecast
from crm.reports.assumptions import AssumedDeal, Assumptions, Leaving, Shift, StageChance
from crm.reports.drilldown import DealBehind
from crm.reports.forecast import Cell, Forecast, State
from crm.store import Reading

LARGEST_DEALS = 50
NOBODY = 0
ABOUT_DEALS = later(
    "The {count} largest open deals of the period. What is typed of a deal goes before what is assumed of all."
)


def draw(tx: Reading, report: Forecast, begun: Assumptions, below: DeltaGenerator, *, key: str) -> Assumptions:
    """Draw the inputs, which begin with the assumptions `begun`, those of single deals in the container `below`; give
    what they hold, not yet checked. `key` is another for another scenario, and for another version of it."""
    stages = _stages(tx, report)
    people = users.names(tx)
    with st.container(border=True, key="what-if-inputs"):
        win_rate, days = _of_all(begun, key)
        with st.expander(tr("Stage probabilities"), icon=":material/percent:", expanded=bool(begun.stages)):
            chances = _chances(stages, begun, key)
        with st.expander(tr("Close dates"), icon=":material/event:", expanded=_shifts_some(begun)):
            shifts = _shifts(stages, people, begun, key)
        with st.expander(tr("Someone leaves"), icon=":material/person_remove:", expanded=bool(begun.leaving)):
            leaving = _leaving(people, begun, key)
        changes: tuple[AssumedDeal, ...] = ()
        if st.toggle(tr("Single deals"), bool(begun.deals), key=f"{key}-with-deals"):
            with below:
                changes = _deals(tx, report, begun, key)
    return Assumptions(
        stages=chances,
        win_rate=win_rate,
        shifts=(*((Shift(days=days),) if days else ()), *shifts),
        leaving=leaving,
        deals=changes,
    )


def _of_all(begun: Assumptions, key: str) -> tuple[Decimal, int]:
    with st.container(horizontal=True):
        percent = st.number_input(
            tr("Win rate, % of now"),
            min_value=0.0,
            max_value=float(assumptions.LARGEST_FACTOR * 100),
            value=float(begun.win_rate * 100),
            step=5.0,
            format="%.4g",
            help=tr("Every probability times this; none is above 100 %."),
            key=f"{key}-win-rate",
        )
        days = st.number_input(
            tr("Closing later by days"),
            min_value=-assumptions.FARTHEST,
            max_value=assumptions.FARTHEST,
            value=max(-assumptions.FARTHEST, min(sum(_days_of_all(begun)), assumptions.FARTHEST)),
            step=1,
            help=tr("All expected closes; a negative number is earlier."),
            key=f"{key}-days",
        )
    return Decimal(str(round(percent, 2))) / 100, int(days)


def _days_of_all(begun: Assumptions) -> list[int]:
    return [shift.days for shift in begun.shifts if shift.stage_id is None and shift.owner_id is None]


def _shifts_some(begun: Assumptions) -> bool:
    return len(_days_of_all(begun)) < len(begun.shifts)


def _stages(tx: Reading, report: Forecast) -> dict[int, tuple[str, Stage]]:
    """{id: (name, stage)} of the open stages that the filters leave, with the pipeline's name where there are
    several."""
    chosen = [
        pipeline
        for pipeline in pipelines.all_of(tx)
        if not report.scope.pipeline_ids or pipeline.id in report.scope.pipeline_ids
    ]
    return {
        stage.id: (f"{pipeline.name} · {stage.name}" if len(chosen) > 1 else stage.name, stage)
        for pipeline in chosen
        for stage in pipeline.open_stages
    }


def _chances(stages: Mapping[int, tuple[str, Stage]], begun: Assumptions, key: str) -> tuple[StageChance, ...]:
    given = {one.stage_id: one.probability for one in begun.stages}
    ids = list(stages)
    typed = st.data_editor(
        pl.DataFrame(
            {
                "stage": [stages[each][0] for each in ids],
                "set": [float(stages[each][1].probability) for each in ids],
                "assumed": [_float(given.get(each)) for each in ids],
            },
            schema={"stage": pl.String, "set": pl.Float64, "assumed": pl.Float64},
        ),
        column_config={
            "stage": st.column_config.TextColumn(tr("Stage")),
            "set": st.column_config.NumberColumn(tr("Set, %"), format="%.4g"),
            "assumed": st.column_config.NumberColumn(tr("Assumed, %"), min_value=0.0, max_value=100.0, format="%.4g"),
        },
        disabled=("stage", "set"),
        hide_index=True,
        placeholder="",
        key=f"{key}-stages-{'-'.join(map(str, ids))}",
        alt=tr("Stage probabilities"),
    )
    here = [
        StageChance(stage_id=stage_id, probability=_decimal(row["assumed"]))
        for stage_id, row in zip(ids, typed.to_dicts(), strict=True)
        if row["assumed"] is not None
    ]
    # Those of pipelines that the filters leave out, and of stages that are gone, stay as they were saved.
    return (*here, *(one for one in begun.stages if one.stage_id not in stages))


def _shifts(
    stages: Mapping[int, tuple[str, Stage]], people: Mapping[int, str], begun: Assumptions, key: str
) -> tuple[Shift, ...]:
    rows = [shift for shift in begun.shifts if shift.stage_id is not None or shift.owner_id is not None]
    owners = {NOBODY: tr("Nobody"), **people}
    typed = st.data_editor(
        pl.DataFrame(
            [(row.days, row.stage_id, row.owner_id) for row in rows],
            schema={"days": pl.Int64, "stage": pl.Int64, "owner": pl.Int64},
            orient="row",
        ),
        column_config={
            "days": st.column_config.NumberColumn(
                tr("Days later"), min_value=-assumptions.FARTHEST, max_value=assumptions.FARTHEST, step=1
            ),
            "stage": st.column_config.SelectboxColumn(
                tr("In stage"),
                options=list(stages),
                format_func=_named({each: stages[each][0] for each in stages}),
            ),
            "owner": st.column_config.SelectboxColumn(tr("Of owner"), options=list(owners), format_func=_named(owners)),
        },
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        key=f"{key}-shifts",
        alt=tr("Close dates"),
    )
    return tuple(
        Shift(days=int(row["days"]), stage_id=_whole(row["stage"]), owner_id=_whole(row["owner"]))
        for row in typed.to_dicts()
        if row["days"] and (row["stage"] is not None or row["owner"] is not None)
    )


def _leaving(people: Mapping[int, str], begun: Assumptions, key: str) -> tuple[Leaving, ...]:
    st.caption(tr("Without somebody who takes them over, the open deals count no more."))
    typed = st.data_editor(
        pl.DataFrame(
            [(row.owner_id, row.to_id, float(row.lost)) for row in begun.leaving],
            schema={"owner": pl.Int64, "to": pl.Int64, "lost": pl.Float64},
            orient="row",
        ),
        column_config={
            "owner": st.column_config.SelectboxColumn(
                tr("Who leaves"), options=list(people), format_func=_named(people)
            ),
            "to": st.column_config.SelectboxColumn(tr("Deals go to"), options=list(people), format_func=_named(people)),
            "lost": st.column_config.NumberColumn(
                tr("Lost on the way, %"), min_value=0.0, max_value=100.0, format="%.4g"
            ),
        },
        num_rows="dynamic",
        hide_index=True,
        placeholder="",
        key=f"{key}-leaving",
        alt=tr("Someone leaves"),
    )
    return tuple(
        Leaving(owner_id=int(row["owner"]), to_id=_whole(row["to"]), lost=_decimal(row["lost"] or 0))
        for row in typed.to_dicts()
        if row["owner"] is not None
    )


def _deals(tx: Reading, report: Forecast, begun: Assumptions, key: str) -> tuple[AssumedDeal, ...]:
    largest = forecast.drill_down(tx, report, Cell(state=State.OPEN), limit=LARGEST_DEALS).items
    given = {one.deal_id: one for one in begun.deals}
    titles = assumptions.titles(tx, given)
    rows = [_row(one.id, one.title, _value(one, tx.actor.language), given.get(one.id)) for one in largest]
    shown = {one.id for one in largest}
    rows += [_row(each, titles[each], "", given[each]) for each in given if each in titles and each not in shown]
    st.subheader(tr("Single deals"), anchor=False)
    st.caption(tr(ABOUT_DEALS, count=LARGEST_DEALS))
    typed = st.data_editor(
        pl.DataFrame(rows, schema=DEAL_COLUMNS, orient="row"),
        column_config={
            "id": None,
            "deal": st.column_config.TextColumn(tr("Deal"), width="medium"),
            "now": st.column_config.TextColumn(tr("Value"), alignment="right"),
            "chance": st.column_config.NumberColumn(
                tr("Probability, %"), min_value=0.0, max_value=100.0, format="%.4g"
            ),
            "value": st.column_config.NumberColumn(tr("Other value"), min_value=0.0, format="localized"),
            "close": st.column_config.DateColumn(tr("Other close"), format="localized"),
            "dropped": st.column_config.CheckboxColumn(tr("Without it")),
        },
        disabled=("deal", "now"),
        hide_index=True,
        placeholder="",
        # Another key for other deals: what is typed is kept by row.
        key=f"{key}-deals-{hash(tuple(row[0] for row in rows))}",
        alt=tr("Single deals"),
    )
    return tuple(_changes(typed.to_dicts()))


DEAL_COLUMNS = {
    "id": pl.Int64,
    "deal": pl.String,
    "now": pl.String,
    "chance": pl.Float64,
    "value": pl.Float64,
    "close": pl.Date,
    "dropped": pl.Boolean,
}


def _row(deal_id: int, title: str, value: str, given: AssumedDeal | None) -> tuple[Any, ...]:
    given = given or AssumedDeal(deal_id=deal_id)
    chance, other = _float(given.probability), _float(given.value)
    return deal_id, title, value, chance, other, given.expected_close, given.dropped


def _value(deal: DealBehind, locale: str) -> str:
    return money.shown(deal.value, deal.currency, locale) if deal.value is not None else "–"


def _changes(rows: Iterable[dict[str, Any]]) -> Iterable[AssumedDeal]:
    for row in rows:
        found = AssumedDeal(
            deal_id=row["id"],
            probability=None if row["chance"] is None else _decimal(row["chance"]),
            value=None if row["value"] is None else _decimal(row["value"]),
            expected_close=row["close"],
            dropped=bool(row["dropped"]),
        )
        if found != AssumedDeal(deal_id=row["id"]):
            yield found


def _named(names: Mapping[int, str]) -> Callable[[str | int | float | bool], str]:
    return lambda each: names.get(int(each), "–")


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)
