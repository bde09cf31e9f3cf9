"""Delivery of notifications: in the app, by mail at once, or in the daily mail where mails would be many."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from crm.foundation.language import speaking, tr
from crm.notifications import choices
from crm.notifications.kinds import Channel, Kind
from crm.platform import mail, notices
from crm.platform.people import users
from crm.store import Row, Writing

AT_ONCE = 3
"""The most immediate mails to a person in 24 hours; further notifications go into the next daily mail."""
TOGETHER = timedelta(minutes=10)
"""Changes of one person within this time are one notice, as long as it is unread."""


@dataclass(frozen=True)
class Notification:
    """A notification to one person about deals or to-dos; `deal_id` where it is about one deal. `several` is the text
    for a number of them (“3 deals were given to you by Marta.”) where several become one notice, which links to
    `all_of_them`."""

    user_id: int
    kind: Kind
    text: str
    link: str
    by_id: int | None = None
    deal_id: int | None = None
    many: int = 1
    several: Callable[[int], str] | None = None
    all_of_them: str | None = None


def deliver(tx: Writing, notification: Notification) -> None:
    """Deliver by the person's current choice of channels, in their language."""
    with speaking(users.language_of(tx, notification.user_id)):
        _deliver(tx, notification)


def _deliver(tx: Writing, notification: Notification) -> None:
    channels = choices.of(tx, notification.user_id)[notification.kind]
    if not channels or _merged(tx, notification, by_mail=Channel.EMAIL in channels):
        return
    notices.leave(
        tx,
        notification.user_id,
        notification.text[:500],
        notification.link,
        kind=notification.kind.value,
        deal_id=notification.deal_id,
        by_id=notification.by_id,
        many=notification.many,
        in_app=Channel.APP in channels,
        mail=_mailed(tx, notification) if Channel.EMAIL in channels else None,
    )


def mailed_as(lines: list[str]) -> str:
    """The text of a mail, with a link to the settings of notifications at its end."""
    chosen = tr("What is mailed to you is chosen here: {link}", link=mail.address_of("/account"))
    return "\n".join([*lines, "", "--", chosen]) + "\n"


def _merged(tx: Writing, notification: Notification, *, by_mail: bool) -> bool:
    """Add it to a recent unread notice of the same kind, if there is one; whether it was."""
    earlier = _earlier(tx, notification) if notification.several else None
    if earlier is None or notification.several is None:
        return False
    many = earlier["many"] + notification.many
    same_deal = notification.deal_id is not None and notification.deal_id == earlier["deal_id"]
    # `waiting`: whatever was mailed of the first, a notice that counts on is mailed once, in the morning.
    tx.run(
        """
        UPDATE base.notices SET
            created_at = $now,
            text = $text,
            link = $link,
            deal_id = $deal_id,
            many = $many,
            mail = CASE WHEN $by_mail THEN 'waiting' END
        WHERE id = $id
        """,
        now=tx.now,
        text=notification.several(many)[:500],
        link=notification.link if same_deal else notification.all_of_them,
        deal_id=notification.deal_id if same_deal else None,
        many=many,
        by_mail=by_mail and mail.is_set_up(),
        id=earlier["id"],
    )
    tx.record("notice.left", "notice", earlier["id"], user_id=notification.user_id)
    return True


def _earlier(tx: Writing, notification: Notification) -> Row | None:
    # Of one person's doing alone: without `by_id` the comparison is NULL, and nothing is found.
    found = tx.rows(
        """
        SELECT id, many, deal_id
        FROM base.notices
        WHERE user_id = $user_id
            AND kind = $kind
            AND by_id = $by_id
            AND in_app
            AND read_at IS NULL
            AND created_at > $since
        ORDER BY id DESC
        LIMIT 1
        """,
        user_id=notification.user_id,
        kind=notification.kind.value,
        by_id=notification.by_id,
        since=tx.now - TOGETHER,
    )
    return found[0] if found else None


def _mailed(tx: Writing, notification: Notification) -> str | None:
    """Mail it, unless the day's limit is reached; the resulting state."""
    if not mail.is_set_up():
        return None
    lately = tx.value(
        "SELECT count(*) FROM base.notices WHERE user_id = $user_id AND mailed_at > $since",
        user_id=notification.user_id,
        since=tx.now - timedelta(days=1),
    )
    if lately >= AT_ONCE:
        return "waiting"
    mail.post(
        tx,
        notification.user_id,
        notification.text[:200],
        mailed_as([notification.text, "", mail.address_of(notification.link)]),
    )
    return "sent"
