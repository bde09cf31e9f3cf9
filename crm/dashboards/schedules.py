"""Schedules by which dashboards are mailed as PDF: when, and to whom. Each recipient gets what they may see.

Whoever sees a dashboard may have it mailed to others who see it, sees by which schedules it is mailed, and may leave
those that they are on.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from crm.dashboards import recurrence, saved
from crm.dashboards.recurrence import Every, Recurrence
from crm.dashboards.saved import Dashboard
from crm.foundation.access import Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import later, listed, tr
from crm.platform import jobs, mail, workspace
from crm.platform.people import users
from crm.platform.people.users import Person, User
from crm.records.edits import refuse_stale
from crm.reports.scope import require_crm
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

KIND = "dashboard_schedule"
JOB = "dashboard schedules"
LOOKS_EVERY = timedelta(hours=1)
"""The longest that the job waits: the workspace may change its time zone meanwhile."""
MOST = 20
"""Of one person."""
MOST_RECIPIENTS = 50
FIRST_HOUR = 8
TIMES = ("every", "hour", "weekday", "month_day")
SETTABLE = (*TIMES, "recipient_ids")

NO_SERVER = later(
    "Mallard has no mail server here. Whoever runs it sets CRM_SMTP_URL (such as "
    "smtps://user:password@mail.example.com) and CRM_MAIL_FROM, and starts it again."
)


class DashboardSchedule(BaseModel, frozen=True):
    id: int
    dashboard_id: int | None
    """None for the sales overview."""
    dashboard_name: str | None
    every: Every
    hour: int
    """Of the workspace's time zone."""
    weekday: int | None
    """1 (Monday) to 7, of a weekly one."""
    month_day: int | None
    """1 to 31, of a monthly one: in shorter months it is their last day."""
    recipient_ids: tuple[int, ...]
    user_id: int
    """Its owner: who made it."""
    user_name: str
    next_at: datetime
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def recurrence(self) -> Recurrence:
        return Recurrence(self.every, self.hour, self.weekday, self.month_day)


@kept
def all_of(tx: Reading) -> list[DashboardSchedule]:
    """The schedules of every dashboard that the actor sees, the next first."""
    require_crm(tx)
    zone = ZoneInfo(workspace.get(tx).time_zone)
    found = (_of(row, zone) for row in tx.rows("SELECT * FROM dashboard_schedules"))
    return sorted(found, key=attrgetter("next_at", "id"))


def of_dashboard(tx: Reading, dashboard_id: int | None) -> list[DashboardSchedule]:
    """The schedules of one dashboard, of the sales overview where the id is None. Raises NotFound where the actor does
    not see it."""
    if dashboard_id is not None:
        saved.get(tx, dashboard_id)
    return [each for each in all_of(tx) if each.dashboard_id == dashboard_id]


def get(tx: Reading, schedule_id: int, *, version: int | None = None) -> DashboardSchedule:
    """A schedule. Raises NotFound where the actor does not see its dashboard, Stale where `version` is not the current
    one."""
    found = next((each for each in all_of(tx) if each.id == schedule_id), None)
    if found is None:
        raise NotFound(tr("schedule"))
    refuse_stale(tx, KIND, found, name_of(found), version)
    return found


def readers(tx: Reading, dashboard_id: int | None) -> list[User]:
    """Who sees a dashboard that the actor sees, and so may have it by mail: by name."""
    require_crm(tx)
    board = None if dashboard_id is None else saved.get(tx, dashboard_id)
    found = (person.user for person in users.people(tx).values() if _may_read(person, board))
    return sorted(found, key=attrgetter("name", "id"))


def name_of(schedule: DashboardSchedule) -> str:
    """The name of its dashboard."""
    return schedule.dashboard_name or tr("Sales overview")


def create(
    tx: Writing,
    *,
    every: Every,
    recipient_ids: Iterable[int],
    dashboard_id: int | None = None,
    hour: int = FIRST_HOUR,
    weekday: int | None = None,
    month_day: int | None = None,
) -> DashboardSchedule:
    """Have a dashboard mailed. Raises Invalid for a time that is none, for recipients who do not see it, and where no
    mail server is set up."""
    require_crm(tx)
    if not mail.is_set_up():
        raise Invalid(tr(NO_SERVER))
    board = None if dashboard_id is None else saved.get(tx, dashboard_id)
    times = _checked_times({"every": every, "hour": hour, "weekday": weekday, "month_day": month_day})
    recipients = _checked_recipients(tx, recipient_ids, board, ())
    if tx.value("SELECT count(*) FROM base.dashboard_schedules WHERE user_id = $me", me=tx.actor.id) >= MOST:
        raise Invalid(tr("You have {most} schedules, as many as there may be. Delete one.", most=MOST))
    schedule_id = tx.insert(
        """
        INSERT INTO base.dashboard_schedules
            (dashboard_id, every, hour, weekday, month_day, user_id, settled_at, created_at, updated_at)
        VALUES ($dashboard_id, $every, $hour, $weekday, $month_day, $me, $now, $now, $now)
        RETURNING id
        """,
        dashboard_id=dashboard_id,
        **times,
        me=tx.actor.id,
        now=tx.now,
    )
    _set_recipients(tx, schedule_id, recipients)
    queue(tx)
    given = {"dashboard_id": dashboard_id, **times, "recipient_ids": recipients}
    tx.record(f"{KIND}.created", KIND, schedule_id, **{name: value for name, value in given.items() if value})
    return get(tx, schedule_id)


def edit(tx: Writing, /, schedule_id: int, *, version: int | None = None, **changes: Any) -> DashboardSchedule:
    """Set when and to whom. Its owner may, and an administrator. What was missed before is not made up for."""
    before = get(tx, schedule_id, version=version)
    _require_own(tx, before)
    if unknown := changes.keys() - set(SETTABLE):
        raise Invalid(tr("A schedule has no field “{field}”.", field=min(unknown)), min(unknown))
    old = {name: getattr(before, name) for name in TIMES}
    times = _checked_times({**old, **{name: value for name, value in changes.items() if name in TIMES}})
    board = None if before.dashboard_id is None else saved.get(tx, before.dashboard_id)
    recipients = before.recipient_ids
    if "recipient_ids" in changes:
        recipients = _checked_recipients(tx, changes["recipient_ids"], board, before.recipient_ids)
    differing = {name: [old[name], value] for name, value in times.items() if old[name] != value}
    if recipients != before.recipient_ids:
        differing["recipient_ids"] = [before.recipient_ids, recipients]
        _set_recipients(tx, schedule_id, recipients)
    if not differing:
        return before
    _touch(tx, schedule_id, **times, settled_at=tx.now)
    queue(tx)
    tx.record(f"{KIND}.changed", KIND, schedule_id, changes=differing)
    return get(tx, schedule_id)


def delete(tx: Writing, schedule_id: int, *, version: int | None = None) -> None:
    """Mail it no more. Its owner may, and an administrator."""
    found = get(tx, schedule_id, version=version)
    _require_own(tx, found)
    _delete(tx, found)


def leave(tx: Writing, schedule_id: int) -> None:
    """Mail it to the actor no more. A schedule that nobody is left on is deleted."""
    found = get(tx, schedule_id)
    if tx.actor.id not in found.recipient_ids:
        return
    rest = tuple(each for each in found.recipient_ids if each != tx.actor.id)
    if not rest:
        _delete(tx, found)
        return
    _set_recipients(tx, schedule_id, rest)
    _touch(tx, schedule_id)
    tx.record(f"{KIND}.changed", KIND, schedule_id, changes={"recipient_ids": [found.recipient_ids, rest]})


def queue(tx: Writing) -> None:
    """Queue the job for the next time that something is to be mailed; called at each start, too. Without schedules
    there is none."""
    if times := _times(tx).values():
        jobs.enqueue_anew(tx, JOB, not_before=min(*times, tx.now + LOOKS_EVERY))


def due(tx: Reading) -> list[int]:
    """The ids of those whose time has come since they were last settled, however often it has."""
    return [schedule_id for schedule_id, moment in _times(tx).items() if moment <= tx.now]


def _times(tx: Reading) -> dict[int, datetime]:
    """{id: next time} of every schedule."""
    zone = ZoneInfo(workspace.get(tx).time_zone)
    rows = tx.rows("SELECT id, every, hour, weekday, month_day, settled_at FROM base.dashboard_schedules ORDER BY id")
    return {row["id"]: recurrence.of(row).after(row["settled_at"], zone) for row in rows}


def _of(row: Row, zone: ZoneInfo) -> DashboardSchedule:
    next_at = recurrence.of(row).after(row["settled_at"], zone)
    return DashboardSchedule(**{**row, "recipient_ids": sorted(row["recipient_ids"] or ()), "next_at": next_at})


def _checked_times(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a time, without those that this one has no use for."""
    every = next((each for each in Every if each == given["every"]), None)
    if every is None:
        raise Invalid(tr("A schedule is for every “day”, “week” or “month”."), "every")
    hour, weekday, month_day = given["hour"], given["weekday"], given["month_day"]
    if not _is_within(hour, 0, 23):
        raise Invalid(tr("An hour is a number from 0 to 23."), "hour")
    if every is Every.WEEK and not _is_within(weekday, 1, 7):
        raise Invalid(tr("A weekly schedule needs a weekday, from 1 (Monday) to 7 (Sunday)."), "weekday")
    if every is Every.MONTH and not _is_within(month_day, 1, 31):
        raise Invalid(tr("A monthly schedule needs a day of the month, from 1 to 31."), "month_day")
    return {
        "every": every,
        "hour": hour,
        "weekday": weekday if every is Every.WEEK else None,
        "month_day": month_day if every is Every.MONTH else None,
    }


def _is_within(value: Any, first: int, last: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and first <= value <= last


def _checked_recipients(
    tx: Reading, given: Iterable[int], board: Dashboard | None, before: tuple[int, ...]
) -> tuple[int, ...]:
    """Their ids in order. Those who are on it already stay, though they may see the dashboard no more."""
    found = tuple(sorted(set(given)))
    if not found:
        raise Invalid(tr("Name somebody to mail it to."), "recipient_ids")
    if len(found) > MOST_RECIPIENTS:
        raise Invalid(tr("A schedule has at most {most} recipients.", most=MOST_RECIPIENTS), "recipient_ids")
    people = users.people(tx)
    lacking = [each for each in found if each not in before and not _may_read(people.get(each), board)]
    if lacking:
        named = listed([people[each].user.name if each in people else str(each) for each in lacking])
        raise Invalid(
            tr("{people} cannot see this dashboard. Share it with them first.", people=named), "recipient_ids"
        )
    return found


def _may_read(person: Person | None, board: Dashboard | None) -> bool:
    """Whether they come in, and see the dashboard: as the view `dashboards` has it."""
    if person is None or not person.user.active:
        return False
    return board is None or board.shared or person.user.id == board.user_id or board.team_id in person.team_ids


def _require_own(tx: Reading, schedule: DashboardSchedule) -> None:
    if schedule.user_id != tx.actor.id and not tx.actor.may(Permission.MANAGE_SETTINGS):
        raise Forbidden(tr("This schedule belongs to {person}.", person=schedule.user_name))


def _set_recipients(tx: Writing, schedule_id: int, recipients: tuple[int, ...]) -> None:
    """Those who stay keep their rows, with what is about to be mailed to them."""
    tx.run(
        """
        DELETE FROM base.dashboard_recipients
        WHERE dashboard_schedule_id = $id AND user_id NOT IN (SELECT unnest($recipients::BIGINT[]))
        """,
        id=schedule_id,
        recipients=list(recipients),
    )
    tx.run(
        """
        INSERT INTO base.dashboard_recipients (dashboard_schedule_id, user_id)
        SELECT $id, given.user_id
        FROM (SELECT unnest($recipients::BIGINT[]) AS user_id) AS given
        WHERE given.user_id NOT IN (SELECT user_id FROM base.dashboard_recipients WHERE dashboard_schedule_id = $id)
        ORDER BY given.user_id
        """,
        id=schedule_id,
        recipients=list(recipients),
    )


def _touch(tx: Writing, schedule_id: int, **columns: Any) -> None:
    given = "".join(f"{name} = ${name}, " for name in columns)
    tx.run(
        f"UPDATE base.dashboard_schedules SET {given}updated_at = $now, version = version + 1 WHERE id = $id",
        **columns,
        now=tx.now,
        id=schedule_id,
    )


def _delete(tx: Writing, schedule: DashboardSchedule) -> None:
    tx.run("DELETE FROM base.dashboard_recipients WHERE dashboard_schedule_id = $id", id=schedule.id)
    tx.run("DELETE FROM base.dashboard_schedules WHERE id = $id", id=schedule.id)
    tx.record(f"{KIND}.deleted", KIND, schedule.id, dashboard_id=schedule.dashboard_id)
