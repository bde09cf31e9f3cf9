"""While bombs run, the product answers."""

import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx

from benchmarks.served import served
from crm.foundation.access import FOREVER
from crm.platform.people import tokens, users
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.people import find
from tests.workbench.attacks import BOMBS

ENDS_WITHIN = 2.0
"""Seconds of an answer of /healthz."""
SAMPLE = ("a sort", "a cross join", "a recursion that doubles", "a pattern")


def test_the_product_answers_while_bombs_run(staffed_store: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(staffed_store, tmp_path / "store")
    store = Store(folder, threads=1)
    people = find(store)
    given = []
    for person in (people.rui, people.marta):
        with store.writing(users.actor(store, person, confirmed_until=FOREVER)) as tx:
            given.append(tokens.issue(tx, name="Test", scopes=(Scope.SQL,), expires_at=None).text)
    store.close()
    with served(folder) as server:

        def bomb(token: str, what: str) -> None:
            headers = {"Authorization": f"Bearer {token}"}
            with suppress(httpx.TransportError):  # the server is killed before all have ended
                httpx.post(f"{server.url}/api/v1/sql", json={"sql": BOMBS[what]}, headers=headers, timeout=120)

        threads = [threading.Thread(target=bomb, args=(given[place % 2], what)) for place, what in enumerate(SAMPLE)]
        for thread in threads:
            thread.start()
        longest, asked = 0.0, 0
        ends = time.monotonic() + 15
        while any(thread.is_alive() for thread in threads) and time.monotonic() < ends:
            began = time.monotonic()
            assert httpx.get(f"{server.url}/healthz", timeout=10).is_success
            longest, asked = max(longest, time.monotonic() - began), asked + 1
            time.sleep(0.1)
        server.kill()  # the bombs end with it
        for thread in threads:
            thread.join(10)
    assert asked > 10
    assert longest < ENDS_WITHIN
