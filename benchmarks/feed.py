"""The change feed of a large store, each read beside hand-written SQL over the same tables: all of it, pages after a
cursor, and the histories of single records.

python -m benchmarks.feed [--imported 1000000 --events 200000 --many 5000 --rounds 5 --json FILE]
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.ratios import Case, keep, measure, show
from crm.foundation.access import SYSTEM
from crm.records import feed
from crm.records.history import history
from crm.store import Store

SCAN, PAGE, HISTORY = 2.0, 3.0, 3.0

EVERYTHING = """
    SELECT seq, happened_at, actor_id, actor_name, door, subject_kind AS kind, subject_id AS id, name,
        particulars AS payload, NULL AS before
    FROM base.events
    UNION ALL
    SELECT event.seq, event.happened_at, event.actor_id, event.actor_name, event.door, change.subject_kind,
        change.subject_id, change.change, change.after, change.before
    FROM base.events AS event
    JOIN base.import_changes AS change ON change.import_id = event.subject_id
    WHERE event.name = 'import.applied'
    UNION ALL
    SELECT event.seq, event.happened_at, event.actor_id, event.actor_name, event.door, row.subject_kind, row.subject_id,
        change.action, change.becomes::VARCHAR, row.was::VARCHAR
    FROM base.events AS event
    JOIN base.bulk_changes AS change ON change.id = event.subject_id
    JOIN base.bulk_change_rows AS row ON row.bulk_change_id = change.id
    WHERE event.name = 'bulk_change.made'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--imported", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--many", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        started = time.perf_counter()
        fill(store, args.imported, args.events, args.many)
        print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)
        ratios = [measure(case, args.rounds) for case in cases(store, args.imported + args.events + args.many)]
        store.close()
    show(ratios)
    if args.json:
        keep(args.json, ratios)


def fill(store: Store, imported: int, events: int, many: int) -> None:
    """Write the rows of one import of contacts, of single edits of deals, and of one bulk change of owners."""
    # By SQL: the verbs would take hours for a million rows of history.
    with store.writing(SYSTEM) as tx:
        tx.run(
            """
            INSERT INTO base.events
            SELECT
                number,
                $now,
                0,
                'Mallard',
                'page',
                CASE number WHEN 1 THEN 'import.applied' WHEN $events THEN 'bulk_change.made' ELSE 'deal.changed' END,
                CASE number WHEN 1 THEN 'import' WHEN $events THEN 'bulk_change' ELSE 'deal' END,
                CASE WHEN number IN (1, $events) THEN 1 ELSE number % 50000 END,
                CASE WHEN number IN (1, $events) THEN '{}' ELSE json_object('changes', json_object(
                    'title', json_array('Chairs ' || number, 'Tables ' || number),
                    'owner_id', json_array(number % 7, number % 5),
                    'owner_name', json_array('Ana', 'Bob')
                ))::VARCHAR END,
                'hash'
            FROM range(1, $events + 1) AS made(number)
            """,
            now=tx.now,
            events=events,
        )
        tx.run(
            """
            INSERT INTO base.import_changes (import_id, line, subject_kind, subject_id, change, version, after)
            SELECT 1, number, 'contact', number, 'created', 1, to_json({
                'name': 'Person ' || number, 'email': 'person' || number || '@example.com', 'phone': '+5511' || number,
                'identifier': 'C-' || number, 'city': 'Recife', 'country': 'Brasil', 'company_id': number % 1000,
                'owner_id': number % 9, 'team_id': NULL, 'blocked': false
            })
            FROM range(1, $imported + 1) AS made(number)
            """,
            imported=imported,
        )
        tx.run(
            """
            INSERT INTO base.bulk_changes (kind, action, becomes, changed, created_by, created_at)
            VALUES ('deals', 'set_owner', 3, $many, 0, $now)
            """,
            many=many,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.bulk_change_rows (
                bulk_change_id, subject_kind, subject_id, from_version, version, left_at, was
            )
            SELECT 1, 'deal', number, 1, 2, $now, number % 7 FROM range(1, $many + 1) AS made(number)
            """,
            many=many,
            now=tx.now,
        )


def cases(store: Store, rows: int) -> list[Case]:
    def bare_scan() -> None:
        with store.reading(SYSTEM) as tx:
            assert tx.frame(f"{EVERYTHING} ORDER BY seq, kind, id").height == rows

    def scan() -> None:
        with store.reading(SYSTEM) as tx:
            # Both sides have to return every row, or their ratio says nothing.
            assert feed.scan(tx).height == rows

    def bare_page() -> None:
        with store.reading(SYSTEM) as tx:
            for seq in pages:
                tx.rows(f"SELECT * FROM ({EVERYTHING}) WHERE seq > $seq ORDER BY seq, kind, id LIMIT 1000", seq=seq)

    def page() -> None:
        with store.reading(SYSTEM) as tx:
            for seq in pages:
                assert len(feed.changes(tx, feed.Position(seq + 1))) == 1_000

    def bare_history() -> None:
        with store.reading(SYSTEM) as tx:
            for deal_id in deals:
                tx.rows(
                    f"SELECT * FROM ({EVERYTHING}) WHERE kind = 'deal' AND id = $id ORDER BY seq DESC LIMIT 200",
                    id=deal_id,
                )

    def histories() -> None:
        with store.reading(SYSTEM) as tx:
            for deal_id in deals:
                assert len(history(tx, "deal", deal_id)) > 1

    with store.reading(SYSTEM) as tx:
        last = int(tx.value("SELECT max(seq) FROM base.events"))
    # The last page lies within the bulk change, and so do the first two deals.
    pages = [last // 4, last // 2, last - 1000]
    deals = [7, 700, 7_000, 40_000]
    return [
        Case(f"all {rows:,} rows, in order, with before and after", scan, bare_scan, SCAN),
        Case("three pages of 1,000 after a cursor, one of a change of many", page, bare_page, PAGE),
        Case("the history of four deals, two changed with many", histories, bare_history, HISTORY),
    ]


if __name__ == "__main__":
    main()
