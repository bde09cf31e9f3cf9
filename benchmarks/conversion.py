"""Conversion, and the deals as of a day, over a large log beside hand-written SQL over the same rows: processor time.

    python -m benchmarks.conversion [--deals 200000 --rounds 5]

200,000 deals have 1.4 million events and versions. Three figures:

- the conversion of a year (every measure, time in stage with Kaplan–Meier, losses by reason) beside SQL by hand that
  counts reached, strict, touched, lost and undecided deals and the quantiles and curves of the same visits;
- `deals_as_of` beside one scan of the columns that it reads, and of all columns, of the same rows.
"""

import argparse
from datetime import timedelta

from benchmarks.bare import Bare
from benchmarks.generate import generated, manager
from benchmarks.processor import processor_time
from crm.deals.history import PRESENT, deals_as_of
from crm.foundation.access import SYSTEM
from crm.reports import conversion
from crm.reports.periods import Period
from crm.store import Reading, Store

AIM_CONVERSION, AIM_AS_OF = 2.0, 3.0

COHORT = """
    CREATE OR REPLACE TEMP TABLE cohort AS
    SELECT
        event.deal_id,
        min(event.happened_at) AS arrived_at,
        max(step.number) AS furthest,
        bit_or(1::BIGINT << step.number::INTEGER) AS touched,
        list_reduce(
            list(step.number ORDER BY event.id) FILTER (step.number IS NOT NULL),
            lambda entered, number: if(number = entered + 1, number, entered),
            0::BIGINT
        ) AS strict,
        arg_max(stage.kind, event.id) AS status,
        arg_max(event.close_reason_id, event.id) AS reason_id
    FROM base.stage_events AS event
    JOIN base.stages AS stage ON stage.id = event.to_stage_id
    LEFT JOIN (SELECT unnest($stages::BIGINT[]) AS id, unnest(range(1, len($stages::BIGINT[]) + 1)) AS number) AS step
        ON step.id = event.to_stage_id
    WHERE event.pipeline_id = $pipeline AND event.deal_id IN (SELECT id FROM base.deals WHERE deleted_at IS NULL)
    GROUP BY event.deal_id
    HAVING min(event.happened_at) >= $first AND min(event.happened_at) < $end
"""
FUNNEL = """
    SELECT furthest, strict, touched, status, reason_id, date_trunc('month', arrived_at), count(*)
    FROM cohort
    GROUP BY ALL
"""
SNAPSHOT = "SELECT stage_id, count(*) FROM base.deals WHERE deleted_at IS NULL AND pipeline_id = $pipeline GROUP BY ALL"
VISITS = """
    CREATE OR REPLACE TEMP TABLE visits AS
    SELECT
        event.to_stage_id AS stage_id,
        epoch_us(coalesce(lead(event.happened_at) OVER stood, $now)) - epoch_us(event.happened_at) AS lasted,
        lead(event.happened_at) OVER stood IS NOT NULL AS completed,
        event.deal_id IN (SELECT deal_id FROM cohort) AS of_cohort
    FROM base.stage_events AS event
    WHERE event.deal_id IN (SELECT id FROM base.deals WHERE deleted_at IS NULL)
    WINDOW stood AS (PARTITION BY event.deal_id ORDER BY event.happened_at, event.id)
    QUALIFY event.pipeline_id = $pipeline
"""
LENGTHS = """
    SELECT
        stage_id,
        quantile_cont(lasted, [0.5, 0.75, 0.9]) FILTER (completed AND of_cohort),
        quantile_cont(lasted, 0.9) FILTER (completed),
        count(*) FILTER (completed AND of_cohort)
    FROM visits
    GROUP BY stage_id
"""
CURVES = """
    SELECT stage_id, min(lasted) FILTER (staying <= 0.5)
    FROM (
        SELECT stage_id, lasted, exp(sum(ln(1 - least(ended / at_risk, 1 - 1e-9))) OVER (
            PARTITION BY stage_id ORDER BY lasted
        )) AS staying
        FROM (
            SELECT
                stage_id,
                lasted,
                count(*) FILTER (completed) AS ended,
                sum(count(*)) OVER (PARTITION BY stage_id ORDER BY lasted DESC) AS at_risk
            FROM visits
            WHERE of_cohort
            GROUP BY stage_id, lasted
        )
    )
    GROUP BY stage_id
"""
TO_CLOSE = """
    SELECT quantile_cont(way, 0.9)
    FROM (
        SELECT epoch_us(max(happened_at)) - epoch_us(min(happened_at)) AS way
        FROM base.stage_events
        WHERE pipeline_id = $pipeline AND deal_id IN (SELECT id FROM base.deals WHERE deleted_at IS NULL)
        GROUP BY deal_id
        HAVING bool_or(closed_on IS NOT NULL)
    )
"""

NAMED = {
    "stage_events": "deal_id, id, known_at, happened_at, pipeline_id, to_stage_id, from_stage_id, closed_on, value, "
    "currency, owner_id, team_id, close_reason_id",
    "deal_versions": "deal_id, id, known_at, value, currency, expected_close, owner_id, team_id, has_contact, "
    "own_probability, own_category, removed",
}


class Cases:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._bare = Bare(store._connection)
        self._actor = manager(store)
        with store.reading(self._actor) as tx:
            self._pipeline: int = tx.value("SELECT min(id) FROM pipelines")
            self._period = Period(first=tx.today - timedelta(days=730), end=tx.today - timedelta(days=365))
            self._day = tx.now - timedelta(days=300)
            self._now = tx.now
            self._stages = [
                row["id"]
                for row in tx.rows(
                    "SELECT id FROM stages WHERE pipeline_id = $id AND kind <> 'lost' ORDER BY position",
                    id=self._pipeline,
                )
            ]

    def conversion(self) -> tuple[int, int]:
        with self._store.reading(self._actor) as tx:
            # Past the kept answers: they would be given after the first time.
            found = conversion.report.__wrapped__(  # type: ignore[attr-defined]
                tx, pipeline_id=self._pipeline, period=self._period
            )
            return sum(step.reached for step in found.steps), sum(step.time.visits for step in found.steps)

    def conversion_by_hand(self) -> tuple[int, int]:
        first, end = self._period.instants(self._actor.time_zone)
        self._bare.all(COHORT, pipeline=self._pipeline, stages=self._stages, first=first, end=end)
        found = self._bare.all(FUNNEL)
        self._bare.all(SNAPSHOT, pipeline=self._pipeline)
        self._bare.all(VISITS, pipeline=self._pipeline, now=self._now)
        lengths = self._bare.all(LENGTHS)
        self._bare.all(CURVES)
        self._bare.all(TO_CLOSE, pipeline=self._pipeline)
        open_stages = set(self._stages[:-1])
        return (
            sum((row[0] or 1) * row[-1] for row in found),
            sum(row[3] for row in lengths if row[0] in open_stages),
        )

    def as_of(self) -> int:
        with self._store.reading(self._actor) as tx:
            return deals_as_of(tx, self._day).height

    def as_of_now(self) -> int:
        with self._store.reading(self._actor) as tx:
            return deals_as_of(tx, PRESENT).height

    def scan(self, columns: dict[str, str] | None = None) -> int:
        """Reads every row of both tables once, into Arrow as `deals_as_of` does; the named columns, or all."""
        with self._store.reading(SYSTEM) as tx:
            return sum(
                _hashed(tx, table, columns[table] if columns else "*") for table in ("stage_events", "deal_versions")
            )


def _hashed(tx: Reading, table: str, columns: str) -> int:
    """A scan that has to read each column of each row, and keeps one number."""
    return int(tx.value(f"SELECT bit_xor(hash(COLUMNS(*))) IS NOT NULL FROM (SELECT {columns} FROM base.{table})") or 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with generated(contacts=args.deals // 10, deals=args.deals, board=args.deals // 20) as store:
        with store.reading(SYSTEM) as tx:
            events, versions = (
                tx.value(f"SELECT count(*) FROM base.{table}") for table in ("stage_events", "deal_versions")
            )
        print(f"{args.deals:,} deals, {events:,} events, {versions:,} versions; processor time")
        cases = Cases(store)
        # A ratio to SQL that counts something else would mean nothing.
        if (ours := cases.conversion()) != (theirs := cases.conversion_by_hand()):
            raise SystemExit(f"The product counts {ours} (reached, visits), hand-written SQL {theirs}")
        bare = processor_time(cases.conversion_by_hand, args.rounds)
        took = processor_time(cases.conversion, args.rounds)
        print(f"conversion by hand: {bare:.3f} s")
        print(f"conversion: {took:.3f} s, {took / bare:.1f} × (aim {AIM_CONVERSION:g} ×)")
        named = processor_time(lambda: cases.scan(NAMED), args.rounds)
        whole = processor_time(cases.scan, args.rounds)
        print(f"one scan: {named:.3f} s of the named columns, {whole:.3f} s of all")
        for name, work in (("deals as of a day", cases.as_of), ("deals as of now", cases.as_of_now)):
            took = processor_time(work, args.rounds)
            print(
                f"{name}: {took:.3f} s, {took / named:.1f} × the named columns, {took / whole:.1f} × all "
                f"(aim {AIM_AS_OF:g} ×)"
            )


if __name__ == "__main__":
    main()
