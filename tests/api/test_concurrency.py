"""Many at once: no acknowledged change is lost, and reads go on while changes wait."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from starlette.testclient import TestClient

from crm.api import callers
from crm.deals import Deal
from crm.store import Store
from crm.verify import verify
from tests.api.conftest import Clients
from tests.people import Team

THREADS = 8
EDITS = 3


def add_one(client: TestClient, path: str) -> None:
    """Read the value, write it back with one more, and start again where somebody else was first."""
    while True:
        seen = client.get(path)
        value = int(float(seen.json()["value"])) + 1
        answer = client.patch(path, json={"value": str(value)}, headers={"If-Match": seen.headers["ETag"]})
        if answer.status_code == 200:
            return
        assert answer.status_code == 412, answer.text


def test_eight_people_who_count_up_one_deal_lose_nothing(
    store: Store, client: Clients, team: Team, chairs: Deal
) -> None:
    path = f"/deals/{chairs.id}"
    clients = [client(team.ana) for _ in range(THREADS)]

    def count_up(caller: TestClient) -> None:
        for _ in range(EDITS):
            add_one(caller, path)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(count_up, clients))
    deal = clients[0].get(path).json()
    assert float(deal["value"]) == 1200 + THREADS * EDITS
    assert deal["version"] == chairs.version + THREADS * EDITS
    assert verify(store) == []


def test_of_many_who_win_one_deal_at_once_one_does(client: Clients, team: Team, chairs: Deal) -> None:
    clients = [client(team.ana) for _ in range(THREADS)]

    def win(caller: TestClient) -> Any:
        return caller.post(f"/deals/{chairs.id}/win", headers={"If-Match": f'"{chairs.version}"'})

    with ThreadPoolExecutor(THREADS) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(win, clients))
    assert statuses == [200] + [412] * (THREADS - 1)
    history = clients[0].get(f"/deals/{chairs.id}/history").json()["items"]
    assert [step["kind"] for step in history] == ["create", "won"]


def test_of_many_who_make_one_email_at_once_one_does(store: Store, client: Clients, team: Team) -> None:
    clients = [client(team.ana) for _ in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda ana: ana.post("/contacts", json={"email": "lia@example.com"}), clients))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (THREADS - 1)
    assert verify(store) == []


def test_when_too_many_changes_wait_one_more_is_asked_to_come_back(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    taken = 0
    while callers.WAITING_WRITERS.acquire(blocking=False):
        taken += 1
    try:
        refused = ana.post("/contacts", json={"name": "Lia"})
        assert (refused.status_code, ana.get("/contacts").status_code) == (503, 200)
    finally:
        callers.WAITING_WRITERS.release(taken)
    assert ana.post("/contacts", json={"name": "Lia"}).status_code == 201
