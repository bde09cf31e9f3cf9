"""kill -9 at a random moment, again and again, while deals are moved, contacts made and files imported by API.

    python -m benchmarks.kill [--kills 30 --seed 1]

After each kill the store is opened as it lies there: what somebody was told is done must be there, an import must be
there as a whole or not at all, and the store must be sound in the eyes of `crm verify`.
"""

import argparse
import itertools
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.served import Served, start
from crm import tokens
from crm.access import SYSTEM
from crm.demo.fill import fill
from crm.store import Reading, Store
from crm.store.verify import verify
from crm.tokens import Scope

MOVERS = 3
ROWS = 2_000
"""Of each imported file."""
SHORTEST, LONGEST = 0.2, 3.0
"""Seconds of work before a kill."""
PATIENCE = 20.0
"""Seconds that one request may take before it counts as a fault of its own."""


@dataclass
class Ledger:
    """What was acknowledged, and what was asked for when the product died: that may be there or not."""

    deals: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Deal → version and stage of its last acknowledged move."""
    in_doubt: dict[int, int] = field(default_factory=dict)
    """Deal → the stage that it was asked into without an answer."""
    contacts: dict[int, str] = field(default_factory=dict)
    """Contact → email."""
    imports: dict[int, str] = field(default_factory=dict)
    """Import → what its addresses begin with."""
    imports_done: set[int] = field(default_factory=set)
    moves: int = 0
    refusals: list[str] = field(default_factory=list)


class Round:
    """One life of the product: people at work until it is killed."""

    def __init__(self, server: Served, keys: list[str], ledger: Ledger, numbers: "itertools.count[int]") -> None:
        self._server = server
        self._keys = keys
        self._ledger = ledger
        self._numbers = numbers
        self._at_work = threading.Event()
        self._killed = threading.Event()

    def live(self, chance: random.Random, deals: list[list[int]], stages: list[int], seconds: float) -> None:
        """Work, kill so many seconds after the first thing is done, and wait until everybody has noticed."""
        seeds = [chance.random() for _ in deals]
        jobs: list[Callable[[httpx.Client], None]] = [
            lambda api, own=own, seed=seed: self._move(api, random.Random(seed), own, stages)
            for own, seed in zip(deals, seeds, strict=True)
        ]
        workers = [
            threading.Thread(target=self._work, args=(key, job))
            for key, job in zip(self._keys, [*jobs, self._make_contacts, self._import_files], strict=True)
        ]
        for worker in workers:
            worker.start()
        self._at_work.wait(PATIENCE)
        time.sleep(seconds)
        self._killed.set()
        self._server.kill()
        for worker in workers:
            worker.join()

    def _work(self, key: str, job: Callable[[httpx.Client], None]) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=f"{self._server.url}/api/v1", headers=headers, timeout=PATIENCE) as api:
            try:
                while not self._killed.is_set():
                    job(api)
            except httpx.TransportError as error:
                if not self._killed.is_set():
                    self._ledger.refusals.append(f"no answer though nobody was killed: {error!r}")

    def _move(self, api: httpx.Client, chance: random.Random, deals: list[int], stages: list[int]) -> None:
        while not self._killed.is_set():
            deal = chance.choice(deals)
            stage = chance.choice([stage for stage in stages if stage != self._ledger.deals[deal][1]])
            self._ledger.in_doubt[deal] = stage
            answer = self._asked(api.post(f"/deals/{deal}/move", json={"stage_id": stage}))
            if answer:
                self._ledger.deals[deal] = (answer["version"], answer["stage_id"])
                self._ledger.moves += 1
            del self._ledger.in_doubt[deal]

    def _make_contacts(self, api: httpx.Client) -> None:
        email = f"made{next(self._numbers)}@mallard.example"
        answer = self._asked(api.post("/contacts", json={"name": "Made by API", "email": email}))
        if answer:
            self._ledger.contacts[answer["id"]] = email

    def _import_files(self, api: httpx.Client) -> None:
        begins = f"import{next(self._numbers)}-"
        lines = [f"Imported {n},{begins}{n}@mallard.example" for n in range(ROWS)]
        file = ("\n".join(["name,email", *lines]) + "\n").encode()
        answer = self._asked(api.post("/imports", data={"kind": "contacts"}, files={"file": ("people.csv", file)}))
        if not answer:
            time.sleep(0.2)
            return
        self._ledger.imports[answer["id"]] = begins
        while not self._killed.is_set():
            now = self._asked(api.get(f"/imports/{answer['id']}"))
            if now and now["state"] == "done":
                self._ledger.imports_done.add(answer["id"])
                return
            time.sleep(0.05)

    def _asked(self, response: httpx.Response) -> dict[str, int] | None:
        """The answer of what was done; a refusal is noted, except for the one to slow down."""
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            time.sleep(0.1)
        elif response.is_error:
            self._ledger.refusals.append(f"{response.request.url.path}: {response.status_code} {response.text[:200]}")
        if response.is_error:
            return None
        self._at_work.set()
        return response.json()


def losses(store: Store, ledger: Ledger) -> list[str]:
    """What was acknowledged and is not there, and what is there by half; each as a sentence. The ledger is then
    brought to what the store says, for the next life."""
    with store.reading(SYSTEM) as tx:
        found = [*_lost_moves(tx, ledger), *_lost_contacts(tx, ledger), *_broken_imports(tx, ledger)]
    ledger.in_doubt.clear()
    return found


def _lost_moves(tx: Reading, ledger: Ledger) -> list[str]:
    found = []
    rows = tx.rows("SELECT id, version, stage_id FROM deals WHERE id = ANY($ids)", ids=list(ledger.deals))
    there = {row["id"]: (row["version"], row["stage_id"]) for row in rows}
    for deal, told in ledger.deals.items():
        one_further = (told[0] + 1, ledger.in_doubt.get(deal))
        if there.get(deal) not in (told, one_further):
            found.append(f"Deal {deal} has (version, stage) {there.get(deal)}; told was {told}.")
    ledger.deals.update(there)
    return found


def _lost_contacts(tx: Reading, ledger: Ledger) -> list[str]:
    rows = tx.rows("SELECT id, email FROM contacts WHERE email LIKE 'made%@mallard.example'")
    there = {row["id"]: row["email"] for row in rows}
    told = ledger.contacts.items()
    return [f"Contact {number} ({email}) is gone." for number, email in told if there.get(number) != email]


def _broken_imports(tx: Reading, ledger: Ledger) -> list[str]:
    rows = tx.rows(
        """
        SELECT split_part(email, '-', 1) || '-' AS begins, count(*) AS count
        FROM contacts
        WHERE email LIKE 'import%@mallard.example'
        GROUP BY ALL
        """
    )
    counts = {row["begins"]: row["count"] for row in rows}
    states = {row["id"]: row["state"] for row in tx.rows("SELECT id, state FROM imports")}
    found = [f"{begins} has {count} of {ROWS} rows." for begins, count in counts.items() if count != ROWS]
    for number, begins in ledger.imports.items():
        state, told_done = states.get(number), number in ledger.imports_done
        if state is None or (state == "done") != (begins in counts) or (told_done and state != "done"):
            found.append(f"Import {number} is {state or 'gone'}, with {counts.get(begins, 0)} rows.")
    return found


def run(folder: Path, kills: int, seed: int, longest: float = LONGEST) -> list[str]:
    """Everything that was lost, broken or refused, empty where nothing was; prints how it goes."""
    chance, ledger, numbers = random.Random(seed), Ledger(), itertools.count()
    keys, deals, stages = _prepare(folder, ledger)
    found: list[str] = []
    for kill in range(1, kills + 1):
        seconds = chance.uniform(SHORTEST, longest)
        Round(start(folder), keys, ledger, numbers).live(chance, deals, stages, seconds)
        store = Store(folder)
        found += [*verify(store), *losses(store, ledger)]
        store.close()
        print(
            f"kill {kill:2} after {seconds:.1f} s: {ledger.moves} moves, {len(ledger.contacts)} contacts, "
            f"{len(ledger.imports_done)} imports of {ROWS:,} acknowledged so far; {len(found)} lost or broken",
            flush=True,
        )
    return found + _left_lying(start(folder), keys[0]) + ledger.refusals


def _left_lying(server: Served, key: str) -> list[str]:
    """Imports that a last life of the product, in peace, does not take up again and bring to an end."""
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(base_url=f"{server.url}/api/v1", headers={"Authorization": f"Bearer {key}"}) as api:
        while True:
            listed = api.get("/imports", params={"limit": 500}).raise_for_status().json()["items"]
            lying = [one for one in listed if one["state"] in ("queued", "running")]
            if not lying or time.monotonic() > deadline:
                break
            time.sleep(0.2)
    server.kill()
    return [f"Import {one['id']} stays {one['state']}." for one in lying]


def _prepare(folder: Path, ledger: Ledger) -> tuple[list[str], list[list[int]], list[int]]:
    """A demo store; a key for each worker, each mover's own deals, and the stages to move them between."""
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        fill(tx)
        user = tx.value("SELECT id FROM users WHERE role = 'administrator'")
        scopes = (Scope.READ, Scope.WRITE, Scope.IMPORT)
        keys = [
            tokens.issue(tx, name=f"worker {n}", scopes=scopes, expires_at=None, user_id=user).text
            for n in range(MOVERS + 2)
        ]
        stages = [row["id"] for row in tx.rows("SELECT id FROM stages WHERE pipeline_id = 1 AND kind = 'open'")]
        rows = tx.rows("SELECT id, version, stage_id FROM deals WHERE stage_id = ANY($stages)", stages=stages)
    store.close()
    ledger.deals.update({row["id"]: (row["version"], row["stage_id"]) for row in rows})
    ids = [row["id"] for row in rows]
    return keys, [ids[n::MOVERS] for n in range(MOVERS)], stages


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kills", type=int, default=30)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-kill-") as folder:
        found = run(Path(folder) / "store", given.kills, given.seed)
    for loss in found:
        print(loss)
    print(f"{given.kills} kills, {len(found)} lost, broken or refused.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
