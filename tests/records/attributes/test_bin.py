"""Deleting an attribute, and the 30 days in which it comes back."""

from datetime import timedelta

import pytest

from crm import contacts
from crm.contacts import Contact, ListQuery
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid, NotFound
from crm.records import attributes
from crm.records.attributes import Definition
from crm.records.filters import Rule
from crm.store import Store
from crm.verify import verify
from tests.people import Team


@pytest.fixture
def size(store: Store, team: Team) -> Definition:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Before", type="text")
        return attributes.define(tx, model="contact", name="Size", type="list", values=["Large", "Small"])


@pytest.fixture
def lia(store: Store, team: Team, size: Definition) -> Contact:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Lia", attributes={"size": "Large", "before": "x"})


def test_a_deleted_attribute_is_gone_everywhere_at_once(
    store: Store, team: Team, size: Definition, lia: Contact
) -> None:
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
        assert contacts.get(tx, lia.id).attributes == {"before": "x"}
        assert "attribute:size" not in contacts.fields(tx)
        assert [one.key for one in attributes.definitions(tx, "contact")] == ["before"]
        assert tx.rows("DESCRIBE contact_attributes")[-1]["column_name"] == "a_before"
    with pytest.raises(Invalid), store.reading(team.ada) as tx:
        contacts.find(tx, ListQuery(Rule(field="attribute:size", op="is", value="Large")))
    with pytest.raises(Invalid, match="no attribute"), store.writing(team.ana) as tx:
        contacts.edit(tx, lia.id, attributes={"size": "Large"})
    assert verify(store) == []


def test_it_is_restored_whole(store: Store, team: Team, size: Definition, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
        gone = attributes.deleted(tx, "contact")
    assert [(one.id, one.name, one.deleted_by_name) for one in gone] == [(size.id, "Size", "Ada")]
    with store.writing(team.ana) as tx:
        contacts.edit(tx, lia.id, attributes={"before": "y"})
    with store.writing(team.ada) as tx:
        back = attributes.restore(tx, size.id)
        assert attributes.deleted(tx, "contact") == []
        assert contacts.get(tx, lia.id).attributes == {"size": "Large", "before": "y"}
    assert back.model_copy(update={"position": size.position, "version": size.version}) == size
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        attributes.restore(tx, size.id)


def test_its_key_is_free_and_it_comes_back_beside_its_successor(
    store: Store, team: Team, size: Definition, lia: Contact
) -> None:
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
        attributes.define(tx, model="contact", name="Size", type="number")
        contacts.edit(tx, lia.id, attributes={"size": 5})
        back = attributes.restore(tx, size.id)
        assert (back.name, back.key) == ("Size 2", "size_2")
        assert contacts.get(tx, lia.id).attributes == {"before": "x", "size": 5.0, "size_2": "Large"}


def test_after_thirty_days_it_is_let_go_of(
    store: Store, team: Team, size: Definition, lia: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
    today = clock.now()
    monkeypatch.setattr(clock, "now", lambda: today + timedelta(days=29))
    with store.writing(SYSTEM) as tx:
        assert attributes.purge(tx) == 0
    monkeypatch.setattr(clock, "now", lambda: today + timedelta(days=31))
    with store.writing(SYSTEM) as tx:
        assert attributes.purge(tx) == 1
        columns = [row["column_name"] for row in tx.rows("DESCRIBE base.contact_attributes")]
    assert columns == ["id", "a_before"]
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        attributes.restore(tx, size.id)
    assert verify(store) == []


def test_it_can_be_let_go_of_before(store: Store, team: Team, size: Definition, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
        assert attributes.discard(tx, size.id).name == "Size"
        assert attributes.deleted(tx, "contact") == []
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        attributes.discard(tx, size.id)


def test_a_deletion_that_is_rolled_back_leaves_everything(
    store: Store, team: Team, size: Definition, lia: Contact
) -> None:
    with pytest.raises(KeyError), store.writing(team.ada) as tx:
        attributes.delete(tx, size.id)
        raise KeyError
    with store.reading(team.ana) as tx:
        assert contacts.get(tx, lia.id) == lia
        assert attributes.get(tx, size.id) == size


def test_how_many_records_use_each(store: Store, team: Team, size: Definition, lia: Contact) -> None:
    with store.writing(team.ada) as tx:
        contacts.create(tx, name="Rui", attributes={"before": "z"})
        assert attributes.usage(tx, "contact") == {"before": 2, "size": 1}
        assert attributes.usage(tx, "deal") == {}
