"""A large pipeline, each read beside hand-written SQL: the board with true totals and 50 cards a stage, a
page of the table with its sums, a month of the calendar, and a move of many deals at once.

python -m benchmarks.board [--deals 200000 --open 10000 --open 100000 --moved 10000 --rounds 15 --json FILE]
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.bare import Bare, Rows
from benchmarks.generate import generate, manager
from benchmarks.ratios import Case, Ratio, keep, measure, show
from crm import deals, pipelines
from crm.deals import PipelineQuery
from crm.deals.pipeline_query import weeks_around
from crm.foundation.access import Actor
from crm.records import bulk
from crm.records.bulk import Action, Change
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Reading, Store

READS, WRITES = 2.0, 3.0
LEAST = 1_000


class Board:
    """The cases over one store, as a manager, who sees everything, would meet them."""

    def __init__(self, store: Store, name: str, moved: int) -> None:
        self._store, self._name, self._moved = store, name, moved
        self._actor: Actor = manager(store)
        self._bare = Bare(store._connection)
        with store.reading(self._actor) as tx:
            self._pipeline = pipelines.all_of(tx)[0]
            self._today = tx.today
        self._first = self._today.replace(day=1)

    def cases(self) -> list[Case]:
        board = lambda tx: deals.board(tx, self._pipeline.id)  # noqa: E731
        return [
            self._read("board", board, lambda: self._bare.board(self._pipeline.id)),
            self._read("table, filtered and by value", self._table, self._bare_table),
            self._read("calendar month", self._month, self._bare_month),
            self._move(),
        ]

    def _read(self, name: str, read: Callable[[Reading], object], bare: Callable[[], object]) -> Case:
        def product() -> object:
            with self._store.reading(self._actor) as tx:
                return read(tx)

        return Case(f"{self._name}: {name}", product, bare, READS)

    def _table(self, tx: Reading) -> object:
        query = PipelineQuery(pipeline_id=self._pipeline.id, filter=Rule(field="value", op="at_least", value=LEAST))
        return deals.find(tx, query.list_query(tx.today, sort="-value")), deals.totals(tx, query.list_query(tx.today))

    def _bare_table(self) -> tuple[Rows, Rows]:
        params = {"pipeline_id": self._pipeline.id, "least": LEAST}
        return self._bare.all(TABLE_PAGE, **params), self._bare.all(TABLE_SUMS, **params)

    def _month(self, tx: Reading) -> object:
        return deals.calendar(tx, PipelineQuery(pipeline_id=self._pipeline.id), self._first)

    def _bare_month(self) -> tuple[Rows, Rows]:
        weeks = weeks_around(self._first, 0)
        params: dict[str, date | int] = {
            "pipeline_id": self._pipeline.id,
            "begin": weeks[0][0],
            "end": weeks[-1][-1],
            "today": self._today,
        }
        return self._bare.all(MONTH_SUMS, **params), self._bare.all(MONTH_FIRST, **params)

    def _move(self) -> Case:
        """The product and the baseline each move deals of their own to and fro between two stages. The product's change
        can be undone and is in the history of each deal; the baseline only moves."""
        there, back = self._pipeline.open_stages[:2]
        with self._store.reading(self._actor) as tx:
            rows = tx.rows(
                "SELECT id FROM deals WHERE pipeline_id = $id AND status = 'open' ORDER BY id LIMIT $many",
                id=self._pipeline.id,
                many=2 * self._moved,
            )
        ids = [row["id"] for row in rows]
        # Of the same deals, whoever moves second would find them in their target already.
        ours, theirs = ids[: len(ids) // 2], ids[len(ids) // 2 :]
        to_product, to_bare = itertools.cycle((back.id, there.id)), itertools.cycle((back.id, there.id))

        def product() -> None:
            with self._store.writing(self._actor) as tx:
                move = Change(action=Action.MOVE, stage_id=next(to_product))
                bulk.apply(tx, "deals", ListQuery(ids=tuple(ours)), move)

        return Case(
            f"{self._name}: move of {len(ours):,} at once",
            product,
            lambda: self._bare_move(theirs, next(to_bare)),
            WRITES,
        )

    def _bare_move(self, ids: list[int], to_stage: int) -> None:
        self._bare.all("BEGIN TRANSACTION")
        for statement in (BARE_MOVED, BARE_EVENTS):
            self._bare.all(statement, ids=ids, stage=to_stage)
        self._bare.all("COMMIT")


# 51 rows: the product reads one more than the page, to know whether there is a next one.
TABLE_PAGE = """
    WITH found AS MATERIALIZED (
        SELECT id, manual_value
        FROM base.deals
        WHERE pipeline_id = $pipeline_id AND deleted_at IS NULL AND manual_value >= $least
    ),
    page AS (SELECT id FROM found ORDER BY manual_value DESC NULLS LAST, id DESC LIMIT 51)
    SELECT deal.*, stage.name, owner.name, contact.name, company.name, (SELECT count(*) FROM found)
    FROM page
    JOIN base.deals AS deal ON deal.id = page.id
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    LEFT JOIN base.users AS owner ON owner.id = deal.owner_id
    LEFT JOIN base.contacts AS contact ON contact.id = deal.contact_id
    LEFT JOIN base.companies AS company ON company.id = deal.company_id
    ORDER BY deal.manual_value DESC NULLS LAST, deal.id DESC
"""

TABLE_SUMS = """
    SELECT deal.currency, count(*), sum(deal.manual_value), sum(deal.manual_value * stage.probability / 100)
    FROM base.deals AS deal
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    WHERE deal.pipeline_id = $pipeline_id AND deal.deleted_at IS NULL AND deal.manual_value >= $least
    GROUP BY deal.currency
"""

MONTH_SUMS = """
    SELECT
        CASE WHEN stage.kind = 'open' AND deal.expected_close BETWEEN $begin AND $end THEN deal.expected_close END,
        stage.kind = 'open' AND deal.expected_close < $today,
        stage.kind = 'open' AND deal.expected_close IS NULL,
        stage.kind <> 'open',
        deal.currency,
        count(*),
        sum(deal.manual_value)
    FROM base.deals AS deal
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    WHERE deal.pipeline_id = $pipeline_id AND deal.deleted_at IS NULL
    GROUP BY ALL
"""

MONTH_FIRST = """
    WITH found AS MATERIALIZED (
        SELECT deal.id, deal.manual_value AS value, deal.expected_close
        FROM base.deals AS deal
        JOIN base.stages AS stage ON stage.id = deal.stage_id AND stage.kind = 'open'
        WHERE deal.pipeline_id = $pipeline_id AND deal.deleted_at IS NULL
    ),
    first AS (
        SELECT unnest(min_by(id, (-coalesce(value, 0), id), 4)) AS id
        FROM found
        WHERE expected_close BETWEEN $begin AND $end
        GROUP BY expected_close
        UNION ALL
        SELECT unnest(min_by(id, (expected_close, id), 8)) FROM found WHERE expected_close < $today
        UNION ALL
        SELECT unnest(min_by(id, -id, 8)) FROM found WHERE expected_close IS NULL
    )
    SELECT deal.*, stage.name, owner.name, contact.name, company.name
    FROM first
    JOIN base.deals AS deal ON deal.id = first.id
    JOIN base.stages AS stage ON stage.id = deal.stage_id
    LEFT JOIN base.users AS owner ON owner.id = deal.owner_id
    LEFT JOIN base.contacts AS contact ON contact.id = deal.contact_id
    LEFT JOIN base.companies AS company ON company.id = deal.company_id
"""

BARE_EVENTS = """
    INSERT INTO base.stage_events (
        deal_id, pipeline_id, from_stage_id, to_stage_id, happened_at, known_at, by_id, kind
    )
    SELECT id, pipeline_id, stage_id, $stage, now(), now(), 0, 'move'
    FROM base.deals
    WHERE id IN (SELECT unnest($ids::BIGINT[]))
    ORDER BY id
"""

BARE_MOVED = """
    UPDATE base.deals AS target SET
        stage_id = $stage,
        rank = moved.rank,
        updated_at = now(),
        version = version + 1
    FROM (
        SELECT
            deal.id,
            coalesce((SELECT min(rank) FROM base.deals WHERE stage_id = $stage), 0)
                - 1048576 * row_number() OVER (ORDER BY rank) AS rank
        FROM base.deals AS deal
        WHERE deal.id IN (SELECT unnest($ids::BIGINT[]))
        ORDER BY deal.id
    ) AS moved
    WHERE moved.id = target.id
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=200_000)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--open", type=int, action="append", help="open deals on the board; may be given several times")
    parser.add_argument("--moved", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    found: list[Ratio] = []
    for many in args.open or [10_000, 100_000]:
        with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
            started = time.perf_counter()
            store = generate(Path(folder), contacts=args.contacts, deals=args.deals, board=many)
            print(f"{args.deals:,} deals, {many:,} open, made in {time.perf_counter() - started:.1f} s", flush=True)
            # At most half: the other half of the open deals is moved by the baseline.
            moved = min(args.moved, many // 2)
            found += [measure(case, args.rounds) for case in Board(store, f"{many:,} open", moved).cases()]
            store.close()
    show(found)
    if args.json:
        keep(args.json, found)


if __name__ == "__main__":
    main()
