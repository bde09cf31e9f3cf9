"""Workers that use the API until the product dies, and write each answer into the ledger."""

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from standardwebhooks import Webhook

from benchmarks.kill.ledger import ROWS, Ledger
from benchmarks.kill.product import Product

PATIENCE = 60.0
"""Seconds that one request may take before it counts as a fault of its own."""
ORDERS = 20
"""Which come again and again, with another value."""
BREATH = 0.3
"""Seconds between imports, bulk changes, checkpoints and backups, which would otherwise leave no room for the rest."""


@dataclass(frozen=True)
class Cast:
    """Who and what the workers work with: a key for each of them, and what is nobody else's."""

    keys: dict[str, str]
    secret: str
    stages: list[int]
    owners: list[int]


class Workers:
    """One life of the product. `begun`: something has been done."""

    def __init__(
        self, product: Product, cast: Cast, ledger: Ledger, seed: int, numbers: "itertools.count[int]"
    ) -> None:
        self._product = product
        self._cast = cast
        self._ledger = ledger
        self._seed = seed
        self._numbers = numbers
        self._over = threading.Event()
        self.begun = threading.Event()
        jobs: dict[str, Callable[[httpx.Client, random.Random], None]] = {
            "moves": self._move,
            "edits": self._edit,
            "contacts": self._make_contact,
            "imports": self._import_file,
            "bulk changes": self._change_owner,
            "merges": self._merge,
            "orders": self._send_order,
        }
        self._threads = [threading.Thread(target=self._work, args=(kind, job)) for kind, job in jobs.items()]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def kill(self) -> None:
        """The product, and wait until everybody has noticed."""
        self._over.set()
        self._product.kill()
        for thread in self._threads:
            thread.join()

    def _work(self, kind: str, job: Callable[[httpx.Client, random.Random], None]) -> None:
        # One generator each: threads that shared one would draw in another order in every run.
        chance = random.Random(f"{self._seed} {kind}")
        headers = {"Authorization": f"Bearer {self._cast.keys[kind]}"} if kind in self._cast.keys else {}
        with httpx.Client(base_url=f"{self._product.url}/api/v1", headers=headers, timeout=PATIENCE) as api:
            try:
                while not self._over.is_set():
                    job(api, chance)
            except httpx.TransportError as error:
                if not self._over.is_set():
                    self._ledger.refusals.append(f"{kind}: no answer though nobody was killed: {error!r}")

    def _move(self, api: httpx.Client, chance: random.Random) -> None:
        ledger = self._ledger
        deal = chance.choice(list(ledger.deals))
        stage = chance.choice([stage for stage in self._cast.stages if stage != ledger.deals[deal][1]])
        # Before the request: if the product dies in it, the move may be there or not.
        ledger.moving[deal] = stage
        answer = self._answered("moves", api.post(f"/deals/{deal}/move", json={"stage_id": stage}))
        if answer:
            ledger.deals[deal] = (answer["version"], answer["stage_id"])
        # Not in a `finally`: after a request without an answer it says what may be there.
        del ledger.moving[deal]

    def _edit(self, api: httpx.Client, chance: random.Random) -> None:
        ledger = self._ledger
        contact, city = chance.choice(list(ledger.cities)), f"City {next(self._numbers)}"
        ledger.editing[contact] = city
        answer = self._answered("edits", api.patch(f"/contacts/{contact}", json={"city": city}))
        if answer:
            ledger.cities[contact] = (answer["version"], answer["city"])
        del ledger.editing[contact]

    def _make_contact(self, api: httpx.Client, _: random.Random) -> None:
        email = f"made{next(self._numbers)}@mallard.example"
        answer = self._answered("contacts", api.post("/contacts", json={"name": "Made by API", "email": email}))
        if answer:
            self._ledger.contacts[answer["id"]] = email

    def _import_file(self, api: httpx.Client, _: random.Random) -> None:
        begins = f"import{next(self._numbers)}-"
        lines = [f"Imported {n},{begins}{n}@mallard.example" for n in range(ROWS)]
        file = ("\n".join(["name,email", *lines]) + "\n").encode()
        begun = self._answered(
            "", api.post("/imports", data={"kind": "contacts"}, files={"file": ("people.csv", file)})
        )
        if begun:
            self._ledger.imports[begun["id"]] = begins
        while begun and not self._over.is_set():
            now = self._answered("", api.get(f"/imports/{begun['id']}"))
            if now and now["state"] == "done":
                self._ledger.imports_done.add(begun["id"])
                self._ledger.acknowledged["imports"] += 1
                break
            time.sleep(0.05)
        self._over.wait(BREATH)

    def _change_owner(self, api: httpx.Client, _: random.Random) -> None:
        ledger = self._ledger
        ledger.new_owner = next(user for user in self._cast.owners if user != ledger.owner)
        change = {"kind": "contacts", "action": "set_owner", "owner_id": ledger.new_owner, "ids": ledger.owned}
        if self._answered("bulk changes", api.post("/bulk-changes", json=change)):
            ledger.owner = ledger.new_owner
        ledger.new_owner = None
        self._over.wait(BREATH)

    def _merge(self, api: httpx.Client, _: random.Random) -> None:
        """Two contacts that each have what the other lacks."""
        number = next(self._numbers)
        stays = self._answered(
            "", api.post("/contacts", json={"name": "Twin", "email": f"twin{number}@mallard.example"})
        )
        goes = self._answered("", api.post("/contacts", json={"name": "Twin", "identifier": f"twin{number}"}))
        if not stays or not goes:
            return
        pair = (stays["id"], goes["id"])
        self._ledger.pairs[pair] = False
        self._ledger.merging = pair
        if self._answered("merges", api.post(f"/contacts/{pair[0]}/merge", json={"absorbed_id": pair[1]})):
            self._ledger.pairs[pair] = True
        self._ledger.merging = None

    def _send_order(self, api: httpx.Client, chance: random.Random) -> None:
        number, value = f"kill-{chance.randrange(ORDERS)}", Decimal(next(self._numbers))
        buyer = {"email": f"buyer-of-{number}@mallard.example", "name": "Buyer"}
        data = {"external_id": number, "title": "Lamp", "value": str(value), "currency": "BRL", "contact": buyer}
        body = json.dumps({"type": "order.updated", "data": data})
        message, now = f"msg_{next(self._numbers)}", datetime.now(UTC)
        headers = {
            "webhook-id": message,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self._cast.secret).sign(message, now, body),
            "content-type": "application/json",
        }
        self._ledger.ordering[number] = value
        if self._answered("orders", api.post("/hooks/orders", content=body, headers=headers)):
            self._ledger.orders[number] = value
        del self._ledger.ordering[number]

    def _answered(self, kind: str, response: httpx.Response) -> dict[str, Any] | None:
        """The body of the answer, None for a refusal. A change of a kind is counted; a refusal is noted, except the one
        to slow down."""
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            self._over.wait(0.1)
        elif response.is_error:
            self._ledger.refusals.append(f"{response.request.url.path}: {response.status_code} {response.text[:200]}")
        if response.is_error:
            return None
        if kind:
            self._ledger.acknowledged[kind] += 1
        self.begun.set()
        answer: dict[str, Any] = response.json()
        return answer
