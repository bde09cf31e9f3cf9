"""What the API says when it does not do what was asked."""

import inspect

import pytest
from starlette.testclient import TestClient

from crm import contacts
from crm.api import problems, rate
from crm.foundation import errors
from crm.foundation.errors import CrmError, StoreRefused, Unavailable
from crm.platform.people.tokens import Scope
from tests.api.conftest import Clients
from tests.people import Team

JSON = {"Content-Type": "application/json"}


def test_every_refusal_has_a_status() -> None:
    known = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, CrmError)]
    without = {kind for kind in known if not set(kind.__mro__) & set(problems.STATUSES)}
    assert without == {CrmError, StoreRefused, errors.StoreHeld}, "only what no request can meet has none"


def test_without_a_token_nothing_is_shown(subtests: pytest.Subtests, anyone: TestClient, team: Team) -> None:
    for given in ("", "Bearer", "Bearer crm_1_x", "Basic YTpi", "bearer", "Token x", "Bearer \u00e9", None):
        with subtests.test(given=given):
            headers = {} if given is None else {"Authorization": given.encode()}
            refused = anyone.get("/contacts", headers=headers)
            assert (refused.status_code, refused.json()["type"]) == (401, "urn:mallard:problem:unauthenticated")
            assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_in_the_address_is_not_taken(anyone: TestClient, team: Team) -> None:
    assert anyone.get("/users/me?token=crm_1_x").status_code in (401, 422)


def test_an_address_that_is_not_there_is_a_problem_too(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    ana = client(team.ana)
    for path in ("/nothing", "/contacts/", "/contacts/1/nothing", "/docs", "/redoc", "/.env"):
        with subtests.test(path=path):
            refused = ana.get(path)
            assert (refused.status_code, refused.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_wrong_method_is_405(client: Clients, team: Team) -> None:
    refused = client(team.ana).put("/contacts", json={})
    assert (refused.status_code, refused.json()["title"]) == (405, "Wrong method")
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "POST"}


UNREADABLE = (
    b"{", b"", b"nothing", b"\xff\xfe", b'{"name": "\xff"}', b"[" * 100_000, b'{"name": NaN', b'{"a":' * 50_000,
)  # fmt: skip


def test_a_body_that_cannot_be_read_is_refused(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    ana = client(team.ana)
    for body in UNREADABLE:
        with subtests.test(body=body[:20]):
            refused = ana.post("/contacts", content=body, headers=JSON)
            assert refused.status_code in (400, 422)
            assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_is_not_sent_as_json_is_told_how(client: Clients, team: Team) -> None:
    refused = client(team.ana).post("/contacts", content=b'{"name": "Lia"}', headers={"Content-Type": "text/plain"})
    assert refused.status_code == 422
    assert "Content-Type: application/json" in refused.json()["detail"]


WRONG_SHAPES = (
    b"null",
    b"[]",
    b"3",
    b'"x"',
    b'{"name": {"a": 1}}',
    b'{"name": "\\ud800"}',
    b'{"name": "a\\u0000b"}',
    b'{"labels": ["\\ud800"]}',
    b'{"name": "x", "attributes": {"\\ud800": "\\ud800"}}',
    b'{"name": "x", "attributes": {"a": NaN}}',
    b'{"name": "x", "attributes": {"a": ' + b"[" * 900 + b"]" * 900 + b"}}",
)


def test_json_of_the_wrong_shape_is_422(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    ana = client(team.ana)
    for body in WRONG_SHAPES:
        with subtests.test(body=body[:60]):
            refused = ana.post("/contacts", content=body, headers=JSON)
            assert refused.status_code == 422, refused.text
    assert ana.get("/contacts").json()["total"] == 0


def test_an_id_that_can_be_nobodys_is_refused(subtests: pytest.Subtests, client: Clients, team: Team) -> None:
    ana = client(team.ana)
    for number in ("0", "-1", "abc", "1.5", str(2**63), "9" * 400, "1%00", "%F0%9F%A6%86", "١"):
        with subtests.test(number=number[:20]):
            refused = ana.get(f"/contacts/{number}")
            assert refused.status_code in (404, 422), refused.text
            assert refused.headers["Content-Type"] == "application/problem+json"


def test_the_body_has_a_limit_declared_or_not(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    large = b'{"name": "' + b"x" * 2**20 + b'"}'
    assert ana.post("/contacts", content=large, headers=JSON).status_code == 413
    in_parts = ana.post("/contacts", content=iter([large[:1000], large[1000:]]), headers=JSON)
    assert (in_parts.status_code, in_parts.headers["Content-Type"]) == (413, "application/problem+json")
    lying = ana.post("/contacts", content=b"{}", headers={**JSON, "Content-Length": "-5"})
    assert lying.status_code == 413


def test_a_fault_of_ours_shows_nothing_of_the_house(
    client: Clients, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret path /work/main")

    monkeypatch.setattr(contacts, "get", broken)
    refused = client(team.ana).get("/contacts/1")
    assert (refused.status_code, refused.headers["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in refused.text
    assert "Traceback" not in refused.text


def test_a_store_that_cannot_write_now_says_when_to_try_again(
    client: Clients, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(contacts, "create", full)
    refused = client(team.ana).post("/contacts", json={"name": "Lia"})
    assert (refused.status_code, refused.json()["detail"]) == (503, "The disk is full.")
    assert int(refused.headers["Retry-After"]) > 0


def test_a_token_that_asks_too_often_is_asked_to_wait(
    client: Clients, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate, "BURST", 3)
    monkeypatch.setattr(rate, "PER_SECOND", 0)
    ana, bob = client(team.ana), client(team.bob)
    answers = [ana.get("/users/me").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert ana.get("/users/me").headers["Retry-After"] == "1"
    assert bob.get("/users/me").status_code == 200, "others are not held up"


def test_a_token_without_the_scope_to_read_reads_nothing(client: Clients, team: Team) -> None:
    writer = client(team.ana, Scope.WRITE)
    made = writer.post("/contacts", json={"name": "Lia"})
    assert made.status_code == 201
    refused = writer.get(f"/contacts/{made.json()['id']}")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:mallard:problem:forbidden")


def test_no_cache_may_keep_an_answer(client: Clients, anyone: TestClient, team: Team) -> None:
    ana = client(team.ana)
    answers = [
        ana.get("/users/me"),
        ana.get("/nothing"),
        anyone.get("/users/me"),
        ana.post("/contacts", json={"name": "L"}),
    ]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


def test_a_refusal_says_which_scopes_the_token_has(client: Clients, team: Team) -> None:
    refused = client(team.ana, Scope.READ).post("/contacts", json={"name": "Lia"})
    assert refused.status_code == 403
    assert refused.json()["detail"].endswith("The token's scopes are: read.")


def test_health_needs_no_token(anyone: TestClient) -> None:
    assert anyone.get("/healthz").json() == {"status": "ok"}
