"""One deal as of a past day: what it was at its end, it is of that day ever after."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import deals, pipelines
from crm.deals import Deal, NotThere, PastDeal
from crm.foundation import clock
from crm.foundation.access import Module
from crm.foundation.errors import ModuleOff, NotFound
from crm.pipelines import Kind, Pipeline
from crm.records import notes
from crm.records.history import history
from crm.store import Store
from tests.deals.conftest import MONDAY, TUESDAY, WEDNESDAY, Week
from tests.owner_privacy import owner_privacy
from tests.people import Team

SUNDAY, THURSDAY = date(2026, 3, 1), date(2026, 3, 5)
HELD = (
    *("value", "currency", "stage_id", "stage_name", "status", "owner_id", "owner_name", "expected_close"),
    *("probability", "forecast_category", "closed_on", "close_reason", "close_note", "pipeline_id"),
)
"""Fields with a history."""


def held(deal: Deal) -> dict[str, Any]:
    return {name: getattr(deal, name) for name in HELD}


def then(store: Store, team: Team, deal_id: int, day: date) -> PastDeal:
    with store.reading(team.marta) as tx:
        return deals.deal_as_of(tx, deal_id, day)


def test_a_deal_is_shown_ever_after_as_a_day_ended(store: Store, team: Team, week: Week, sold: Pipeline) -> None:
    lead, talk, offer = (stage.id for stage in sold.open_stages)
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(
            tx, title="Chairs", pipeline_id=sold.id, value=100, owner_id=team.ids.ana, expected_close=date(2026, 4, 1)
        )
        ends = {MONDAY: deals.get(tx, made.id)}
    with week.on(TUESDAY, team.marta) as tx:
        deals.move(tx, made.id, to_stage=talk)
        deals.edit(tx, made.id, value=900, currency="USD", owner_id=team.ids.bob, own_probability=Decimal(80))
        deals.edit(tx, made.id, expected_close=date(2026, 6, 1), own_category="commit")
        ends[TUESDAY] = deals.get(tx, made.id)
    with week.on(WEDNESDAY, team.marta) as tx:
        deals.win(tx, made.id, note="At last")
        ends[WEDNESDAY] = deals.get(tx, made.id)
    with week.on(THURSDAY, team.marta) as tx:
        deals.reopen(tx, made.id, to_stage=offer)
        deals.edit(tx, made.id, title="Armchairs", value=7)
        pipelines.rename_stage(tx, talk, "Meeting")
        pipelines.set_probability(tx, lead, Decimal(1))
        deals.remove_stage(tx, talk, deals_to=lead)
    found = {day: then(store, team, made.id, day) for day in ends}
    for day, ended in ends.items():
        shown = held(found[day].deal)
        # The note of a closing that was taken back is gone.
        assert shown == held(ended) | {"close_note": None}, day
        assert found[day].deal.title == "Armchairs"
        assert [stage.name for stage in found[day].stages] == ["Lead", "Talk", "Offer", "Won", "Lost"]
    whole = timedelta(days=1)
    assert found[MONDAY].stood.keys() == {lead}
    assert found[TUESDAY].stood == {lead: whole, talk: found[MONDAY].stood[lead]}
    assert found[WEDNESDAY].stood == {lead: whole, talk: whole}
    assert found[WEDNESDAY].deal.status is Kind.WON
    assert found[TUESDAY].entered_at.date() == TUESDAY


def test_a_deal_is_shown_in_a_pipeline_that_was_deleted_since(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
        other = pipelines.create(tx, "Other", ["First"])
    with week.on(TUESDAY, team.marta) as tx:
        deals.move(tx, made, to_stage=other.stages[0].id)
        pipelines.delete(tx, sold.id)
    found = then(store, team, made, MONDAY)
    assert (found.deal.pipeline_name, found.deal.stage_name, len(found.stages)) == ("Sold", "Lead", 5)
    assert found.stood.keys() == {sold.stages[0].id}


def test_before_it_was_made_and_while_it_lay_in_the_bin_a_deal_was_not_there(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(TUESDAY, team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
    with week.on(WEDNESDAY, team.ana) as tx:
        deals.delete(tx, made)
    with store.reading(team.ana) as tx:
        with pytest.raises(NotThere, match="not there yet on Mar 2, 2026: it was made on Mar 3, 2026"):
            deals.deal_as_of(tx, made, MONDAY)
        with pytest.raises(NotThere, match="On Mar 4, 2026 this deal lay in the bin"):
            deals.deal_as_of(tx, made, WEDNESDAY)
        assert deals.deal_as_of(tx, made, TUESDAY).is_gone


def test_who_does_not_see_a_deal_now_sees_nothing_of_its_past(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.marta) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id, owner_id=team.ids.bob).id
    with week.on(TUESDAY, team.marta) as tx:
        deals.edit(tx, made, owner_id=team.ids.ana)
    owner_privacy(store, team)
    for actor in (team.ana, team.marta):
        with store.reading(actor) as tx:
            assert deals.deal_as_of(tx, made, MONDAY).deal.owner_id == team.ids.bob
    for day in (SUNDAY, MONDAY):
        with store.reading(team.bob) as tx, pytest.raises(NotFound, match="no such deal"):
            deals.deal_as_of(tx, made, day)
    without = replace(team.marta, modules=team.marta.modules - {Module.CRM})
    with store.reading(without) as tx, pytest.raises(ModuleOff):
        deals.deal_as_of(tx, made, MONDAY)


def test_the_history_until_a_moment_holds_nothing_that_came_after(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.ana) as tx:
        made = deals.create(tx, title="Chairs", pipeline_id=sold.id).id
        notes.add(tx, "deal", made, "Wants forty")
    with week.on(TUESDAY, team.ana) as tx:
        notes.add(tx, "deal", made, "Wants fifty")
        deals.win(tx, made)
    with store.reading(team.ana) as tx:
        end = clock.end_of(MONDAY, tx.actor.time_zone)
        assert [event.name for event in history(tx, "deal", made, until=end)] == ["note.added", "deal.created"]
        assert len(history(tx, "deal", made)) == 4
