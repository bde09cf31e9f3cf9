"""Making, editing, deleting and restoring deals."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm import deals, pipelines
from crm.deals import Deal
from crm.foundation import clock
from crm.foundation.errors import Duplicate, Forbidden, Invalid, NotFound, Stale
from crm.pipelines import Pipeline
from crm.platform import workspace
from crm.records.history import history
from crm.store import Store, Writing
from tests.people import Team


def test_a_new_deal_is_its_makers_and_on_top_of_the_first_stage(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        deals.create(tx, title="Desks", pipeline_id=sales.id)
        made = deals.create(
            tx,
            title="  Chairs ",
            pipeline_id=sales.id,
            value="1200.456",
            priority="high",
            expected_close=date(2030, 1, 2),
            source="Fair",
        )
        first = deals.board(tx, sales.id).columns[0].cards[0]
    assert first.id == made.id
    assert (made.title, made.value, made.currency) == ("Chairs", Decimal("1200.46"), "BRL")
    assert (made.owner_name, made.stage_name, made.pipeline_name, made.status) == ("Ana", "Lead", "Sales", "open")
    assert (made.priority, made.expected_close, made.source) == ("high", date(2030, 1, 2), "Fair")
    assert made.version == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "x" * 301),
        ("title", "a\0b"),
        ("value", "-1"),
        ("value", "many"),
        ("value", Decimal("1e20")),
        ("currency", "XXZ"),
        ("priority", "urgent"),
        ("contact_id", 999),
        ("company_id", 999),
        ("owner_id", 999),
        ("team_id", 999),
        ("identifier", "x" * 501),
    ],
)
def test_a_deal_refuses_what_makes_no_sense(
    store: Store, team: Team, sales: Pipeline, field: str, value: object
) -> None:
    given: dict[str, Any] = {"title": "Chairs", "pipeline_id": sales.id, field: value}
    with pytest.raises(Invalid) as refused, store.writing(team.ana) as tx:
        deals.create(tx, **given)
    assert refused.value.field == field


def test_a_deal_starts_in_an_open_stage_of_its_pipeline(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.marta) as tx:
        other = pipelines.create(tx, "Renewals", ["Due"])
    with pytest.raises(Invalid, match="open stage"), store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, stage_id=sales.won.id)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, stage_id=other.stages[0].id)


def test_a_disabled_person_owns_no_new_deals(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.users SET active = false WHERE id = $id", id=team.ids.bob)
    with pytest.raises(Invalid, match="active user"), store.writing(team.ana) as tx:
        deals.create(tx, title="Chairs", pipeline_id=sales.id, owner_id=team.ids.bob)


def test_an_identifier_belongs_to_one_deal_and_the_bin_frees_it(store: Store, team: Team, sales: Pipeline) -> None:
    with store.writing(team.ana) as tx:
        first = deals.create(tx, title="Chairs", pipeline_id=sales.id, identifier="D-1")
    with pytest.raises(Duplicate) as refused, store.writing(team.ana) as tx:
        deals.create(tx, title="Desks", pipeline_id=sales.id, identifier="D-1")
    assert refused.value.holder_id == first.id
    with store.writing(team.ana) as tx:
        deals.delete(tx, first.id)
        deals.create(tx, title="Desks", pipeline_id=sales.id, identifier="D-1")
    with pytest.raises(Duplicate), store.writing(team.ana) as tx:
        deals.restore(tx, first.id)


def test_an_edit_is_kept_with_what_it_changed(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.bob) as tx:
        after = deals.edit(tx, chairs.id, version=1, title="100 chairs", value=2000, owner_id=team.ids.bob)
        last = history(tx, "deal", chairs.id)[0]
    assert (after.title, after.value, after.owner_name, after.version) == ("100 chairs", Decimal(2000), "Bob", 2)
    assert last.payload["changes"]["title"] == ["Chairs", "100 chairs"]
    assert last.payload["changes"]["owner_name"] == ["Ana", "Bob"]


def test_an_edit_that_changes_nothing_writes_nothing(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        assert deals.edit(tx, chairs.id, version=1, title="Chairs", value=1200) == chairs
        assert tx.recorded == []


def test_fields_can_be_emptied(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        after = deals.edit(tx, chairs.id, value=None, owner_id=None)
    assert (after.value, after.owner_id) == (None, None)


def test_a_new_currency_rounds_the_value_to_its_own_smallest_coin(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, value="10.55")
        assert deals.edit(tx, chairs.id, currency="jpy").value == Decimal(11)


@pytest.mark.parametrize("field", ["rank", "stage_id", "closed_on", "version_", "id_", "status"])
def test_an_edit_cannot_reach_past_the_fields_of_a_form(store: Store, team: Team, chairs: Deal, field: str) -> None:
    with pytest.raises(Invalid, match="no field"), store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, **{field: 1})


def test_the_second_editor_is_told_who_changed_what_and_nothing_is_lost(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.bob) as tx:
        deals.edit(tx, chairs.id, version=1, value=5000)
    with pytest.raises(Stale) as refused, store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, version=1, title="100 chairs")
    assert str(refused.value).startswith("Bob changed “Chairs”: value.")
    assert refused.value.current["value"] == Decimal(5000)
    assert refused.value.current["version"] == 2
    with store.reading(team.ana) as tx:
        assert deals.get(tx, chairs.id).title == "Chairs"


def test_stale_names_the_stage_it_was_moved_to(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.bob) as tx:
        deals.move(tx, chairs.id, to_stage=sales.stages[1].id, version=1)
    with pytest.raises(Stale, match="Bob moved “Chairs” to Talk"), store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=sales.stages[2].id, version=1)


def test_a_deleted_deal_is_gone_and_comes_back_where_it_stood(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, chairs.id)
    with pytest.raises(NotFound), store.reading(team.ana) as tx:
        deals.get(tx, chairs.id)
    with store.writing(team.ana) as tx:
        assert deals.restore(tx, chairs.id).stage_id == chairs.stage_id


def test_the_bin_is_emptied_after_30_days(
    store: Store, team: Team, chairs: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ana) as tx:
        deals.delete(tx, chairs.id)
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        deals.restore(tx, chairs.id)


CHANGES: dict[str, Callable[[Writing, Deal, Pipeline], object]] = {
    "create": lambda tx, deal, sales: deals.create(tx, title="Desks", pipeline_id=sales.id),
    "edit": lambda tx, deal, sales: deals.edit(tx, deal.id, title="x"),
    "move": lambda tx, deal, sales: deals.move(tx, deal.id, to_stage=sales.stages[1].id),
    "win": lambda tx, deal, sales: deals.win(tx, deal.id),
    "lose": lambda tx, deal, sales: deals.lose(tx, deal.id, note="x"),
    "reopen": lambda tx, deal, sales: deals.reopen(tx, deal.id),
    "delete": lambda tx, deal, sales: deals.delete(tx, deal.id),
    "restore": lambda tx, deal, sales: deals.restore(tx, deal.id),
}


@pytest.mark.parametrize("who", ["vera", "rui"])
@pytest.mark.parametrize("change", CHANGES)
def test_without_manage_crm_one_looks_and_changes_nothing(
    store: Store, team: Team, sales: Pipeline, chairs: Deal, who: str, change: str
) -> None:
    with pytest.raises(Forbidden), store.writing(getattr(team, who)) as tx:
        CHANGES[change](tx, chairs, sales)
    with store.reading(getattr(team, who)) as tx:
        assert deals.get(tx, chairs.id) == chairs


@pytest.fixture
def private(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)


@pytest.mark.usefixtures("private")
@pytest.mark.parametrize("change", [name for name in CHANGES if name != "create"])
def test_a_rep_cannot_touch_another_reps_deal(
    store: Store, team: Team, sales: Pipeline, chairs: Deal, change: str
) -> None:
    if change == "restore":
        with store.writing(team.ana) as tx:
            deals.delete(tx, chairs.id)
    with pytest.raises(NotFound), store.writing(team.bob) as tx:
        CHANGES[change](tx, chairs, sales)


@pytest.mark.usefixtures("private")
def test_a_rep_sees_no_other_reps_deal_on_board_search_count_list_figures_or_history(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.reading(team.bob) as tx:
        assert deals.board(tx, sales.id).count == 0
        assert deals.board(tx, sales.id).columns[0].totals == ()
        assert deals.board(tx, sales.id, search="chairs").count == 0
        assert deals.find(tx, deals.ListQuery(search="chairs")).total == 0
        assert deals.figures(tx, sales.id).open_value == 0
        for look in (deals.get, deals.movements):
            with pytest.raises(NotFound):
                look(tx, chairs.id)
    with store.reading(team.marta) as tx:
        assert deals.board(tx, sales.id).count == 1


@pytest.mark.usefixtures("private")
def test_a_deal_can_be_handed_to_somebody_whose_deals_one_does_not_see(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, owner_id=team.ids.bob)
    with store.reading(team.bob) as tx:
        assert deals.get(tx, chairs.id).owner_name == "Bob"
    with pytest.raises(NotFound), store.reading(team.ana) as tx:
        deals.get(tx, chairs.id)


@pytest.mark.usefixtures("private")
def test_a_deal_that_its_maker_would_not_see_is_not_made(store: Store, team: Team, sales: Pipeline) -> None:
    with pytest.raises(Invalid, match="would not see"), store.writing(team.ana) as tx:
        deals.create(tx, title="Desks", pipeline_id=sales.id, owner_id=team.ids.bob)
