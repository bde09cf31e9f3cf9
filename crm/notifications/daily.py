"""Notifications sent once a day, in the morning of the workspace: what is due, what stalled, and by mail what waited
since the last.

One transaction writes all of it with the day: a day on which the product was down is not made up for, and no day is
sent twice, however often the product is started.
"""

import logging
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.foundation.access import SYSTEM
from crm.foundation.errors import NotFound
from crm.foundation.language import speaking
from crm.notifications import choices, digest, due, stalled
from crm.notifications.kinds import Channel, Kind
from crm.notifications.morning import EACH, Found, Morning
from crm.notifications.stalled import Standstill
from crm.platform import jobs, notices
from crm.platform.people import users
from crm.store import Reading, Store, Writing

log = logging.getLogger(__name__)

JOB = "daily notices"
HOUR = time(7)


def schedule(tx: Writing) -> None:
    """Queue the job for this morning, or the next, unless it is queued; called at each start."""
    if not tx.value("SELECT count(*) FROM base.jobs WHERE kind = $kind AND state IN ('queued', 'running')", kind=JOB):
        _enqueue(tx)


def run(store: Store, _: int) -> str:
    """Send what this morning brings, unless it was sent; queue the job for the next morning."""
    with store.reading(SYSTEM) as tx:
        local = _local_now(tx)
        is_time = local.time() >= HOUR and not _was_sent(tx, local)
    if is_time:
        _notify_all(store, local)
    with store.writing(SYSTEM) as writing:
        _enqueue(writing)
    return "done"


def on_failure(store: Store, _: int, why: str) -> None:
    """Queue the job again: in an hour, since the cause may persist; tomorrow where it ended the product itself."""
    log.error("people were not told of their day. %s", why)
    wait = timedelta(days=1) if why == jobs.STOPPED_TWICE else timedelta(hours=1)
    with store.writing(SYSTEM) as tx:
        jobs.enqueue(tx, JOB, 1, not_before=tx.now + wait)


def _notify_all(store: Store, local: datetime) -> None:
    with store.reading(replace(SYSTEM, time_zone=str(local.tzinfo))) as tx:  # whose today is the workspace's
        standstill = stalled.find(tx)
        concerned = due.concerned(tx, local.date()) | digest.concerned(tx) | set(standstill.fresh)
    # Everybody's is read before anything is written: many readings must not hold the writer's place.
    mornings = [morning for user_id in sorted(concerned) if (morning := _morning(store, user_id, standstill))]
    with store.writing(SYSTEM) as writing:
        for morning in mornings:
            _notify(writing, morning)
        stalled.mark_notified(writing, standstill)
        writing.run("INSERT INTO base.days_told VALUES ($day, $now)", day=local.date(), now=writing.now)


def _morning(store: Store, user_id: int, standstill: Standstill) -> Morning | None:
    """One person's morning, as far as they may see it now; None for a disabled user."""
    try:
        person = users.actor(store, user_id)
    except NotFound:
        return None
    # As the person, with the privacy that holds for them now.
    with store.reading(person) as tx, speaking(person.language):
        found = {
            Kind.DUE: due.of_actor(tx),
            Kind.STALLED: stalled.of_actor(tx, standstill.fresh.get(user_id, {})),
        }
        return Morning(user_id, person.name, found, waited=digest.of_actor(tx))


def _notify(tx: Writing, morning: Morning) -> None:
    channels = choices.of(tx, morning.user_id)
    for kind, found in morning.found.items():
        if Channel.APP in channels[kind]:
            _leave(tx, morning.user_id, kind, found)
    with speaking(users.language_of(tx, morning.user_id)):
        digest.post(tx, morning, channels)


def _leave(tx: Writing, user_id: int, kind: Kind, found: Found) -> None:
    if found.many <= EACH:
        for item in found.items:
            notices.leave(tx, user_id, item.sentence[:500], item.link, kind=kind.value, deal_id=item.deal_id)
    else:
        notices.leave(tx, user_id, found.sentence, found.link, kind=kind.value, many=found.many)


def _enqueue(tx: Writing) -> None:
    """Queue the job for the next morning that was not sent; at once if that has begun."""
    local = _local_now(tx)
    day = local.date() + timedelta(days=1 if _was_sent(tx, local) else 0)
    jobs.enqueue(tx, JOB, 1, not_before=datetime.combine(day, HOUR, local.tzinfo).astimezone(UTC))


def _local_now(tx: Reading) -> datetime:
    """The current time in the workspace's time zone."""
    return tx.now.astimezone(ZoneInfo(tx.value("SELECT time_zone FROM base.workspace")))


def _was_sent(tx: Reading, local: datetime) -> bool:
    return bool(tx.value("SELECT count(*) FROM base.days_told WHERE day = $day", day=local.date()))
