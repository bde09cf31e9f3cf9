"""The health of the 100,000 open deals of a pipeline, filtered and sorted, beside hand-written SQL over base tables.

python -m benchmarks.health [--deals 200000 --board 100000 --rounds 10 --json FILE]

The baseline computes last touch, time in stage, pushed dates and next steps from history, without privacy, weights and
reasons, and knows nothing of usual times. Nothing is kept from one reading to the next: every table counts as changed.
A move and a note are beside the statements that write them alone.
"""

import argparse
import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.counting import outdate
from benchmarks.generate import generate, manager
from benchmarks.ratios import Case, Ratio, keep, measure, show
from crm import deals, pipelines
from crm.deals import activity, health
from crm.foundation.access import SYSTEM
from crm.records import notes
from crm.records.filters import All, Rule
from crm.records.listing import ListQuery
from crm.reports import health_evaluation
from crm.store import Reading, Store, Writing

AIM = 2.0
MOMENTS = 6
"""The AUC scores the deals at so many moments, the baseline at one."""
SCREENFUL = 150
WRITES = 5.0
"""The product also checks who may, reads back what it returns, and chains an event to the log."""

FACTS = """
    WITH
    open_deals AS (
        SELECT deal.id, deal.stage_id, deal.manual_value, deal.expected_close, deal.owner_id, deal.contact_id,
            deal.created_at
        FROM base.deals AS deal
        WHERE deal.pipeline_id = $pipeline_id AND deal.closed_on IS NULL AND deal.deleted_at IS NULL
    ),
    moves AS (
        SELECT deal_id, max(happened_at) AS entered
        FROM base.stage_events
        WHERE deal_id IN (SELECT id FROM open_deals)
        GROUP BY deal_id
    ),
    versions AS (
        SELECT deal_id, happened_at, value, expected_close,
            lag(value) OVER former AS value_was, lag(expected_close) OVER former AS close_was
        FROM base.deal_versions
        WHERE deal_id IN (SELECT id FROM open_deals)
        WINDOW former AS (PARTITION BY deal_id ORDER BY id)
    ),
    edits AS (
        SELECT deal_id,
            max(happened_at) FILTER (value <> value_was OR expected_close <> close_was) AS edited,
            count(*) FILTER (expected_close > close_was) AS pushes
        FROM versions
        GROUP BY deal_id
    ),
    noted AS (
        SELECT subject_id AS deal_id, max(created_at) AS noted
        FROM base.notes
        WHERE subject_kind = 'deal'
        GROUP BY subject_id
    ),
    steps AS (
        SELECT deal_id, max(done_at) AS ticked, bool_or(done_at IS NULL AND due_on >= $today) AS planned
        FROM base.checklist_items
        GROUP BY deal_id
    ),
    facts AS (
        SELECT
            deal.id,
            $now - greatest(moves.entered, edits.edited, noted.noted, steps.ticked) AS idle,
            100
                - CASE WHEN idle > INTERVAL 5 DAY THEN 25 ELSE 0 END
                - CASE WHEN $now - moves.entered > INTERVAL 5 DAY THEN 20 ELSE 0 END
                - CASE WHEN deal.expected_close < $today THEN 20 ELSE 0 END
                - CASE WHEN edits.pushes >= 3 THEN 15 ELSE 0 END
                - CASE WHEN steps.planned THEN 0 ELSE 10 END
                - CASE WHEN deal.owner_id IS NULL OR deal.contact_id IS NULL THEN 5 ELSE 0 END
                - CASE WHEN deal.manual_value IS NULL THEN 5 ELSE 0 END AS score
        FROM open_deals AS deal
        LEFT JOIN moves ON moves.deal_id = deal.id
        LEFT JOIN edits ON edits.deal_id = deal.id
        LEFT JOIN noted ON noted.deal_id = deal.id
        LEFT JOIN steps ON steps.deal_id = deal.id
    )
"""


MOVED = (
    "UPDATE base.deals SET stage_id = $stage, rank = rank - 1, updated_at = now() WHERE id = $id",
    """
    INSERT INTO base.stage_events (
        deal_id, pipeline_id, from_stage_id, to_stage_id, happened_at, known_at, by_id, kind
    )
    SELECT id, pipeline_id, stage_id, $stage, now(), now(), 0, 'move' FROM base.deals WHERE id = $id
    """,
)
NOTED = (
    """
    INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
    VALUES ('deal', $id, 'They called', 0, now(), now())
    """,
)


class HealthCases:
    """The cases over one store, as a manager would meet them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._actor = manager(store)
        self._bare = store._connection.cursor()
        with store.reading(self._actor) as tx:
            self._pipeline = pipelines.all_of(tx)[0]
            self._params = {"pipeline_id": self._pipeline.id, "now": tx.now, "today": tx.today}
            board = deals.board(tx, self._pipeline.id)
        self._cards = tuple(card.id for column in board.columns for card in column.cards)[:SCREENFUL]

    def cases(self) -> list[Case]:
        here = Rule(field="pipeline_id", op="is", value=self._pipeline.id)
        stalled = All(of=(here, Rule(field="health", op="is", value="stalled")))
        score_all = f"{FACTS} SELECT count(*), sum(score) FROM facts"
        return [
            self._case("Score of every open deal", self._score_all, score_all),
            self._case(
                "Stalled deals, counted",
                lambda tx: deals.count(tx, ListQuery(filter=stalled)),
                f"{FACTS} SELECT count(*) FROM facts WHERE idle > INTERVAL 5 DAY",
            ),
            self._case(
                "Worst first, a page of 50 with the total",
                lambda tx: deals.find(tx, ListQuery(filter=here, sort="health")),
                f"""{FACTS} SELECT deal.*, facts.score, count(*) OVER () AS total
                FROM facts JOIN base.deals AS deal ON deal.id = facts.id ORDER BY facts.score, facts.id LIMIT 50""",
            ),
            self._case("A pipeline's AUC, against one score of every deal", self._worth, score_all, MOMENTS * AIM),
            self._case(
                f"Health of the {len(self._cards)} cards on screen",
                lambda tx: health.at_a_glance(tx, self._cards),
                score_all.replace(
                    "deal.deleted_at IS NULL", f"deal.id IN ({', '.join(map(str, self._cards)) or 'NULL'})"
                ),
            ),
            self._case(
                "Health of one deal, with its reasons",
                lambda tx: health.of(tx, self._cards[0]),
                score_all.replace("deal.deleted_at IS NULL", f"deal.id = {self._cards[0]}"),
            ),
            self._move(),
            self._note(),
        ]

    def _move(self) -> Case:
        """Each side moves a deal of its own to and fro between two stages."""
        stages = [stage.id for stage in self._pipeline.open_stages[:2]]
        to_product, to_bare = itertools.cycle(stages), itertools.cycle(stages)
        ours, theirs = self._cards[-2:]

        def product() -> None:
            with self._store.writing(self._actor) as tx:
                deals.move(tx, ours, to_stage=next(to_product))

        return Case("A move of one deal", product, lambda: self._write(MOVED, id=theirs, stage=next(to_bare)), WRITES)

    def _note(self) -> Case:
        def product() -> None:
            with self._store.writing(self._actor) as tx:
                notes.add(tx, "deal", self._cards[-1], "They called")

        return Case("A note on one deal", product, lambda: self._write(NOTED, id=self._cards[-2]), WRITES)

    def _write(self, statements: tuple[str, ...], **params: int) -> None:
        self._bare.execute("BEGIN TRANSACTION")
        for sql in statements:
            self._bare.execute(sql, {name: value for name, value in params.items() if f"${name}" in sql}).fetchall()
        self._bare.execute("COMMIT")

    def _case(self, name: str, read: Callable[[Reading], object], bare: str, aim: float = AIM) -> Case:
        def product() -> object:
            outdate(self._store)
            with self._store.reading(self._actor) as tx:
                return read(tx)

        return Case(name, product, lambda: self._bare.execute(bare, self._params_of(bare)).fetchall(), aim)

    def _params_of(self, sql: str) -> dict[str, object]:
        # The engine refuses a parameter that no SQL names.
        return {name: value for name, value in self._params.items() if f"${name}" in sql}

    def _score_all(self, tx: Reading) -> object:
        standing = f"{health.OPEN_NOW} AND standing.pipeline_id = {self._pipeline.id}"
        return tx.rows(f"SELECT count(*), sum(score) FROM ({health.scored(health.parameters(tx), tx.now, standing)})")

    def _worth(self, tx: Reading) -> object:
        return health_evaluation.work_out(tx, self._pipeline.id)


def lively(tx: Writing) -> None:
    """Notes on every second deal, pushed dates on every fourth, a checklist on every third."""
    tx.run(
        """
        INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
        SELECT 'deal', id, 'Called', 1, $now - to_days((id % 90)::INTEGER), $now FROM base.deals WHERE id % 2 = 0
        """,
        now=tx.now,
    )
    tx.run(
        """
        INSERT INTO base.deal_versions (
            deal_id, value, currency, expected_close, owner_id, has_contact, happened_at, by_id, door
        )
        SELECT
            id, manual_value, currency, expected_close + (10 * push)::INTEGER, owner_id, true,
            $now - to_days((40 - push)::INTEGER), 1, 'page'
        FROM base.deals, range(1, 4) AS pushes(push)
        WHERE id % 4 = 0 AND expected_close IS NOT NULL
        ORDER BY push, id
        """,
        now=tx.now,
    )
    tx.run(
        """
        INSERT INTO base.checklist_items (checklist_id, deal_id, text, position, due_on, done_at, created_at)
        SELECT
            id, id, 'Send the offer', 1, $today + (id % 40)::INTEGER - 20,
            CASE WHEN id % 5 = 0 THEN $now - to_days((id % 60)::INTEGER) END,
            created_at
        FROM base.deals
        WHERE id % 3 = 0
        """,
        now=tx.now,
        today=tx.today,
    )
    activity.refill(tx)


def run(store: Store, rounds: int) -> list[Ratio]:
    return [measure(case, rounds) for case in HealthCases(store).cases()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--board", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = generate(Path(folder) / "store", contacts=20_000, deals=args.deals, board=args.board)
        with store.writing(SYSTEM) as tx:
            lively(tx)
        ratios = run(store, args.rounds)
        store.close()
    print(f"{args.deals:,} deals, {args.board:,} of them open in one pipeline")
    show(ratios)
    if args.json:
        keep(args.json, ratios)


if __name__ == "__main__":
    main()
