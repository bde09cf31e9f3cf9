"""Open deals without a value, valued by a rule beside the forecast: in none of its figures.

The rule is the median of what deals of the same pipeline were won for, by what was known on the day asked. A deal with
products has the sum of its lines as its value, so one without a value has no list price to go by.
"""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import BaseModel

from crm import pipelines
from crm.foundation import money
from crm.reports import forecast
from crm.reports.amounts import Amounts
from crm.reports.forecast import State
from crm.reports.periods import Grain, Period
from crm.reports.scope import Scope, require_crm
from crm.store import Reading, Row
from crm.store.kept import kept


class UnvaluedPart(BaseModel, frozen=True):
    """The open deals of one pipeline and state that have no value. `typical`: the median of its `won` deals, None where
    none was won, and then `value` and `weighted` are 0."""

    state: State
    pipeline_id: int
    pipeline_name: str
    count: int
    typical: Decimal | None
    won: int
    value: Decimal
    weighted: Decimal


class Unvalued(BaseModel, frozen=True):
    """By state, then pipeline; amounts in `currency`."""

    currency: str
    parts: list[UnvaluedPart]

    @property
    def count(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def of_period(self) -> "Unvalued":
        """Those that are expected to close in the period alone."""
        return self.model_copy(update={"parts": [part for part in self.parts if part.state is State.OPEN]})

    @property
    def value(self) -> Decimal:
        return sum((part.value for part in self.parts), Decimal(0))

    @property
    def weighted(self) -> Decimal:
        return sum((part.weighted for part in self.parts), Decimal(0))

    @property
    def unknown(self) -> int:
        """The deals of pipelines in which none was won with a value."""
        return sum(part.count for part in self.parts if part.typical is None)


@kept
def report(tx: Reading, *, period: Period, scope: Scope | None = None, currency: str | None = None) -> Unvalued:
    """The open deals that a forecast of this period counts as worth nothing, each at the median of what the visible
    deals of its pipeline were won for, times its probability."""
    require_crm(tx)
    scope = scope or Scope()
    priced = Amounts.of(tx, currency)
    sql, params = forecast.placed(tx, period, Grain.MONTH, scope, priced)
    # Of the whole pipeline, whatever else the filters leave: an owner's few deals are no measure of what is usual.
    won = priced.sql(
        f"""
        SELECT pipeline_id, currency, value, 1 AS weight, closed_on AS rate_day
        FROM ({Scope(as_of=scope.as_of).sql()}) AS every
        WHERE status = 'won' AND value > 0
        """
    )
    rows = tx.rows(
        f"""
        SELECT
            placed.state,
            stage.pipeline_id,
            count(*) AS count,
            sum(placed.weight) AS chances,
            any_value(usual.typical) AS typical,
            coalesce(any_value(usual.won), 0) AS won
        FROM ({sql}) AS placed
        JOIN base.stages AS stage ON stage.id = placed.stage_id
        LEFT JOIN (
            SELECT pipeline_id, median(amount) AS typical, count(*) AS won
            FROM ({won}) AS won
            WHERE rate IS NOT NULL
            GROUP BY pipeline_id
        ) AS usual ON usual.pipeline_id = stage.pipeline_id
        WHERE placed.status = 'open' AND placed.value IS NULL AND placed.rate IS NOT NULL
        GROUP BY placed.state, stage.pipeline_id
        """,
        **params,
    )
    names = {pipeline.id: pipeline.name for pipeline in pipelines.all_of(tx)}
    order = list(State)
    return Unvalued(
        currency=priced.currency,
        parts=[
            _part(row, names, priced.currency)
            for row in sorted(rows, key=lambda row: (order.index(State(row["state"])), row["pipeline_id"]))
        ],
    )


def _part(row: Row, names: Mapping[int, str], currency: str) -> UnvaluedPart:
    found = row["typical"]
    typical = None if found is None else money.rounded(Decimal(str(found)), currency)
    return UnvaluedPart(
        state=State(row["state"]),
        pipeline_id=row["pipeline_id"],
        pipeline_name=names.get(row["pipeline_id"], "–"),
        count=row["count"],
        typical=typical,
        won=row["won"],
        value=(typical or Decimal(0)) * row["count"],
        weighted=(typical or Decimal(0)) * Decimal(str(row["chances"])),
    )
