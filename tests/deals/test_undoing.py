"""A movement that was undone: the deal stands where it stood, reports do not know of it, and the log tells both."""

from datetime import timedelta

import pytest

from crm import deals, pipelines
from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.pipelines import Pipeline
from crm.records.history import history
from crm.store import Store
from crm.verify import verify
from tests.people import Team


def order(store: Store, team: Team, sales: Pipeline) -> dict[str, list[str]]:
    with store.reading(team.ana) as tx:
        found = deals.board(tx, sales.id)
    return {column.stage.name: [card.title for card in column.cards] for column in found.columns}


def test_an_undone_move_puts_the_deal_back_in_its_stage_and_place(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        for title in ("Lamps", "Desks"):
            deals.create(tx, title=title, pipeline_id=sales.id)
        lamps = deals.find_one(tx, 2)
        assert lamps
    before = order(store, team, sales)
    assert before["Lead"] == ["Desks", "Lamps", "Chairs"]
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, lamps.id, to_stage=sales.stages[1].id)
    with store.writing(team.ana) as tx:
        back = deals.undo_move(tx, lamps, version=moved.version)
        assert back == deals.get(tx, lamps.id)
        assert [move.to_stage for move in deals.movements(tx, lamps.id)] == ["Lead"]
    assert order(store, team, sales) == before
    assert verify(store) == []


def test_an_undone_place_is_the_place_of_before(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        lamps = deals.create(tx, title="Lamps", pipeline_id=sales.id)
        moved = deals.move(tx, lamps.id, to_stage=sales.stages[0].id, after=chairs.id)
    assert order(store, team, sales)["Lead"] == ["Chairs", "Lamps"]
    with store.writing(team.ana) as tx:
        deals.undo_move(tx, lamps, version=moved.version)
    assert order(store, team, sales)["Lead"] == ["Lamps", "Chairs"]


@pytest.mark.parametrize("end", ["win", "lose"])
def test_an_undone_closing_never_counts_and_the_log_tells_both(
    store: Store, team: Team, sales: Pipeline, chairs: Deal, end: str
) -> None:
    with store.writing(team.ana) as tx:
        closed = getattr(deals, end)(tx, chairs.id, note="Slipped")
        back = deals.undo_move(tx, chairs, version=closed.version)
        assert back == deals.get(tx, chairs.id)
    assert (back.stage_id, back.rank, back.closed_on, back.close_note) == (chairs.stage_id, chairs.rank, None, None)
    with store.reading(team.ana) as tx:
        names = [event.name for event in history(tx, "deal", chairs.id)]
        with pytest.raises(NotFound):
            deals.last_closing(tx, chairs.id)
    assert names[:2] == ["deal.reopened", "deal.won" if end == "win" else "deal.lost"]
    assert verify(store) == []


def test_an_undone_reopening_is_closed_as_it_was(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        lost = deals.lose(tx, chairs.id, note="Silence")
        opened = deals.reopen(tx, chairs.id)
        back = deals.undo_move(tx, lost, version=opened.version)
    assert (back.status, back.close_note, back.closed_on) == ("lost", "Silence", lost.closed_on)
    assert verify(store) == []


def test_a_move_between_pipelines_is_undone(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, chairs.id, to_stage=other.stages[0].id)
        back = deals.undo_move(tx, chairs, version=moved.version)
        assert back == deals.get(tx, chairs.id)
    assert back.pipeline_id == chairs.pipeline_id


def test_what_was_changed_since_is_not_undone(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
    with store.writing(team.marta) as tx:
        deals.edit(tx, chairs.id, title="Stools")
    with pytest.raises(Stale, match="Marta"), store.writing(team.ana) as tx:
        deals.undo_move(tx, chairs, version=moved.version)


def test_anothers_move_and_one_of_long_ago_stay(
    store: Store, team: Team, sales: Pipeline, chairs: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
    with pytest.raises(Invalid, match="too late"), store.writing(team.marta) as tx:
        deals.undo_move(tx, chairs, version=moved.version)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(Invalid, match="too late"), store.writing(team.ana) as tx:
        deals.undo_move(tx, chairs, version=moved.version)


def test_a_viewer_undoes_nothing(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        moved = deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
    with pytest.raises(Forbidden), store.writing(team.vera) as tx:
        deals.undo_move(tx, chairs, version=moved.version)


def test_rows_that_were_edited_are_undone_with_labels_and_stage_or_not_at_all(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        lamps = deals.create(tx, title="Lamps", pipeline_id=sales.id)
        rows = [
            (chairs, deals.edit_row(tx, chairs.id, title="Stools", labels=["Oak"], to_stage=sales.stages[1].id)),
            (lamps, deals.edit_row(tx, lamps.id, value=90)),
        ]
    with store.writing(team.marta) as tx:
        touched = deals.edit(tx, lamps.id, source="Fair")
    with pytest.raises(Stale), store.writing(team.ana) as tx:
        deals.undo_rows(tx, *rows)
    with store.writing(team.ana) as tx:
        assert deals.get(tx, chairs.id) == rows[0][1]
        deals.undo_rows(tx, rows[0], (lamps, touched.model_copy(update={"source": lamps.source})))
        for deal in (chairs, lamps):
            found = deals.get(tx, deal.id)
            assert (found.title, found.labels, found.value, found.stage_id) == (
                *(deal.title, deal.labels, deal.value),
                deal.stage_id,
            )
        assert [move.to_stage for move in deals.movements(tx, chairs.id)] == ["Lead"]
    assert verify(store) == []
