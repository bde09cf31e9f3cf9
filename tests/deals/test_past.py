"""The board and the table of a past day: what they showed at its end, they show of it ever after."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm import deals, pipelines
from crm.deals import Board, PipelineQuery, Total
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff, NotFound
from crm.pipelines import Pipeline
from crm.platform import rates
from crm.records.filters import Rule
from crm.records.listing import ListQuery
from crm.store import Store
from tests.deals.conftest import MONDAY, TUESDAY, WEDNESDAY, Week
from tests.owner_privacy import owner_privacy
from tests.people import Team


def told(board: Board) -> list[Any]:
    """What a board shows that has a history."""
    return [
        (
            *(column.stage.name, column.stage.probability, column.count, column.totals, column.in_all),
            {
                (card.id, card.value, card.currency, card.owner_id, card.expected_close, card.closed_on)
                for card in column.cards
            },
        )
        for column in board.columns
    ]


def test_a_day_is_shown_ever_after_as_it_ended(store: Store, team: Team, week: Week, sold: Pipeline) -> None:
    lead, talk, offer = (stage.id for stage in sold.open_stages)
    with week.on(MONDAY, team.marta) as tx:
        ids = [
            deals.create(tx, title=f"Deal {n}", pipeline_id=sold.id, stage_id=talk, value=n, owner_id=team.ids.ana).id
            for n in range(1, 6)
        ]
        ended = deals.board(tx, sold.id)
    with week.on(TUESDAY, team.marta) as tx:
        deals.win(tx, ids[0])
        deals.edit(tx, ids[1], value=900, currency="USD", expected_close=date(2026, 9, 1), owner_id=team.ids.bob)
        deals.edit(tx, ids[1], own_probability=Decimal(99))
        deals.delete(tx, ids[2])
        for stage_id in (lead, offer):
            deals.move(tx, ids[3], to_stage=stage_id)
        deals.create(tx, title="New", pipeline_id=sold.id, value=7)
        pipelines.rename_stage(tx, talk, "Meeting")
        pipelines.set_probability(tx, talk, Decimal(10))
        pipelines.add_stage(tx, sold.id, "Contract")
        ended_tuesday = deals.board(tx, sold.id)
    with week.on(WEDNESDAY, team.marta) as tx:
        deals.restore(tx, ids[2])
        deals.remove_stage(tx, talk, deals_to=lead)
        contract = pipelines.get(tx, sold.id).open_stages[-1].id
        pipelines.reorder_stages(tx, sold.id, [contract, offer, lead])
    with store.reading(team.marta) as tx:
        assert told(deals.board_as_of(tx, sold.id, MONDAY)) == told(ended)
        assert told(deals.board_as_of(tx, sold.id, TUESDAY)) == told(ended_tuesday)
        assert [each.stage.name for each in deals.board_as_of(tx, sold.id, MONDAY).columns][:3] == [
            "Lead",
            "Talk",
            "Offer",
        ]
        assert [each.stage.name for each in deals.board_as_of(tx, sold.id, TUESDAY).columns][1] == "Meeting"
        assert deals.board_as_of(tx, sold.id, MONDAY.replace(day=1)).columns == ()


def test_the_table_of_a_past_day_is_narrowed_and_sorted_by_what_was_so_then(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.marta) as tx:
        ids = [
            deals.create(
                tx,
                title=f"Deal {n}",
                pipeline_id=sold.id,
                value=n,
                owner_id=team.ids.ana,
                expected_close=date(2026, 3, 20),
            ).id
            for n in (1, 2, 3)
        ]
    with week.on(TUESDAY, team.marta) as tx:
        deals.edit(tx, ids[0], value=100, owner_id=team.ids.bob, expected_close=date(2026, 5, 1))
        deals.win(tx, ids[1])
        deals.delete(tx, ids[2])
        pipelines.rename_stage(tx, sold.open_stages[0].id, "Start")

    def listed(**how: Any) -> list[tuple[str, Any]]:
        with store.reading(team.marta) as tx:
            query = PipelineQuery(pipeline_id=sold.id, **how).list_query(MONDAY, sort="-value", limit=50)
            return [(row["title"], row["value"]) for row in deals.find_as_of(tx, query, MONDAY).items]

    everything = [("Deal 3", 3), ("Deal 2", 2), ("Deal 1", 1)]
    assert listed() == everything
    assert listed(owner_id=team.ids.ana, period="this-month") == everything
    assert listed(owner_id=team.ids.bob) == []
    assert listed(filter=Rule(field="value", op="less_than", value=2)) == [("Deal 1", 1)]
    assert listed(filter=Rule(field="status", op="is", value="won")) == []
    assert listed(search="deal 3") == everything[:1]
    with store.reading(team.marta) as then:
        (total,) = deals.totals_as_of(then, ListQuery(), MONDAY)
        page = deals.find_as_of(then, ListQuery(sort="stage", limit=1), MONDAY)
        with pytest.raises(Invalid):  # health is of the present alone
            deals.find_as_of(then, ListQuery(sort="health"), MONDAY)
    assert (total.open_count, total.won_count) == (3, 0)
    assert (total.open_value, total.weighted) == (Decimal(6), Decimal("1.5"))
    assert (page.total, page.items[0]["stage_name"], page.next is None) == (3, "Lead", False)


def test_a_board_adds_currencies_through_the_rates_of_its_day_and_counts_those_without(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    with week.on(MONDAY, team.ada) as tx:
        rates.set_rate(tx, "USD", MONDAY, "5")
        for value, currency in ((100, "USD"), (10, "BRL"), (7, "JPY"), (None, "JPY")):
            deals.create(tx, title=currency, pipeline_id=sold.id, value=value, currency=currency)
        deals.create(tx, title="Sure", pipeline_id=sold.id, value=100, currency="USD", own_probability=Decimal(90))
    with week.on(TUESDAY, team.ada) as tx:
        rates.set_rate(tx, "USD", TUESDAY, "6")
    with store.reading(team.ana) as tx:
        now, then = deals.board(tx, sold.id).columns[0], deals.board_as_of(tx, sold.id, MONDAY).columns[0]
    assert then.in_all == Total(currency="BRL", value=Decimal(1010), weighted=Decimal(510) / 4 + 450)
    assert (now.in_all.value, now.unrated) == (Decimal(1210), {"JPY": 1})
    assert [(total.currency, total.value) for total in now.totals] == [
        ("USD", Decimal(200)),
        ("BRL", Decimal(10)),
        ("JPY", Decimal(7)),
    ]


def test_what_one_may_see_now_limits_the_past(store: Store, team: Team, week: Week, sold: Pipeline) -> None:
    with week.on(MONDAY, team.marta) as tx:
        for name in ("ana", "bob"):
            deals.create(tx, title=name, pipeline_id=sold.id, owner_id=getattr(team.ids, name))
    with week.on(TUESDAY, team.marta) as tx:
        handed = deals.find(tx, ListQuery(search="bob")).items[0]["id"]
        deals.edit(tx, handed, owner_id=team.ids.ana)
    owner_privacy(store, team)
    seen = {}
    for name in ("ana", "bob", "marta", "rui", "vera"):
        with store.reading(getattr(team, name)) as tx:
            board = deals.board_as_of(tx, sold.id, MONDAY).columns
            page = deals.find_as_of(tx, ListQuery(), MONDAY)
        seen[name] = sorted(card.title for card in board[0].cards) if board else []
        assert sorted(row["title"] for row in page.items) == seen[name]
    assert seen["ana"] == seen["marta"] == ["ana", "bob"]
    assert seen["bob"] == []


def test_without_the_module_or_the_pipeline_there_is_no_past(
    store: Store, team: Team, week: Week, sold: Pipeline
) -> None:
    week.go_to(TUESDAY)
    with store.reading(team.marta) as tx, pytest.raises(NotFound):
        deals.board_as_of(tx, 999, MONDAY)
    without = replace(team.marta, modules=team.marta.modules - {Module.CRM})
    with store.reading(without) as tx:
        for ask in (deals.find_as_of, deals.totals_as_of):
            with pytest.raises(ModuleOff):
                ask(tx, ListQuery(), MONDAY)
        with pytest.raises(ModuleOff):
            deals.board_as_of(tx, sold.id, MONDAY)
