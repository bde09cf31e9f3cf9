"""A closed deal's value is corrected: its closing keeps the value and the owner that it had."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import deals
from crm.deals import Deal
from crm.deals.quote import add
from crm.foundation import clock
from crm.foundation.errors import Invalid
from crm.pipelines import Pipeline
from crm.records.history import history
from crm.store import Store
from crm.verify import verify
from tests.people import Team


def closing(store: Store, team: Team, deal_id: int) -> tuple[Any, ...]:
    with store.reading(team.ada) as tx:
        found = deals.last_closing(tx, deal_id)
    return found.result, found.value, found.currency, found.owner_id


def test_another_value_after_the_closing_is_a_correction(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    with store.writing(team.marta) as tx:
        corrected = deals.edit(tx, chairs.id, value=5000, owner_id=team.ids.bob)
        log = history(tx, "deal", chairs.id)
    assert (corrected.value, log[0].name) == (Decimal(5000), "deal.corrected")
    assert closing(store, team, chairs.id) == ("won", Decimal(1200), "BRL", team.ids.ana)
    assert verify(store) == []


def test_closed_anew_the_deal_counts_at_its_new_value(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    with store.writing(team.ana) as tx:
        deals.reopen(tx, chairs.id)
        deals.edit(tx, chairs.id, value=5000)
        assert history(tx, "deal", chairs.id)[0].name == "deal.changed"
        deals.win(tx, chairs.id)
    assert closing(store, team, chairs.id) == ("won", Decimal(5000), "BRL", team.ids.ana)


def test_another_title_is_no_correction(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        deals.edit(tx, chairs.id, title="Red chairs")
        assert history(tx, "deal", chairs.id)[0].name == "deal.changed"


def test_a_line_added_after_the_closing_is_a_correction_too(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        add(tx, chairs.id, name="Lamp", quantity=1, unit_price=10, currency="BRL")
        assert "deal.corrected" in [event.name for event in history(tx, "deal", chairs.id)]
    assert closing(store, team, chairs.id)[1] == Decimal(1200)
    assert verify(store) == []


def test_a_closing_before_the_last_movement_is_refused_and_both_days_are_named(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2040, 11, 1, 15, tzinfo=UTC))
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Lamps", pipeline_id=sales.id)
    monkeypatch.setattr(clock, "now", lambda: datetime(2040, 11, 29, 15, tzinfo=UTC))
    with store.writing(team.ana) as tx:
        deals.move(tx, deal.id, to_stage=sales.open_stages[1].id)
    with pytest.raises(Invalid) as refused, store.writing(team.ana) as tx:
        deals.win(tx, deal.id, on=date(2040, 11, 20))
    assert str(refused.value) == (
        "“Lamps” came to Talk on 2040-11-29: it cannot have been won on 2040-11-20, before that. "
        "Give 2040-11-29 or a later day."
    )


def test_a_closing_of_an_earlier_day_happened_at_its_end_and_is_known_since_it_was_recorded(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = datetime(2040, 11, 1, 15, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: opened)
    with store.writing(team.ana) as tx:
        deal = deals.create(tx, title="Lamps", pipeline_id=sales.id, value=10)
    recorded = datetime(2040, 11, 29, 15, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: recorded)
    with store.writing(team.ana) as tx:
        deals.win(tx, deal.id, on=date(2040, 11, 20))
        won = deals.movements(tx, deal.id)[-1]
    assert won.at == datetime(2040, 11, 21, 3, tzinfo=UTC) - timedelta(microseconds=1)
    assert (won.recorded_at, won.closed_on, won.value) == (recorded, date(2040, 11, 20), Decimal(10))
    with store.reading(team.ana) as tx:
        assert [one.status for one in deals.known(tx, recorded - timedelta(days=1))] == ["open"]
        assert [one.status for one in deals.known(tx, recorded)] == ["won"]
    assert verify(store) == []
