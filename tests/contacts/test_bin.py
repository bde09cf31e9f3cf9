from datetime import timedelta

import pytest

from crm import contacts
from crm.foundation import clock
from crm.foundation.errors import NotFound
from crm.records import bin as the_bin
from crm.records.bin import BIN_DAYS
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


def test_a_deleted_contact_is_gone_and_comes_back_whole(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana", email="ana@example.com", city="Recife")
        contacts.set_labels(tx, made.id, ["VIP"])
        contacts.delete(tx, made.id)
    with store.reading(team.marta) as tx:
        assert contacts.find_one(tx, made.id) is None
        assert contacts.find(tx, contacts.ListQuery()).total == 0
        assert [row["shown_name"] for row in the_bin.listed(tx).items] == ["Ana"]
    with store.writing(team.marta) as tx:
        back = contacts.restore(tx, made.id)
        assert (back.name, back.email, back.city, back.labels) == ("Ana", "ana@example.com", "Recife", ("VIP",))
        assert the_bin.listed(tx).items == []
        assert [event.name for event in tx.recorded] == ["contact.restored"]


def test_after_thirty_days_a_contact_stays_in_the_bin(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana")
        contacts.delete(tx, made.id)
    later = clock.now() + timedelta(days=BIN_DAYS, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(NotFound), store.writing(team.marta) as tx:
        contacts.restore(tx, made.id)


def test_what_is_not_in_the_bin_cannot_be_restored(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana")
    with pytest.raises(NotFound), store.writing(team.marta) as tx:
        contacts.restore(tx, made.id)


def test_a_rep_restores_only_what_they_could_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        made = contacts.create(tx, name="Of Bob")
        contacts.delete(tx, made.id)
    with pytest.raises(NotFound), store.writing(team.ana) as tx:
        contacts.restore(tx, made.id)
    with store.reading(team.ana) as tx:
        assert the_bin.listed(tx).items == []
    with store.writing(team.bob) as tx:
        assert contacts.restore(tx, made.id).name == "Of Bob"
