"""Records the arrivals of deals in stages: the only module that writes `stage_events`, for one deal or many.

A movement happened when it was recorded. A closing has a day: it happened when it was recorded if that is the same day,
else at the end of its day; a day before the deal's last movement is refused. `known_at` is when the product knew of it.
The closing keeps the deal's value, owner and team, whatever changes later.
"""

from datetime import date

import polars as pl
from pydantic import BaseModel

from crm.deals import activity
from crm.foundation.language import later, tr
from crm.pipelines.model import Kind, Stage
from crm.store import Reading, Writing

VALUE = "coalesce(deal.quoted_value, deal.manual_value)"
"""SQL of a stored deal's value."""


def end_of(day: str) -> str:
    """SQL of the last microsecond of a day in the time zone `$zone`."""
    # Where clocks go back over midnight (Havana, the Azores), midnight comes twice and the engine takes the second one;
    # the day ends before the first.
    last = f"timezone($zone, ({day} + 1)::TIMESTAMP) - INTERVAL 1 MICROSECOND"
    over = f"({last}) AT TIME ZONE $zone - ({day} + 1)::TIMESTAMP + INTERVAL 1 MICROSECOND"
    return f"({last} - greatest({over}, INTERVAL 0 SECOND))"


def moment(day: str) -> str:
    """SQL of when something with a given day happened: now if the day is today, else at the day's end. `$now`, `$today`
    and `$zone` are the transaction's."""
    return f"CASE WHEN {day} < $today::DATE THEN {end_of(day)} ELSE $now END"


def record_arrivals(
    tx: Writing,
    arrivals: str,
    *,
    by_hand: bool = True,
    vouched: bool = False,
    open_stages: bool = False,
    **params: object,
) -> int:
    """Write the arrivals of a query with deal_id, from_stage_id, to_stage_id, kind; how many.

    The deals' rows are updated before: a closing copies day, reason, value, owner and team from there, so that no way
    in can forget one. `vouched`: an import gives the past of deals that it creates, which counts as known when it
    happened; an opening is at the deal's `created_at`; whoever creates them starts their activity. `open_stages`: none
    of them closes or opens its deal. No arrival is earlier than the deal's last one.
    """
    deals = "SELECT deal_id FROM arriving"
    return _record(tx, arrivals, deals, by_hand=by_hand, vouched=vouched, open_stages=open_stages, **params)


def _record(
    tx: Writing,
    arrivals: str,
    deals: str,
    *,
    by_hand: bool,
    vouched: bool,
    open_stages: bool = False,
    **params: object,
) -> int:
    """As `record_arrivals`. `deals` selects the deals once more: a single id as a parameter is looked up by key instead
    of by a scan."""
    before = tx.value("SELECT coalesce(max(id), 0) FROM base.stage_events")
    written = tx.run(
        _written(arrivals, deals, _LAST_KEPT if open_stages else _LAST_IN_HISTORY),
        **params,
        by_hand=by_hand,
        vouched=vouched,
        by=tx.actor.id,
        now=tx.now,
        today=tx.today,
        zone=tx.actor.time_zone,
    )
    if not vouched:
        activity.follow_arrivals(tx, before)
    return written


_LAST_KEPT = "SELECT deal_id, entered_at AS happened_at FROM base.deal_activity WHERE deal_id IN ({deals})"
"""SQL of the moment of each deal's last arrival, as it is kept of deals that are there already."""
_LAST_IN_HISTORY = """
    SELECT deal_id, max(happened_at) AS happened_at
    FROM base.stage_events
    WHERE deal_id IN ({deals})
    GROUP BY deal_id
"""
"""As `_LAST_KEPT`, by a scan of the history of all deals."""


def _written(arrivals: str, deals: str, last: str) -> str:
    """The statement that writes arrivals. `last`: deal_id and happened_at of the last one of each deal."""
    # `greatest`: the machine's clock may have been set back since the deal's last arrival.
    return f"""
        INSERT INTO base.stage_events (
            deal_id, pipeline_id, from_stage_id, to_stage_id, kind, by_hand, by_id, happened_at, known_at, closed_on,
            value, currency, owner_id, team_id, close_reason_id
        )
        WITH
        arriving AS (
            {arrivals}
        ),
        placed AS (
            SELECT
                arriving.*,
                arriving.kind IN ('won', 'lost') AS closes,
                deal,
                greatest(
                    CASE
                        WHEN closes THEN {moment("deal.closed_on")}
                        WHEN arriving.from_stage_id IS NULL THEN deal.created_at
                        ELSE $now
                    END,
                    last.happened_at
                ) AS happened_at
            FROM arriving
            JOIN (FROM base.deals WHERE id IN ({deals})) AS deal ON deal.id = arriving.deal_id
            LEFT JOIN ({last.format(deals=deals)}) AS last ON last.deal_id = arriving.deal_id
        )
        SELECT
            deal_id,
            deal.pipeline_id,
            from_stage_id,
            to_stage_id,
            kind,
            $by_hand,
            $by,
            happened_at,
            CASE WHEN $vouched THEN happened_at ELSE greatest($now, happened_at) END,
            CASE WHEN closes THEN deal.closed_on END,
            CASE WHEN closes THEN {VALUE} END,
            CASE WHEN closes THEN deal.currency END,
            CASE WHEN closes THEN deal.owner_id END,
            CASE WHEN closes THEN deal.team_id END,
            CASE WHEN closes THEN deal.close_reason_id END
        FROM placed
        ORDER BY deal_id
    """


def record_movement(
    tx: Writing, deal_id: int, *, pipeline_id: int, from_stage: int | None, to_stage: int, kind: str
) -> None:
    """As `record_arrivals`, for one deal that arrives in an open stage now."""
    at = tx.value(
        """
        INSERT INTO base.stage_events (
            deal_id, pipeline_id, from_stage_id, to_stage_id, kind, by_id, happened_at, known_at
        )
        SELECT $deal_id, $pipeline_id, $from_stage, $to_stage, $kind, $by, moment, moment
        FROM (
            SELECT greatest($now, max(happened_at)) AS moment FROM base.stage_events WHERE deal_id = $deal_id
        )
        RETURNING happened_at
        """,
        deal_id=deal_id,
        pipeline_id=pipeline_id,
        from_stage=from_stage,
        to_stage=to_stage,
        kind=kind,
        by=tx.actor.id,
        now=tx.now,
    )
    if from_stage is None:
        activity.start(tx, deal_id, at)
    else:
        activity.note_arrival(tx, deal_id, at, reopened=kind == "reopen")


def correct_reasons(tx: Writing, deals: str) -> int:
    """Set the reason of the deals' last closings to the deal's current one; how many changed. Unlike a closing's day,
    its reason can be corrected: no past figure moves to another day by it."""
    return tx.run(
        f"""
        UPDATE base.stage_events AS event SET close_reason_id = deal.close_reason_id
        FROM (
            SELECT deal_id, max(id) AS id FROM base.stage_events WHERE deal_id IN ({deals}) GROUP BY deal_id
        ) AS last
        JOIN base.deals AS deal ON deal.id = last.deal_id AND deal.closed_on IS NOT NULL
        WHERE last.id = event.id AND event.close_reason_id IS DISTINCT FROM deal.close_reason_id
        """
    )


class Last(BaseModel, frozen=True):
    """The last event in a deal's movement history."""

    kind: str
    first: bool
    """Whether it is the only one: the deal was opened."""
    stage: str
    day: date
    """Its day in the workspace's time zone; for a closing, the given day."""

    def refusal(self, deal: str, kind: str, day: date) -> str:
        """The sentence that refuses a closing on an earlier day."""
        known = tr(self._described, deal=deal, stage=self.stage, last_day=self.day)
        impossible = tr(_IMPOSSIBLE[kind], day=day)
        return tr("{known}: {impossible} Give {day} or a later day.", known=known, impossible=impossible, day=self.day)

    @property
    def _described(self) -> str:
        return _OPENED if self.first else _HAPPENED.get(self.kind, _CAME)


_OPENED = later("{deal} was opened on {last_day}")
_CAME = later("{deal} came to {stage} on {last_day}")
_HAPPENED = {
    "won": later("{deal} was won on {last_day}"),
    "lost": later("{deal} was lost on {last_day}"),
    "reopen": later("{deal} was opened again in {stage} on {last_day}"),
}
_IMPOSSIBLE = {
    "won": later("it cannot have been won on {day}, before that."),
    "lost": later("it cannot have been lost on {day}, before that."),
}


def last_of(tx: Reading, deal_id: int) -> Last:
    return Last(**tx.row(_LAST.format(deals="SELECT $id::BIGINT"), id=deal_id, zone=tx.actor.time_zone))


def refused_days(tx: Reading, closings: str, deal: str, **params: object) -> pl.DataFrame:
    """`id` and `reason` of the closings whose day is before their deal's last event. `closings` is a query of id,
    deal_id, kind, day; `deal` is how the sentence names each deal."""
    found = tx.frame(
        f"""
        WITH closing AS ({closings})
        SELECT closing.id, closing.kind, closing.day, last.* EXCLUDE (deal_id)
        FROM closing
        JOIN ({_LAST.format(deals="SELECT deal_id FROM closing")}) AS last(deal_id, last, first, stage, last_day)
            ON last.deal_id = closing.deal_id
        WHERE closing.day < last.last_day
        ORDER BY closing.id
        """,
        **params,
        zone=tx.actor.time_zone,
    )
    columns = ["kind", "day", "last", "first", "stage", "last_day"]
    # A file of a million closings has few distinct cases: one sentence each, joined back.
    reasons = [
        (*row, Last(kind=last, first=first, stage=stage, day=last_day).refusal(deal, kind, day))
        for row in found.select(columns).unique().iter_rows()
        for kind, day, last, first, stage, last_day in [row]
    ]
    table = pl.DataFrame(reasons, schema={**found.select(columns).schema, "reason": pl.String()}, orient="row")
    return found.join(table, on=columns, how="left", maintain_order="left").select("id", "reason")


_LAST = """
    SELECT
        event.deal_id,
        arg_max(event.kind, event.id) AS kind,
        count(*) = 1 AS first,
        arg_max(stage.name, event.id) AS stage,
        arg_max(coalesce(event.closed_on, (event.happened_at AT TIME ZONE $zone)::DATE), event.id) AS day
    FROM base.stage_events AS event
    JOIN base.stages AS stage ON stage.id = event.to_stage_id
    WHERE event.deal_id IN ({deals})
    GROUP BY event.deal_id
"""


def record_arrival(tx: Writing, deal_id: int, target: Stage, from_stage: int | None, kind: str) -> None:
    """Record the arrival of one deal: a closing on its day, any other movement now."""
    # Boards do this all day, and planning the general statement takes five times as long.
    if target.kind is Kind.OPEN:
        record_movement(
            tx, deal_id, pipeline_id=target.pipeline_id, from_stage=from_stage, to_stage=target.id, kind=kind
        )
        return
    _record(
        tx,
        """
        SELECT
            $deal_id::BIGINT AS deal_id,
            $from_stage::BIGINT AS from_stage_id,
            $to_stage::BIGINT AS to_stage_id,
            $kind::VARCHAR AS kind
        """,
        "$deal_id",
        by_hand=True,
        vouched=False,
        deal_id=deal_id,
        from_stage=from_stage,
        to_stage=target.id,
        kind=kind,
    )
