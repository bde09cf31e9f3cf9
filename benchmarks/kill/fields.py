"""Kills the product while fields of a custom type are added, retyped, deleted and brought back, again and again, and
looks at what the store holds after each.

python -m benchmarks.kill.fields [--kills 30 --seed 1 --longest 1.5]

After each kill the store opens, `crm verify` finds nothing, and type, fields and values are as they were after the last
change that was acknowledged, or after the one that was under way.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from crm import objects
from crm.foundation.access import SYSTEM, Module
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import attributes, registry
from crm.records.attributes import AttributeType
from crm.store import Reading, Store, Writing
from crm.verify import verify

RECORDS = 500
SHORTEST, LONGEST = 0.05, 1.5
"""Seconds of work before a kill."""
CONVERTIBLE = (AttributeType.TEXT, AttributeType.NUMBER, AttributeType.LIST, AttributeType.LONG_TEXT)

State: TypeAlias = dict[str, Any]
"""{key of a field: [its type, number of records with a value]}, and how many are in the bin of fields."""


def state(tx: Reading, of: ObjectType) -> State:
    held = attributes.usage(tx, of.kind)
    found: State = {one.key: [str(one.type), held[one.key]] for one in attributes.definitions(tx, of.kind)}
    return found | {"deleted": len(attributes.deleted(tx, of.kind))}


def prepare(folder: Path) -> None:
    """A store with a type of records, each with a number as a text."""
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        workspace.switch(tx, Module.OBJECTS, True)
        of = objects.create(tx, singular="Course", plural="Courses")
        objects.add_field(tx, of.id, name="Hours", type=AttributeType.TEXT)
        for number in range(RECORDS):
            registry.room(of.kind).create(tx, name=f"Course {number}", hours=str(number % 9))
    store.close()


def work(folder: Path, seed: int) -> None:
    """Change fields until killed; says what it is about to do, and what the store holds once that is done."""
    chance, store = random.Random(seed), Store(folder)
    with store.reading(SYSTEM) as tx:
        of = objects.types(tx)[0]
    while True:
        change = chance.choice((_add, _retype, _fill, _delete, _restore))
        print(json.dumps({"trying": change.__name__}), flush=True)
        with store.writing(SYSTEM) as tx:
            change(tx, of, chance)
        with store.reading(SYSTEM) as tx:
            print(json.dumps({"holds": state(tx, of)}), flush=True)


def _others(tx: Reading, of: ObjectType) -> list[attributes.Definition]:
    return [one for one in attributes.definitions(tx, of.kind) if one.key != of.primary_field]


def _add(tx: Writing, of: ObjectType, chance: random.Random) -> None:
    if len(_others(tx, of)) < 12:
        number = chance.randrange(10**9)
        objects.add_field(tx, of.id, name=f"Field {number}", type=chance.choice(CONVERTIBLE), values=())


def _fill(tx: Writing, of: ObjectType, chance: random.Random) -> None:
    texts = [one for one in _others(tx, of) if one.type in (AttributeType.TEXT, AttributeType.LONG_TEXT)]
    for one in texts[:1]:
        for record_id in range(1, 40):
            registry.room(of.kind).edit(tx, record_id, **{one.key: str(chance.randrange(100))})


def _retype(tx: Writing, of: ObjectType, chance: random.Random) -> None:
    one = chance.choice(_others(tx, of) or [None])
    if one is not None:
        to = chance.choice([kind for kind in CONVERTIBLE if kind is not one.type])
        attributes.convert(tx, one.id, to, empty_rest=True)


def _delete(tx: Writing, of: ObjectType, chance: random.Random) -> None:
    if len(_others(tx, of)) > 3:
        objects.delete_field(tx, chance.choice(_others(tx, of)).id)


def _restore(tx: Writing, of: ObjectType, chance: random.Random) -> None:
    deleted = attributes.deleted(tx, of.kind)
    if deleted and len(_others(tx, of)) < 12:
        objects.restore_field(tx, chance.choice(deleted).id)


def run(folder: Path, kills: int, seed: int, longest: float = LONGEST, say: Callable[[str], None] = print) -> list[str]:
    """What was wrong after each kill, empty where nothing was."""
    prepare(folder)
    chance, found = random.Random(seed), []
    known = looked_at(folder)[1]
    for kill in range(1, kills + 1):
        lines = _live(folder, chance.randrange(2**32), chance.uniform(SHORTEST, longest))
        done = [line["holds"] for line in lines if "holds" in line]
        known = done[-1] if done else known
        faults, holds = looked_at(folder)
        under_way = bool(lines) and "trying" in lines[-1]
        if holds != known and not under_way:
            faults.append(f"kill {kill}: the store holds {holds}; told was {known}")
        known = holds
        found += faults
        doing = lines[-1].get("trying", "nothing") if lines else "nothing"
        say(f"kill {kill:3} during {doing.strip('_')}: {len(done)} changes acknowledged, {len(found)} faults")
    return found


def looked_at(folder: Path) -> tuple[list[str], State]:
    """The faults of the store, and what it holds; every record is read once."""
    store = Store(folder)
    faults = verify(store)
    with store.reading(SYSTEM) as tx:
        of = objects.types(tx)[0]
        for record_id in range(1, RECORDS + 1):
            registry.room(of.kind).get(tx, record_id)
        holds = state(tx, of)
    store.close()
    return faults, holds


def _live(folder: Path, seed: int, seconds: float) -> list[dict[str, Any]]:
    """One life of the product, ended by a kill; what it said."""
    command = [sys.executable, "-m", "benchmarks.kill.fields", "--work", str(folder), "--seed", str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as life:
        assert life.stdout is not None
        first = life.stdout.readline()  # the clock runs from the first change on
        time.sleep(seconds)
        life.send_signal(signal.SIGKILL)
        rest = life.stdout.read()
    # A line that the kill cut short says nothing.
    return [json.loads(line) for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds of work before a kill, at most")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.work:
        work(args.work, args.seed)
    with tempfile.TemporaryDirectory(prefix="mallard-kill-") as folder:
        found = run(Path(folder) / "store", args.kills, args.seed, args.longest)
    for fault in found:
        print(fault)
    print(f"{args.kills} kills, {len(found)} faults.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
