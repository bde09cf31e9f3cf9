"""Notifications of changes: reads the change feed from its cursor on, after each commit.

The verbs know nothing of it and wait for nothing. The cursor and the notifications are written in one transaction: a
process that is killed in between sends them at its next start, and nobody is notified twice. Recipients are checked as
they are now: they are not notified of what they may no longer see.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from crm.foundation.access import SYSTEM
from crm.notifications.delivery import deliver
from crm.notifications.kinds import KINDS, Kind
from crm.notifications.recipients import GIVEN, OF_DEALS, WON, Happening, notifications_of
from crm.records import feed
from crm.store import Reading, Row, Store

READER = "notifications"
AT_ONCE = 1000
"""Events that are read at once, however many records each of them changed."""

TO_DO = ("checklist.item_added", "checklist.item_changed")
OF_MANY = {"bulk_change.made": "bulk", "import.applied": "imports"}
"""{event of many records: its source in the feed}."""

INTERESTING = frozenset((*GIVEN, *WON, *TO_DO, *OF_MANY))
"""Names of the events that may cause notifications."""


def catch_up(store: Store) -> int:
    """Deliver the notifications of all events after the cursor; how many events there were."""
    with store.reading(SYSTEM) as tx:
        events = _events(tx)
        happened = _gathered(_happenings(tx, events)) if events else []
    if not events:
        return 0
    # Outside of the writing: for each recipient the deals are read as they see them.
    notifications = [each for happening in happened for each in notifications_of(store, happening)]
    with store.writing(SYSTEM) as writing:
        for notification in notifications:
            deliver(writing, notification)
        feed.advance(writing, READER, feed.Position(events[-1]["seq"] + 1))
    return len(events)


def _events(tx: Reading) -> list[Row]:
    """The next events that may concern somebody. A bulk change is one event, and is notified as a whole."""
    return tx.rows(
        """
        SELECT seq, name
        FROM base.events
        WHERE seq >= $seq AND name IN (SELECT unnest($names::VARCHAR[]))
        ORDER BY seq
        LIMIT $limit
        """,
        seq=feed.position(tx, READER).seq,
        names=list(INTERESTING),
        limit=AT_ONCE,
    )


def _happenings(tx: Reading, events: list[Row]) -> Iterator[Happening]:
    """The happenings in the feed's rows of these events, by event and recipients."""
    # Planning a source of the feed takes longer than reading it: only those that occur here.
    places = frozenset(OF_MANY[event["name"]] for event in events if event["name"] in OF_MANY)
    rows = tx.rows(
        f"""
        SELECT seq, actor_id, actor_name, event, person_id, any_value(payload) AS payload
        FROM (
            SELECT *, CASE WHEN event IN ({_listed(GIVEN)}) THEN (after->>'$.owner_id')::BIGINT END AS person_id
            FROM ({feed.rows_of(OF_DEALS, sorted(places))})
            WHERE event IN ({_listed((*GIVEN, *WON, *TO_DO))})
        )
        GROUP BY seq, actor_id, actor_name, event, person_id
        ORDER BY seq, event, person_id
        """,
        seqs=[event["seq"] for event in events],
    )
    for row in rows:
        happening = Happening(
            kind=Kind.ASSIGNED,
            by_id=row["actor_id"],
            by_name=row["actor_name"],
            concerned=frozenset(),
            seqs=(row["seq"],),
            places=places,
        )
        if row["event"] in TO_DO:
            yield from _to_do(happening, row["event"], json.loads(row["payload"]))
        elif row["event"] in WON:
            happening = replace(happening, kind=Kind.WON)
            yield replace(happening, concerned=_owners_and_followers(tx, happening) | _of_every_win(tx))
        elif row["person_id"] is not None:
            yield replace(happening, concerned=frozenset({row["person_id"]}))


def _to_do(happening: Happening, event: str, payload: Mapping[str, Any]) -> Iterator[Happening]:
    if event == "checklist.item_added":
        assignee_id = payload["assignee_id"]
    else:
        _, assignee_id = payload["changes"].get("assignee_id", (None, None))
    if assignee_id is not None:
        yield replace(happening, kind=Kind.TO_DO, concerned=frozenset({assignee_id}), item_ids=(payload["item_id"],))


def _gathered(happened: Iterable[Happening]) -> list[Happening]:
    """Joins consecutive changes of several deals by one person into one happening for the same recipients."""
    together: dict[tuple[Kind, int, frozenset[int]], Happening] = {}
    for happening in happened:
        key = (happening.kind, happening.by_id, happening.concerned)
        together[key] = together[key].with_(happening) if key in together else happening
    return list(together.values())


def _owners_and_followers(tx: Reading, happening: Happening) -> frozenset[int]:
    # `base.`: whether they may see the deals is found out as each of them, in `notifications_of`.
    rows = tx.rows(
        f"""
        WITH happened AS ({happening.deals})
        SELECT owner_id AS id FROM base.deals WHERE owner_id IS NOT NULL AND id IN (FROM happened)
        UNION
        SELECT user_id FROM base.deal_followers WHERE deal_id IN (FROM happened)
        """,
        seqs=list(happening.seqs),
    )
    return frozenset(row["id"] for row in rows)


def _of_every_win(tx: Reading) -> frozenset[int]:
    """The users who may get notifications of every win and have made any choice."""
    rows = tx.rows(
        """
        SELECT person.id
        FROM base.users AS person
        SEMI JOIN base.preferences AS chosen ON chosen.user_id = person.id AND chosen.name = 'notices'
        WHERE person.active AND person.role IN (SELECT unnest($roles::VARCHAR[]))
        """,
        roles=[role.value for role in KINDS[Kind.EVERY_WIN].roles],
    )
    return frozenset(row["id"] for row in rows)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
