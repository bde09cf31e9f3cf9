"""Why a figure changed, over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm import deals
from crm.foundation import clock
from crm.pipelines import Pipeline
from crm.store import Store
from tests.api.conftest import Clients
from tests.people import Team


@pytest.fixture
def grown(store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Since a week ago Ana's deal of 100 grew to 300, and one of 50 came."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(days=8))
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=100)
    monkeypatch.setattr(clock, "now", lambda: now)
    with store.writing(team.ana) as tx:
        deals.edit(tx, deal.id, value=300)
        deals.create(tx, title="Desks", pipeline_id=sales.id, value=50)


def test_a_figure_is_told_with_what_made_the_difference(client: Clients, team: Team, grown: None) -> None:
    vera = client(team.vera)
    found = vera.get("/reports/why", params={"figure": "board:open", "pipeline": "1"}).json()
    assert (Decimal(found["before"]), Decimal(found["after"]), found["currency"]) == (Decimal(100), Decimal(350), "BRL")
    (part,) = found["parts"]
    assert {cause: Decimal(total["amount"]) for cause, total in part["causes"].items()} == {"new": 50, "value_up": 200}
    asked = {"figure": "board:open", "cause": "new"}
    assert [deal["title"] for deal in vera.get("/reports/why/deals", params=asked).json()["items"]] == ["Desks"]
    day = vera.get("/reports/why", params={"figure": "forecast:count:undated", "since": "day"}).json()
    assert (Decimal(day["before"]), Decimal(day["after"]), day["currency"]) == (Decimal(1), Decimal(2), None)
    rate = vera.get("/reports/why", params={"figure": "conversion:won", "pipeline": "1"}).json()
    assert (rate["before"], rate["after"], [part["name"] for part in rate["parts"]]) == ("0", "0", ["counted", "of"])


def test_it_tells_of_nobody_elses_deals(client: Clients, team: Team, grown: None, private: None) -> None:
    asked = {"figure": "board:open"}
    found = {name: client(getattr(team, name)).get("/reports/why", params=asked).json() for name in ("ana", "bob")}
    assert {name: Decimal(each["after"]) for name, each in found.items()} == {"ana": 350, "bob": 0}
    assert found["bob"]["parts"][0]["causes"] == {}


@pytest.mark.parametrize(
    "query", [{"figure": "x"}, {"figure": "conversion:won"}, {"figure": "board:open", "since": "year"}, {}]
)
def test_what_is_no_figure_is_refused(client: Clients, team: Team, sales: Pipeline, query: dict[str, str]) -> None:
    assert client(team.vera).get("/reports/why", params=query).status_code == 422
