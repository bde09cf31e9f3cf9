"""The customers report over a million orders, beside hand-written SQL of the same figures, in processor time.

python -m benchmarks.customers [--contacts 200000 --orders 1000000 --rounds 5]
"""

import argparse

from benchmarks.bare import Bare
from benchmarks.generate import generated, manager
from benchmarks.processor import processor_time
from crm.orders.customer import BOUGHT
from crm.reports import customers
from crm.reports.customers import CustomerScope
from crm.reports.periods import Grain, parse
from crm.store import Reading, Store

AIM = 2.0
PURCHASES = f"""
    CREATE OR REPLACE TEMP TABLE bought AS
    SELECT purchase.contact_id, purchase.id, purchase.ordered_on, purchase.value
    FROM base.orders AS purchase
    JOIN base.contacts AS contact ON contact.id = purchase.contact_id AND contact.deleted_at IS NULL
    WHERE purchase.deleted_at IS NULL AND purchase.currency = 'BRL' AND purchase.status IN {BOUGHT}
      AND purchase.ordered_on <= $today
"""
BUYERS = """
    CREATE OR REPLACE TEMP TABLE buyers AS
    SELECT
        contact_id,
        min(ordered_on) AS first_on,
        max(ordered_on) AS last_on,
        min(ordered_on, 2)[2] AS second_on,
        arg_min(value, (ordered_on, id)) AS first_value,
        count(*) AS many,
        count(*) FILTER (ordered_on >= $first AND ordered_on < $end) AS many_in_period,
        sum(value) AS spent
    FROM bought
    GROUP BY contact_id
"""
FIGURES = (
    """
    SELECT date_trunc('month', ordered_on), count(*), sum(value) FROM bought
    WHERE ordered_on >= $first AND ordered_on < $end GROUP BY ALL
    """,
    """
    SELECT date_trunc('month', first_on), count(*), sum(first_value) FROM buyers
    WHERE first_on >= $first AND first_on < $end GROUP BY ALL
    """,
    """
    SELECT date_trunc('month', first_on), date_trunc('month', ordered_on), count(DISTINCT contact_id), sum(value)
    FROM bought JOIN buyers USING (contact_id)
    WHERE first_on >= $first AND first_on < $end GROUP BY ALL
    """,
    """
    SELECT second_on - first_on, count(*) FROM buyers WHERE first_on >= $first AND first_on < $end GROUP BY ALL
    """,
)
GRID = """
    SELECT recency, frequency, count(*), sum(spent)
    FROM (
        SELECT
            spent,
            least(5, 1 + 5 * (rank() OVER (ORDER BY last_on) - 1) // count(*) OVER ()) AS recency,
            least(5, 1 + 5 * (rank() OVER (ORDER BY many) - 1) // count(*) OVER ()) AS frequency
        FROM buyers
    )
    GROUP BY ALL
"""


class Cases:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._bare = Bare(store._connection)
        self._actor = manager(store)
        with store.reading(self._actor) as tx:
            self._today, self._period = tx.today, parse("last-12-months", tx.today)

    def report(self, scope: CustomerScope) -> int:
        def read(tx: Reading) -> int:
            # Past the kept answers: they would be given after the first time.
            found = customers.report.__wrapped__(  # type: ignore[attr-defined]
                tx, period=self._period, grain=Grain.MONTH, scope=scope
            )
            return int(found.grid.customers)

        with self._store.reading(self._actor) as tx:
            return read(tx)

    def by_hand(self) -> int:
        days = {"first": self._period.first, "end": self._period.end}
        self._bare.all(PURCHASES, today=self._today)
        self._bare.all(BUYERS, **days)
        for sql in FIGURES:
            self._bare.all(sql, **days)
        return sum(int(row[2]) for row in self._bare.all(GRID))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with generated(contacts=args.contacts, deals=1_000, board=50, orders=args.orders) as store:
        cases = Cases(store)
        alone = CustomerScope(currency="BRL")
        # A ratio to SQL that counts something else would mean nothing.
        if (ours := cases.report(alone)) != (theirs := cases.by_hand()):
            raise SystemExit(f"The product counts {ours} customers, hand-written SQL {theirs}")
        bare = processor_time(cases.by_hand, args.rounds)
        print(
            f"{args.orders:,} orders of {args.contacts:,} contacts, {ours:,} of them customers in BRL; processor time"
        )
        print(f"by hand, one currency: {bare:.2f} s")
        for name, scope in (("one currency", alone), ("all currencies, converted", CustomerScope())):
            took = processor_time(lambda: cases.report(scope), args.rounds)  # noqa: B023 – called at once
            print(f"{name}: {took:.2f} s, {took / bare:.1f} × (aim {AIM:.0f} ×)")


if __name__ == "__main__":
    main()
