"""Lines of deals: adding one, beside a hand-written transaction; and reading the value of deals of which one in five
has lines: stored with the deal, as it is, or computed by the view in the two variants that were rejected.

python -m benchmarks.quotes [--contacts 100000 --deals 200000 --board 10000 --rounds 30 --json FILE]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bare import FIRST_CARDS, FORECAST, STAGE_TOTALS
from benchmarks.generate import generate, manager
from benchmarks.ratios import WARM_UPS, Case, Ratio, keep, measure, show
from crm import deals, pipelines
from crm.deals import quote
from crm.foundation.access import SYSTEM
from crm.reports import forecast, periods
from crm.reports.periods import Grain
from crm.store import Reading, Store
from crm.store.migrate import view_statements

ADDING, READS = 4.0, 2.0
LINES = 3
"""Of each deal that has any."""
# The words of the view itself, to the letter: `compare` replaces them by those of each variant.
STORED = "coalesce(deal.quoted_value, deal.manual_value) AS value"
JOIN = "JOIN base.stages AS stage ON stage.id = deal.stage_id"
VARIANTS = {
    "kept beside the deal": (STORED, JOIN),
    "a join of the sums": (
        "CASE WHEN quoted.deal_id IS NULL THEN deal.manual_value ELSE quoted.total END::DECIMAL(18, 4) AS value",
        f"""{JOIN}
        LEFT JOIN (
            SELECT deal_id, sum(total) AS total FROM base.deal_lines GROUP BY deal_id
        ) AS quoted ON quoted.deal_id = deal.id""",
    ),
    "a sub-select": (
        """coalesce(
            (SELECT sum(total)::DECIMAL(18, 4) FROM base.deal_lines WHERE deal_id = deal.id), deal.manual_value
        ) AS value""",
        JOIN,
    ),
}


class Quotes:
    def __init__(self, store: Store) -> None:
        self._store = store
        _write_lines(store)
        self._actor = manager(store)
        self._cursor = store._connection.cursor()
        self._added = 0
        with store.reading(self._actor) as tx:
            self._pipeline_id = pipelines.all_of(tx)[0].id
            # One for the product and one for the baseline.
            self._ids = [row["id"] for row in tx.rows("SELECT id FROM base.deals WHERE quoted_value IS NULL LIMIT 2")]
            self._now, self._today = tx.now, tx.today
        self._period = periods.parse("next-6-months", self._today)

    def cases(self) -> list[Case]:
        return [
            Case("Add a line", self._add, self._bare_add, ADDING),
            Case("Board", self._read(self._board), self._bare_board, READS),
            Case("Forecast", self._read(self._forecast), self._bare_forecast, READS),
        ]

    def reads(self) -> dict[str, Callable[[], object]]:
        """The reads by which the variants are compared."""
        return {
            "point read": self._read(lambda tx: tx.rows("SELECT value FROM deals WHERE id = $id", id=self._ids[0])),
            "board": self._read(self._board),
            "forecast": self._read(self._forecast),
            "list by value": self._read(lambda tx: deals.find(tx, deals.ListQuery(sort="-value"))),
        }

    def _read(self, query: Callable[[Reading], object]) -> Callable[[], object]:
        def read() -> object:
            with self._store.reading(self._actor) as tx:
                return query(tx)

        return read

    def _board(self, tx: Reading) -> object:
        return deals.board(tx, self._pipeline_id)

    def _forecast(self, tx: Reading) -> object:
        return forecast.report(tx, period=self._period, grain=Grain.MONTH)

    def _add(self) -> None:
        with self._store.writing(self._actor) as tx:
            quote.add(tx, self._ids[0], name="Line", quantity=2, unit_price=10)

    def _bare_add(self) -> None:
        """What the verb leaves: the line, the deal's value and version, its version's row, and two events."""
        self._added += 1
        deal_id = self._ids[1]
        self._cursor.execute("BEGIN TRANSACTION")
        self._all("SELECT * FROM base.deals WHERE id = $id", id=deal_id)
        self._all(
            """
            INSERT INTO base.deal_lines (
                deal_id, position, name, quantity, unit_price, total, created_at, updated_at
            )
            SELECT $id, coalesce(max(position), 0) + 1, 'Line', 2, 10, 20, $now, $now
            FROM base.deal_lines
            WHERE deal_id = $id
            """,
            id=deal_id,
            now=self._now,
        )
        total = self._all("SELECT sum(total) FROM base.deal_lines WHERE deal_id = $id", id=deal_id)[0][0]
        self._all(
            """
            UPDATE base.deals SET
                quoted_value = $total, manual_currency = currency, updated_at = $now, version = version + 1
            WHERE id = $id
            """,
            id=deal_id,
            total=total,
            now=self._now,
        )
        self._all(
            """
            INSERT INTO base.deal_versions (deal_id, value, currency, has_contact, happened_at, by_id, door)
            VALUES ($id, $total, 'BRL', true, $now, 0, 'page')
            """,
            id=deal_id,
            total=total,
            now=self._now,
        )
        for number in (2 * self._added, 2 * self._added + 1):  # below zero: the log's own go on from its last
            self._all(
                "INSERT INTO base.events VALUES ($seq, $now, 0, '', '', 'line.added', 'deal', $id, '{}', '')",
                seq=-number,
                now=self._now,
                id=deal_id,
            )
        self._cursor.execute("COMMIT")

    def _bare_board(self) -> object:
        params = {"pipeline_id": self._pipeline_id}
        return self._all(_quoted(STAGE_TOTALS, "deal."), **params), self._all(_quoted(FIRST_CARDS, "deal."), **params)

    def _bare_forecast(self) -> object:
        return self._all(_quoted(FORECAST, ""), first=self._period.first, end=self._period.end, today=self._today)

    def _all(self, sql: str, **params: object) -> list[tuple[object, ...]]:
        return self._cursor.execute(sql, params).fetchall()


def _quoted(sql: str, alias: str) -> str:
    return sql.replace(f"{alias}manual_value", f"coalesce({alias}quoted_value, {alias}manual_value)")


def _write_lines(store: Store) -> None:
    """Three lines on one deal in five, not in the order of the deals."""
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.deal_lines (deal_id, position, name, quantity, unit_price, total, created_at, updated_at)
            SELECT deal.id, n, 'Line ' || n, 1, price, price, $now, $now
            FROM (
                SELECT deal.id, n, ((hash(deal.id, n) % 1000000) / 100)::DECIMAL(18, 2) AS price
                FROM base.deals AS deal, range($lines) AS numbers(n)
            ) AS deal
            WHERE hash(deal.id) % 5 = 0
            ORDER BY hash(deal.id, 7), n
            """,
            now=tx.now,
            lines=LINES,
        )
        tx.run(
            """
            UPDATE base.deals SET quoted_value = quoted.total, manual_currency = currency
            FROM (SELECT deal_id, sum(total) AS total FROM base.deal_lines GROUP BY deal_id ORDER BY deal_id) AS quoted
            WHERE quoted.deal_id = deals.id
            """
        )
        tx.record("benchmark.lines", "workspace", 1)


def compare(store: Store, quotes: Quotes, rounds: int) -> dict[str, dict[str, float]]:
    """{variant of the view: {read: its median in milliseconds}}."""
    [view_sql] = [sql for sql in view_statements() if "VIEW everything.deals AS" in sql]
    found: dict[str, dict[str, float]] = {}
    for variant, (value, join) in VARIANTS.items():
        store._connection.execute(view_sql.replace(STORED, value).replace(JOIN, join)).fetchall()
        found[variant] = {name: _median(read, rounds) for name, read in quotes.reads().items()}
    # As it was: what is measured next must not read through the last variant.
    store._connection.execute(view_sql).fetchall()
    return found


def _median(read: Callable[[], object], rounds: int) -> float:
    for _ in range(WARM_UPS):
        read()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        read()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def run(store: Store, rounds: int) -> tuple[list[Ratio], dict[str, dict[str, float]]]:
    quotes = Quotes(store)
    return [measure(case, rounds) for case in quotes.cases()], compare(store, quotes, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--board", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        store = generate(Path(folder), contacts=args.contacts, deals=args.deals, board=args.board)
        print(f"{args.deals:,} deals, one in five with {LINES} lines; median of {args.rounds}\n")
        ratios, variants = run(store, args.rounds)
        store.close()
    show(ratios)
    print("\nThe value of a deal, in milliseconds")
    for variant, times in variants.items():
        print(f"{variant:24}" + "".join(f"{name:>16} {took:6.1f}" for name, took in times.items()))
    if args.json:
        keep(args.json, ratios)


if __name__ == "__main__":
    main()
