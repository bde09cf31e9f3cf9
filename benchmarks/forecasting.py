"""The forecast's range over 100,000 open deals, and the back-test of 24 months: processor time.

    python -m benchmarks.forecasting [--deals 200000 --open 100000 --rounds 3]

- the simulation of 10,000 draws alone, and the whole forecast (chances, values and range, from what is known), beside
  one pass of Polars over the same open deals: their weighted value by stage and owner, which reads every column once;
- the back-test (as the worker computes it: every pipeline, owner and month end, with the tuned spread), beside as many
  forecasts, each from the log to the range. It is run once.
"""

import argparse
import time
from datetime import timedelta
from zoneinfo import ZoneInfo

import polars as pl

from benchmarks.generate import generated
from benchmarks.processor import processor_time
from crm.foundation.access import SYSTEM
from crm.reports.periods import months_after
from crm.reports.prediction import backtest, hazard, log, values
from crm.reports.prediction.known import Known
from crm.reports.prediction.outlook import Outlook, outlook
from crm.reports.prediction.simulation import DRAWS, Portfolio, Spread, simulate
from crm.store import Store

HORIZON = 92
DAYS = 1096
"""Of history: 24 month ends, the horizon after the last one and the one before the first."""
SPREAD = Spread(0.5, backtest.MONTHS, backtest.MONTHS)
"""Fixed, so that a range is drawn whatever the back-test makes of generated deals."""
PASSES = 50
"""One pass alone is too short for the processor's clock."""


class Cases:
    def __init__(self, store: Store) -> None:
        with store.reading(SYSTEM) as tx:
            self.now, self.currency = tx.now, tx.actor.currency
            self._zone = ZoneInfo(tx.actor.time_zone)
            self.log = log.read(tx, currency=self.currency)
        today = self.now.astimezone(self._zone).date().replace(day=1)
        self._ends = [months_after(today, ahead) for ahead in range(1, 4)]
        self._known, self._before = self._both()
        ahead = [max((end - self.now.astimezone(self._zone).date()).days, 1) for end in self._ends]
        self._chances = hazard.chances(self._known, ahead).won
        deals = values.with_values(self._known, self._before)
        self.open = deals.select(
            "stage_id", "owner_id", "expected_value", "variation", chance=pl.Series(self._chances[:, -1])
        )
        if self.open["chance"].is_nan().any():
            raise SystemExit("Too few closings for a forecast of every pipeline: ask for more deals.")

    def _both(self) -> tuple[Known, Known]:
        return self.log.at(self.now), self.log.at(self.now - timedelta(days=HORIZON))

    def one_pass(self) -> pl.DataFrame:
        weighted = (pl.col("chance") * pl.col("expected_value")).sum()
        spread = (pl.col("variation") * pl.col("expected_value") ** 2).sum()
        return self.open.group_by("stage_id", "owner_id").agg(weighted=weighted, spread=spread)

    def simulation(self) -> float:
        """From the deals' chances and values to the quantiles of the whole and of three months."""
        worth, variations = (self.open[name].to_numpy() for name in ("expected_value", "variation"))
        found = simulate(Portfolio(self._chances, worth, variations), SPREAD.value or 0)
        return found.total.p50

    def forecast(self) -> Outlook:
        return outlook(self._known, self._before, self._ends, self._zone, SPREAD)

    def forecast_from_log(self) -> Outlook:
        return outlook(*self._both(), self._ends, self._zone, SPREAD)

    def backtest(self) -> list[backtest.Evaluation]:
        return backtest.evaluate(self.log, self.now, self._zone, horizon=HORIZON, currency=self.currency)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--open", type=int, default=100_000, help="how many of them are open in the first pipeline")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with generated(contacts=args.deals // 10, deals=args.deals, board=args.open, days=DAYS) as store:
        cases = Cases(store)
    print(f"{args.deals:,} deals, {cases.open.height:,} of them open; processor time")
    bare = processor_time(cases.one_pass, args.rounds, times=PASSES)
    print(f"one Polars pass over the open deals: {1000 * bare:.2f} ms")
    for name, work in (
        (f"simulation of {DRAWS:,} draws", cases.simulation),
        ("forecast with its range", cases.forecast),
    ):
        took = processor_time(work, args.rounds)
        print(f"{name}: {took:.3f} s, {took / bare:.0f} × one pass")
    single = processor_time(cases.forecast_from_log, args.rounds)
    print(f"one forecast from the log: {single:.3f} s")
    begun = time.process_time()
    found = cases.backtest()
    took = time.process_time() - begun
    months = max(len(each.whole.points) if each.whole else 0 for each in found)
    print(
        f"back-test of {months} month ends, {len(found)} pipelines: {took:.1f} s, "
        f"{took / (months * single):.1f} × as many forecasts"
    )


if __name__ == "__main__":
    main()
