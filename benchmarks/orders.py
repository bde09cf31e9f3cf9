"""Five million orders, each read beside hand-written SQL of the same meaning: the page of orders, a
filtered list, a contact's orders, everything that the page of one deal reads, a segment by orders.

python -m benchmarks.orders [--contacts 1000000 --deals 200000 --orders 5000000 --rounds 15 --json FILE]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bare import Bare
from benchmarks.deal_reads import bare_deal, product_deal
from benchmarks.generate import generate, manager
from benchmarks.ratios import Case, keep, measure, show
from crm import contacts, orders
from crm.orders.customer import BOUGHT
from crm.records.filters import All, Filter, Measure, Related, Rule
from crm.records.listing import ListQuery
from crm.store import Reading, Store

LISTS, RECORDS, RELATED = 2.0, 3.0, 2.0
NEWEST = "-ordered_on"
OVERDUE = All(
    of=(
        Rule(field="status", op="is", value="overdue"),
        Rule(field="currency", op="is", value="USD"),
        Rule(field="value", op="more_than", value=100),
    )
)
LARGE_UNPAID = Related(
    relation="orders",
    of=(Rule(field="status", op="is", value="overdue"), Rule(field="value", op="more_than", value=300)),
)
BOUGHT_MUCH = Related(
    relation="orders",
    of=(Rule(field="status", op="is", value="paid"),),
    measure=Measure(figure="sum", field="value", currency="BRL", op="more_than", value=5_000),
)

NARROW = (
    "purchase.deleted_at IS NULL AND purchase.status = 'overdue' AND purchase.currency = 'USD' AND purchase.value > 100"
)
PAGE = """
    SELECT purchase.*, contact.name, deal.title
    FROM (
        SELECT id
        FROM base.orders AS purchase
        WHERE {where}
        ORDER BY purchase.ordered_on DESC, purchase.id DESC
        LIMIT 50
    ) AS page
    JOIN base.orders AS purchase ON purchase.id = page.id
    LEFT JOIN base.contacts AS contact ON contact.id = purchase.contact_id
    LEFT JOIN base.deals AS deal ON deal.id = purchase.deal_id
    ORDER BY purchase.ordered_on DESC, purchase.id DESC
"""
COUNT = "SELECT count(*) FROM base.orders AS purchase WHERE {where}"
CHART = """
    SELECT currency, status, date_trunc('month', ordered_on), count(*), sum(value)
    FROM base.orders AS purchase
    WHERE {where}
    GROUP BY ALL
"""
STEPS = """
    SELECT order_id, to_status FROM base.order_statuses
    WHERE order_id IN (SELECT unnest($ids::BIGINT[]))
    ORDER BY id
"""
OPEN_WITH_ORDERS = """
    SELECT min(deal.id)
    FROM base.deals AS deal
    JOIN base.stages AS stage ON stage.id = deal.stage_id AND stage.kind = 'open'
    WHERE deal.id IN (SELECT deal_id FROM base.orders)
"""
OF_CONTACT = "purchase.deleted_at IS NULL AND purchase.contact_id = $id"
TOTALS = """
    SELECT currency, status, count(*), sum(value), max(ordered_on) FROM base.orders AS purchase
    WHERE {where} GROUP BY ALL
"""
RANK = f"""
    SELECT count(*), count(*) FILTER (last < $last), count(*) FILTER (many < $many), count(*) FILTER (worth < $worth)
    FROM (
        SELECT max(ordered_on) AS last, count(*) AS many, sum(value) AS worth
        FROM base.orders
        WHERE deleted_at IS NULL AND currency = $currency AND status IN {BOUGHT}
        GROUP BY contact_id
    )
"""
EXISTS = """
    SELECT count(*)
    FROM base.contacts AS contact
    WHERE contact.deleted_at IS NULL
      AND EXISTS (
        FROM base.orders AS purchase
        WHERE purchase.contact_id = contact.id
          AND purchase.deleted_at IS NULL
          AND purchase.status = 'overdue'
          AND purchase.value > 300
      )
"""
SUM = """
    SELECT count(*)
    FROM base.contacts AS contact
    WHERE contact.deleted_at IS NULL
      AND contact.id IN (
        SELECT contact_id
        FROM base.orders
        WHERE deleted_at IS NULL AND status = 'paid' AND currency = 'BRL'
        GROUP BY contact_id
        HAVING sum(value) > 5000
      )
"""


class OrderCases:
    """The cases over one store, as a manager, who sees everything, would meet them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._actor = manager(store)
        self._bare = Bare(store._connection)
        # One of the best customers, without the few whose number of orders is extreme.
        self._contact_id = int(
            self._bare.all(
                "SELECT contact_id FROM base.orders GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1 OFFSET 500"
            )[0][0]
        )
        self._deal_id = int(self._bare.all(OPEN_WITH_ORDERS)[0][0])

    def cases(self) -> list[Case]:
        return [
            self._list("Orders page: list, totals, chart", None, "purchase.deleted_at IS NULL"),
            self._list("Orders page, filtered", OVERDUE, NARROW),
            self._case("A contact's orders and figures", self._of_contact, self._bare_contact, RECORDS),
            self._case(
                "Everything that a deal's page reads",
                lambda tx: product_deal(tx, self._deal_id),
                lambda: bare_deal(self._bare, self._deal_id),
                RECORDS,
            ),
            self._count("Segment: some order is overdue and large", LARGE_UNPAID, EXISTS),
            self._count("Segment: sum of paid orders", BOUGHT_MUCH, SUM),
        ]

    def _case(self, name: str, read: Callable[[Reading], object], bare: Callable[[], object], aim: float) -> Case:
        def product() -> object:
            with self._store.reading(self._actor) as tx:
                return read(tx)

        return Case(name, product, bare, aim)

    def _list(self, name: str, filter: Filter | None, where: str) -> Case:
        def read(tx: Reading) -> int:
            found = orders.find(tx, ListQuery(filter, sort=NEWEST))
            return found.total if orders.overview(tx, ListQuery(filter)).count == found.total else -1

        def bare() -> int:
            page = self._bare.all(PAGE.format(where=where))
            self._bare.all(STEPS, ids=[row[0] for row in page])
            self._bare.all(CHART.format(where=where))
            return int(self._bare.all(COUNT.format(where=where))[0][0])

        case = self._case(name, read, bare, LISTS)
        _agree(name, case)
        return case

    def _of_contact(self, tx: Reading) -> object:
        contacts.get(tx, self._contact_id)
        return orders.figures(tx, orders.of(tx, "contact", self._contact_id))

    def _bare_contact(self) -> None:
        """The same by hand, with the ranks among all customers."""
        self._bare.all("SELECT * FROM base.contacts WHERE id = $id", id=self._contact_id)
        page = self._bare.all(PAGE.format(where=OF_CONTACT), id=self._contact_id)
        self._bare.all(STEPS, ids=[row[0] for row in page])
        totals = self._bare.all(TOTALS.format(where=OF_CONTACT), id=self._contact_id)
        for currency in {row[0] for row in totals}:
            theirs = [row for row in totals if row[0] == currency]
            self._bare.all(
                RANK,
                currency=currency,
                last=max(row[4] for row in theirs),
                many=sum(row[2] for row in theirs),
                worth=sum(row[3] for row in theirs),
            )

    def _count(self, name: str, filter: Filter, sql: str) -> Case:
        case = self._case(
            name, lambda tx: contacts.count(tx, ListQuery(filter)), lambda: int(self._bare.all(sql)[0][0]), RELATED
        )
        _agree(name, case)
        return case


def _agree(name: str, case: Case) -> None:
    # A ratio to SQL that counts something else would mean nothing.
    product, bare = case.product(), case.bare()
    if product != bare or not bare:
        raise SystemExit(f"{name}: the product counts {product}, hand-written SQL {bare}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--orders", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        started = time.perf_counter()
        store = generate(
            Path(folder),
            contacts=args.contacts,
            deals=args.deals,
            board=max(args.deals // 20, 1),
            orders=args.orders,
        )
        made = f"{args.contacts:,} contacts, {args.deals:,} deals and {args.orders:,} orders"
        print(f"{made}, made in {time.perf_counter() - started:.1f} s; median of {args.rounds}\n")
        found = [measure(case, args.rounds) for case in OrderCases(store).cases()]
        store.close()
    show(found)
    if args.json:
        keep(args.json, found)


if __name__ == "__main__":
    main()
