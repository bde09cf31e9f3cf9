"""Mails dashboards by their schedules: a job that finds what is due, and one for each recipient, who gets the figures
that they may see, in their language.

What is due is settled in one transaction, and so is each recipient's mail: a process that ends in between mails nothing
twice, and times that were missed while it stood still are mailed once.
"""

import logging
from collections.abc import Iterator

from crm.dashboards import printing, recurrence, schedules
from crm.dashboards.printing import Printout
from crm.foundation.access import SYSTEM
from crm.foundation.errors import CrmError
from crm.foundation.language import speaking, tr
from crm.platform import jobs, mail, notices
from crm.platform.mail import Attachment
from crm.platform.people import users
from crm.store import Reading, Row, Store, Writing

log = logging.getLogger(__name__)

JOB = "dashboard mail"


def run_due(store: Store, _: int) -> str:
    """Queue the mails of the schedules whose time has come, and the job for the next time."""
    with store.writing(SYSTEM) as tx:
        for schedule_id in schedules.due(tx):
            tx.run("UPDATE base.dashboard_schedules SET settled_at = $now WHERE id = $id", now=tx.now, id=schedule_id)
            if mail.is_set_up():
                _queue_mails(tx, schedule_id)
        schedules.queue(tx)
    return "done"


def on_failure_of_due(store: Store, _: int, why: str) -> None:
    log.error("dashboards that are due were not mailed. %s", why)
    with store.writing(SYSTEM) as tx:
        jobs.enqueue_anew(tx, schedules.JOB, not_before=tx.now + schedules.LOOKS_EVERY)


def run(store: Store, recipient_id: int) -> str:
    """Print a dashboard for one recipient and put it into the outbox; nothing where they may see it no more."""
    with store.reading(SYSTEM) as tx:
        recipient = _recipient(tx, recipient_id)
    if recipient is None:
        return "done"
    try:
        printout = _printout(store, recipient)
    except CrmError as refusal:
        log.info("a dashboard was not mailed to user %s: %s", recipient["user_id"], refusal)
        _settle(store, recipient_id)
        return "done"
    paper = Attachment(
        name=printing.file_name(printout),
        media_type="application/pdf",
        content=printing.printed(printout),
        words=printing.words(printout),
    )
    with speaking(printout.locale):
        subject = f"{printout.name}, {printing.day_of(printout)}"
        body = "\n".join(_lines(printout, recipient)) + "\n"
    with store.writing(SYSTEM) as writing:
        # Asked again under the lock: the job may run twice, and the schedule may be gone since.
        if _clear(writing, recipient_id):
            mail.post(writing, recipient["user_id"], subject, body, [paper])
    return "done"


def on_failure(store: Store, recipient_id: int, why: str) -> None:
    """Tell who set the schedule up; the next is its next time."""
    with store.writing(SYSTEM) as tx:
        found = _recipient(tx, recipient_id)
        if found is None or not _clear(tx, recipient_id):
            return
        with speaking(users.language_of(tx, found["owner_id"])):
            text = tr(
                "“{dashboard}” could not be mailed to {person}. {why}.",
                dashboard=found["dashboard_name"] or tr("Sales overview"),
                person=found["user_name"],
                why=why,
            )
            notices.leave(tx, found["owner_id"], text[:500], _path(found["dashboard_id"]))


def _queue_mails(tx: Writing, schedule_id: int) -> None:
    rows = tx.rows(
        "UPDATE base.dashboard_recipients SET due_at = $now WHERE dashboard_schedule_id = $id RETURNING id",
        now=tx.now,
        id=schedule_id,
    )
    for recipient_id in sorted(row["id"] for row in rows):
        jobs.enqueue(tx, JOB, recipient_id)


def _recipient(tx: Reading, recipient_id: int) -> Row | None:
    """The recipient with their schedule; None where nothing is due to them."""
    rows = tx.rows(
        """
        SELECT
            recipient.user_id,
            person.name AS user_name,
            schedule.dashboard_id,
            dashboard.name AS dashboard_name,
            schedule.every,
            schedule.hour,
            schedule.weekday,
            schedule.month_day,
            schedule.user_id AS owner_id,
            owner.name AS owner_name
        FROM base.dashboard_recipients AS recipient
        JOIN base.dashboard_schedules AS schedule ON schedule.id = recipient.dashboard_schedule_id
        JOIN base.users AS person ON person.id = recipient.user_id
        JOIN base.users AS owner ON owner.id = schedule.user_id
        LEFT JOIN base.dashboards AS dashboard ON dashboard.id = schedule.dashboard_id
        WHERE recipient.id = $id AND recipient.due_at IS NOT NULL
        """,
        id=recipient_id,
    )
    return rows[0] if rows else None


def _printout(store: Store, recipient: Row) -> Printout:
    """With the recipient's rights of now. Raises NotFound where they are disabled, or do not see the dashboard."""
    with store.reading(users.actor(store, recipient["user_id"])) as tx:
        return printing.of_dashboard(tx, recipient["dashboard_id"], {})


def _settle(store: Store, recipient_id: int) -> None:
    with store.writing(SYSTEM) as tx:
        _clear(tx, recipient_id)


def _clear(tx: Writing, recipient_id: int) -> bool:
    """Whether something was due to them, which now is not."""
    return bool(
        tx.run(
            "UPDATE base.dashboard_recipients SET due_at = NULL WHERE id = $id AND due_at IS NOT NULL", id=recipient_id
        )
    )


def _lines(printout: Printout, recipient: Row) -> Iterator[str]:
    when = recurrence.of(recipient)
    link = mail.address_of(_path(recipient["dashboard_id"]))
    yield tr("Hello {name},", name=printout.reader)
    yield ""
    yield tr("“{dashboard}” is attached, with the figures that you may see.", dashboard=printout.name)
    if heads := [(tile.title, tile.content.metrics[0].text) for tile in printout.tiles if tile.content.metrics]:
        yield ""
        yield from (f"- {title}: {figure}" for title, figure in heads)
    yield ""
    yield tr("In Mallard: {link}", link=link)
    yield ""
    yield tr("{person} has it mailed to you: {when}.", person=recipient["owner_name"], when=when.words(printout.locale))
    yield tr("To get it no more, open it there and choose “Mail it” in the menu “Dashboards”.")


def _path(dashboard_id: int | None) -> str:
    return f"/dashboards?dashboard={dashboard_id}" if dashboard_id else "/dashboards"
