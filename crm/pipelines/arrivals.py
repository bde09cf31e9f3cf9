"""When deals arrived in their stages: all that writes `stage_events`, for one deal and for many.

A movement happened at the moment recorded. A closing has a day: it happened at the moment recorded where that is the
day, else at the day's end; so a day before the deal's last movement is refused. When the product knew of it stands
beside it, in `known_at`. What the deal was worth and whose it was when it closed is kept with the closing, whatever
becomes of it later.
"""

from datetime import date

import polars as pl
from pydantic import BaseModel

from crm.pipelines.model import Kind, Stage
from crm.store import Reading, Writing

KEPT = "coalesce(deal.quoted_value, deal.manual_value)"
"""What a stored deal is worth."""


def end_of(day: str) -> str:
    """SQL of the last microsecond of a day in the time zone `$zone`. Where clocks go back over midnight, midnight comes
    twice and the engine takes the second one: the day ends before the first."""
    last = f"timezone($zone, ({day} + 1)::TIMESTAMP) - INTERVAL 1 MICROSECOND"
    over = f"({last}) AT TIME ZONE $zone - ({day} + 1)::TIMESTAMP + INTERVAL 1 MICROSECOND"
    return f"({last} - greatest({over}, INTERVAL 0 SECOND))"


def moment(day: str) -> str:
    """SQL of when something that is told by its day happened: now on the day itself, else at the day's end. `$now`,
    `$today` and `$zone` are the change's."""
    return f"CASE WHEN {day} < $today::DATE THEN {end_of(day)} ELSE $now END"


def record_arrivals(
    tx: Writing,
    arrivals: str,
    *,
    deals: str = "SELECT deal_id FROM arriving",
    by_hand: bool = True,
    vouched: bool = False,
    **params: object,
) -> int:
    """Write what happened to the deals of a query: deal_id, from_stage_id, to_stage_id, kind; how many.

    The deals hold already what the arrival made of them: a closing takes its day, reason, value, owner and team from
    there. `vouched`: a file tells the past of deals that it creates, so that past counts as known when it happened; an
    opening is of the moment at which the deal opened. Nothing happens before what happened to the deal already, not
    even where the machine's clock was set back.

    `deals` names the deals once more: a single one is found by its key and not by a scan if it is told as a parameter.
    """
    return tx.run(
        _written(arrivals, deals),
        **params,
        by_hand=by_hand,
        vouched=vouched,
        by=tx.actor.id,
        now=tx.now,
        today=tx.today,
        zone=tx.actor.time_zone,
    )


def _written(arrivals: str, deals: str) -> str:
    """The statement of `record_arrivals`."""
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
            LEFT JOIN (
                SELECT deal_id, max(happened_at) AS happened_at
                FROM base.stage_events
                WHERE deal_id IN ({deals})
                GROUP BY deal_id
            ) AS last ON last.deal_id = arriving.deal_id
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
            CASE WHEN closes THEN {KEPT} END,
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
    """As `record_arrivals`, of one deal that comes to an open stage now, which is what a board does all day: planning
    the statement for all cases takes five times as long as this one."""
    tx.run(
        """
        INSERT INTO base.stage_events (
            deal_id, pipeline_id, from_stage_id, to_stage_id, kind, by_id, happened_at, known_at
        )
        SELECT $deal_id, $pipeline_id, $from_stage, $to_stage, $kind, $by, moment, moment
        FROM (
            SELECT greatest($now, max(happened_at)) AS moment FROM base.stage_events WHERE deal_id = $deal_id
        )
        """,
        deal_id=deal_id,
        pipeline_id=pipeline_id,
        from_stage=from_stage,
        to_stage=to_stage,
        kind=kind,
        by=tx.actor.id,
        now=tx.now,
    )


def correct_reasons(tx: Writing, deals: str) -> int:
    """The last closings of the deals of a query have the reason that the deal has now; how many had another. Why a deal
    was closed can be put right, unlike when: no figure of the past moves from one day to another by it."""
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
    """The last that happened to a deal."""

    kind: str
    first: bool
    """Whether nothing happened to it before: the deal was opened."""
    stage: str
    day: date
    """Of the workspace; a closing's is the one that it was given."""

    def refusal(self, deal: str, kind: str, day: date) -> str:
        """Why the deal cannot have been won or lost on that day, an earlier one."""
        return (
            f"{deal} {self._told} on {self.day:%Y-%m-%d}: it cannot have been {kind} on {day:%Y-%m-%d}, before that. "
            f"Give {self.day:%Y-%m-%d} or a later day."
        )

    @property
    def _told(self) -> str:
        if self.first:
            return "was opened"
        if self.kind in ("won", "lost"):
            return f"was {self.kind}"
        return f"{'was opened again in' if self.kind == 'reopen' else 'came to'} {self.stage}"


def last_of(tx: Reading, deal_id: int) -> Last:
    return Last(**tx.row(_LAST.format(deals="SELECT $id::BIGINT"), id=deal_id, zone=tx.actor.time_zone))


def refused_days(tx: Reading, closings: str, deal: str, **params: object) -> pl.DataFrame:
    """`id` and `reason` of the closings whose day lies before the last that happened to their deal. `closings`: a
    query with the columns id, deal_id, kind, day; `deal`: what the sentence calls each."""
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
    told = ["kind", "day", "last", "first", "stage", "last_day"]
    reasons = [
        (*row, Last(kind=last, first=first, stage=stage, day=last_day).refusal(deal, kind, day))
        for row in found.select(told).unique().iter_rows()
        for kind, day, last, first, stage, last_day in [row]
    ]
    table = pl.DataFrame(reasons, schema={**found.select(told).schema, "reason": pl.String()}, orient="row")
    return found.join(table, on=told, how="left", maintain_order="left").select("id", "reason")


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
    """The arrival of one deal: a closing counts on its day, any other movement from now on."""
    if target.kind is Kind.OPEN:
        record_movement(
            tx, deal_id, pipeline_id=target.pipeline_id, from_stage=from_stage, to_stage=target.id, kind=kind
        )
        return
    record_arrivals(
        tx,
        """
        SELECT
            $deal_id::BIGINT AS deal_id,
            $from_stage::BIGINT AS from_stage_id,
            $to_stage::BIGINT AS to_stage_id,
            $kind::VARCHAR AS kind
        """,
        deals="$deal_id",
        deal_id=deal_id,
        from_stage=from_stage,
        to_stage=target.id,
        kind=kind,
    )
