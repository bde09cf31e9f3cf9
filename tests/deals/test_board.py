"""What the board shows: true counts and totals, the first cards, and only what one may see."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from crm import deals, pipelines
from crm.deals import Card, Total
from crm.foundation.errors import NotFound
from crm.pipelines import Pipeline
from crm.records import checklists, notes
from crm.records.filters import Rule
from crm.store import Reading, Row, Store, Writing
from tests.people import Team


def fill(tx: Writing, sales: Pipeline, count: int) -> None:
    tx.run(
        """
        INSERT INTO base.deals
            (title, pipeline_id, stage_id, rank, manual_value, currency, search, created_at, updated_at)
        SELECT 'Deal ' || n, $pipeline, $stage, n, 10, 'BRL', 'deal ' || n, $now, $now
        FROM range($count) AS numbers(n)
        """,
        pipeline=sales.id,
        stage=sales.stages[0].id,
        now=tx.now,
        count=count,
    )


def test_a_stage_shows_fifty_cards_its_true_count_and_its_true_total(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        fill(tx, sales, 120)
        lead = deals.board(tx, sales.id).columns[0]
    assert [card.title for card in lead.cards] == [f"Deal {n}" for n in range(50)]
    assert lead.count == 120
    assert lead.totals == (Total(currency="BRL", value=Decimal(1200), weighted=Decimal(300)),)


def test_more_cards_are_shown_of_the_stage_where_they_are_asked_for(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        fill(tx, sales, 120)
        lead = sales.stages[0].id
        assert len(deals.board(tx, sales.id, shown=[(lead, 100)]).columns[0].cards) == 100
        assert len(deals.board(tx, sales.id, shown=[(sales.stages[1].id, 100)]).columns[0].cards) == 50


def test_currencies_are_never_added_up(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        for value, currency in ((50, "USD"), (50, "EUR"), (10, "USD"), (None, "JPY")):
            deals.create(tx, title="Chairs", pipeline_id=sales.id, value=value, currency=currency)
        lead = deals.board(tx, sales.id).columns[0]
    assert [(total.currency, total.value) for total in lead.totals] == [("USD", Decimal(60)), ("EUR", Decimal(50))]
    assert lead.count == 4


def test_the_board_narrows_by_search_owner_and_filter(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Cadeiras São João", pipeline_id=sales.id, value=100)
        deals.create(tx, title="Desks", pipeline_id=sales.id, value=900, owner_id=team.ids.bob)
        found = {
            "sao joao": deals.board(tx, sales.id, search="sao JOÃO").columns[0].count,
            "bob": deals.board(tx, sales.id, owner_id=team.ids.bob).columns[0].count,
            "nobody": deals.board(tx, sales.id, search="desks", owner_id=team.ids.ana).columns[0].count,
            "dear": deals.board(tx, sales.id, filter=Rule(field="value", op="more_than", value=500)).columns[0].count,
        }
    assert found == {"sao joao": 1, "bob": 1, "nobody": 0, "dear": 1}


def test_a_board_of_no_pipeline_is_not_found(store: Store, team: Team) -> None:
    with pytest.raises(NotFound), store.reading(team.ana) as tx:
        deals.board(tx, 1)


def test_the_list_of_deals_is_searched_filtered_and_counted(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, value=100)
        lost = deals.create(tx, title="Desks", pipeline_id=sales.id, value=900)
        deals.lose(tx, lost.id, note="Silence")
        page = deals.find(tx, deals.ListQuery(filter=Rule(field="status", op="is", value="lost")))
        assert [(row["title"], row["stage_name"]) for row in page.items] == [("Desks", "Lost")]
        assert deals.count(tx, deals.ListQuery(search="chairs")) == 1
        assert [row["title"] for row in deals.find(tx, deals.ListQuery(sort="-value")).items] == ["Desks", "Chairs"]


def test_fields_offer_the_stages_of_every_pipeline_by_name(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
        options = deals.fields(tx)["stage_id"].options or {}
    assert options[other.stages[0].id] == "Renewals: Due"
    assert options[sales.won.id] == "Sales: Won"


def test_after_a_change_only_the_cards_that_it_changed_are_read(
    store: Store, team: Team, sales: Pipeline, chairs: deals.Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, ...]] = []
    rows_of = Reading.rows_of

    def noted(tx: Reading, keys: Sequence[int], sql: str, **params: object) -> list[Row]:
        read.append(tuple(keys))
        return rows_of(tx, keys, sql, **params)

    def cards() -> dict[int, Card]:
        with store.reading(team.marta) as tx:
            return {card.id: card for column in deals.board(tx, sales.id).columns for card in column.cards}

    monkeypatch.setattr(Reading, "rows_of", noted)
    with store.writing(team.ada) as tx:
        fill(tx, sales, 30)
        steps = checklists.add(tx, chairs.id, "Steps")
    assert len(cards()) == len(read[0]) == 31
    changes: list[tuple[Callable[[Writing], object], Callable[[Card], object], object]] = [
        (
            lambda tx: deals.move(tx, chairs.id, to_stage=sales.stages[1].id),
            lambda card: card.stage_id,
            sales.stages[1].id,
        ),
        (lambda tx: notes.add(tx, "deal", chairs.id, "They call back."), lambda card: card.counters.notes, 1),
        (lambda tx: checklists.add_item(tx, steps.id, "Call"), lambda card: card.counters.items, 1),
        (lambda tx: deals.edit(tx, chairs.id, title="Armchairs"), lambda card: card.title, "Armchairs"),
    ]
    for change, shown, after in changes:
        read.clear()
        with store.writing(team.marta) as tx:
            change(tx)
        assert shown(cards()[chairs.id]) == after
        assert read == [(chairs.id,)]
