"""Moving deals over the board: where they land, what is written, and the order that everybody sees."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import deals, pipelines
from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.errors import Invalid, NotFound
from crm.pipelines import Pipeline
from crm.store import Reading, Store
from tests.people import Team


def order(tx: Reading, pipeline: Pipeline, stage: int) -> list[str]:
    return [card.title for card in deals.board(tx, pipeline.id).columns[stage].cards]


@pytest.fixture
def five(store: Store, team: Team, sales: Pipeline) -> dict[str, int]:
    """A to E stand in Lead, in this order."""
    with store.writing(team.ana) as tx:
        return {title: deals.create(tx, title=title, pipeline_id=sales.id).id for title in "EDCBA"}


def test_a_move_without_a_neighbour_goes_on_top(
    store: Store, team: Team, sales: Pipeline, five: dict[str, int]
) -> None:
    with store.writing(team.ana) as tx:
        deals.move(tx, five["A"], to_stage=sales.stages[1].id)
        moved = deals.move(tx, five["C"], to_stage=sales.stages[1].id)
        assert order(tx, sales, 0) == ["B", "D", "E"]
        assert order(tx, sales, 1) == ["C", "A"]
    assert (moved.stage_name, moved.version) == ("Talk", 2)


def test_a_move_lands_above_before_or_below_after(
    store: Store, team: Team, sales: Pipeline, five: dict[str, int]
) -> None:
    lead = sales.stages[0].id
    with store.writing(team.ana) as tx:
        deals.move(tx, five["A"], to_stage=lead, before=five["D"])
        assert order(tx, sales, 0) == ["B", "C", "A", "D", "E"]
        deals.move(tx, five["B"], to_stage=lead, after=five["E"])
        assert order(tx, sales, 0) == ["C", "A", "D", "E", "B"]


def test_a_neighbour_that_has_left_is_passed_over(
    store: Store, team: Team, sales: Pipeline, five: dict[str, int]
) -> None:
    talk = sales.stages[1].id
    with store.writing(team.ana) as tx:
        deals.move(tx, five["A"], to_stage=talk)
        deals.move(tx, five["B"], to_stage=talk, before=five["C"], after=five["A"])
        assert order(tx, sales, 1) == ["A", "B"]
        deals.move(tx, five["C"], to_stage=talk, before=999)
        assert order(tx, sales, 1) == ["C", "A", "B"]


def test_a_place_within_the_stage_is_no_edit_and_no_movement(
    store: Store, team: Team, sales: Pipeline, five: dict[str, int]
) -> None:
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, five["E"], to_stage=sales.stages[0].id, before=five["A"])
        assert moved.version == 1
        assert len(deals.movements(tx, five["E"])) == 1


def test_a_gap_that_is_used_up_is_made_anew(store: Store, team: Team, sales: Pipeline, five: dict[str, int]) -> None:
    lead = sales.stages[0].id
    with store.writing(team.ana) as tx:
        for _ in range(30):  # each halves the gap between A and the deal below it
            for title in "BC":
                deals.move(tx, five[title], to_stage=lead, after=five["A"])
        assert order(tx, sales, 0) == ["A", "C", "B", "D", "E"]


def test_deals_with_one_rank_keep_an_order_and_can_be_parted(
    store: Store, team: Team, sales: Pipeline, five: dict[str, int]
) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.deals SET rank = 7")
        assert order(tx, sales, 0) == ["E", "D", "C", "B", "A"]
        deals.move(tx, five["A"], to_stage=sales.stages[0].id, before=five["D"])
        assert order(tx, sales, 0) == ["E", "A", "D", "C", "B"]


def test_won_and_lost_are_not_reached_by_a_move(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    for stage in (sales.won, sales.lost):
        with pytest.raises(Invalid, match="by closing it"), store.writing(team.ana) as tx:
            deals.move(tx, chairs.id, to_stage=stage.id)
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id) == chairs


def test_a_closed_deal_moved_to_an_open_stage_is_reopened(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        moved = deals.move(tx, chairs.id, to_stage=sales.stages[2].id)
        assert (moved.status, moved.closed_on, moved.stage_name) == ("open", None, "Offer")
        assert deals.movements(tx, chairs.id)[-1].kind == "reopen"


def test_a_deal_can_move_to_another_pipeline(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
        moved = deals.move(tx, chairs.id, to_stage=other.stages[0].id)
        assert (moved.pipeline_name, moved.stage_name) == ("Renewals", "Due")
        assert deals.movements(tx, chairs.id)[-1].kind == "pipeline"
        assert deals.board(tx, sales.id).count == 0


def test_a_stage_that_was_removed_takes_no_deal(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, sales.stages[1].id)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=sales.stages[1].id)


def test_the_movement_history_says_how_long_the_deal_stood_in_each_stage(
    store: Store, team: Team, sales: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = clock.now()

    def after(days: int) -> None:
        monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=days))

    after(0)
    with store.writing(team.ana) as tx:
        chairs = deals.create(tx, title="Chairs", pipeline_id=sales.id).id
    after(3)
    with store.writing(team.bob) as tx:
        deals.move(tx, chairs, to_stage=sales.stages[1].id)
    after(10)
    with store.writing(team.bob) as tx:
        deals.lose(tx, chairs, note="Too dear")
    after(20)
    with store.writing(team.marta) as tx:
        deals.reopen(tx, chairs)
    after(21)
    with store.reading(team.vera) as tx:
        found = deals.movements(tx, chairs)
    assert [(move.kind, move.from_stage, move.to_stage, move.by_name, move.stood) for move in found] == [
        ("create", None, "Lead", "Ana", timedelta(days=3)),
        ("move", "Lead", "Talk", "Bob", timedelta(days=7)),
        ("lost", "Talk", "Lost", "Bob", None),
        ("reopen", "Lost", "Talk", "Marta", timedelta(days=1)),
    ]


DEALS = 6
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["ana", "bob", "marta"]),
        st.integers(0, DEALS - 1),
        st.integers(0, 2),
        st.none() | st.integers(0, DEALS - 1),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_any_moves_by_anybody_leave_each_deal_once_and_in_the_order_asked(
    store: Store, team: Team, sales: Pipeline, moves: list[tuple[str, int, int, int | None, bool]]
) -> None:
    """The oracle is three Python lists."""
    with store.writing(team.ada) as tx:
        tx.run("DELETE FROM base.stage_events")
        tx.run("DELETE FROM base.deals")
        ids = [deals.create(tx, title=f"Deal {n}", pipeline_id=sales.id).id for n in range(DEALS)]
        tx.run("UPDATE base.deals SET rank = rank / 1048576")  # no gaps at all: every move between two must make one
    stages: list[list[int]] = [list(reversed(ids)), [], []]
    actors = {who: getattr(team, who) for who in ("ana", "bob", "marta")}
    for who, deal, stage, neighbour, above in moves:
        moved = ids[deal]
        beside = ids[neighbour] if neighbour is not None and neighbour != deal else None
        with store.writing(actors[who]) as tx:
            deals.move(
                tx,
                moved,
                to_stage=sales.stages[stage].id,
                before=beside if above else None,
                after=None if above else beside,
            )
        for cards in stages:
            if moved in cards:
                cards.remove(moved)
        target = stages[stage]
        target.insert(target.index(beside) + (not above) if beside in target else 0, moved)
    with store.reading(actors["ana"]) as tx:
        found = deals.board(tx, sales.id)
    assert [[card.id for card in column.cards] for column in found.columns[:3]] == stages
    assert found.count == DEALS
