"""Notifications of events: reads the log from its cursor on, after each commit.

The verbs know nothing of it and wait for nothing. The cursor and the notifications are written in one transaction: a
process that is killed in between sends them at its next start, and nobody is notified twice. Recipients are checked as
they are now: they are not notified of what they may no longer see.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from crm.foundation.access import SYSTEM
from crm.notifications.delivery import deliver
from crm.notifications.kinds import KINDS, Kind
from crm.notifications.recipients import Happening, notifications_of
from crm.store import Reading, Row, Store

AT_ONCE = 1000
"""Events that are read in one go."""


def catch_up(store: Store) -> int:
    """Tell of what happened since this was last called; how many events there were to look at."""
    with store.reading(SYSTEM) as tx:
        events = _events(tx)
        happened = _gathered(one for event in events for one in _READERS[event["name"]](tx, event))
    if not events:
        return 0
    notifications = [told for one in happened for told in notifications_of(store, one)]
    with store.writing(SYSTEM) as writing:
        for told in notifications:
            deliver(writing, told)
        writing.run("UPDATE base.told_until SET seq = $seq", seq=events[-1]["seq"])
    return len(events)


def _events(tx: Reading) -> list[Row]:
    return tx.rows(
        """
        SELECT seq, happened_at, actor_id, actor_name, name, subject_id, particulars
        FROM base.events
        WHERE seq > (SELECT seq FROM base.told_until) AND name IN (SELECT unnest($names::VARCHAR[]))
        ORDER BY seq
        LIMIT $limit
        """,
        names=list(INTERESTING),
        limit=AT_ONCE,
    )


def _gathered(happened: Iterable[Happening]) -> list[Happening]:
    """What one person did to one deal after the other is one happening for the same people."""
    apart: list[Happening] = []
    together: dict[tuple[Kind, int, frozenset[int]], Happening] = {}
    for one in happened:
        if not one.deal_ids:
            apart.append(one)
            continue
        key = (one.kind, one.by_id, one.concerned)
        together[key] = together[key].with_(one) if key in together else one
    return [*together.values(), *apart]


# What an event of each name means


def _created(_: Reading, event: Row) -> Iterator[Happening]:
    yield from _given(event, json.loads(event["particulars"]).get("owner_id"))


def _changed(_: Reading, event: Row) -> Iterator[Happening]:
    changes = json.loads(event["particulars"]).get("changes", {})
    if "owner_id" in changes:
        yield from _given(event, changes["owner_id"][1])


def _item_added(_: Reading, event: Row) -> Iterator[Happening]:
    payload = json.loads(event["particulars"])
    yield from _to_do(event, payload["item_id"], payload.get("assignee_id"))


def _item_changed(_: Reading, event: Row) -> Iterator[Happening]:
    payload = json.loads(event["particulars"])
    if "assignee_id" in payload["changes"]:
        yield from _to_do(event, payload["item_id"], payload["changes"]["assignee_id"][1])


def _to_do(event: Row, item_id: int, assignee_id: int | None) -> Iterator[Happening]:
    if assignee_id is not None:
        yield replace(_of_one(event, Kind.TO_DO, frozenset({assignee_id})), item_ids=(item_id,))


def _given(event: Row, owner_id: int | None) -> Iterator[Happening]:
    if owner_id is not None:
        yield _of_one(event, Kind.ASSIGNED, frozenset({owner_id}))


def _won(tx: Reading, event: Row) -> Iterator[Happening]:
    deal_id = event["subject_id"]
    owner_id = tx.value("SELECT owner_id FROM base.deals WHERE id = $id", id=deal_id)
    owner = frozenset() if owner_id is None else frozenset({owner_id})
    yield _of_one(event, Kind.WON, owner | _followers(tx, [deal_id]) | _of_every_win(tx))


def _changed_in_bulk(tx: Reading, event: Row) -> Iterator[Happening]:
    """Deals that a change of many gave to somebody, and those that it won, on whatever day: each of these was recorded
    at the moment of the event."""
    change = tx.rows("SELECT kind, action, becomes FROM base.bulk_changes WHERE id = $id", id=event["subject_id"])
    if not change or change[0]["kind"] != "deals":
        return
    if change[0]["action"] == "set_owner" and change[0]["becomes"] is not None:
        yield Happening(
            kind=Kind.ASSIGNED,
            by_id=event["actor_id"],
            by_name=event["actor_name"],
            concerned=frozenset({change[0]["becomes"]}),
            selected="SELECT subject_id FROM base.bulk_change_rows WHERE bulk_change_id = $of",
            of=event["subject_id"],
        )
    won = tx.rows(
        """
        SELECT deal.id, deal.owner_id
        FROM base.stage_events AS moved
        JOIN base.deals AS deal ON deal.id = moved.deal_id
        WHERE moved.kind = 'won' AND moved.known_at = $at AND moved.by_id = $by
        """,
        at=event["happened_at"],
        by=event["actor_id"],
    )
    if won:
        ids = tuple(row["id"] for row in won)
        owners = frozenset(row["owner_id"] for row in won if row["owner_id"])
        yield Happening(
            kind=Kind.WON,
            by_id=event["actor_id"],
            by_name=event["actor_name"],
            concerned=owners | _followers(tx, ids) | _of_every_win(tx),
            deal_ids=ids,
        )


def _imported(tx: Reading, event: Row) -> Iterator[Happening]:
    """Whose deals an import made or gave to them. What it brings as won was won at another time, and is no news."""
    if "deal" not in json.loads(event["particulars"]).get("touched", []):
        return
    given = """
        SELECT subject_id
        FROM base.import_changes
        WHERE import_id = $of
            AND subject_kind = 'deal'
            AND (change = 'created' OR json_exists(before, '$.owner_id'))
    """
    owners = tx.rows(
        f"SELECT DISTINCT owner_id FROM base.deals WHERE owner_id IS NOT NULL AND id IN ({given})",
        of=event["subject_id"],
    )
    yield Happening(
        kind=Kind.ASSIGNED,
        by_id=event["actor_id"],
        by_name=event["actor_name"],
        concerned=frozenset(row["owner_id"] for row in owners),
        selected=given,
        of=event["subject_id"],
    )


_READERS: dict[str, Callable[[Reading, Row], Iterator[Happening]]] = {
    "deal.created": _created,
    "deal.changed": _changed,
    "deal.corrected": _changed,
    "deal.won": _won,
    "checklist.item_added": _item_added,
    "checklist.item_changed": _item_changed,
    "bulk_change.made": _changed_in_bulk,
    "import.applied": _imported,
}

INTERESTING = frozenset(_READERS)
"""Names of events after which it is worth looking."""


def _of_one(event: Row, kind: Kind, concerned: frozenset[int]) -> Happening:
    return Happening(
        kind=kind,
        by_id=event["actor_id"],
        by_name=event["actor_name"],
        concerned=concerned,
        deal_ids=(event["subject_id"],),
    )


def _followers(tx: Reading, deal_ids: Iterable[int]) -> frozenset[int]:
    rows = tx.rows(
        "SELECT DISTINCT user_id FROM base.deal_followers WHERE deal_id IN (SELECT unnest($ids::BIGINT[]))",
        ids=list(deal_ids),
    )
    return frozenset(row["user_id"] for row in rows)


def _of_every_win(tx: Reading) -> frozenset[int]:
    """Those who may ask for every win, and chose something at all."""
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
