"""Why a figure changed, over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest

from crm import deals
from crm.foundation import clock
from crm.pipelines import Pipeline
from crm.reports import targets
from crm.reports.periods import Grain
from crm.reports.targets import Span, Subject
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


def test_a_velocity_is_told_by_its_terms_and_a_part_of_a_comparison_alone(
    client: Clients, team: Team, grown: None
) -> None:
    asked = {"figure": "velocity:per_day", "pipeline": "1", "split": "owner", "key": str(team.ids.ana)}
    pace = client(team.vera).get("/reports/why", params=asked).json()
    assert (pace["unit"], pace["before"], pace["after"]) == ("money", None, None)
    assert [factor["name"] for factor in pace["factors"]] == ["open", "rate", "mean_value", "cycle"]
    assert (pace["factors"][0]["before"], pace["factors"][0]["after"]) == ("1", "2")
    part = {"part": "open", "cause": "new"}
    found = client(team.vera).get("/reports/why/deals", params=asked | part).json()
    assert [deal["title"] for deal in found["items"]] == ["Desks"]
    of_bob = asked | {"key": str(team.ids.bob)}
    assert client(team.vera).get("/reports/why", params=of_bob).json()["factors"][0]["after"] == "0"
    assert client(team.vera).get("/reports/why/deals", params=asked | {"part": "x", "cause": "new"}).status_code == 422


def test_the_effects_of_a_rate_and_of_a_gap_add_up(client: Clients, team: Team, grown: None, store: Store) -> None:
    with store.writing(team.ada) as tx:
        targets.set_target(tx, Subject(), Span(first=tx.today.replace(day=1), grain=Grain.MONTH), 1_000)
        deals.win(tx, deals.create(tx, title="Lamps", pipeline_id=1, value=40).id)
    asked = {"figure": "target:gap", "period": "this-month"}
    gap = client(team.vera).get("/reports/why", params=asked).json()
    assert [Decimal(gap[name]) for name in ("target", "before", "after")] == [1000, 1000, 960]
    (part,) = gap["parts"]
    assert {cause: Decimal(effect) for cause, effect in part["effects"].items()} == {"won": -40}


def test_it_tells_of_nobody_elses_deals(client: Clients, team: Team, grown: None, private: None) -> None:
    asked = {"figure": "board:open"}
    found = {name: client(getattr(team, name)).get("/reports/why", params=asked).json() for name in ("ana", "bob")}
    assert {name: Decimal(each["after"]) for name, each in found.items()} == {"ana": 350, "bob": 0}
    assert found["bob"]["parts"][0]["causes"] == {}


@pytest.mark.parametrize(
    "query",
    [{"figure": "board:open", "split": "owner", "key": "x"}, {"figure": "board:open", "split": "weather"},
     {"figure": "x"}, {"figure": "conversion:won"}, {"figure": "board:open", "since": "year"}, {}],
)  # fmt: skip
def test_what_is_no_figure_is_refused(client: Clients, team: Team, sales: Pipeline, query: dict[str, str]) -> None:
    assert client(team.vera).get("/reports/why", params=query).status_code == 422
