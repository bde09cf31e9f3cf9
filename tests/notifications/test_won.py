"""A deal is won by somebody else: its owner hears of it, who follows it, and who wants to hear of every win."""

from datetime import timedelta

import pytest

from crm import deals, notifications
from crm.foundation.access import Role
from crm.foundation.errors import NotFound
from crm.notifications import Channel, Kind
from crm.platform import workspace
from crm.platform.people import users
from crm.records import bulk
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from tests.owner_privacy import owner_privacy


def win(store, actor, deal_id):
    with store.writing(actor) as tx:
        return deals.win(tx, deal_id)


def choose(store, actor, kind, *channels):
    with store.writing(actor) as tx:
        notifications.choose(tx, kind, frozenset(channels))


def follow(store, actor, deal_id):
    with store.writing(actor) as tx:
        deals.follow(tx, deal_id)


def test_the_owner_hears_by_whom_it_was_won_and_of_how_much(store, team, deal, notices_of):
    chairs = deal(by="ana", owner_id=team.ids.ana, value=1200, currency="BRL")
    win(store, team.marta, chairs.id)
    assert notices_of("ana") == ["“Chairs” was won by Marta: R$1,200.00."]


def test_the_owner_hears_of_a_deal_that_was_won_among_many_on_an_earlier_day(store, team, deal, notices_of, at):
    at("2030-05-06 08:00")
    chairs = deal(by="ana", owner_id=team.ids.ana)
    at("2030-05-09 08:00")
    with store.writing(team.marta) as tx:
        day = tx.today - timedelta(days=2)
        bulk.apply(tx, "deals", ListQuery(ids=(chairs.id,)), Change(action=Action.WIN, on=day))
    assert notices_of("ana") == ["“Chairs” was won by Marta."]


def test_who_wins_ones_own_deal_hears_nothing(store, team, deal, notices_of):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    win(store, team.ana, chairs.id)
    assert notices_of("ana") == []


def test_who_follows_it_hears_of_it_until_they_stop(store, team, deal, notices_of):
    chairs, tables = deal(), deal("Tables")
    for one in (chairs, tables):
        follow(store, team.vera, one.id)
    with store.writing(team.vera) as tx:
        deals.unfollow(tx, tables.id)
    for one in (chairs, tables):
        win(store, team.marta, one.id)
    assert notices_of("vera") == ["“Chairs” was won by Marta."]


def test_who_owns_and_follows_it_hears_of_it_once(store, team, deal, notices_of):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    follow(store, team.ana, chairs.id)
    follow(store, team.ana, chairs.id)
    win(store, team.marta, chairs.id)
    assert notices_of("ana") == ["“Chairs” was won by Marta."]


def test_a_follower_who_may_not_see_it_any_more_hears_nothing(store, team, deal, notices_of):
    chairs = deal()
    follow(store, team.bob, chairs.id)
    owner_privacy(store, team)
    win(store, team.marta, chairs.id)
    assert notices_of("bob") == []


def test_what_one_may_not_see_cannot_be_followed(store, team, deal):
    owner_privacy(store, team)
    chairs = deal()
    with pytest.raises(NotFound):
        follow(store, team.bob, chairs.id)


def test_a_manager_hears_of_every_win_where_they_want_to(store, team, deal, notices_of):
    win(store, team.ana, deal("Before").id)
    assert notices_of("marta") == []
    choose(store, team.marta, Kind.EVERY_WIN, Channel.APP)
    win(store, team.ana, deal("Chairs").id)
    assert notices_of("marta") == ["“Chairs” was won by Ana."]


def test_who_is_no_manager_any_more_hears_of_no_win_of_others(store, team, deal, notices_of):
    choose(store, team.marta, Kind.EVERY_WIN, Channel.APP)
    chairs = deal()
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.marta, role=Role.REP)
    win(store, team.ana, chairs.id)
    assert notices_of("marta") == []


def test_a_manager_who_owns_the_deal_hears_of_it_once(store, team, deal, notices_of):
    choose(store, team.marta, Kind.EVERY_WIN, Channel.APP)
    win(store, team.ana, deal(owner_id=team.ids.marta).id)
    assert notices_of("marta") == ["“Chairs” was won by Ana."]


def test_a_win_that_was_taken_back_before_it_was_told_is_no_news(store, team, deal, notices_of):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    win(store, team.marta, chairs.id)
    with store.writing(team.marta) as tx:
        deals.reopen(tx, chairs.id)
    assert notices_of("ana") == []


def test_a_deal_that_is_lost_is_no_news(store, team, deal, notices_of):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    with store.writing(team.marta) as tx:
        deals.lose(tx, chairs.id, note="No answer")
    assert notices_of("ana") == []


def test_who_wants_to_hear_of_no_win_hears_of_none(store, team, deal, notices_of):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    choose(store, team.ana, Kind.WON)
    win(store, team.marta, chairs.id)
    assert notices_of("ana") == []


def test_texts_and_amounts_are_written_in_the_teams_own_way(store, team, deal, notices_of):
    with store.writing(team.ada) as tx:
        workspace.change(tx, locale="pt_BR")
    chairs = deal(by="ana", owner_id=team.ids.ana, value=1200, currency="BRL")
    win(store, team.marta, chairs.id)
    assert notices_of("ana") == ["“Chairs” foi ganho por Marta: R$\xa01.200,00."]
