"""In the morning of the workspace, once a day: what is due today."""

from urllib.parse import parse_qs, urlsplit

import pytest

from crm import deals, notifications
from crm.foundation.access import SYSTEM
from crm.platform import notices
from crm.platform.people import users
from crm.records import filters
from crm.reports import backtests, evaluations
from crm.worker import Worker, housekeeping, work_one
from tests.owner_privacy import owner_privacy

MONDAY, TUESDAY = "2030-05-06", "2030-05-07"


@pytest.fixture
def arranged(store, team, at):
    """The product was started on Sunday."""
    at("2030-05-05 12:00")
    with store.writing(SYSTEM) as tx:
        notifications.schedule(tx)


@pytest.fixture
def seen(store, team, work):
    """What somebody was told of, once the worker did what is due now."""

    def of(name):
        work()
        with store.reading(getattr(team, name)) as tx:
            return [notice.text for notice in reversed(notices.of_actor(tx)) if notice.kind == "due"]

    return of


def test_the_owner_is_told_of_a_deal_on_the_day_on_which_it_should_close(team, arranged, deal, at, seen):
    deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    at(f"{MONDAY} 06:59")
    assert seen("ana") == []
    at(f"{MONDAY} 07:00")
    assert seen("ana") == ["“Chairs” is expected to close today."]
    assert seen("bob") == []


def test_it_is_told_once_a_day_however_often_the_product_starts(store, team, arranged, deal, at, seen):
    deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    at(f"{MONDAY} 07:00")
    assert len(seen("ana")) == 1
    for hour in (8, 20):
        at(f"{MONDAY} {hour:02}:00")
        with store.writing(SYSTEM) as tx:
            tx.run("DELETE FROM base.jobs")
            notifications.schedule(tx)
        assert len(seen("ana")) == 1


def test_a_morning_on_which_the_product_stood_still_is_made_up_for_the_same_day(store, team, arranged, deal, at, seen):
    deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    at(f"{MONDAY} 15:00")
    assert len(seen("ana")) == 1


def test_of_days_that_were_missed_only_today_is_told(team, arranged, deal, at, seen):
    deal("Of Monday", by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    deal("Of Tuesday", by="ana", owner_id=team.ids.ana, expected_close=TUESDAY)
    at(f"{TUESDAY} 10:00")
    assert seen("ana") == ["“Of Tuesday” is expected to close today."]


def test_it_is_told_again_the_next_day(team, arranged, deal, at, seen):
    deal("Of Monday", by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    deal("Of Tuesday", by="ana", owner_id=team.ids.ana, expected_close=TUESDAY)
    at(f"{MONDAY} 07:00")
    seen("ana")
    at(f"{TUESDAY} 07:00")
    assert seen("ana") == ["“Of Monday” is expected to close today.", "“Of Tuesday” is expected to close today."]


def test_a_closed_deal_is_not_due(store, team, arranged, deal, at, seen):
    chairs = deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id)
    at(f"{MONDAY} 07:00")
    assert seen("ana") == []


def test_many_are_one_notice_that_leads_to_all_of_them(store, team, arranged, deal, at, seen):
    for n in range(4):
        deal(f"D{n}", by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    at(f"{MONDAY} 07:00")
    assert seen("ana") == ["Due today: 4 deals to close."]
    with store.reading(team.ana) as tx:
        [notice] = notices.of_actor(tx)
        asked = parse_qs(urlsplit(notice.link).query)
        found = deals.count(tx, deals.ListQuery(filter=filters.parse(asked["filter"][0])))
    assert asked["owner"] == [str(team.ids.ana)]
    assert found == 4


def test_one_who_was_disabled_is_told_of_nothing(store, team, arranged, deal, at, work):
    deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.ana)
    at(f"{MONDAY} 07:00")
    work()
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.notices") == 0


def test_it_is_told_under_owner_based_privacy_too(store, team, arranged, deal, at, seen):
    owner_privacy(store, team)
    deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    at(f"{MONDAY} 07:00")
    assert len(seen("ana")) == 1


def test_a_morning_that_fails_is_told_whole_at_the_next_try(store, team, arranged, deal, at, seen, monkeypatch):
    deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    deal(by="bob", owner_id=team.ids.bob, expected_close=MONDAY)
    at(f"{MONDAY} 07:00")
    told = []

    def leave_one(tx, user_id, *args, **kwargs):
        if told:
            raise ZeroDivisionError
        told.append(user_id)
        notices.leave(tx, user_id, "Half", kind="due")

    with monkeypatch.context() as patched:
        patched.setattr(notifications.daily, "notices", type("Broken", (), {"leave": staticmethod(leave_one)}))
        work_one(store)
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.notices") == 0
    assert seen("ana") == []
    at(f"{MONDAY} 08:01")
    assert len(seen("ana")) == len(seen("bob")) == 1


def test_a_product_that_starts_arranges_for_it_once(store, team):
    for _ in range(2):
        worker = Worker(store)
        worker.start()
        worker.stop()
    with store.reading(SYSTEM) as tx:
        found = tx.rows("SELECT kind, count(*) AS many FROM base.jobs WHERE state = 'queued' GROUP BY kind")
    assert {row["kind"]: row["many"] for row in found} == dict.fromkeys(
        (housekeeping.JOB, notifications.JOB, evaluations.JOB, backtests.JOB), 1
    )


@pytest.fixture
def to_do(store):
    """Something to be done on a deal, written past the verbs: who may add it is not the question here."""

    def make(deal, text, *, due_on=MONDAY, **fields):
        with store.writing(SYSTEM) as tx:
            return tx.insert(
                """
                INSERT INTO base.checklist_items (
                    checklist_id, deal_id, text, position, due_on, assignee_id, done_at, created_at
                )
                VALUES (1, $deal_id, $text, 1, $due_on::DATE, $assignee_id, $done_at, $now)
                RETURNING id
                """,
                deal_id=deal.id,
                text=text,
                due_on=due_on,
                now=tx.now,
                **{"assignee_id": None, "done_at": None, **fields},
            )

    return make


def test_who_is_to_do_something_today_is_told_and_the_owner_of_what_is_nobodys(team, arranged, deal, to_do, at, seen):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    to_do(chairs, "Call", assignee_id=team.ids.bob)
    to_do(chairs, "Write")
    to_do(chairs, "Tomorrow", due_on=TUESDAY)
    at(f"{MONDAY} 07:00")
    assert seen("bob") == ["To do today: “Call”, of “Chairs”."]
    assert seen("ana") == ["To do today: “Write”, of “Chairs”."]


def test_what_is_done_is_not_due(store, team, arranged, deal, to_do, at, seen):
    chairs = deal(by="ana", owner_id=team.ids.ana)
    with store.reading(SYSTEM) as tx:
        to_do(chairs, "Call", done_at=tx.now)
    at(f"{MONDAY} 07:00")
    assert seen("ana") == []


def test_who_may_not_see_the_deal_is_not_told_of_what_they_should_do_on_it(
    store, team, arranged, deal, to_do, at, seen
):
    to_do(deal(by="ana", owner_id=team.ids.ana), "Call", assignee_id=team.ids.bob)
    owner_privacy(store, team)
    at(f"{MONDAY} 07:00")
    assert seen("bob") == []


def test_deals_and_things_to_do_are_counted_apart_in_one_notice(team, arranged, deal, to_do, at, seen):
    chairs = deal(by="ana", owner_id=team.ids.ana, expected_close=MONDAY)
    for n in range(3):
        to_do(chairs, f"Call {n}")
    at(f"{MONDAY} 07:00")
    assert seen("ana") == ["Due today: 1 deal to close and 3 things to do."]
