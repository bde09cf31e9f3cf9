"""Won, lost and reopened, with the day and the reason."""

from datetime import timedelta

import pytest

from crm import deals
from crm.deals import Deal
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.pipelines import Pipeline
from crm.store import Store
from tests.people import Team


def test_a_won_deal_has_its_day_its_reason_and_the_won_stage(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        reason = deals.close_reasons(tx, "won")[0]
        won = deals.win(tx, chairs.id, reason_id=reason.id, note="They loved the blue ones")
    assert (won.status, won.stage_id, won.closed_on) == ("won", sales.won.id, tx.today)
    assert (won.close_reason, won.close_note) == (reason.name, "They loved the blue ones")


def test_a_lost_deal_says_why(store: Store, team: Team, chairs: Deal) -> None:
    for note in (None, "  "):
        with pytest.raises(Invalid, match="Say why"), store.writing(team.ana) as tx:
            deals.lose(tx, chairs.id, note=note)
    with store.writing(team.ana) as tx:
        reason = deals.close_reasons(tx, "lost")[0]
        assert deals.lose(tx, chairs.id, reason_id=reason.id).close_reason == reason.name


def test_a_reason_belongs_to_its_kind(store: Store, team: Team, chairs: Deal) -> None:
    with store.reading(team.ana) as tx:
        lost = deals.close_reasons(tx, "lost")[0]
    with pytest.raises(Invalid, match="not a reason"), store.writing(team.ana) as tx:
        deals.win(tx, chairs.id, reason_id=lost.id)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        deals.win(tx, chairs.id, reason_id=999)


def test_a_closing_day_is_neither_in_the_future_nor_before_the_deal(store: Store, team: Team, chairs: Deal) -> None:
    for days in (1, -1):
        with pytest.raises(Invalid) as refused, store.writing(team.ana) as tx:
            deals.win(tx, chairs.id, on=tx.today + timedelta(days=days))
        assert refused.value.field == "on"


def test_a_deal_is_won_once(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    with pytest.raises(Invalid, match="won already"), store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)


def test_reopened_a_deal_returns_to_the_stage_it_stood_in(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
        deals.lose(tx, chairs.id, note="Silence")
        deals.win(tx, chairs.id)
        again = deals.reopen(tx, chairs.id)
    assert (again.stage_name, again.status, again.closed_on) == ("Talk", "open", None)
    assert (again.close_reason_id, again.close_note) == (None, None)


def test_reopened_after_its_stage_was_removed_it_starts_over(
    store: Store, team: Team, sales: Pipeline, chairs: Deal
) -> None:
    with store.writing(team.marta) as tx:
        deals.move(tx, chairs.id, to_stage=sales.stages[1].id)
        deals.win(tx, chairs.id)
        deals.remove_stage(tx, sales.stages[1].id)
        assert deals.reopen(tx, chairs.id).stage_name == "Lead"


def test_reopening_into_a_named_stage(store: Store, team: Team, sales: Pipeline, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
        assert deals.reopen(tx, chairs.id, to_stage=sales.stages[2].id).stage_name == "Offer"
        deals.win(tx, chairs.id)
    with pytest.raises(Invalid, match="open stage"), store.writing(team.ana) as tx:
        deals.reopen(tx, chairs.id, to_stage=sales.lost.id)


def test_an_open_deal_cannot_be_reopened(store: Store, team: Team, chairs: Deal) -> None:
    with pytest.raises(Invalid, match="open already"), store.writing(team.ana) as tx:
        deals.reopen(tx, chairs.id)


def test_the_list_of_reasons_is_kept_by_managers_and_old_deals_keep_theirs(
    store: Store, team: Team, chairs: Deal
) -> None:
    with store.writing(team.marta) as tx:
        made = deals.add_close_reason(tx, "lost", "Moved abroad")
        deals.lose(tx, chairs.id, reason_id=made.id)
        deals.retire_close_reason(tx, made.id)
        assert made.name not in [reason.name for reason in deals.close_reasons(tx, "lost")]
        assert deals.get(tx, chairs.id).close_reason == "Moved abroad"
        assert deals.add_close_reason(tx, "lost", "Moved abroad").id == made.id
        assert deals.add_close_reason(tx, "lost", "MOVED abroad") == made
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        deals.add_close_reason(tx, "lost", "x")
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        deals.retire_close_reason(tx, made.id)
