"""A contact's last activity: what counts as one, for whom, and the list by it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from crm import contacts, deals, pipelines
from crm.contacts import Contact, ListQuery
from crm.deals import Deal
from crm.foundation import clock
from crm.records import notes
from crm.records.filters import Rule
from crm.store import Reading, Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def zoe(store: Store, team: Team) -> Contact:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Zoe")


@pytest.fixture
def chairs(store: Store, team: Team, zoe: Contact) -> Deal:
    with store.writing(team.marta) as tx:
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs", pipeline_id=sales.id, contact_id=zoe.id)


DONE: dict[str, Callable[[Writing, Contact, Deal], object]] = {
    "a note": lambda tx, zoe, chairs: notes.add(tx, "contact", zoe.id, "Called."),
    "a note on a deal": lambda tx, zoe, chairs: notes.add(tx, "deal", chairs.id, "Sent the offer."),
    "an edit": lambda tx, zoe, chairs: contacts.edit(tx, zoe.id, city="Recife"),
    "a label": lambda tx, zoe, chairs: contacts.set_labels(tx, zoe.id, ["VIP"]),
    "a step of a deal": lambda tx, zoe, chairs: deals.move(
        tx, chairs.id, to_stage=pipelines.get(tx, chairs.pipeline_id).open_stages[1].id, version=chairs.version
    ),
}


def listed(tx: Reading) -> datetime | None:
    """As the list of contacts shows it for the one contact there is."""
    (row,) = contacts.find(tx, ListQuery()).items
    contacts.fill_last_activity(tx, [row])
    found: datetime | None = row["last_activity_at"]
    return found


def test_a_contact_that_was_only_made_has_no_activity(store: Store, team: Team, zoe: Contact) -> None:
    with store.reading(team.ana) as tx:
        assert contacts.last_activity(tx, zoe.id) is None
        assert listed(tx) is None


@pytest.mark.parametrize("what", DONE)
def test_what_somebody_does_is_the_last_activity(
    store: Store, team: Team, zoe: Contact, chairs: Deal, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with store.writing(team.ana) as tx:
        DONE[what](tx, zoe, chairs)
    with store.reading(team.ana) as tx:
        assert contacts.last_activity(tx, zoe.id) == later
        assert listed(tx) == later


def test_a_deal_won_on_an_earlier_day_was_an_activity_when_that_was_recorded(
    store: Store, team: Team, zoe: Contact, chairs: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = clock.now() + timedelta(days=10)
    monkeypatch.setattr(clock, "now", lambda: later)
    with store.writing(team.ana) as tx:
        deals.win(tx, chairs.id, on=tx.today - timedelta(days=7))
    with store.reading(team.ana) as tx:
        assert contacts.last_activity(tx, zoe.id) == later


def test_the_list_is_sorted_and_filtered_by_the_last_activity(store: Store, team: Team, zoe: Contact) -> None:
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Quiet")
        notes.add(tx, "contact", zoe.id, "Called.")
    with store.reading(team.ana) as tx:
        assert [row["name"] for row in contacts.find(tx, ListQuery(sort="-last_activity_at")).items] == ["Zoe", "Quiet"]
        recent = ListQuery(Rule(field="last_activity_at", op="in_last_days", value=1))
        assert [row["name"] for row in contacts.find(tx, recent).items] == ["Zoe"]
        silent = ListQuery(Rule(field="last_activity_at", op="is_empty"))
        assert [row["name"] for row in contacts.find(tx, silent).items] == ["Quiet"]


def test_deals_that_one_may_not_see_are_no_activity(store: Store, team: Team, zoe: Contact, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        deals.edit(tx, chairs.id, owner_id=team.ids.bob)
    owner_privacy(store, team)
    with store.reading(team.ana) as tx:
        assert contacts.last_activity(tx, zoe.id) is None
    with store.reading(team.marta) as tx:
        assert contacts.last_activity(tx, zoe.id) is not None
