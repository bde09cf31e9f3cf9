"""`crm verify` finds each way in which a deal's history can come apart."""

from datetime import timedelta

import pytest

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.platform import workspace
from crm.store import Store
from crm.verify import verify
from tests.people import Team

OUT_OF_ORDER = "a movement that happened before one that was recorded earlier"
NOT_THERE = "a movement out of a stage in which the deal did not stand"
TO_COME = "a movement that is still to come, or was known before it happened"
UNTOLD = "a closing that does not say how the deal closed"
OTHER_DAY = "a closing that happened on another day than its own"
NOT_LAST = "a closed deal whose day or reason is not that of its last closing"
VERSION = "a version of a deal that is out of order, still to come, or was known before it was true"


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ("UPDATE base.stage_events SET known_at = known_at - INTERVAL 1 HOUR WHERE kind = 'move'", {TO_COME}),
        ("UPDATE base.stage_events SET known_at = NULL WHERE kind = 'move'", {TO_COME}),
        ("UPDATE base.stage_events SET from_stage_id = 2 WHERE kind = 'move'", {NOT_THERE}),
        ("UPDATE base.stage_events SET currency = NULL WHERE kind = 'won'", {UNTOLD}),
        ("UPDATE base.stage_events SET close_reason_id = 1 WHERE kind = 'won'", {NOT_LAST}),
        ("UPDATE base.deals SET closed_on = closed_on - 1", {NOT_LAST}),
        ("UPDATE base.stage_events SET closed_on = closed_on - 3 WHERE kind = 'won'", {OTHER_DAY, NOT_LAST}),
        ("UPDATE base.stage_events SET happened_at = happened_at - INTERVAL 9 DAY WHERE kind = 'move'", {OUT_OF_ORDER}),
        ("UPDATE base.deal_versions SET known_at = known_at - INTERVAL 1 DAY", {VERSION}),
    ],
)
def test_each_break_is_named(store: Store, team: Team, change: str, rules: set[str]) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        deal = deals.create(tx, title="D", pipeline_id=sales.id, value=1)
    with store.writing(team.marta) as tx:
        deals.move(tx, deal.id, to_stage=sales.open_stages[1].id)
    with store.writing(team.marta) as tx:
        deals.win(tx, deal.id)
    assert verify(store) == []
    with store.writing(SYSTEM) as tx:
        tx.run(change)
    assert {problem.split(" × ")[1].split(", such as")[0] for problem in verify(store)} >= rules


def test_a_workspace_that_changes_its_time_zone_keeps_its_closing_days(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        deal = deals.create(tx, title="D", pipeline_id=sales.id)
        tx.run("UPDATE base.stage_events SET happened_at = happened_at - INTERVAL 9 DAY")
    with store.writing(team.marta) as tx:
        deals.win(tx, deal.id, on=tx.today - timedelta(days=3))
    with store.writing(team.ada) as tx:
        workspace.change(tx, time_zone="Asia/Tokyo")
    assert verify(store) == []
