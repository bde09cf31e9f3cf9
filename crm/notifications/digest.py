"""The daily mail: what is due, what stalled, and what happened since the last one beyond the first few mails."""

from collections.abc import Iterable, Iterator

from crm.foundation.language import later, plural, tr
from crm.notifications.choices import Choices
from crm.notifications.delivery import mailed_as
from crm.notifications.kinds import Channel, Kind
from crm.notifications.morning import NAMED, Found, Morning, Waited
from crm.platform import mail
from crm.store import Reading, Writing

HEADS = {Kind.DUE: later("Due today"), Kind.STALLED: later("Stalled")}


def concerned(tx: Reading) -> set[int]:
    return {row["user_id"] for row in tx.rows("SELECT DISTINCT user_id FROM base.notices WHERE mail = 'waiting'")}


def of_actor(tx: Reading) -> tuple[Waited, ...]:
    """The notifications that wait for the actor's daily mail, without those of deals that they no longer see."""
    rows = tx.rows(
        """
        SELECT kind, text, link
        FROM base.notices
        WHERE user_id = $me
            AND mail = 'waiting'
            AND (deal_id IS NULL OR deal_id IN (SELECT id FROM deals))
        ORDER BY created_at, id
        """,
        me=tx.actor.id,
    )
    return tuple(Waited(Kind(row["kind"]), row["text"], row["link"]) for row in rows)


def post(tx: Writing, morning: Morning, channels: Choices) -> None:
    """Send one mail with everything that the person wants by mail; none if that is empty."""
    if not mail.is_set_up():
        return
    found = {kind: items for kind, items in morning.found.items() if items.many and Channel.EMAIL in channels[kind]}
    waited = [each for each in morning.waited if Channel.EMAIL in channels[each.kind]]
    if found or waited:
        mail.post(tx, morning.user_id, _subject(found, waited), mailed_as(list(_lines(morning, found, waited))))
    # Those too whose channel was switched off meanwhile: they would wait for ever.
    tx.run(
        "UPDATE base.notices SET mail = 'sent' WHERE user_id = $user_id AND mail = 'waiting'", user_id=morning.user_id
    )


def _subject(found: dict[Kind, Found], waited: list[Waited]) -> str:
    parts = [
        tr("{count:,} due today", count=items.many) if kind is Kind.DUE else tr("{count:,} stalled", count=items.many)
        for kind, items in found.items()
    ]
    if waited:
        parts.append(plural("{count:,} more notice", "{count:,} more notices", len(waited)))
    return tr("Today: {parts}", parts=", ".join(parts))


def _lines(morning: Morning, found: dict[Kind, Found], waited: list[Waited]) -> Iterator[str]:
    yield tr("Good morning, {name}.", name=morning.name)
    for kind, items in found.items():
        yield from ("", tr(HEADS[kind]), "")
        lines = (f"{item.line}: {mail.address_of(item.link)}" for item in items.items)
        yield from _listed(lines, items.many, items.link)
    if waited:
        yield from ("", tr("Since the last mail"), "")
        # The newest: the older ones are in the app, under the last line's link.
        lines = (f"{each.text} {mail.address_of(each.link)}" for each in waited[-NAMED:])
        yield from _listed(lines, len(waited), "/")


def _listed(lines: Iterable[str], many: int, all_of_them: str) -> Iterator[str]:
    for line in lines:
        yield f"- {line}"
    if many > NAMED:
        yield "- " + tr("and {count:,} more: {link}", count=many - NAMED, link=mail.address_of(all_of_them))
