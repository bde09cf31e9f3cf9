"""Notices over the API: one's own, read by oneself, whatever one's role."""

import pytest

from crm.foundation.access import SYSTEM
from crm.platform import notices
from crm.platform.people.tokens import Scope
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def left(store: Store, team: Team) -> None:
    """Two for each of Ana and Vera."""
    with store.writing(SYSTEM) as tx:
        for user_id in (team.ids.ana, team.ids.vera):
            notices.leave(tx, user_id, "First", "/deal?deal=1")
            notices.leave(tx, user_id, "Second", kind="assigned", by_id=team.ids.marta, many=3)


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize("name", ["ana", "vera"])
def test_the_caller_finds_their_own_and_marks_one_or_all_as_read(client: Clients, team: Team, name: str) -> None:
    caller = client(getattr(team, name))
    second, first = caller.get("/notices").json()["items"]
    assert (first["text"], first["link"], first["read_at"]) == ("First", "/deal?deal=1", None)
    assert (second["text"], second["kind"], second["by_id"], second["many"]) == (
        *("Second", "assigned"),
        *(team.ids.marta, 3),
    )
    assert {one["user_id"] for one in (first, second)} == {getattr(team.ids, name)}
    assert caller.post(f"/notices/{first['id']}/read").status_code == 204
    assert [one["text"] for one in caller.get("/notices", params={"unread": True}).json()["items"]] == ["Second"]
    assert caller.post("/notices/read").status_code == 204
    assert caller.get("/notices", params={"unread": True}).json() == {"items": [], "total": 0, "next": None}
    assert caller.get("/notices").json()["total"] == 2


@pytest.mark.usefixtures("left")
def test_a_notice_that_was_read_keeps_its_moment(client: Clients, team: Team) -> None:
    ana = client(team.ana)
    first = ana.get("/notices").json()["items"][1]["id"]
    ana.post(f"/notices/{first}/read")
    read_at = ana.get("/notices").json()["items"][1]["read_at"]
    ana.post(f"/notices/{first}/read")
    ana.post("/notices/read")
    assert ana.get("/notices").json()["items"][1]["read_at"] == read_at


@pytest.mark.usefixtures("left")
@pytest.mark.parametrize("name", ["ada", "marta", "bob"])
def test_nobody_sees_or_marks_those_of_others(client: Clients, team: Team, name: str) -> None:
    other, ana = client(getattr(team, name)), client(team.ana)
    assert other.get("/notices").json()["items"] == []
    first = ana.get("/notices").json()["items"][0]["id"]
    assert other.post(f"/notices/{first}/read").status_code == 404
    assert other.post("/notices/read").status_code == 204
    assert ana.get("/notices", params={"unread": True}).json()["total"] == 2


@pytest.mark.usefixtures("left")
def test_a_token_that_may_not_write_marks_nothing(client: Clients, team: Team) -> None:
    reader = client(team.ana, Scope.READ)
    first = reader.get("/notices").json()["items"][0]["id"]
    assert reader.post(f"/notices/{first}/read").status_code == 403
    assert reader.post("/notices/read").status_code == 403
    assert reader.get("/notices", params={"unread": True}).json()["total"] == 2
