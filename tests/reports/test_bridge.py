"""The bridge between two days: each cause by an example, and the sum to the cent for any two ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from crm import deals, pipelines
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.reports import bridge
from crm.reports.bridge import AMOUNT, Bridge
from crm.reports.causes import Cause, Total
from crm.reports.periods import Period
from crm.reports.scope import Scope
from crm.store import Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.reports.conftest import Days

MARCH = Period(first=date(2026, 3, 1), end=date(2026, 4, 1))
BEFORE, BETWEEN, AFTER = "2026-03-05", "2026-03-10", "2026-03-15"


@pytest.fixture
def end_to_end(store: Store, team: Team, days: Days) -> Callable[..., Bridge]:
    """The bridge from BEFORE to AFTER, as Marta asks for it."""

    def ask(**how: Any) -> Bridge:
        days.go_to(AFTER)
        with store.reading(team.marta) as tx:
            return bridge.report(tx, first=date.fromisoformat(BEFORE), last=date.fromisoformat(AFTER), **how)

    return ask


def test_each_cause_by_an_example(
    store: Store, team: Team, days: Days, sales: Pipeline, end_to_end: Callable[..., Bridge]
) -> None:
    def make(tx: Writing, title: str, value: int | None, **fields: Any) -> int:
        given = {"pipeline_id": sales.id, "expected_close": date(2026, 3, 20), "owner_id": team.ids.ana}
        return deals.create(tx, title=title, value=value, **given | fields).id

    with days.on("2026-03-04", team.marta) as tx:
        other = pipelines.create(tx, "Other", ["First"])
        same = make(tx, "Same", 1)
        ids = {
            title: make(tx, title, value)
            for title, value in {
                "Won": 10,
                "Lost": 20,
                "Up": 40,
                "Down": 80,
                "Slips": 160,
                "Leaves": 320,
                "Binned": 640,
            }.items()
        }
        later = make(tx, "Pulled in", 1280, expected_close=date(2026, 5, 1))
        back = make(tx, "Restored", 2560)
        deals.delete(tx, back)
        lost = make(tx, "Reopened", 5120)
        deals.lose(tx, lost, note="Silence")
        comes = make(tx, "Comes", 10240, pipeline_id=other.id)
    with days.on(BETWEEN, team.marta) as tx:
        deals.win(tx, ids["Won"])
        deals.lose(tx, ids["Lost"], note="Too dear")
        deals.edit(tx, ids["Up"], value=41)
        deals.edit(tx, ids["Down"], value=78)
        deals.edit(tx, ids["Slips"], expected_close=date(2026, 4, 1))
        deals.move(tx, ids["Leaves"], to_stage=other.open_stages[0].id)
        deals.delete(tx, ids["Binned"])
        deals.edit(tx, later, expected_close=date(2026, 3, 30))
        deals.restore(tx, back)
        deals.reopen(tx, lost, to_stage=sales.open_stages[0].id)
        deals.move(tx, comes, to_stage=sales.open_stages[0].id)
        make(tx, "New", 20480)
    found = end_to_end(scope=Scope(pipeline_ids=(sales.id,)), period=MARCH)
    assert {cause: (total.count, total.amount) for cause, total in found.causes.items()} == {
        Cause.NEW: (1, 20480),
        Cause.MOVED_IN: (1, 10240),
        Cause.RESTORED: (1, 2560),
        Cause.REOPENED: (1, 5120),
        Cause.PULLED_IN: (1, 1280),
        Cause.VALUE_UP: (1, 1),
        Cause.VALUE_DOWN: (1, -2),
        Cause.SLIPPED: (1, -160),
        Cause.MOVED_OUT: (1, -320),
        Cause.REMOVED: (1, -640),
        Cause.WON: (1, -10),
        Cause.LOST: (1, -20),
    }
    assert found.start == Total(count=8, amount=Decimal(1271))
    assert found.difference == sum(total.amount for total in found.causes.values())
    assert list(found.causes) == [cause for cause in Cause if cause in found.causes]
    with store.reading(team.marta) as tx:
        (won,) = bridge.drill_down(tx, found, Cause.WON).items
    assert (won.deal_id, won.amount, won.before, won.after) == (ids["Won"], -10, 10, None)
    assert same not in {change.deal_id for cause in found.causes for change in _changes(store, team, found, cause)}


def _changes(store: Store, team: Team, found: Bridge, cause: Cause) -> list[bridge.BridgedDeal]:
    with store.reading(team.marta) as tx:
        return bridge.drill_down(tx, found, cause).items


def test_a_new_rate_is_told_from_a_new_value(
    store: Store, team: Team, days: Days, sales: Pipeline, end_to_end: Callable[..., Bridge]
) -> None:
    with days.on("2026-03-04", team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 3, 4), "5")
    with days.on("2026-03-04", team.marta) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=100, currency="USD").id
        deals.create(tx, title="Yen", pipeline_id=sales.id, value=100, currency="JPY")
    with days.on(BETWEEN, team.ada) as tx:
        rates.set_rate(tx, "USD", date(2026, 3, 10), "6")
    with days.on(BETWEEN, team.marta) as tx:
        deals.edit(tx, chairs, value=110)
    found = end_to_end()
    assert (found.start.amount, found.end.amount) == (500, 660)
    assert {cause: total.amount for cause, total in found.causes.items()} == {Cause.VALUE_UP: 50, Cause.RATE: 110}
    assert found.left_out == {"JPY": 1}


def test_everybody_sees_the_bridge_of_the_deals_they_see(store: Store, team: Team, days: Days, sales: Pipeline) -> None:
    owner_privacy(store, team)
    with days.on(BETWEEN, team.marta) as tx:
        deals.create(tx, title="Ana's", pipeline_id=sales.id, value=1, owner_id=team.ids.ana)
        deals.create(tx, title="Bob's", pipeline_id=sales.id, value=2, owner_id=team.ids.bob)
    seen = {}
    for name in ("ana", "bob", "marta"):
        with store.reading(getattr(team, name)) as tx:
            seen[name] = bridge.report(tx, first=date.fromisoformat(BEFORE), last=tx.today).end.amount
    assert seen == {"ana": 1, "bob": 2, "marta": 3}


@pytest.mark.parametrize(("first", "last"), [(AFTER, AFTER), (AFTER, BEFORE), (BEFORE, "2026-03-16")])
def test_days_out_of_order_or_to_come_are_refused(
    store: Store, team: Team, days: Days, sales: Pipeline, first: str, last: str
) -> None:
    days.go_to(AFTER)
    with store.reading(team.marta) as tx, pytest.raises(Invalid):
        bridge.report(tx, first=date.fromisoformat(first), last=date.fromisoformat(last))


def test_without_the_module_there_is_no_bridge(store: Store, team: Team, days: Days) -> None:
    days.go_to(AFTER)
    without = replace(team.marta, modules=team.marta.modules - {Module.CRM})
    with store.reading(without) as tx, pytest.raises(ModuleOff):
        bridge.report(tx, first=date.fromisoformat(BEFORE), last=date.fromisoformat(AFTER))


MONEY = some.none() | some.decimals(0, 10**9, places=4)
STATUS = some.sampled_from(["open", "won", "lost"])
ENDS = some.fixed_dictionaries(
    {
        "status_before": some.none() | STATUS,
        "status_after": STATUS,
        "removed_before": some.booleans(),
        "removed_after": some.booleans(),
        "in_scope_before": some.booleans(),
        "in_scope_after": some.booleans(),
        "expected_close_before": some.none() | some.dates(date(2026, 1, 1), date(2026, 1, 9)),
        "expected_close_after": some.none() | some.dates(date(2026, 1, 1), date(2026, 1, 9)),
        "before": MONEY,
        "after": MONEY,
        "at_first_rate": MONEY,
    }
)
SCHEMA = {
    "id": pl.Int64(),
    "title": pl.String(),
    **{f"status_{side}": pl.String() for side in ("before", "after")},
    **{f"{name}_{side}": pl.Boolean() for side in ("before", "after") for name in ("removed", "in_scope", "in")},
    **{f"expected_close_{side}": pl.Date() for side in ("before", "after")},
    **dict.fromkeys(("before", "after", "at_first_rate"), AMOUNT),
}


@settings(max_examples=200, deadline=None)
@given(some.lists(ENDS, max_size=20))
def test_the_causes_close_to_the_cent_whatever_the_ends(ends: list[dict[str, Any]]) -> None:
    """A deal stands in an end where it is open, in scope and not in the bin; each that does in one has a cause."""
    for number, deal in enumerate(ends):
        known = deal["status_before"] is not None
        deal.update({"id": number, "title": str(number)})
        if not known:
            deal.update(dict.fromkeys(("removed_before", "in_scope_before", "expected_close_before", "before")))
        for side in ("before", "after"):
            deal[f"in_{side}"] = (
                deal[f"status_{side}"] == "open" and not deal[f"removed_{side}"] and bool(deal[f"in_scope_{side}"])
            )
    frame = pl.DataFrame(ends, schema=SCHEMA, orient="row")
    found = bridge.explained(frame)
    start, end = (
        sum((deal[side] or 0 for deal in ends if deal[f"in_{side}"]), Decimal(0)) for side in ("before", "after")
    )
    assert sum(found["amount"], Decimal(0)) == end - start
    assert set(found["cause"]) <= set(Cause)
    assert {deal["id"] for deal in ends if deal["in_before"] != deal["in_after"]} <= set(found["id"])
