"""Recipients of an event, and what each is notified of: deals that they may see, as they may see them now."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from crm.foundation import money
from crm.foundation.access import Actor
from crm.foundation.errors import NotFound
from crm.foundation.language import plural, speaking, tr
from crm.notifications.delivery import Notification
from crm.notifications.kinds import Kind
from crm.platform.people import users
from crm.records import feed
from crm.store import Store

GIVEN = ("deal.created", "deal.changed", "deal.corrected")
WON = ("deal.won",)
OF_DEALS = "seq IN (SELECT unnest($seqs::BIGINT[])) AND kind = 'deal'"


@dataclass(frozen=True)
class Happening:
    """What somebody did with deals or to-dos, possibly very many: the change feed's rows of some events. `concerned`
    are the users whom it may concern; nobody is notified of what they did themselves."""

    kind: Kind
    by_id: int
    by_name: str
    concerned: frozenset[int]
    seqs: tuple[int, ...]
    places: frozenset[str] = frozenset()
    """The feed's sources of these rows, in addition to the log."""
    item_ids: tuple[int, ...] = ()
    """Ids of checklist items, where it is about these and not about their deals."""

    @property
    def deals(self) -> str:
        """SQL of the deals' ids, with the parameter `$seqs`."""
        names = ", ".join(f"'{name}'" for name in (GIVEN if self.kind is Kind.ASSIGNED else WON))
        given = " AND json_exists(after, '$.owner_id')" if self.kind is Kind.ASSIGNED else ""
        rows = feed.rows_of(OF_DEALS, sorted(self.places))
        return f"SELECT id FROM ({rows}) WHERE event IN ({names}){given}"

    def with_(self, other: "Happening") -> "Happening":
        """The happening with the deals and items of both."""
        return replace(
            self,
            seqs=(*self.seqs, *other.seqs),
            places=self.places | other.places,
            item_ids=(*self.item_ids, *other.item_ids),
        )


def notifications_of(store: Store, happening: Happening) -> Iterator[Notification]:
    """A notification for each person whom it concerns and who may see the deals now."""
    for user_id in sorted(happening.concerned - {happening.by_id}):
        try:
            person = users.actor(store, user_id)
        except NotFound:  # disabled
            continue
        with speaking(person.language):
            found = list(_found(store, person, happening))
        yield from found


def _found(store: Store, person: Actor, happening: Happening) -> Iterator[Notification]:
    if happening.kind is Kind.ASSIGNED:
        return _given(store, person, happening)
    if happening.kind is Kind.TO_DO:
        return _to_do(store, person, happening)
    return _won(store, person, happening)


def address_of_deals(person: Actor) -> str:
    """The link to the board of their deals."""
    return f"/pipeline?owner={person.id}"


def _given(store: Store, person: Actor, happening: Happening) -> Iterator[Notification]:
    many, deal_id, title, _ = _counted(store, person, happening, "deal.owner_id = $me")
    if many:
        yield Notification(
            user_id=person.id,
            kind=Kind.ASSIGNED,
            text=_deals_given(happening.by_name, many)
            if many > 1
            else tr("“{title}” was given to you by {person}.", title=title, person=happening.by_name),
            link=address_of_deals(person) if many > 1 else f"/deal?deal={deal_id}",
            by_id=happening.by_id,
            deal_id=None if many > 1 else deal_id,
            many=many,
            several=partial(_deals_given, happening.by_name),
            all_of_them=address_of_deals(person),
        )


def _deals_given(by: str, many: int) -> str:
    return plural(
        "{count:,} deal was given to you by {person}.",
        "{count:,} deals were given to you by {person}.",
        many,
        person=by,
    )


def _to_do(store: Store, person: Actor, happening: Happening) -> Iterator[Notification]:
    """Notifications of items that are still assigned to the person and open."""
    with store.reading(person) as tx:
        items = tx.rows(
            """
            SELECT item.text, deal.id AS deal_id, deal.title
            FROM checklist_items AS item
            JOIN deals AS deal ON deal.id = item.deal_id
            WHERE item.id IN (SELECT unnest($ids::BIGINT[])) AND item.assignee_id = $me AND item.done_at IS NULL
            ORDER BY item.id
            """,
            ids=list(happening.item_ids),
            me=person.id,
        )
    if not items:
        return
    last, many = items[-1], len(items)
    of_one_deal = len({row["deal_id"] for row in items}) == 1
    yield Notification(
        user_id=person.id,
        kind=Kind.TO_DO,
        text=_things_given(happening.by_name, many)
        if many > 1
        else tr(
            "{person} gave you “{what}” to do on “{title}”.",
            person=happening.by_name,
            what=last["text"],
            title=last["title"],
        ),
        link=f"/deal?deal={last['deal_id']}" if of_one_deal else address_of_deals(person),
        by_id=happening.by_id,
        deal_id=last["deal_id"] if of_one_deal else None,
        many=many,
        several=partial(_things_given, happening.by_name),
        all_of_them=address_of_deals(person),
    )


def _things_given(by: str, many: int) -> str:
    return plural(
        "{count:,} thing to do was given to you by {person}.",
        "{count:,} things to do were given to you by {person}.",
        many,
        person=by,
    )


def _won(store: Store, person: Actor, happening: Happening) -> Iterator[Notification]:
    """Notifications of wins: of deals that the person owns or follows, and of all others for those who chose that."""
    own = "(deal.owner_id = $me OR deal.id IN (SELECT deal_id FROM deal_followers WHERE user_id = $me))"
    # `coalesce`: for a deal without an owner `own` is NULL, and its win is one of others too.
    for kind, which in ((Kind.WON, own), (Kind.EVERY_WIN, f"NOT coalesce({own}, false)")):
        many, deal_id, title, worth = _counted(store, person, happening, f"deal.status = 'won' AND {which}")
        if many:
            yield Notification(
                user_id=person.id,
                kind=kind,
                text=tr("{count:,} deals were won by {person}.", count=many, person=happening.by_name)
                if many > 1
                else tr("“{title}” was won by {person}{worth}.", title=title, person=happening.by_name, worth=worth),
                link="/pipeline" if many > 1 else f"/deal?deal={deal_id}",
                by_id=happening.by_id,
                deal_id=None if many > 1 else deal_id,
                many=many,
            )


def _counted(store: Store, person: Actor, happening: Happening, which: str) -> tuple[int, int, str, str]:
    """How many of the deals they see and are `which`; of one of them the id, title and worth."""
    with store.reading(person) as tx:
        # The sub-select names the parameter for conditions that do not: the engine refuses one that no SQL names.
        found = tx.row(
            f"""
            SELECT count(*) AS many, max(deal.id) AS id
            FROM deals AS deal, (SELECT $me)
            WHERE deal.id IN ({happening.deals}) AND {which}
            """,
            me=person.id,
            seqs=list(happening.seqs),
        )
        if not found["many"]:
            return 0, 0, "", ""
        deal = tx.row("SELECT title, value, currency FROM deals WHERE id = $id", id=found["id"])
        locale = tx.actor.language
    worth = "" if deal["value"] is None else f": {money.shown(deal['value'], deal['currency'], locale)}"
    return found["many"], found["id"], deal["title"], worth
