"""A request that is sent again is not done again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team

KEY = {"Idempotency-Key": "4f7c"}


def test_the_same_key_and_request_answer_the_same_and_make_one_record(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    first = ana.post("/contacts", json={"name": "Lia"}, headers=KEY)
    again = ana.post("/contacts", json={"name": "Lia"}, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    for header in ("Location", "ETag", "Content-Type"):
        assert again.headers[header] == first.headers[header]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ana.get("/contacts").json()["total"] == 1


def test_without_a_key_each_request_counts(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    for _ in range(2):
        ana.post("/contacts", json={"name": "Lia"})
    assert ana.get("/contacts").json()["total"] == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [("/contacts", {"name": "Bia"}), ("/companies", {"name": "Lia"}), ("/contacts?x=1", {"name": "Lia"})],
)
def test_the_same_key_with_another_request_is_refused(
    client: Clients, team: Team, path: str, body: dict[str, str]
) -> None:
    ana = client(team.ana)
    ana.post("/contacts", json={"name": "Lia"}, headers=KEY)
    refused = ana.post(path, json=body, headers=KEY)
    assert refused.status_code == 422
    assert ana.get("/contacts").json()["total"] == 1
    assert ana.get("/companies").json()["total"] == 0


def test_a_key_is_ones_own(client: Clients, team: Team) -> None:
    made = [
        client(actor).post("/contacts", json={"name": "Lia"}, headers=KEY).json()["id"]
        for actor in (team.ana, team.bob)
    ]
    assert made[0] != made[1]


def test_a_refusal_is_not_kept_so_the_key_can_be_used_again(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    first = ana.post("/contacts", json={"email": "lia@example.com"}).json()
    assert ana.post("/contacts", json={"email": "LIA@example.com"}, headers=KEY).status_code == 409
    ana.delete(f"/contacts/{first['id']}")
    assert ana.post("/contacts", json={"email": "LIA@example.com"}, headers=KEY).status_code == 201


def test_an_edit_sent_again_is_not_stale(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    headers = {**KEY, "If-Match": f'"{chairs.version}"'}
    answers = [ana.patch(f"/deals/{chairs.id}", json={"title": "Red"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[1].json()["version"] == chairs.version + 1


def test_a_deletion_sent_again_is_done_once(client: Clients, team: Team, chairs: Deal) -> None:
    ana = client(team.ana)
    answers = [ana.delete(f"/deals/{chairs.id}", headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[1].headers["Idempotency-Replayed"] == "true"


def test_requests_that_arrive_at_once_make_one_record(client: Clients, team: Team) -> None:
    clients = [client(team.ana) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda ana: ana.post("/contacts", json={"name": "Lia"}, headers=KEY), clients))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 7
    assert clients[0].get("/contacts").json()["total"] == 1


def test_a_key_is_a_short_word(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    ana = client(team.ana)
    for key in ("", "a b", "é", "x" * 256, "a\tb"):
        with subtests.test(key=key[:20]):
            refused = ana.post("/contacts", json={"name": "Lia"}, headers={"Idempotency-Key": key.encode()})
            assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


def test_keys_are_forgotten_after_a_week(
    store: Store, client: Clients, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = client(team.ana)
    ana.post("/contacts", json={"name": "Lia"}, headers=KEY)
    later = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: later)
    ana.post("/contacts", json={"name": "Bia"}, headers={"Idempotency-Key": "other"})
    with store.reading(SYSTEM) as tx:
        assert [row["key"] for row in tx.rows("SELECT key FROM base.idempotency_keys")] == ["other"]
