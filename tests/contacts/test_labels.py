import pytest

from crm import contacts
from crm.foundation.errors import Invalid
from crm.records import labels
from crm.records.filters import Rule
from crm.records.history import history
from crm.store import Store
from tests.people import Team


def test_labels_are_made_as_they_are_first_used_and_once_whatever_their_case(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        first, second = contacts.create(tx, name="A"), contacts.create(tx, name="B")
        assert contacts.set_labels(tx, first.id, ["VIP", "partner", " vip "]).labels == ("partner", "VIP")
        assert contacts.set_labels(tx, second.id, ["vip"]).labels == ("VIP",)
        assert [label.name for label in labels.all_of(tx)] == ["partner", "VIP"]


def test_labels_are_set_exactly_and_their_change_is_in_the_history(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        made = contacts.create(tx, name="A")
        contacts.set_labels(tx, made.id, ["VIP", "partner"])
        assert contacts.set_labels(tx, made.id, ["VIP"]).version == 3
        assert contacts.set_labels(tx, made.id, ["vip"]).version == 3
    with store.reading(team.ana) as tx:
        changes = [event.payload.get("changes") for event in history(tx, "contact", made.id)]
    assert {"labels": [["partner", "VIP"], ["VIP"]]} in changes


def test_contacts_are_found_by_label_and_by_having_none(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        first, second = contacts.create(tx, name="A"), contacts.create(tx, name="B")
        contacts.set_labels(tx, first.id, ["VIP", "partner"])
        vip = next(label.id for label in labels.all_of(tx) if label.name == "VIP")

        def found(rule: Rule) -> list[int]:
            return [row["id"] for row in contacts.find(tx, contacts.ListQuery(rule, sort="name")).items]

        assert found(Rule(field="label", op="is", value=vip)) == [first.id]
        assert found(Rule(field="label", op="is_not", value=vip)) == [second.id]
        assert found(Rule(field="label", op="is_empty")) == [second.id]


def test_a_label_needs_a_short_name(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        made = contacts.create(tx, name="A")
    for name in (" ", "x" * 41):
        with pytest.raises(Invalid), store.writing(team.ana) as tx:
            contacts.set_labels(tx, made.id, [name])
