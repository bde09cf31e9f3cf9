"""A list of a million contacts as a file, beside DuckDB's own COPY of the same columns of the same store.

python -m benchmarks.exports [--contacts 1000000 --rounds 3]

The baseline is SQL written by hand over the base tables: one statement, every name joined, labels put together, and
COPY into a file on the same disk. DuckDB has no COPY into Excel; that file is timed beside the one into CSV.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.generate import generate
from crm import exports
from crm.foundation.access import FOREVER, SYSTEM, Actor, Role
from crm.platform.people import users
from crm.records import attributes
from crm.records.listing import ListQuery
from crm.store import Store

AIM = 3.0

COPY = """
    COPY (
        SELECT
            contact.name, contact.email, contact.phone, contact.identifier, contact.city, contact.country,
            company.name AS company, owner.name AS owner, team.name AS team, labelled.names AS labels, contact.blocked,
            attribute.a_plan, attribute.a_score, contact.created_at, contact.updated_at
        FROM base.contacts AS contact
        LEFT JOIN base.companies AS company ON company.id = contact.company_id
        LEFT JOIN base.users AS owner ON owner.id = contact.owner_id
        LEFT JOIN base.teams AS team ON team.id = contact.team_id
        LEFT JOIN base.contact_attributes AS attribute ON attribute.id = contact.id
        LEFT JOIN (
            SELECT link.contact_id, string_agg(label.name, '; ' ORDER BY label.name) AS names
            FROM base.contact_labels AS link
            JOIN base.labels AS label ON label.id = link.label_id
            GROUP BY link.contact_id
        ) AS labelled ON labelled.contact_id = contact.id
        WHERE contact.deleted_at IS NULL
        ORDER BY contact.created_at DESC, contact.id DESC
    ) TO '{path}' ({options})
"""
OPTIONS = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, COMPRESSION zstd"}


def fill(store: Store) -> Actor:
    """Label every fifth contact, and give every second one a text and a number; a manager, to export as."""
    with store.writing(SYSTEM) as tx:
        manager = users.add(tx, email="bench.manager@mallard.example", name="Bench", role=Role.MANAGER)
        for name, kind in (("Plan", "text"), ("Score", "number")):
            attributes.define(tx, model="contact", name=name, type=kind)
        tx.run("INSERT INTO base.labels VALUES (1, 'VIP', 'vip', 'blue'), (2, 'Partner', 'partner', 'green')")
        tx.run("INSERT INTO base.contact_labels SELECT id, 1 + id // 5 % 2 FROM base.contacts WHERE id % 5 = 0")
        # “=pro” is a formula, so that escaping is part of what is timed.
        tx.run(
            """
            INSERT INTO base.contact_attributes (id, a_plan, a_score)
            SELECT id, ['free', 'team', '=pro'][1 + id % 3], id % 1000 / 8 FROM base.contacts WHERE id % 2 = 0
            """
        )
    return users.actor(store, manager.id, confirmed_until=FOREVER)


def product(folder: Path, actor: Actor, format: str) -> float:
    # Opened for each round: one connection at a time may hold the file, and the baseline needs it, too.
    store = Store(folder / "store")
    started = time.perf_counter()
    with store.reading(actor) as tx, (folder / f"product.{format}").open("wb") as target:
        exports.write(tx, "contacts", format, ListQuery(), target)
    taken = time.perf_counter() - started
    store.close()
    return taken


def bare(folder: Path, format: str) -> float:
    connection = duckdb.connect(str(folder / "store" / "crm.duckdb"), read_only=True)
    started = time.perf_counter()
    connection.execute(COPY.format(path=folder / f"bare.{format}", options=OPTIONS[format]))
    taken = time.perf_counter() - started
    connection.close()
    return taken


def median(work: Callable[[], float], rounds: int) -> float:
    return statistics.median(work() for _ in range(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--excel", action="store_true", help="time the Excel file too: it takes minutes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-bench-") as name:
        folder = Path(name)
        store = generate(folder / "store", contacts=args.contacts, deals=100, board=100)
        actor = fill(store)
        store.close()
        print(f"{args.contacts:,} contacts × 15 columns; median of {args.rounds}\n")
        print(f"{'':10} {'COPY':>9} {'product':>9} {'ratio':>7} {'aim':>6}")
        for suffix in OPTIONS:
            ours = median(partial(product, folder, actor, suffix), args.rounds)
            theirs = median(partial(bare, folder, suffix), args.rounds)
            missed = "" if ours <= AIM * theirs else "  missed"
            print(f"{suffix:10} {theirs:7.2f} s {ours:7.2f} s {ours / theirs:6.2f}× {'≤':>3}{AIM:2.0f}×{missed}")
        if args.excel:
            print(f"{'xlsx':10} {'':9} {product(folder, actor, 'xlsx'):7.2f} s")


if __name__ == "__main__":
    main()
