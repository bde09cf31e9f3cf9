"""A deal that came to a standstill is told of in the morning, once for each time that it does."""

import pytest

from crm import deals, notifications, pipelines
from crm.foundation.access import SYSTEM
from crm.notifications import Channel, Kind
from crm.platform import notices
from crm.records import notes
from tests.owner_privacy import owner_privacy

IDLE = "“Chairs” stalled: nobody has touched it for {} days."


@pytest.fixture
def morning(store, team, at, work):
    """The day in May 2030 on which the worker tells what is to be told; what somebody has been told by then."""

    def come(day, name="ana"):
        at(f"2030-05-{day:02} 07:00")
        work()
        with store.reading(getattr(team, name)) as tx:
            return [notice.text for notice in reversed(notices.of_actor(tx)) if notice.kind == "stalled"]

    return come


@pytest.fixture
def limited(store, team, sales, at):
    """On May 1st a deal may rest for six days in each stage."""
    at("2030-05-01 06:00")
    with store.writing(team.marta) as tx:
        for stage in sales.open_stages:
            pipelines.set_limit(tx, stage.id, 6)
    with store.writing(SYSTEM) as tx:
        notifications.schedule(tx)


@pytest.fixture
def chairs(team, limited, deal):
    return deal(by="ana", owner_id=team.ids.ana)


def test_its_owner_is_told_once(chairs, morning):
    assert morning(6) == []
    assert morning(8) == [IDLE.format(7)]
    assert morning(9) == morning(20) == [IDLE.format(7)]
    assert morning(20, "bob") == []


def test_it_is_told_again_when_it_stalls_again(store, team, chairs, morning):
    assert len(morning(8)) == 1
    with store.writing(team.ana) as tx:
        notes.add(tx, "deal", chairs.id, "Called")
    assert len(morning(9)) == 1
    assert morning(15) == [IDLE.format(7), IDLE.format(7)]


def test_one_that_was_closed_is_not_told_of(store, team, chairs, morning):
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    assert morning(20) == []


def test_a_new_owner_hears_that_it_is_theirs_and_not_that_it_stalled(store, team, chairs, morning):
    morning(8)
    with store.writing(team.marta) as tx:
        tx.run("UPDATE base.deals SET owner_id = $bob WHERE id = $id", bob=team.ids.bob, id=chairs.id)
    assert morning(9, "bob") == []


def test_who_does_not_wish_to_hear_of_it_does_not_later_either(store, team, chairs, morning):
    with store.writing(team.ana) as tx:
        notifications.choose(tx, Kind.STALLED, frozenset())
    assert morning(8) == []
    with store.writing(team.ana) as tx:
        notifications.choose(tx, Kind.STALLED, frozenset(Channel))
    assert morning(9) == []


def test_many_are_one_notice_that_leads_to_them(store, team, limited, deal, morning):
    for n in range(4):
        deal(f"D{n}", by="ana", owner_id=team.ids.ana)
    [told] = morning(8)
    assert told.startswith("4 deals of yours stalled")
    with store.reading(team.ana) as tx:
        [notice] = [one for one in notices.of_actor(tx) if one.kind == "stalled"]
    assert notice.link.startswith(f"/pipeline?owner={team.ids.ana}&filter=")
    assert notice.many == 4


def test_it_is_in_the_daily_mail(team, chairs, postbox, morning):
    morning(8)
    [daily] = postbox.taken
    assert daily["Subject"] == "Today: 1 stalled"
    assert f"- “Chairs”, untouched for 7 days: https://crm.example.com/deal?deal={chairs.id}" in daily.get_content()


def test_it_is_told_under_owner_based_privacy_too(store, team, chairs, morning):
    owner_privacy(store, team)
    assert morning(8) == [IDLE.format(7)]
