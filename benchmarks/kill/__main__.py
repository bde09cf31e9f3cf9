"""Runs the lives of the product one after the other, and reports what was lost in each."""

import argparse
import itertools
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx

import benchmarks.kill
from benchmarks.kill.ledger import SOURCE, Ledger, Loss
from benchmarks.kill.losses import broken_backups, losses
from benchmarks.kill.maintenance import Maintenance
from benchmarks.kill.product import Product
from benchmarks.kill.workers import PATIENCE, Cast, Workers
from crm.demo.fill import fill
from crm.foundation.access import SYSTEM
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope
from crm.store import Store
from crm.verify import verify
from crm.webhooks import inbound

SHORTEST, LONGEST = 0.2, 3.0
"""Seconds of work before a kill."""
MOMENTS = ("at work", "checkpoint", "backup")
"""In turn: of three kills one falls into a checkpoint and one into a backup."""
AT_ONCE = 200
"""Contacts that a bulk change gives to somebody else."""
BY_API = ("moves", "edits", "contacts", "imports", "bulk changes", "merges")


def run(folder: Path, kills: int, seed: int, longest: float = LONGEST) -> list[str]:
    """Everything that was lost, broken or refused, empty where nothing was; prints how it goes."""
    chance, ledger, numbers = random.Random(seed), Ledger(), itertools.count()
    cast = _prepare(folder, ledger)
    found: list[Loss] = []
    hits: Counter[str] = Counter()
    for kill in range(1, kills + 1):
        seconds, moment = chance.uniform(SHORTEST, longest), MOMENTS[kill % len(MOMENTS)]
        hit = _live(folder, cast, ledger, (chance.randrange(2**32), numbers), seconds, moment, chance.random())
        hits[moment] += hit
        store = Store(folder)
        found += [Loss("verify", fault) for fault in verify(store)]
        found += [*losses(store, ledger), *broken_backups(store, ledger, folder.with_name("aside"))]
        store.close()
        where = f"in the midst of a {moment}" if hit and moment != MOMENTS[0] else f"{seconds:.1f} s into work"
        print(
            f"kill {kill:3} {where}: {ledger.acknowledged.total():,} acknowledged so far, {len(found)} lost", flush=True
        )
    found += [Loss("imports", text) for text in _unfinished(Product(folder), cast.keys["imports"])]
    _print_summary(ledger, found, hits)
    return [loss.text for loss in found] + ledger.refusals


def _live(
    folder: Path,
    cast: Cast,
    ledger: Ledger,
    order: "tuple[int, itertools.count[int]]",
    seconds: float,
    moment: str,
    part: float,
) -> bool:
    """One life: work for so many seconds, then the kill, which falls into that part of a checkpoint or a backup;
    whether it did."""
    product = Product(folder)
    workers, maintenance = Workers(product, cast, ledger, *order), Maintenance(product, ledger)
    workers.start()
    # The clock runs from the first answer: a life in which nothing was done could lose nothing.
    workers.begun.wait(PATIENCE)
    maintenance.start()
    time.sleep(seconds)
    maintenance.stop()
    # A kill at work, with neither of them under way.
    if moment not in maintenance.took:
        workers.kill()
        return True
    maintenance.begin(moment)
    # The best guess of how long this one takes is how long the last one took.
    time.sleep(maintenance.took[moment] * part)
    workers.kill()
    return not maintenance.end(moment)


def _print_summary(ledger: Ledger, found: list[Loss], hits: "Counter[str]") -> None:
    lost = Counter(loss.kind for loss in found)
    print(f"{'kind':<14}{'acknowledged':>13}{'lost':>6}")
    for kind in {**ledger.acknowledged, **lost}:
        print(f"{kind:<14}{ledger.acknowledged[kind]:>13,}{lost[kind]:>6}")
    print(f"Kills {', '.join(f'{moment}: {count}' for moment, count in hits.items())}.")


def _unfinished(product: Product, key: str) -> list[str]:
    """Imports that a last, undisturbed life of the product does not bring to an end."""
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(base_url=f"{product.url}/api/v1", headers={"Authorization": f"Bearer {key}"}) as api:
        while True:
            listed = api.get("/imports", params={"limit": 500}).raise_for_status().json()["items"]
            # An import that a kill cut short begins anew by itself: here nothing kills it any more.
            unfinished = [each for each in listed if each["state"] in ("queued", "running")]
            if not unfinished or time.monotonic() > deadline:
                break
            time.sleep(0.2)
    product.kill()
    return [f"Import {each['id']} stays {each['state']}." for each in unfinished]


def _prepare(folder: Path, ledger: Ledger) -> Cast:
    """A demo store, its deals and contacts parted among the workers."""
    store = Store(folder)
    with store.writing(SYSTEM) as tx:
        fill(tx)
        user = tx.value("SELECT id FROM users WHERE role = 'administrator'")
        scopes = (Scope.READ, Scope.WRITE, Scope.IMPORT)
        keys = {kind: tokens.issue(tx, name=kind, scopes=scopes, expires_at=None, user_id=user).text for kind in BY_API}
        secret = inbound.make(tx, SOURCE)
        stages = [row["id"] for row in tx.rows("SELECT id FROM stages WHERE pipeline_id = 1 AND kind = 'open'")]
        owners = [row["id"] for row in tx.rows("SELECT id FROM users WHERE role = 'rep' ORDER BY id LIMIT 2")]
        deals = tx.rows("SELECT id, version, stage_id FROM deals WHERE stage_id = ANY($stages)", stages=stages)
        people = tx.rows("SELECT id, version, city FROM contacts ORDER BY id LIMIT $most", most=2 * AT_ONCE)
        orders = tx.rows("SELECT external_id, value FROM orders WHERE source = $source", source=SOURCE)
    store.close()
    ledger.deals.update({row["id"]: (row["version"], row["stage_id"]) for row in deals})
    ledger.cities.update({row["id"]: (row["version"], row["city"]) for row in people[AT_ONCE:]})
    ledger.owned.extend(row["id"] for row in people[:AT_ONCE])
    ledger.orders.update({row["external_id"]: row["value"] for row in orders})
    return Cast(keys, secret, stages, owners)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=benchmarks.kill.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds of work before a kill, at most")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mallard-kill-") as folder:
        found = run(Path(folder) / "store", args.kills, args.seed, args.longest)
    for loss in found:
        print(loss)
    print(f"{args.kills} kills, {len(found)} lost, broken or refused.")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
