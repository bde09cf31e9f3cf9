"""What people wait for, each beside hand-written SQL: board, lists, search, a move, two reports.

python -m benchmarks.reads [--contacts 1000000 --deals 200000 --board 10000 --rounds 30 --json FILE]
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bare import Bare
from benchmarks.generate import generate, manager
from benchmarks.ratios import Case, Ratio, keep, measure, show
from crm import contacts, deals, pipelines
from crm.records import search
from crm.records.listing import ListQuery
from crm.reports import conversion, forecast, periods
from crm.reports.periods import Grain
from crm.store import Reading, Store

READS, MOVES = 2.0, 3.0
PAGE_200 = 199 * 50
NEWEST_FIRST, BY_NAME = "contact.created_at DESC, contact.id DESC", "contact.search, contact.id"


class ReadCases:
    """The cases over one store, as a manager, who sees everything, would meet them."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._actor = manager(store)
        self._bare = Bare(store._connection)
        with store.reading(self._actor) as tx:
            self._pipeline = pipelines.all_of(tx)[0]
            self._today, self._now = tx.today, tx.now

    def cases(self) -> list[Case]:
        return [
            self._read("Board", lambda tx: deals.board(tx, self._pipeline.id), self._board),
            self._list("Contacts, newest first", ListQuery(), NEWEST_FIRST),
            self._list("Contacts by name", ListQuery(sort="name"), BY_NAME),
            self._list(
                "Contacts by name, page 200",
                ListQuery(sort="name", offset=PAGE_200),
                "contact.search, contact.id",
                PAGE_200,
            ),
            self._search("Search that finds one", "person4711@"),
            self._search("Search that finds many", "assuncao"),
            self._everywhere("Search everywhere that finds one", "person4711@"),
            self._everywhere("Search everywhere that finds many", "assuncao"),
            self._move(),
            self._forecast(),
            self._conversion(),
        ]

    def _read(self, name: str, read: Callable[[Reading], object], bare: Callable[[], object]) -> Case:
        def product() -> object:
            with self._store.reading(self._actor) as tx:
                return read(tx)

        return Case(name, product, bare, READS)

    def _board(self) -> object:
        return self._bare.board(self._pipeline.id)

    def _list(self, name: str, query: ListQuery, order: str, offset: int = 0) -> Case:
        return self._read(name, lambda tx: contacts.find(tx, query), lambda: self._bare.contacts(order, offset))

    def _search(self, name: str, word: str) -> Case:
        query = ListQuery(search=word)
        return self._read(name, lambda tx: contacts.find(tx, query), lambda: self._bare.search(word))

    def _everywhere(self, name: str, word: str) -> Case:
        return self._read(name, lambda tx: search.find(tx, word), lambda: self._bare.search_everywhere(word))

    def _move(self) -> Case:
        """The product and the baseline each move a deal of their own to and fro between two stages."""
        there, back = self._pipeline.open_stages[:2]
        with self._store.reading(self._actor) as tx:
            ids = [row["id"] for row in tx.rows("SELECT id FROM deals WHERE stage_id = $id LIMIT 2", id=there.id)]
        to_product, to_bare = itertools.cycle((back.id, there.id)), itertools.cycle((back.id, there.id))

        def product() -> None:
            with self._store.writing(self._actor) as tx:
                deals.move(tx, ids[0], to_stage=next(to_product))

        return Case("Move a deal", product, lambda: self._bare.move(ids[1], next(to_bare), self._now), MOVES)

    def _forecast(self) -> Case:
        period = periods.parse("next-6-months", self._today)
        return self._read(
            "Forecast",
            lambda tx: forecast.report(tx, period=period, grain=Grain.MONTH),
            lambda: self._bare.forecast(period.first, period.end, self._today),
        )

    def _conversion(self) -> Case:
        period = periods.parse("last-12-months", self._today)
        first, before = period.instants(self._actor.time_zone)
        return self._read(
            "Stage conversion",
            lambda tx: conversion.report(tx, pipeline_id=self._pipeline.id, period=period),
            lambda: self._bare.conversion(self._pipeline.id, first, before),
        )


def run(store: Store, rounds: int) -> list[Ratio]:
    return [measure(case, rounds) for case in ReadCases(store).cases()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--deals", type=int, default=200_000)
    parser.add_argument("--board", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path, help="keep the figures in this file too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as folder:
        started = time.perf_counter()
        store = generate(Path(folder), contacts=args.contacts, deals=args.deals, board=args.board)
        made = f"{args.contacts:,} contacts and {args.deals:,} deals ({args.board:,} open on the board)"
        print(f"{made}, made in {time.perf_counter() - started:.1f} s; median of {args.rounds}\n")
        found = run(store, args.rounds)
        store.close()
    show(found)
    if args.json:
        keep(args.json, found)


if __name__ == "__main__":
    main()
