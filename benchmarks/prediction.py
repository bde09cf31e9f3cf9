"""The forecast range's model on the Maven data set, beside what it has to beat.

    python -m benchmarks.prediction [--data ../shared/data/maven] [--horizon 92]

For each month end of 2017: what was won within the horizon of the deals open then, and the error of each method. Below:
bias, WAPE, Brier and AUC over all of them, and how the range covers them. Deals are without a value until they close;
the list price of their product stands in for it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from benchmarks import maven
from crm.foundation.access import SYSTEM
from crm.reports.prediction import backtest, log
from crm.reports.prediction.backtest import Backtest, Method
from crm.reports.prediction.known import Known
from crm.reports.prediction.log import Log
from crm.store import Reading

ZONE = ZoneInfo("America/Sao_Paulo")
END = datetime(2018, 1, 1, 3, tzinfo=UTC)
"""The file's last closing is of the day before, in the zone."""
HORIZON = 92


def read(tx: Reading, data: Path) -> tuple[Log, Callable[[datetime], Known]]:
    """The log, and what was known at a moment with the list price of each deal's product."""
    read_log = log.read(tx, currency="USD")
    prices = pl.read_csv(data / "maven_products.csv").select(
        "product", list_price=pl.col("sales_price").cast(pl.Float64)
    )
    products = tx.frame("SELECT id AS deal_id, a_product AS product FROM deal_attributes")
    products = products.with_columns(pl.col("product").replace({"GTXPro": "GTX Pro"}))
    priced = products.join(prices, on="product", how="left").select("deal_id", "list_price")

    def at(moment: datetime) -> Known:
        return with_prices(read_log.at(moment), priced)

    return read_log, at


def with_prices(known: Known, prices: pl.DataFrame) -> Known:
    return replace(known, deals=known.deals.join(prices, on="deal_id", how="left", maintain_order="left"))


def run(tx: Reading, data: Path, horizon: int = HORIZON) -> Backtest:
    read_log, at = read(tx, data)
    moments = backtest.month_ends(read_log, END, horizon, ZONE)
    found = backtest.result(backtest.replay(read_log, moments, horizon, at), horizon)
    if found is None:
        raise SystemExit("Too little was closed.")
    return found


def report(found: Backtest) -> None:
    print("month end     open        won  " + "  ".join(f"{method:>14}" for method in Method) + "   P10–P90")
    for point in found.points:
        errors = "  ".join(f"{point.forecasts[method] / point.actual - 1:+14.1%}" for method in Method)
        drawn = f"{point.p10:,.0f}–{point.p90:,.0f}" if point.p10 is not None else "–"
        print(f"{point.day}  {point.deals:6,}  {point.actual:9,.0f}  {errors}   {drawn}")
    for method, accuracy in found.accuracy.items():
        single = found.discrimination.get(method)
        more = f"Brier {single.brier:.4f} of {single.base:.4f}, AUC {single.auc:.3f}" if single else ""
        figures = f"bias {accuracy.bias:+.1%}, WAPE {accuracy.wape:.1%}, by owner {accuracy.wape_by_owner:.1%}"
        print(f"{method:>14}: {figures} {more}")
    tenths = ", ".join(f"{each.chance:.2f}: {each.won:.2f} of {each.deals:,}" for each in _model(found))
    print(f"won by chance: {tenths}")
    print(f"spread {found.spread}, {found.covered} of {found.backtests} month ends within P10–P90")


def _model(found: Backtest) -> list[backtest.Bin]:
    return found.discrimination[Method.MODEL].reliability


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=maven.DATA)
    parser.add_argument("--horizon", type=int, default=HORIZON)
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"There is no folder {given.data}.")
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "store"
        maven.bring_in(folder, given.data)
        with maven.opened(folder) as store, store.reading(SYSTEM) as tx:
            started = time.process_time()
            report(run(tx, given.data, given.horizon))
            print(f"{time.process_time() - started:.1f} s of processor time")
    return 0


if __name__ == "__main__":
    sys.exit(main())
