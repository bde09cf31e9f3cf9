"""Counting a segment and showing its list, each beside hand-written SQL of the same meaning on the base tables.

python -m benchmarks.segments [--contacts 1000000 --deals 5000000 --rounds 20 --json FILE]
"""

import argparse
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.bare import Bare, Rows
from benchmarks.generate import generate, manager
from benchmarks.ratios import Case, keep, measure, show
from crm import contacts
from crm.foundation.access import SYSTEM
from crm.records import filtering
from crm.records.filters import All, Filter, Measure, Related, Rule
from crm.records.filters.values import Days
from crm.records.listing import ListQuery
from crm.store import Store

COPIES = 25
COUNT, RELATED, PAGE = 1.5, 2.0, 2.0
OWNERS = (3, 5, 8, 13, 21)

CRITERIA: tuple[Filter, ...] = (
    Rule(field="city", op="is", value="Recife"),
    Rule(field="owner_id", op="one_of", value=OWNERS),
    Rule(field="email", op="contains", value="7"),
    Rule(field="created_at", op="in_last_days", value=300),
)
LARGE_OPEN_DEAL = Related(
    relation="deals",
    of=(Rule(field="status", op="is", value="open"), Rule(field="value", op="more_than", value=10_000)),
)
WON_IN_SUM = Related(
    relation="deals",
    of=(Rule(field="status", op="is", value="won"),),
    measure=Measure(figure="sum", field="value", currency="BRL", op="more_than", value=50_000),
)

PLAIN = """
    contact.deleted_at IS NULL
    AND lower(contact.city) = 'recife'
    AND contact.owner_id IN (3, 5, 8, 13, 21)
    AND contains(lower(contact.email), '7')
    AND contact.created_at >= $first
    AND contact.created_at < $before
"""
EXISTS = """
    contact.deleted_at IS NULL
    AND EXISTS (
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE deal.contact_id = contact.id
          AND deal.deleted_at IS NULL
          AND stage.kind = 'open'
          AND deal.manual_value > 10000
    )
"""
SUM = """
    contact.deleted_at IS NULL
    AND contact.id IN (
        SELECT deal.contact_id
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE deal.deleted_at IS NULL AND stage.kind = 'won' AND deal.currency = 'BRL'
        GROUP BY deal.contact_id
        HAVING sum(deal.manual_value) > 50000
    )
"""


class Segments:
    """The cases over one store, as a manager, who sees everything, would meet them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._actor = manager(store)
        self._bare = Bare(store._connection)
        with store.reading(self._actor) as tx:
            days = Days(tx.today, self._actor.time_zone)
            # `in_last_days` counts today: 300 days begin 299 days ago.
            self._days = {"first": days.start(tx.today - timedelta(days=299)), "before": days.end(tx.today)}

    def cases(self) -> list[Case]:
        plain = All(of=CRITERIA)
        return [
            self._count("Count: three criteria and a date", plain, COUNT, PLAIN, self._days),
            self._count("Count: some deal is open and large", LARGE_OPEN_DEAL, RELATED, EXISTS),
            self._count("Count: sum of won deals", WON_IN_SUM, RELATED, SUM),
            self._page("List page, filtered, by name", plain, PLAIN, self._days),
            self._page("List page, by deals, by name", LARGE_OPEN_DEAL, EXISTS),
            self._builder("Builder: five lines, each and all", All(of=(*CRITERIA, LARGE_OPEN_DEAL))),
        ]

    def _count(
        self, name: str, filter: Filter, aim: float, where: str, params: dict[str, datetime] | None = None
    ) -> Case:
        def product() -> int:
            with self._store.reading(self._actor) as tx:
                return contacts.count(tx, ListQuery(filter))

        def bare() -> int:
            return int(self._bare_count(where, params)[0][0])

        _agree(name, product(), bare())
        return Case(name, product, bare, aim)

    def _page(self, name: str, filter: Filter, where: str, params: dict[str, datetime] | None = None) -> Case:
        def product() -> int:
            with self._store.reading(self._actor) as tx:
                return contacts.find(tx, ListQuery(filter, sort="name")).total

        def bare() -> int:
            self._bare.all(_page_sql(where), **(params or {}))
            return int(self._bare_count(where, params)[0][0])

        _agree(name, product(), bare())
        return Case(name, product, bare, PAGE)

    def _builder(self, name: str, filter: All) -> Case:
        """What a keystroke in the builder costs, beside the hand-written count of the whole alone."""

        def product() -> list[int]:
            with self._store.reading(self._actor) as tx:
                return filtering.counts(tx, filtering.fields_of(tx, "contacts"), [*filter.of, filter])

        whole = f"{PLAIN} AND {EXISTS}"
        _agree(name, product()[-1], int(self._bare_count(whole, self._days)[0][0]))
        lines = ("lower(contact.city) = 'recife'", "contact.owner_id IN (3, 5, 8, 13, 21)", EXISTS, whole)
        counts = ", ".join(f"count_if({line})" for line in lines)

        def bare() -> Rows:
            return self._bare.all(f"SELECT {counts} FROM base.contacts AS contact", **self._days)

        return Case(name, product, bare, PAGE)

    def _bare_count(self, where: str, params: dict[str, datetime] | None) -> Rows:
        return self._bare.all(f"SELECT count(*) FROM base.contacts AS contact WHERE {where}", **(params or {}))


def _page_sql(where: str) -> str:
    return f"""
        SELECT contact.*, company.name, owner.name
        FROM base.contacts AS contact
        LEFT JOIN base.companies AS company ON company.id = contact.company_id
        LEFT JOIN base.users AS owner ON owner.id = contact.owner_id
        WHERE {where}
        ORDER BY contact.search, contact.id
        LIMIT 50
    """


def _agree(name: str, product: int, bare: int) -> None:
    if product != bare or not bare:
        raise SystemExit(f"{name}: the product counts {product:,}, hand-written SQL {bare:,}")


def filled(folder: Path, contacts_count: int, deals_count: int) -> Store:
    """A store whose deals are copies of fewer ones, each of another contact."""
    # Copied without their history, which no segment here reads: generating it would take most of the bench's time.
    store = generate(folder, contacts=contacts_count, deals=deals_count // COPIES, board=deals_count // COPIES // 20)
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.deals
            SELECT deal.* REPLACE (
                nextval('base.deal_ids') AS id,
                1 + (hash(deal.id, copy) % $contacts)::BIGINT AS contact_id
            )
            FROM base.deals AS deal, range(1, $copies) AS copies(copy)
            """,
            contacts=contacts_count,
            copies=COPIES,
        )
        tx.record("benchmark.copied", "workspace", 1, copies=COPIES)
    return store


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--deals", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        started = time.perf_counter()
        store = filled(Path(folder), args.contacts, args.deals)
        made = f"{args.contacts:,} contacts and {args.deals:,} deals"
        print(f"{made}, made in {time.perf_counter() - started:.1f} s; median of {args.rounds}\n")
        found = [measure(case, args.rounds) for case in Segments(store).cases()]
        store.close()
    show(found)
    if args.json:
        keep(args.json, found)


if __name__ == "__main__":
    main()
