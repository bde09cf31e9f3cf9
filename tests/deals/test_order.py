"""The order of a board under any sequence of moves by several people: no deal is lost, doubled or in two places, and
where somebody put a card above another, there it stands."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import deals, pipelines
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Stale
from crm.pipelines import Pipeline
from crm.store import Store
from crm.verify import verify
from tests.people import Team

DEALS = 6
MOVE = some.tuples(
    some.sampled_from(["ana", "bob", "marta"]),
    some.integers(0, DEALS - 1),
    some.integers(0, 2),
    some.one_of(some.none(), some.integers(0, DEALS - 1)),
    some.booleans(),
    some.booleans(),
)
"""Who moves which deal to which stage, beside which other, above or below it, and whether from a stale board."""


@pytest.fixture
def board(store: Store, team: Team) -> tuple[Pipeline, list[int]]:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])
        ids = [deals.create(tx, title=f"D{number}", pipeline_id=sales.id).id for number in range(DEALS)]
    return sales, ids


def columns(store: Store, sales: Pipeline) -> dict[int, list[int]]:
    with store.reading(SYSTEM) as tx:
        return {column.stage.id: [card.id for card in column.cards] for column in deals.board(tx, sales.id).columns}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=some.lists(MOVE, min_size=1, max_size=12), narrow=some.booleans())
def test_any_moves_leave_each_deal_exactly_once_in_exactly_one_place(
    store: Store,
    team: Team,
    board: tuple[Pipeline, list[int]],
    moves: list[tuple[str, int, int, int | None, bool, bool]],
    narrow: bool,
) -> None:
    """`narrow` begins with ranks without gaps, so that stages are numbered anew on the way."""
    sales, ids = board
    if narrow:
        with store.writing(SYSTEM) as tx:
            tx.run("UPDATE base.deals SET rank = id")
    model = columns(store, sales)
    for who, number, stage_number, beside_number, above, stale in moves:
        deal_id, to_stage = ids[number], sales.open_stages[stage_number].id
        beside = None if beside_number is None or ids[beside_number] == deal_id else ids[beside_number]
        with store.reading(SYSTEM) as tx:
            version = deals.get(tx, deal_id).version - stale
        try:
            with store.writing(getattr(team, who)) as tx:
                where = {"before": beside} if above else {"after": beside}
                deals.move(tx, deal_id, to_stage=to_stage, version=version, **where)
        except Stale:
            assert stale
        else:
            _move(model, deal_id, to_stage, beside, above)
        assert columns(store, sales) == model
    assert sorted(deal for column in model.values() for deal in column) == sorted(ids)
    assert verify(store) == []


def _move(model: dict[int, list[int]], deal_id: int, to_stage: int, beside: int | None, above: bool) -> None:
    """What the verb promises: beside the neighbour where that stands in the stage, else on top."""
    for column in model.values():
        if deal_id in column:
            column.remove(deal_id)
    column = model[to_stage]
    place = column.index(beside) + (not above) if beside in column else 0
    column.insert(place, deal_id)
