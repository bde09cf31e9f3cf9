"""Schedules of mailed dashboards: who may set them, see them, and leave them."""

from typing import Any

import pytest

from crm.dashboards import saved, schedules
from crm.dashboards.recurrence import Every
from crm.dashboards.schedules import DashboardSchedule
from crm.foundation.access import SYSTEM, Actor
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.platform.people import teams, users
from crm.store import Store
from tests.people import Team


@pytest.fixture(autouse=True)
def _server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")


def scheduled(store: Store, actor: Actor, *recipients: int, **fields: Any) -> DashboardSchedule:
    given = {"every": Every.WEEK, "weekday": 1, "recipient_ids": recipients, **fields}
    with store.writing(actor) as tx:
        return schedules.create(tx, **given)


def board(store: Store, actor: Actor, **fields: Any) -> int:
    with store.writing(actor) as tx:
        return saved.create(tx, name="Board", **fields).id


def on(store: Store, actor: Actor) -> list[int]:
    with store.reading(actor) as tx:
        return [each.id for each in schedules.all_of(tx)]


@pytest.mark.parametrize("role", ["ada", "marta", "ana", "rui", "vera"])
def test_every_role_has_what_they_see_mailed(store: Store, team: Team, role: str) -> None:
    actor = getattr(team, role)
    made = scheduled(store, actor, actor.id)
    assert (made.user_name, made.recipient_ids, made.dashboard_name) == (role.title(), (actor.id,), None)
    assert on(store, actor) == [made.id]


def test_a_private_dashboard_is_mailed_to_its_owner_alone(store: Store, team: Team) -> None:
    own = board(store, team.ana)
    with store.writing(team.bob) as tx, pytest.raises(NotFound):
        schedules.create(tx, every=Every.DAY, recipient_ids=[team.ids.bob], dashboard_id=own)
    with pytest.raises(Invalid, match=r"^Bob and Vera cannot see this dashboard"):
        scheduled(store, team.ana, team.ids.bob, team.ids.ana, team.ids.vera, dashboard_id=own)
    made = scheduled(store, team.ana, team.ids.ana, dashboard_id=own)
    assert made.dashboard_name == "Board"
    assert on(store, team.bob) == on(store, team.ada) == []
    with store.reading(team.ada) as tx, pytest.raises(NotFound):
        schedules.get(tx, made.id)


def test_who_may_get_it_is_who_sees_it(store: Store, team: Team) -> None:
    """`readers` and the view are two writings of one rule."""
    with store.writing(team.ada) as tx:
        one = teams.create(tx, "South").id
        teams.change(tx, one, member_ids=[team.ids.ana, team.ids.vera])
        users.disable(tx, team.ids.rui)
    for fields in ({}, {"shared": True}, {"team_id": one}):
        with store.writing(team.ana) as tx:
            made = saved.create(tx, name=f"With {sorted(fields)}", **fields)
            found = {user.id for user in schedules.readers(tx, made.id)}
            overview = {user.id for user in schedules.readers(tx, None)}
        see = set()
        for name in ("ada", "marta", "ana", "bob", "vera"):
            with store.reading(getattr(team, name)) as tx:
                see |= {tx.actor.id for each in saved.all_of(tx) if each.id == made.id}
        assert found == see
        assert overview == {getattr(team.ids, name) for name in ("ada", "marta", "ana", "bob", "vera")}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"every": "year"}, "every"),
        ({"hour": 24}, "hour"),
        ({"hour": True}, "hour"),
        ({"weekday": None}, "weekday"),
        ({"weekday": 8}, "weekday"),
        ({"every": Every.MONTH}, "month_day"),
        ({"every": Every.MONTH, "month_day": 0}, "month_day"),
        ({"recipient_ids": ()}, "recipient_ids"),
        ({"recipient_ids": (98_765,)}, "recipient_ids"),
        ({"recipient_ids": range(1, 52)}, "recipient_ids"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(store: Store, team: Team, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        scheduled(store, team.ana, **{"recipient_ids": (team.ids.ana,), **given})
    assert refusal.value.field == field
    assert on(store, team.ana) == []


def test_without_a_mail_server_it_says_what_to_set(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_SMTP_URL")
    with pytest.raises(Invalid, match=r"CRM_SMTP_URL \(such as smtps://.*CRM_MAIL_FROM"):
        scheduled(store, team.ana, team.ids.ana)


def test_its_owner_and_an_administrator_change_it_and_nobody_else(store: Store, team: Team) -> None:
    made = scheduled(store, team.ana, team.ids.ana, team.ids.bob)
    for name in ("bob", "marta", "rui", "vera"):
        with store.writing(getattr(team, name)) as tx, pytest.raises(Forbidden):
            schedules.edit(tx, made.id, hour=9)
        with store.writing(getattr(team, name)) as tx, pytest.raises(Forbidden):
            schedules.delete(tx, made.id)
    with store.writing(team.ana) as tx:
        changed = schedules.edit(tx, made.id, version=1, every=Every.MONTH, month_day=31, hour=9)
    assert (changed.every, changed.weekday, changed.month_day, changed.hour) == (Every.MONTH, None, 31, 9)
    assert (changed.recipient_ids, changed.version) == (made.recipient_ids, 2)
    with store.writing(team.ana) as tx, pytest.raises(Stale):
        schedules.edit(tx, made.id, version=1, hour=10)
    with store.writing(team.ana) as tx:
        assert schedules.edit(tx, made.id, hour=9) == changed
    with store.writing(team.ada) as tx:
        schedules.delete(tx, made.id)
    assert on(store, team.ana) == []
    with store.reading(SYSTEM) as tx:
        rows = tx.rows("SELECT name FROM base.events WHERE subject_kind = $kind ORDER BY seq", kind=schedules.KIND)
    assert [row["name"] for row in rows] == [f"{schedules.KIND}.{what}" for what in ("created", "changed", "deleted")]


def test_a_recipient_who_sees_it_no_more_may_stay_and_none_may_be_added(store: Store, team: Team) -> None:
    own = board(store, team.ana, shared=True)
    made = scheduled(store, team.ana, team.ids.ana, team.ids.bob, dashboard_id=own)
    with store.writing(team.ana) as tx:
        saved.edit(tx, own, shared=False)
        assert schedules.edit(tx, made.id, hour=9).recipient_ids == made.recipient_ids
        kept = schedules.edit(tx, made.id, recipient_ids=[team.ids.ana, team.ids.bob], hour=10)
    assert kept.recipient_ids == made.recipient_ids
    with store.writing(team.ana) as tx, pytest.raises(Invalid, match="Vera"):
        schedules.edit(tx, made.id, recipient_ids=[team.ids.ana, team.ids.vera])


def test_a_recipient_leaves_and_the_last_one_ends_it(store: Store, team: Team) -> None:
    made = scheduled(store, team.ana, team.ids.bob, team.ids.vera)
    for name, left in (("marta", (team.ids.bob, team.ids.vera)), ("bob", (team.ids.vera,))):
        with store.writing(getattr(team, name)) as tx:
            schedules.leave(tx, made.id)
            assert schedules.get(tx, made.id).recipient_ids == left
    with store.writing(team.vera) as tx:
        schedules.leave(tx, made.id)
    assert on(store, team.ana) == []


def test_with_a_dashboard_its_schedules_go(store: Store, team: Team) -> None:
    own = board(store, team.ana)
    scheduled(store, team.ana, team.ids.ana, dashboard_id=own)
    stays = scheduled(store, team.ana, team.ids.ana)
    with store.writing(team.ana) as tx:
        saved.delete(tx, own)
    assert on(store, team.ana) == [stays.id]
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.dashboard_recipients") == 1


def test_nobody_has_more_than_the_most(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedules, "MOST", 1)
    scheduled(store, team.ana, team.ids.ana)
    with pytest.raises(Invalid, match="as many as there may be"):
        scheduled(store, team.ana, team.ids.ana)
    scheduled(store, team.bob, team.ids.bob)
