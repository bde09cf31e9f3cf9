"""A million contacts into a store that holds a million: dry run, import and undo, each against DuckDB's own read of the
same file.

    python benchmarks/import_contacts.py [--rows 1000000] [--known 0.02]

The file has ten columns and 5 % dirty rows: bad addresses, no identity, doubles inside, doubles of stored contacts.
Baseline, in the same run and on the same disk: `CREATE TABLE … AS FROM read_csv(…)` into a file of its own. Each
runs in a process of its own, so that peak memory is its own. Processor time includes that of children: the file is read
in one. Meanwhile a contact is read as its page reads it; the longest wait is printed for each step.

A second line to measure by is the same by hand: the file read as above, and its new rows inserted in one statement with
their keys, into a copy of the store. What checks, cleans, compares, notes or could undo anything is not in it. Both are
measured three times, and the least of each counts.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from crm import contacts, imports
from crm.foundation import identity
from crm.foundation.access import SYSTEM
from crm.imports import OnDuplicate, Options
from crm.imports.run import run
from crm.imports.undoing import undo_job
from crm.platform import files
from crm.store import Store
from crm.verify import verify

FIRST = ["Ana", "João", "Maria", "José", "Luiz", "Márcia", "Conceição", "Sven", "Zoë", "Müller", "Aisha", "Kenji"]
LAST = ["Souza", "Silva", "Oliveira", "O’Neil", "García", "Santos", "Pereira", "Costa", "Smith", "Ferreira"]
HOSTS = ["gmail.com", "uol.com.br", "empresa.com.br", "hotmail.com", "acme.co.uk", "Example.com"]
CITIES = ["São Paulo", "Recife", "Curitiba", "Porto Alegre", "Belém", "Manaus", "Lisboa", "London"]
AREAS = [11, 12, 19, 21, 27, 31, 41, 47, 48, 51, 61, 62, 71, 81, 85, 91]
HEADER = ["Identifier", "Name", "Email", "Phone", "City", "Country", "Plan", "Score", "Since", "Note"]
OPTIONS = Options(
    on_duplicate=OnDuplicate.OVERWRITE,
    mapping={f: f"attribute:{f.lower()}" for f in ("Plan", "Score", "Since", "Note")},
    new_attributes={"Plan": "text", "Score": "number", "Since": "date", "Note": "text"},
)


def phone(number: int, rng: random.Random) -> str:
    area, digits = AREAS[number % len(AREAS)], f"9{90_000_000 - number // len(AREAS):08d}"
    kind = rng.random()
    if kind < 0.4:
        return f"({area}) {digits[:5]}-{digits[5:]}"
    if kind < 0.7:
        return f"+55 {area} {digits[:5]}-{digits[5:]}"
    return f"+55{area}{digits}" if kind < 0.9 else f"{area}{digits}"


def row(number: int, rng: random.Random) -> list[str]:
    """The contact of a number: its keys are the same in file and store, and in every run."""
    host = HOSTS[number % len(HOSTS)]
    name = f"{FIRST[number % 12]} {LAST[number // 12 % 10]}"
    return [
        f"C-{number}",
        name,
        f"{'U' if number % 20 == 0 else 'u'}ser{number}@{host}",
        phone(number, rng),
        CITIES[number % 8],
        "Brasil",
        ("free", "pro", "team")[number % 3],
        str(number % 1000),
        f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/{2000 + number % 26}",
        f"note, of contact {number}" if number % 7 == 0 else "",
    ]


def write_file(path: Path, rows: int, stored: int, known: float) -> None:
    """Numbers from `stored` upwards are new. Of all rows 2 % have a bad address, 1 % no identity, 1 % repeat a row
    of the file; `known` are of stored contacts."""
    # A fixed seed: runs are compared with each other.
    rng = random.Random(7)
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(stored, stored + rows):
            fate = rng.random()
            if fate < known:
                found = row(rng.randrange(stored), rng)
            elif fate < known + 0.01:
                found = row(max(stored, number - rng.randrange(1, 5000)), rng)
            else:
                found = row(number, rng)
                if fate < known + 0.03:
                    found[2] = f"user{number}@@nowhere"
                elif fate < known + 0.04:
                    found[:4] = ["", "", "", ""]
            out.writerow(found)


def write_store(folder: Path, rows: int) -> None:
    """The contacts of numbers below `rows`, as the product would have stored them."""
    rng = random.Random(3)
    frame = pl.DataFrame([row(number, rng)[:6] for number in range(rows)], orient="row", schema=HEADER[:6])
    digits = pl.col("Phone").str.replace_all(r"[^0-9]", "").str.strip_prefix("55")
    frame = frame.with_columns(Phone=pl.format("+55{}", digits), Key=pl.col("Email").str.to_lowercase())
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        tx.insert_frame(
            frame,
            f"""
            INSERT INTO base.contacts (
                name, email, email_key, phone, phone_key, identifier, identifier_key, city, country, search,
                created_at, updated_at
            )
            SELECT
                Name, Email, Key, Phone, Phone, Identifier, Identifier, City, Country,
                {identity.searchable_sql("concat_ws(chr(10), Name, Email, Phone, Identifier)")}, $now, $now
            FROM frame
            """,
            now=tx.now,
        )
        tx.record("benchmark.filled", "workspace", 1, rows=rows)
    store.close()


def baseline(file: Path, folder: Path) -> dict[str, float]:
    target = folder / "baseline.duckdb"
    connection = duckdb.connect(str(target))
    started, cpu = time.perf_counter(), processor_seconds()
    connection.execute(f"CREATE TABLE contacts AS FROM read_csv('{file}')").fetchall()
    took, burnt = time.perf_counter() - started, processor_seconds() - cpu
    connection.close()
    target.unlink()
    return {"seconds": took, "cpu_seconds": burnt, "peak_mb": peak()}


def by_hand(file: Path, folder: Path) -> dict[str, float]:
    """Reading the file, and inserting and committing its new rows with their keys into a copy of the store."""
    copy = shutil.copytree(folder / "store", folder / "copy")
    connection = duckdb.connect(str(copy / "crm.duckdb"))
    connection.execute("SET checkpoint_threshold = '1 TB'").fetchall()  # as the product commits as much
    started, cpu = time.perf_counter(), processor_seconds()
    connection.execute(f"CREATE TEMP TABLE given AS FROM read_csv('{file}')").fetchall()
    took, burnt = time.perf_counter() - started, processor_seconds() - cpu
    connection.execute(
        """
        CREATE TEMP TABLE clean AS
        SELECT
            *,
            lower(Email) AS email_key,
            '+55' || regexp_replace(regexp_replace(Phone, '[^0-9]', '', 'g'), '^55', '') AS phone_key,
            lower(concat_ws(chr(10), Name, Email, Phone, Identifier)) AS search
        FROM given
        ANTI JOIN base.contacts AS stored ON stored.identifier_key = given.Identifier
        WHERE contains(Email, '@') AND NOT contains(Email, '@@') AND Identifier <> ''
        QUALIFY row_number() OVER (PARTITION BY Identifier) = 1
        ORDER BY given.rowid
        """
    ).fetchall()
    started, cpu = time.perf_counter(), processor_seconds()
    connection.execute("BEGIN TRANSACTION")
    connection.execute(
        """
        INSERT INTO base.contacts (
            name, email, email_key, phone, phone_key, identifier, identifier_key, city, country, search, created_at,
            updated_at
        )
        SELECT Name, Email, email_key, phone_key, phone_key, Identifier, Identifier, City, Country, search, now(), now()
        FROM clean
        """
    ).fetchall()
    connection.execute("COMMIT")
    took, burnt = took + time.perf_counter() - started, burnt + processor_seconds() - cpu
    connection.close()
    shutil.rmtree(copy)
    return {"seconds": took, "cpu_seconds": burnt, "peak_mb": peak()}


def journey(file: Path, folder: Path) -> dict[str, dict[str, object]]:
    """Dry run, import and undoing of one file, each as the worker does it; figures by step."""
    store = Store(folder)
    # What a running process has loaded: the first contact that is read plans its statements.
    identity.phone("+55 11 98765-4321", "BR")
    with store.reading(SYSTEM) as tx:
        contacts.get(tx, 1)
    with file.open("rb") as source:
        sha256, size = files.keep(store, iter(lambda: source.read(1 << 20), b""), 2**40)
    with store.writing(SYSTEM) as tx:
        upload = files.register(tx, sha256=sha256, file_name=file.name, size=size)
        begun = imports.begin(tx, "contacts", upload.id, OPTIONS.model_copy(update={"dry_run": True}), queue=False)
    found = {"dry run": measured(store, run, begun.id)}
    with store.writing(SYSTEM) as tx:
        imports.apply(tx, begun.id)
    found["import"] = measured(store, run, begun.id)
    with store.reading(SYSTEM) as tx:
        started = time.perf_counter()
        preview = imports.undo_preview(tx, begun.id)
        found["undo preview"] = {"seconds": time.perf_counter() - started, **preview.model_dump()}
    with store.writing(SYSTEM) as tx:
        imports.undo(tx, begun.id, queue=False)
    found["undo"] = measured(store, undo_job.run, begun.id)
    store.close()
    return found


def measured(store: Store, work: Callable[[Store, int], str], import_id: int) -> dict[str, object]:
    reading = Reader(store)
    reading.start()
    started, cpu = time.perf_counter(), processor_seconds()
    state = work(store, import_id)
    took, burnt = time.perf_counter() - started, processor_seconds() - cpu
    reading.stop()
    with store.reading(SYSTEM) as tx:
        found = imports.get(tx, import_id)
    counts = found.model_dump(include={"message", "total", "created", "updated", "unchanged", "rejected", "undone"})
    return {
        "seconds": took,
        "cpu_seconds": burnt,
        "peak_mb": peak(),
        "longest_wait_ms": reading.longest * 1000,
        "state": state,
        **counts,
    }


class Reader(threading.Thread):
    """Reads a contact as its page does, twenty times a second."""

    def __init__(self, store: Store) -> None:
        super().__init__(daemon=True)
        self.store = store
        self.longest = 0.0
        self._ending = threading.Event()

    def run(self) -> None:
        rng = random.Random(1)
        while not self._ending.wait(0.05):
            started = time.perf_counter()
            with self.store.reading(SYSTEM) as tx:
                contacts.get(tx, rng.randrange(1, 1000))
            self.longest = max(self.longest, time.perf_counter() - started)

    def stop(self) -> None:
        self._ending.set()
        self.join()


def processor_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(os.times()[:4])


def peak() -> float:
    """MiB, of this program alone: getrusage would count the parent that it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


def child(what: str, file: Path, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, __file__, "--child", what, "--file", file, "--folder", folder], capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    # The last line: whatever a library prints comes before it.
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--known", type=float, default=0.01, help="share of rows that are of stored contacts")
    parser.add_argument("--child")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--folder", type=Path)
    args = parser.parse_args()
    if args.child:
        print(
            json.dumps(
                {"baseline": baseline, "by_hand": by_hand, "journey": journey}[args.child](args.file, args.folder)
            )
        )
        return
    with tempfile.TemporaryDirectory(prefix="import-bench-") as name:
        folder = Path(name)
        file = folder / "contacts.csv"
        write_file(file, args.rows, args.rows, args.known)
        write_store(folder / "store", args.rows)
        bare = least([child("baseline", file, folder) for _ in range(3)])
        hand = least([child("by_hand", file, folder) for _ in range(3)])
        found = child("journey", file, folder / "store")
        problems = verify(Store(folder / "store"))
        print(f"file {file.stat().st_size / 2**20:.0f} MiB, {args.rows:,} rows into {args.rows:,}")
        for what, took in ({"bare read_csv into a file": bare, "read and inserted by hand": hand} | found).items():
            print(f"{what:26} {summary(took, bare)}")
        print(f"the import against that by hand: {found['import']['cpu_seconds'] / hand['cpu_seconds']:.1f} x of CPU")
        print(json.dumps(found), problems)


def least(runs: list[dict[str, float]]) -> dict[str, float]:
    """Of each figure the least."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def summary(took: dict[str, float], bare: dict[str, float]) -> str:
    parts = [f"{took['seconds']:6.2f} s, {took['seconds'] / bare['seconds']:4.1f} x"]
    if "cpu_seconds" in took:
        parts.append(f"{took['cpu_seconds']:5.1f} s of CPU, {took['cpu_seconds'] / bare['cpu_seconds']:4.1f} x")
        parts.append(f"peak {took['peak_mb']:5.0f} MiB")
    if "longest_wait_ms" in took:
        parts.append(f"longest wait of a reader {took['longest_wait_ms']:.0f} ms")
    return ", ".join(parts)


if __name__ == "__main__":
    main()
