"""Many deals at once: moved, given away, won, lost, labelled, deleted; looked at, refused with why, taken back."""

import json
from datetime import date, timedelta

import pytest

from benchmarks.counting import counted, listed
from crm import deals, pipelines
from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records import bulk, feed
from crm.records.bulk import Action, Change
from crm.records.filters import Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.owner_privacy import owner_privacy
from tests.people import Team

EVERY = ListQuery()


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk", "Offer"])


@pytest.fixture
def three(store: Store, team: Team, sales: Pipeline) -> list[Deal]:
    """Ana's A and B in Lead, B on top; Bob's C in Talk."""
    with store.writing(team.ana) as tx:
        made = [deals.create(tx, title=title, pipeline_id=sales.id, value=100) for title in ("A", "B")]
    with store.writing(team.bob) as tx:
        made.append(deals.create(tx, title="C", pipeline_id=sales.id, stage_id=sales.open_stages[1].id))
    return made


def board(store: Store, team: Team, sales: Pipeline) -> dict[str, list[str]]:
    with store.reading(team.ada) as tx:
        return {
            column.stage.name: [card.title for card in column.cards]
            for column in deals.board(tx, sales.id).columns
            if column.cards
        }


def as_they_are(store: Store, team: Team, every: list[Deal]) -> list[dict[str, object]]:
    """All but what a change and its way back count."""
    with store.reading(team.ada) as tx:
        return [deals.get(tx, one.id).model_dump(exclude={"version", "updated_at"}) for one in every]


def moved_to(store: Store, team: Team, stage_id: int, asked: ListQuery = EVERY) -> bulk.BulkChange:
    with store.writing(team.marta) as tx:
        return bulk.apply(tx, "deals", asked, Change(action=Action.MOVE, stage_id=stage_id))


def test_moved_deals_come_on_top_in_their_order(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    talk = sales.open_stages[1]
    with store.reading(team.marta) as tx:
        outlook = bulk.preview(tx, "deals", EVERY, Change(action=Action.MOVE, stage_id=talk.id))
    assert (outlook.matched, outlook.changing, outlook.already, outlook.examples) == (3, 2, 1, ["A", "B"])
    made = moved_to(store, team, talk.id)
    assert (made.changed, made.becomes_name) == (2, "Talk")
    assert board(store, team, sales) == {"Talk": ["B", "A", "C"]}
    assert verify(store) == []


def test_each_movement_stands_in_the_history_as_one_made_by_hand(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    moved_to(store, team, sales.open_stages[2].id)
    with store.reading(team.ana) as tx:
        assert [(step.from_stage, step.to_stage, step.kind) for step in deals.movements(tx, three[0].id)] == [
            (None, "Lead", "create"),
            ("Lead", "Offer", "move"),
        ]
        event = history(tx, "deal", three[0].id)[0]
    assert (event.name, event.actor_name) == ("deal.moved", "Marta")
    assert event.payload["changes"]["stage_name"] == ["Lead", "Offer"]


def test_who_looks_at_the_board_hears_of_it(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    heard: list[str] = []
    store.listeners.append(lambda committed: heard.append(committed.events[-1].particulars))
    moved_to(store, team, sales.open_stages[2].id)
    assert json.loads(heard[-1])["touched"] == ["deal"]


def test_undoing_a_move_puts_every_deal_where_it_stood(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    before = as_they_are(store, team, three)
    made = moved_to(store, team, sales.open_stages[2].id)
    with store.writing(team.marta) as tx:
        assert bulk.undo(tx, made.id).put_back == 3
        assert [step.kind for step in deals.movements(tx, three[0].id)] == ["create"]
        assert history(tx, "deal", three[0].id)[0].payload["changes"]["stage_name"] == ["Offer", "Lead"]
    assert as_they_are(store, team, three) == before
    assert verify(store) == []


def test_a_deal_that_somebody_moved_since_stays_where_it_is(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    made = moved_to(store, team, sales.open_stages[2].id)
    with store.writing(team.bob) as tx:
        deals.move(tx, three[2].id, to_stage=sales.open_stages[0].id)
    with store.writing(team.marta) as tx:
        assert bulk.outlook(tx, made.id).put_back == 2
        assert bulk.undo(tx, made.id).left == 1
        assert [(one.name, one.because) for one in bulk.left(tx, made.id)] == [("C", "It was changed since.")]
    assert board(store, team, sales) == {"Lead": ["B", "A", "C"]}


def test_deals_are_lost_with_a_day_and_a_reason_and_come_back_open(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    before = as_they_are(store, team, three)
    with store.writing(team.marta) as tx:
        with pytest.raises(Invalid, match="why"):
            bulk.preview(tx, "deals", EVERY, Change(action=Action.LOSE))
        reason = deals.close_reasons(tx, "lost")[0]
        made = bulk.apply(tx, "deals", EVERY, Change(action=Action.LOSE, reason_id=reason.id, note="Too late"))
        lost = deals.get(tx, three[0].id)
        assert (lost.status, lost.closed_on, lost.close_reason, lost.close_note) == (
            "lost",
            tx.today,
            reason.name,
            "Too late",
        )
        event = history(tx, "deal", lost.id)[0]
        assert (event.name, event.payload["changes"]["close_note"]) == ("deal.lost", [None, "Too late"])
        assert made.becomes_name == reason.name
        bulk.undo(tx, made.id)
    assert as_they_are(store, team, three) == before
    assert verify(store) == []


def test_a_deal_is_not_won_before_it_was_opened_and_the_others_are(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    with store.writing(team.marta) as tx:
        for table, column, key in (("deals", "created_at", "id"), ("stage_events", "happened_at", "deal_id")):
            tx.run(f"UPDATE base.{table} SET {column} = {column} - INTERVAL 9 DAYS WHERE {key} = $id", id=three[0].id)
        week_ago = tx.today - timedelta(days=7)
        won = Change(action=Action.WIN, on=week_ago)
        outlook = bulk.preview(tx, "deals", EVERY, won)
        assert (outlook.matched, outlook.changing, outlook.refused) == (3, 1, 2)
        because = (
            f"It was opened on {tx.today}: it cannot have been won on {week_ago}, before that. "
            f"Give {tx.today} or a later day."
        )
        assert [(one.because, one.many, one.examples) for one in outlook.refusals] == [(because, 2, ["B", "C"])]
        made = bulk.apply(tx, "deals", EVERY, won)
        assert (made.changed, made.refused) == (1, 2)
        assert [(one.name, one.because) for one in bulk.refused(tx, made.id)] == [("B", because), ("C", because)]
        assert deals.get(tx, three[0].id).closed_on == week_ago
    assert board(store, team, sales) == {"Lead": ["B"], "Talk": ["C"], "Won": ["A"]}
    assert verify(store) == []


def test_nothing_is_made_where_every_deal_refuses(store: Store, team: Team, three: list[Deal]) -> None:
    with (
        pytest.raises(Invalid, match=r"It was opened on .* cannot have been won on 2020-01-01"),
        store.writing(team.marta) as tx,
    ):
        bulk.apply(tx, "deals", EVERY, Change(action=Action.WIN, on=date(2020, 1, 1)))
    with store.reading(team.marta) as tx:
        assert bulk.find(tx) == []


def test_a_closing_day_in_the_future_is_refused(store: Store, team: Team, three: list[Deal]) -> None:
    tomorrow = clock.today(team.marta.time_zone) + timedelta(days=1)
    with pytest.raises(Invalid, match="future"), store.writing(team.marta) as tx:
        bulk.apply(tx, "deals", EVERY, Change(action=Action.WIN, on=tomorrow))


def test_a_closed_deal_is_open_again_once_moved(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    with store.writing(team.bob) as tx:
        deals.lose(tx, three[2].id, note="No answer")
    before = as_they_are(store, team, three)
    made = moved_to(store, team, sales.open_stages[0].id)
    with store.writing(team.marta) as tx:
        assert deals.get(tx, three[2].id).is_open
        assert history(tx, "deal", three[2].id)[0].name == "deal.reopened"
        bulk.undo(tx, made.id)
    assert as_they_are(store, team, three) == before


def test_deals_change_pipeline_and_come_back(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["ListQuery"])
    before = as_they_are(store, team, three)
    made = moved_to(store, team, other.open_stages[0].id)
    assert board(store, team, other) == {"ListQuery": ["B", "A", "C"]}
    with store.writing(team.marta) as tx:
        bulk.undo(tx, made.id)
    assert as_they_are(store, team, three) == before
    assert verify(store) == []


def test_no_deal_goes_back_to_a_stage_that_is_gone(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    lead, _, offer = sales.open_stages
    made = moved_to(store, team, offer.id)
    with store.writing(team.marta) as tx:
        deals.remove_stage(tx, lead.id, deals_to=offer.id)
        assert bulk.undo(tx, made.id).put_back == 1
        assert {one.because for one in bulk.left(tx, made.id)} == {"Its stage is gone."}
    assert verify(store) == []


@pytest.mark.parametrize("kind", ["won", "lost"])
def test_no_deal_is_moved_into_an_end(store: Store, team: Team, sales: Pipeline, three: list[Deal], kind: str) -> None:
    with pytest.raises(Invalid, match="closing them"):
        moved_to(store, team, getattr(sales, kind).id)


def test_labels_owner_and_bin_go_and_come_back(store: Store, team: Team, three: list[Deal]) -> None:
    before = as_they_are(store, team, three)
    for change in (
        Change(action=Action.ADD_LABEL, label="Hot"),
        Change(action=Action.SET_OWNER, owner_id=team.ids.bob),
        Change(action=Action.SET_OWNER, owner_id=None),
        Change(action=Action.DELETE),
    ):
        with store.writing(team.marta) as tx:
            made = bulk.apply(tx, "deals", EVERY, change)
        with store.writing(team.marta) as tx:
            assert bulk.undo(tx, made.id).left == 0
        assert as_they_are(store, team, three) == before
    with store.writing(team.marta) as tx:
        bulk.apply(tx, "deals", EVERY, Change(action=Action.ADD_LABEL, label="Hot"))
        taken_off = bulk.apply(tx, "deals", EVERY, Change(action=Action.REMOVE_LABEL, label="hot"))
        assert deals.get(tx, three[0].id).labels == ()
        bulk.undo(tx, taken_off.id)
        assert deals.get(tx, three[0].id).labels == ("Hot",)
    assert verify(store) == []


def test_an_action_of_contacts_is_none_of_deals(store: Store, team: Team, three: list[Deal]) -> None:
    with pytest.raises(Invalid, match="contacts alone"), store.writing(team.marta) as tx:
        bulk.apply(tx, "deals", EVERY, Change(action=Action.BLOCK))


@pytest.mark.parametrize("person", ["rui", "vera"])
@pytest.mark.parametrize("action", [Action.MOVE, Action.WIN, Action.LOSE, Action.DELETE, Action.SET_OWNER])
def test_who_may_not_change_deals_changes_none(
    store: Store, team: Team, sales: Pipeline, three: list[Deal], person: str, action: Action
) -> None:
    change = Change(action=action, stage_id=sales.open_stages[1].id, note="x")
    before = as_they_are(store, team, three)
    with pytest.raises(Forbidden), store.writing(getattr(team, person)) as tx:
        bulk.apply(tx, "deals", EVERY, change)
    assert as_they_are(store, team, three) == before


def test_only_deals_in_sight_are_changed(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        asked = ListQuery(ids=tuple(one.id for one in three))
        move = Change(action=Action.MOVE, stage_id=sales.open_stages[2].id)
        outlook = bulk.preview(tx, "deals", asked, move)
        assert (outlook.matched, outlook.gone, outlook.examples) == (1, 2, ["C"])
        made = bulk.apply(tx, "deals", asked, move)
    assert board(store, team, sales) == {"Lead": ["B", "A"], "Offer": ["C"]}
    with store.reading(team.ana) as tx:
        assert made.id not in [one.id for one in bulk.find(tx)]
        assert not [one for one in feed.changes(tx) if "bulk_change_id" in one.payload]


def test_a_module_that_is_off_has_no_deals_to_change(store: Store, team: Team, three: list[Deal]) -> None:
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with pytest.raises(ModuleOff), store.writing(team.marta) as tx:
        bulk.apply(tx, "deals", EVERY, Change(action=Action.DELETE))


def test_a_filter_says_which_deals(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    lead = ListQuery(filter=Rule(field="stage_id", op="is", value=sales.open_stages[0].id))
    assert moved_to(store, team, sales.open_stages[2].id, lead).changed == 2
    assert board(store, team, sales) == {"Talk": ["C"], "Offer": ["B", "A"]}


def test_deals_that_a_stage_does_not_take_stay_and_are_listed(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    offer = sales.open_stages[2]
    with store.writing(team.marta) as tx:
        pipelines.require_fields(tx, offer.id, ["value"])
        move = Change(action=Action.MOVE, stage_id=offer.id)
        because = "It cannot enter “Offer”: it asks for Value."
        outlook = bulk.preview(tx, "deals", EVERY, move)
        assert (outlook.changing, outlook.refused) == (2, 1)
        assert [(one.because, one.examples) for one in outlook.refusals] == [(because, ["C"])]
        made = bulk.apply(tx, "deals", EVERY, move)
        assert [(one.name, one.because) for one in bulk.refused(tx, made.id)] == [("C", because)]
    assert board(store, team, sales) == {"Talk": ["C"], "Offer": ["B", "A"]}


def test_who_may_not_win_wins_none_of_many(store: Store, team: Team, sales: Pipeline, three: list[Deal]) -> None:
    with store.writing(team.marta) as tx:
        pipelines.let_win(tx, sales.id, "managers")
    with pytest.raises(Invalid, match="Ana may not move deals"), store.writing(team.ana) as tx:
        bulk.apply(tx, "deals", EVERY, Change(action=Action.WIN))
    with store.writing(team.marta) as tx:
        assert bulk.apply(tx, "deals", EVERY, Change(action=Action.WIN)).changed == 3


def test_a_move_to_a_stage_without_rules_searches_for_the_deals_once(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    marta, ids = team.marta, tuple(deal.id for deal in three)
    change = Change(action=Action.MOVE, stage_id=sales.open_stages[2].id)
    with counted() as found, store.writing(marta) as tx:
        assert bulk.apply(tx, "deals", ListQuery(ids=ids), change).changed == 3
    searching = [one.sql for one in found if "$picked" in one.sql]
    assert len(searching) == 1, listed(found)


def test_a_move_of_many_is_never_before_the_last_arrival(
    store: Store, team: Team, sales: Pipeline, three: list[Deal]
) -> None:
    ahead = clock.now() + timedelta(hours=1)
    with store.writing(team.marta) as tx:
        tx.run("UPDATE base.stage_events SET happened_at = $ahead, known_at = $ahead", ahead=ahead)
        tx.run("UPDATE base.deal_activity SET entered_at = $ahead, moved_at = $ahead", ahead=ahead)
        move = Change(action=Action.MOVE, stage_id=sales.open_stages[2].id)
        bulk.apply(tx, "deals", ListQuery(ids=tuple(deal.id for deal in three)), move)
        assert tx.value("SELECT min(happened_at) = $ahead AND count(*) = 6 FROM base.stage_events", ahead=ahead)
