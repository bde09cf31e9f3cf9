"""Records of a custom type: their list, a segment of contacts by them, a record's page, and an import, each beside
hand-written SQL of the same meaning in the same run.

python -m benchmarks.objects [--records 200000 --contacts 1000000 --rounds 15 --json FILE]
"""

import argparse
import csv
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bare import Bare
from benchmarks.generate import REPS, generate
from benchmarks.ratios import Case, Ratio, keep, measure, show
from crm import imports, objects
from crm.foundation import identity
from crm.foundation.access import SYSTEM, Actor, Module, Role
from crm.imports import Options
from crm.imports.run import run
from crm.objects import ObjectType
from crm.platform import files, workspace
from crm.platform.people import users
from crm.records import attached, links, lists, registry
from crm.records.filters import All, Related, Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.store import Store

LIST, ASSOCIATED, PAGE, IMPORT = 2.0, 2.0, 3.0, 6.0
LEVELS = "['Beginner', 'Intermediate', 'Advanced']"


def filled(folder: Path, records: int, contacts: int) -> tuple[Store, ObjectType]:
    """A store with a type of records, and as many links to contacts as there are contacts."""
    store = generate(folder, contacts=contacts, deals=2_000, board=100)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        course = objects.create(tx, singular="Course", plural="Courses", shared=True)
        levels = ("Beginner", "Intermediate", "Advanced")
        objects.add_field(tx, course.id, name="Level", type="list", values=levels)
        objects.add_field(tx, course.id, name="Price", type="currency")
        objects.add_field(tx, course.id, name="Starts on", type="date")
        objects.add_field(tx, course.id, name="Code", type="text", unique=True)
        table = registry.get(course.kind).plural
        tx.run(
            f"""
            INSERT INTO base.{table} (
                name, level, price, starts_on, code, key_2, currency, owner_id, search, created_at, updated_at
            )
            SELECT
                'Course ' || n, {LEVELS}[1 + n % 3], n % 900, DATE '2026-01-01' + (n % 700)::INTEGER,
                'C' || n, 'C' || n,
                'BRL', 1 + n % {REPS}, {identity.searchable_sql("'Course ' || n || chr(10) || 'C' || n")},
                $now - to_minutes(n), $now - to_minutes(n)
            FROM range($records) AS numbers(n)
            """,
            records=records,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.links (
                object_kind, object_id, subject_kind, subject_id, linked_on, created_by, created_at, updated_at
            )
            SELECT
                $kind, 1 + (hash(n) % $records)::BIGINT, 'contact', 1 + n, DATE '2026-01-01' + (n % 300)::INTEGER, 0,
                $now, $now
            FROM range($contacts) AS numbers(n)
            """,
            kind=course.kind,
            records=records,
            contacts=contacts,
            now=tx.now,
        )
        tx.record("benchmark.generated", "workspace", 1, records=records, links=contacts)
    return store, course


class Objects:
    """The cases over one store, as a manager, who sees everything, would meet them."""

    def __init__(self, store: Store, course: ObjectType) -> None:
        self._store, self._course = store, course
        self._room = registry.room(course.kind)
        self._table = registry.get(course.kind).plural
        self._actor = _manager(store)
        self._bare = Bare(store._connection)

    def cases(self) -> list[Case]:
        advanced = Rule(field="level", op="is", value="Advanced")
        dear = All(of=(advanced, Rule(field="price", op="more_than", value=500)))
        since = All(of=(advanced, Rule(field="linked_on", op="at_least", value="2026-03-01")))
        return [
            self._list("List of records, by name", None, "true"),
            self._list("List of records, filtered", dear, "level = 'Advanced' AND price > 500"),
            self._associated("Contacts with an advanced course", advanced, "record.level = 'Advanced'"),
            self._associated(
                "Contacts with an advanced course since March",
                since,
                "record.level = 'Advanced' AND link.linked_on >= DATE '2026-03-01'",
            ),
            self._page(),
        ]

    def _list(self, name: str, filter: Any, where: str) -> Case:
        def product() -> int:
            with self._store.reading(self._actor) as tx:
                return self._room.find(tx, ListQuery(filter, sort="name")).total

        def bare() -> int:
            self._bare.all(
                f"""
                SELECT record.*, owner.name
                FROM base.{self._table} AS record
                LEFT JOIN base.users AS owner ON owner.id = record.owner_id
                WHERE record.deleted_at IS NULL AND {where}
                ORDER BY lower(record.name), record.id
                LIMIT 50
                """
            )
            found = self._bare.all(f"SELECT count(*) FROM base.{self._table} WHERE deleted_at IS NULL AND {where}")
            return int(found[0][0])

        _agree(name, product(), bare())
        return Case(name, product, bare, LIST)

    def _associated(self, name: str, of: Any, where: str) -> Case:
        parts = of.of if isinstance(of, All) else (of,)
        related = Related(relation=self._table, of=parts)

        def product() -> int:
            with self._store.reading(self._actor) as tx:
                return lists.count(tx, registry.get("contact"), ListQuery(related))

        def bare() -> int:
            found = self._bare.all(
                f"""
                SELECT count(*)
                FROM base.contacts AS contact
                WHERE contact.deleted_at IS NULL
                  AND contact.id IN (
                    SELECT link.subject_id
                    FROM base.links AS link
                    JOIN base.{self._table} AS record ON record.id = link.object_id
                    WHERE link.object_kind = $kind AND link.subject_kind = 'contact'
                      AND record.deleted_at IS NULL AND {where}
                  )
                """,
                kind=self._course.kind,
            )
            return int(found[0][0])

        _agree(name, product(), bare())
        return Case(name, product, bare, ASSOCIATED)

    def _page(self) -> Case:
        """What a record's page reads: the record, what is attached, its links and its history."""

        def product() -> int:
            with self._store.reading(self._actor) as tx:
                self._room.get(tx, 77)
                attached.of(tx, self._course.kind, 77)
                history(tx, self._course.kind, 77)
                return sum(group.total for group in links.of_record(tx, self._course.kind, 77))

        def bare() -> int:
            of = {"kind": self._course.kind, "id": 77}
            self._bare.all(
                f"""
                SELECT record.*, owner.name
                FROM base.{self._table} AS record
                LEFT JOIN base.users AS owner ON owner.id = record.owner_id
                WHERE record.id = $id
                """,
                id=77,
            )
            self._bare.all(f"SELECT label_id FROM base.{self._course.kind}_labels WHERE {self._course.kind}_id = 77")
            for table in ("notes", "attachments"):
                self._bare.all(f"SELECT * FROM base.{table} WHERE subject_kind = $kind AND subject_id = $id", **of)
            self._bare.all("SELECT * FROM base.events WHERE subject_kind = $kind AND subject_id = $id", **of)
            self._bare.all("SELECT * FROM base.event_records WHERE subject_kind = $kind AND subject_id = $id", **of)
            found = self._bare.all(
                """
                SELECT link.*, contact.name
                FROM base.links AS link
                JOIN base.contacts AS contact ON contact.id = link.subject_id AND contact.deleted_at IS NULL
                WHERE link.object_kind = $kind AND link.object_id = $id AND link.subject_kind = 'contact'
                """,
                **of,
            )
            return len(found)

        _agree("Page", product(), bare())
        return Case("A record's page", product, bare, PAGE)


def imported(store: Store, course: ObjectType, folder: Path, records: int) -> list[Ratio]:
    """Imports of new records, each linked to the contact of an email, beside DuckDB's own read of the same file into a
    table; processor time, since it is the work of several threads. One at once, which reads the file, and one after its
    dry run, as the page makes it, whose plan is kept."""
    name = f"Import of {records:,} records (processor time)"
    return [
        _imported(store, course, folder, records, f"{name}, at once", dry_run=False),
        _imported(store, course, folder, records, f"{name}, after its dry run", dry_run=True),
    ]


def _imported(store: Store, course: ObjectType, folder: Path, records: int, name: str, *, dry_run: bool) -> Ratio:
    file = folder / f"courses-{dry_run}.csv"
    _write_file(store, file, records, code="D" if dry_run else "N")
    bare = _processor_milliseconds(lambda: _bare_read(file, folder))
    with file.open("rb") as source:
        sha256, size = files.keep(store, iter(lambda: source.read(1 << 20), b""), 2**40)
    with store.writing(SYSTEM) as tx:
        upload = files.register(tx, sha256=sha256, file_name=file.name, size=size)
        options = Options(dry_run=dry_run)
        begun = imports.begin(tx, registry.get(course.kind).plural, upload.id, options, queue=False)
    if dry_run:
        run(store, begun.id)
        with store.writing(SYSTEM) as tx:
            imports.apply(tx, begun.id)
    product = _processor_milliseconds(lambda: run(store, begun.id))
    with store.reading(SYSTEM) as tx:
        done = imports.get(tx, begun.id)
    if (done.state, done.created) != ("done", records):
        raise SystemExit(f"The import is {done.state} with {done.created:,} of {records:,} created: {done.message}")
    return Ratio(name, bare, product, IMPORT)


def _write_file(store: Store, path: Path, records: int, code: str) -> None:
    with store.reading(SYSTEM) as tx:
        emails = [
            row["email"]
            for row in tx.rows("SELECT email FROM contacts WHERE email IS NOT NULL ORDER BY id LIMIT $n", n=records)
        ]
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Name", "Code", "Level", "Price", "Starts on", "Contact"])
        for number in range(records):
            level = ("Beginner", "Intermediate", "Advanced")[number % 3]
            day = f"2026-{1 + number % 12:02}-{1 + number % 28:02}"
            out.writerow(
                [f"Class {number}", f"{code}{number}", level, f"{number % 900}.50", day, emails[number % len(emails)]]
            )


def _bare_read(file: Path, folder: Path) -> None:
    target = folder / "baseline.duckdb"
    connection = duckdb.connect(str(target))
    connection.execute(f"CREATE TABLE courses AS FROM read_csv('{file}')").fetchall()
    connection.close()
    target.unlink()


def _processor_milliseconds(work: Any) -> float:
    before = os.times()
    work()
    after = os.times()
    return 1000 * sum(getattr(after, part) - getattr(before, part) for part in _SPENT)


_SPENT = ("user", "system", "children_user", "children_system")


def _manager(store: Store) -> Actor:
    with store.writing(SYSTEM) as tx:
        added = users.add(tx, email="marta@mallard.example", name="Marta", role=Role.MANAGER)
    return users.actor(store, added.id)


def _agree(name: str, product: int, bare: int) -> None:
    if product != bare or not bare:
        raise SystemExit(f"{name}: the product counts {product:,}, hand-written SQL {bare:,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-objects-") as folder:
        started = time.perf_counter()
        store, course = filled(Path(folder) / "store", args.records, args.contacts)
        print(f"Filled in {time.perf_counter() - started:.0f} s")
        ratios = [measure(case, args.rounds) for case in Objects(store, course).cases()]
        ratios += imported(store, course, Path(folder), args.records)
        show(ratios)
        store.close()
    if args.json:
        keep(args.json, ratios)


if __name__ == "__main__":
    main()
