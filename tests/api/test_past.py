"""A past day over the API: the board and its deals as they were, and who sees what of them."""

from datetime import date, timedelta

import pytest

from crm import deals
from crm.foundation import clock
from crm.pipelines import Pipeline
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def yesterday(store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch) -> str:
    """Since that day, Ana's deal of 100 was won at 300."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=100)
        day = tx.today
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=1))
    with store.writing(team.ana) as tx:
        deals.edit(tx, deal.id, value=300)
        deals.win(tx, deal.id)
    return str(day)


def test_the_board_and_the_deals_of_a_past_day(client: Clients, team: Team, sales: Pipeline, yesterday: str) -> None:
    vera = client(team.vera)
    now = vera.get("/reports/board", params={"pipeline": "1"}).json()
    then = vera.get("/reports/board", params={"pipeline": "1", "as_of": yesterday}).json()
    assert [column["value"] for column in now["columns"] if column["count"]] == ["300.0000"]
    assert [(column["kind"], column["value"]) for column in then["columns"] if column["count"]] == [
        ("open", "100.0000")
    ]
    assert then["as_of"] == yesterday
    stage = {"pipeline": "1", "as_of": yesterday, "stage": str(then["columns"][0]["stage_id"])}
    listed = vera.get("/reports/board/deals", params=stage).json()
    assert [(one["title"], one["status"], one["value"]) for one in listed["items"]] == [("Chairs", "open", "100.0000")]
    assert listed["total"] == 1
    nobody = vera.get("/reports/board", params={"pipeline": "1", "as_of": yesterday, "owner": str(team.ids.bob)})
    assert [column["count"] for column in nobody.json()["columns"]] == [0] * len(then["columns"])


def test_the_past_hides_what_the_present_hides(
    client: Clients, team: Team, sales: Pipeline, yesterday: str, private: None
) -> None:
    counts = {}
    for name in ("ana", "bob", "marta"):
        asked = {"pipeline": "1", "as_of": yesterday}
        board = client(getattr(team, name)).get("/reports/board", params=asked).json()
        listed = client(getattr(team, name)).get("/reports/board/deals", params=asked).json()
        counts[name] = sum(column["count"] for column in board["columns"]), listed["total"]
    assert counts == {"ana": (1, 1), "bob": (0, 0), "marta": (1, 1)}


@pytest.mark.parametrize(
    "query",
    [
        {"pipeline": "1", "as_of": "2999-01-01"},
        {"pipeline": "1", "as_of": "soon"},
        {"pipeline": "x"},
        {"pipeline": "1", "owner": "x"},
    ],
)
def test_a_wrong_day_or_number_is_refused(client: Clients, team: Team, sales: Pipeline, query: dict[str, str]) -> None:
    assert client(team.vera).get("/reports/board", params=query).status_code == 422
    assert client(team.vera).get("/reports/board/deals", params={"as_of": "", **query}).status_code == 422


def test_there_is_no_board_of_a_pipeline_that_is_none(client: Clients, team: Team, sales: Pipeline) -> None:
    assert client(team.vera).get("/reports/board", params={"pipeline": "99"}).status_code == 404


def test_a_deal_of_a_past_day(client: Clients, team: Team, sales: Pipeline, yesterday: str, private: None) -> None:
    marta = client(team.marta)
    then = marta.get("/reports/board/deals/1", params={"as_of": yesterday}).json()
    assert (then["value"], then["status"], then["stage_name"]) == ("100.0000", "open", "Lead")
    lead, *others = then["stages"]
    assert lead["seconds"] > 0
    assert {stage["seconds"] for stage in others} == {0}
    assert (then["as_of"], then["in_bin"]) == (yesterday, False)
    assert (then["title"], then["lines"], then["files"]) == ("Chairs", [], [])
    assert then["health"]["reasons"] == ["no_next_step", "nobody"]
    before = str(date.fromisoformat(yesterday) - timedelta(days=1))
    refused = marta.get("/reports/board/deals/1", params={"as_of": before})
    assert refused.status_code == 404
    assert "was not there yet" in refused.text
    assert client(team.bob).get("/reports/board/deals/1", params={"as_of": yesterday}).status_code == 404
    for day in ("", "soon", "2999-01-01", str(date.fromisoformat(yesterday) + timedelta(days=1))):
        assert marta.get("/reports/board/deals/1", params={"as_of": day}).status_code == 422
