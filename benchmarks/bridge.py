"""The bridge between two days over a large log, beside one `deals_as_of` scan of the same rows: processor time.

    python -m benchmarks.bridge [--deals 200000 --open 100000 --days 30 --rounds 5]

The bridge reads the deals of both days, so that two scans are the least it can cost. Deals in other currencies are
converted at rates of each month.
"""

import argparse
from datetime import date, datetime, timedelta
from decimal import Decimal

from benchmarks.generate import generated, manager
from benchmarks.processor import processor_time
from crm.deals.history import deals_as_of
from crm.foundation.access import SYSTEM, Actor
from crm.platform import rates
from crm.reports import bridge
from crm.reports.bridge import Bridge
from crm.reports.periods import months_after
from crm.store import Store


class Cases:
    def __init__(self, store: Store, days: int) -> None:
        self._store = store
        self._actor: Actor = manager(store)
        with store.reading(self._actor) as tx:
            self.last: date = tx.today
            self._moment: datetime = tx.now - timedelta(days=days)
        self.first = self.last - timedelta(days=days)

    def bridge(self) -> Bridge:
        with self._store.reading(self._actor) as tx:
            # Past the kept answers: they would be given after the first time.
            found: Bridge = bridge.report.__wrapped__(  # type: ignore[attr-defined]
                tx, first=self.first, last=self.last
            )
            return found

    def as_of(self) -> int:
        with self._store.reading(self._actor) as tx:
            return deals_as_of(tx, self._moment).height


def _rates(store: Store) -> None:
    """Of the first days of the last 30 months."""
    with store.writing(SYSTEM) as tx:
        base = rates.base_currency(tx)
        for ago in range(30):
            day = months_after(tx.today.replace(day=1), -ago)
            for number, currency in enumerate({"BRL", "EUR", "USD"} - {base}):
                rates.set_rate(tx, currency, day, Decimal(5 + number) + Decimal(ago) / 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--open", type=int, default=100_000, help="how many of them are open in the first pipeline")
    parser.add_argument("--days", type=int, default=30, help="from the first day of the bridge to today")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with generated(contacts=args.deals // 10, deals=args.deals, board=args.open) as store:
        _rates(store)
        cases = Cases(store, args.days)
        found = cases.bridge()
        causes = sum((cause.amount for cause in found.causes.values()), Decimal(0))
        # A bridge that does not close would be no bridge, however fast.
        if found.left_out or found.start.amount + causes != found.end.amount:
            raise SystemExit(
                f"{found.start.amount} and {causes} are not {found.end.amount}; left out: {found.left_out}"
            )
        listed = ", ".join(f"{cause} {total.count:,}" for cause, total in found.causes.items())
        print(f"{args.deals:,} deals, {found.end.count:,} of them open; {found.first} to {found.last}: {listed}")
        scan = processor_time(cases.as_of, args.rounds)
        print(f"deals as of a day: {scan:.3f} s of processor time")
        took = processor_time(cases.bridge, args.rounds)
        print(f"bridge: {took:.3f} s, {took / scan:.1f} × one scan")


if __name__ == "__main__":
    main()
