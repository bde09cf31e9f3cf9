"""The feed: in the order of commits, read page by page by readers that stand apart, and of what one may see."""

import pytest

from crm import companies, contacts, deals, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Forbidden
from crm.platform import workspace
from crm.records import bulk, feed, merging, notes
from crm.records.bulk import Action, Change
from crm.records.feed import START, Position
from crm.records.listing import ListQuery
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


def of_contacts(store: Store, after: Position = START, limit: int = 100) -> list[feed.Change]:
    with store.reading(SYSTEM) as tx:
        return feed.changes(tx, after, kinds=["contact"], limit=limit)


def make(store: Store, team: Team, *names: str) -> list[int]:
    with store.writing(team.ana) as tx:
        return [contacts.create(tx, name=name).id for name in names]


def test_it_says_what_each_verb_did_and_what_the_fields_were(store: Store, team: Team) -> None:
    (ana,) = make(store, team, "Ana")
    with store.writing(team.bob) as tx:
        contacts.edit(tx, ana, city="Recife")
        contacts.block(tx, ana)
        notes.add(tx, "contact", ana, "Likes ducks")
        contacts.delete(tx, ana)
        contacts.restore(tx, ana)
    told = [(one.event, one.actor_name, one.before, one.after) for one in of_contacts(store)]
    assert told == [
        ("contact.created", "Ana", None, {"name": "Ana", "owner_id": team.ids.ana}),
        ("contact.changed", "Bob", {"city": None}, {"city": "Recife"}),
        ("contact.blocked", "Bob", {"blocked": False}, {"blocked": True}),
        ("note.added", "Bob", {}, {}),
        ("contact.deleted", "Bob", {"deleted": False}, {"deleted": True}),
        ("contact.restored", "Bob", {"deleted": True}, {"deleted": False}),
    ]


def test_pages_follow_each_other_within_a_change_of_many_too(store: Store, team: Team) -> None:
    ids = make(store, team, "Ana", "Bia", "Caio", "Dora", "Eva")
    with store.writing(team.ana) as tx:
        bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.BLOCK))
    make(store, team, "Fabio")
    found: list[feed.Change] = []
    while rows := of_contacts(store, found[-1].position if found else START, limit=2):
        found += rows
    blocked = [one.id for one in found if one.event == "contact.blocked"]
    assert (blocked, len(found), found[-1].event) == (ids, 11, "contact.created")
    assert [one.position for one in found] == sorted(one.position for one in found)


def test_a_merge_tells_of_the_deals_that_went_along_and_back(store: Store, team: Team) -> None:
    one, two = make(store, team, "Ana", "Ana S.")
    with store.writing(team.ada) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead"])
        pond = deals.create(tx, title="Pond", pipeline_id=sales.id, contact_id=two).id
        lake = deals.create(tx, title="Lake", pipeline_id=sales.id, contact_id=two).id
        merging.merge(tx, "contact", one, two)
        deals.edit(tx, lake, contact_id=None)
        merging.unmerge(tx, "contact", merging.merges(tx, "contact")[0].id)
        moved = [row for row in feed.changes(tx, kinds=["deal"]) if "merge_id" in row.payload]
    assert [(row.id, row.before["contact_id"], row.after["contact_id"]) for row in moved] == [
        (pond, two, one),
        (lake, two, one),
        (pond, one, two),
    ]


def test_a_cursor_moves_with_what_its_reader_keeps_or_not_at_all(store: Store, team: Team) -> None:
    make(store, team, "Ana", "Bia")
    with pytest.raises(ZeroDivisionError), store.writing(SYSTEM) as tx:
        feed.advance(tx, "lake", feed.end(tx))
        _ = 1 / 0
    with store.reading(SYSTEM) as tx:
        assert feed.position(tx, "lake") == START
        first, second = feed.changes(tx, feed.position(tx, "lake"), kinds=["contact"])
    with store.writing(SYSTEM) as tx:
        feed.advance(tx, "lake", first.position)
    with store.reading(SYSTEM) as tx:
        assert feed.changes(tx, feed.position(tx, "lake"), kinds=["contact"]) == [second]


def test_two_readers_stand_apart_and_neither_goes_back(store: Store, team: Team) -> None:
    make(store, team, "Ana", "Bia")
    first, second = of_contacts(store)
    with store.writing(SYSTEM) as tx:
        feed.advance(tx, "lake", first.position)
        feed.advance(tx, "webhooks", second.position)
        with pytest.raises(ValueError, match="forwards"):
            feed.advance(tx, "webhooks", first.position)
    with store.reading(SYSTEM) as tx:
        assert (feed.position(tx, "lake"), feed.position(tx, "webhooks")) == (first.position, second.position)
        assert feed.changes(tx, feed.end(tx)) == []


def test_one_sees_the_rows_of_records_that_one_may_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    (mine,) = make(store, team, "Ana's")
    with store.writing(team.bob) as tx:
        theirs = contacts.create(tx, name="Bob's").id
        contacts.delete(tx, theirs)
    with store.writing(team.ana) as tx:
        contacts.delete(tx, mine)
    with store.writing(team.marta) as tx:
        made = companies.create(tx, name="Secret", owner_id=team.ids.bob)
        contacts.restore(tx, mine)
        contacts.edit(tx, mine, company_id=made.id)
        contacts.edit(tx, mine, company_id=None)
    with store.reading(team.ana) as tx:
        seen = feed.changes(tx)
        with pytest.raises(Forbidden):
            feed.scan(tx)
    assert {(row.kind, row.id) for row in seen} == {("contact", mine)}
    assert seen[-2].after == {"company_id": made.id, "company_name": None}
    with store.reading(team.marta) as tx:
        assert [row.after["company_name"] for row in feed.changes(tx) if "company_name" in (row.after or {})] == [
            "Secret",
            None,
        ]


def test_a_module_that_is_off_has_no_rows(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        companies.create(tx, name="Aurora")
        workspace.switch(tx, Module.COMPANIES, False)
    with store.reading(team.ada) as tx:
        assert feed.changes(tx, kinds=["company"]) == []
        assert feed.scan(tx).filter(kind="company").is_empty()
