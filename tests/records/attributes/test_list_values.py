"""What may be chosen in a list."""

import pytest

from crm import contacts
from crm.contacts import Contact, ListQuery
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.records import attributes
from crm.records.attributes import Definition, ListValue
from crm.records.attributes.list_values import MOST_VALUES
from crm.records.filters import Rule, broken, describe
from crm.records.history import history
from crm.store import Store
from tests.people import Team


@pytest.fixture
def size(store: Store, team: Team) -> Definition:
    with store.writing(team.ada) as tx:
        return attributes.define(tx, model="contact", name="Size", type="list", values=[" Small ", "Large", "small"])


@pytest.fixture
def large(store: Store, team: Team, size: Definition) -> Contact:
    with store.writing(team.ana) as tx:
        return contacts.create(tx, name="Ana", attributes={"size": "large"})


def values(store: Store, team: Team, size: Definition) -> dict[str, ListValue]:
    with store.reading(team.ada) as tx:
        return {one.name: one for one in attributes.list_values(tx, size.id)}


def test_a_value_is_kept_in_the_lists_own_letters(large: Contact, size: Definition) -> None:
    assert size.values == ("Small", "Large")
    assert large.attributes == {"size": "Large"}


def test_values_are_added_after_the_others_and_none_twice(store: Store, team: Team, size: Definition) -> None:
    with store.writing(team.marta) as tx:
        assert attributes.add_values(tx, size.id, ["LARGE", "Huge", "huge"]).values == ("Small", "Large", "Huge")
        assert attributes.add_values(tx, size.id, ["Huge"]).version == size.version + 1
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        attributes.add_values(tx, size.id, ["Tiny"])
    with pytest.raises(Invalid, match="needs a name"), store.writing(team.ada) as tx:
        attributes.add_values(tx, size.id, ["  "])
    with pytest.raises(Invalid, match=f"at most {MOST_VALUES}"), store.writing(team.ada) as tx:
        attributes.add_values(tx, size.id, [f"Size {number}" for number in range(MOST_VALUES)])


def test_only_a_list_has_values(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        floor = attributes.define(tx, model="contact", name="Floor", type="text")
    with pytest.raises(Invalid, match="not a list"), store.writing(team.ada) as tx:
        attributes.add_values(tx, floor.id, ["First"])
    with pytest.raises(Invalid, match="not a list"), store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Door", type="text", values=["Left"])


def test_a_renamed_value_is_renamed_in_every_record_the_bin_too(
    store: Store, team: Team, size: Definition, large: Contact
) -> None:
    with store.writing(team.ana) as tx:
        binned = contacts.create(tx, name="Gone", attributes={"size": "Large"})
        contacts.delete(tx, binned.id)
    with store.writing(team.ada) as tx:
        value = attributes.list_values(tx, size.id)[1]
        assert attributes.rename_value(tx, value.id, "Big").values == ("Small", "Big")
        assert contacts.restore(tx, binned.id).attributes == {"size": "Big"}
    with store.reading(team.ana) as tx:
        assert contacts.get(tx, large.id).attributes == {"size": "Big"}
        event = history(tx, "attribute", size.id)[0]
    assert (event.payload["changes"], event.payload["records"]) == ({"value": ["Large", "Big"]}, 2)
    with pytest.raises(Stale), store.writing(team.ana) as tx:  # what was read before is older than the data
        contacts.edit(tx, large.id, city="Recife", version=large.version)


def test_a_value_cannot_take_the_name_of_another(store: Store, team: Team, size: Definition, large: Contact) -> None:
    found = values(store, team, size)
    with pytest.raises(Invalid, match="already"), store.writing(team.ada) as tx:
        attributes.rename_value(tx, found["Large"].id, "SMALL")
    with store.writing(team.ada) as tx:
        assert attributes.rename_value(tx, found["Large"].id, "LARGE").values == ("Small", "LARGE")
    assert values(store, team, size)["LARGE"].records == 1


def test_values_are_put_in_order(store: Store, team: Team, size: Definition) -> None:
    found = values(store, team, size)
    with store.writing(team.ada) as tx:
        order = [found["Large"].id, found["Small"].id]
        assert attributes.reorder_values(tx, size.id, order).values == ("Large", "Small")
    with pytest.raises(Invalid, match="changed meanwhile"), store.writing(team.ada) as tx:
        attributes.reorder_values(tx, size.id, order[:1])


def test_deleting_a_value_in_use_asks_where_its_data_goes(
    store: Store, team: Team, size: Definition, large: Contact
) -> None:
    found = values(store, team, size)
    with pytest.raises(Invalid, match="1 records hold “Large”"), store.writing(team.ada) as tx:
        attributes.delete_value(tx, found["Large"].id)
    with pytest.raises(Invalid, match="another value"), store.writing(team.ada) as tx:
        attributes.delete_value(tx, found["Large"].id, into=found["Large"].id)
    with store.writing(team.ada) as tx:
        assert attributes.delete_value(tx, found["Large"].id, into=found["Small"].id).values == ("Small",)
        assert contacts.get(tx, large.id).attributes == {"size": "Small"}
        assert attributes.delete_value(tx, found["Small"].id, leave_empty=True).values == ()
        assert contacts.get(tx, large.id).attributes == {}
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        attributes.delete_value(tx, found["Small"].id)
    with pytest.raises(Invalid, match="no values yet"), store.writing(team.ada) as tx:
        contacts.edit(tx, large.id, attributes={"size": "Small"})


def test_a_filter_names_the_values_and_a_deleted_one_shows_as_gone(
    store: Store, team: Team, size: Definition, large: Contact
) -> None:
    rule = Rule(field="attribute:size", op="is", value="Large")
    with store.writing(team.ada) as tx:
        assert dict(contacts.fields(tx)["attribute:size"].options) == {"Small": "Small", "Large": "Large"}
        assert contacts.find(tx, ListQuery(rule)).total == 1
        attributes.delete_value(tx, attributes.list_values(tx, size.id)[1].id, leave_empty=True)
        assert "no longer exists" in describe(rule, contacts.fields(tx))


def test_a_filter_kept_under_a_former_name_still_means_the_value(
    store: Store, team: Team, size: Definition, large: Contact
) -> None:
    rule = Rule(field="attribute:size", op="one_of", value=("Large",))
    value = values(store, team, size)["Large"]
    for name in ("Big", "Huge"):
        with store.writing(team.ada) as tx:
            attributes.rename_value(tx, value.id, name)
    with store.reading(team.ana) as tx:
        fields = contacts.fields(tx)
        assert contacts.find(tx, ListQuery(rule)).total == 1
        assert broken(rule, fields) == []
        assert describe(rule, fields) == "Size is one of Huge"
    with store.writing(team.ada) as tx:  # by now the name is another's
        attributes.add_values(tx, size.id, ["Large"])
        assert contacts.find(tx, ListQuery(rule)).total == 0
