"""Email, phone and identifier are each held by one contact."""

import pytest

from crm import contacts
from crm.foundation.errors import Duplicate, Invalid
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team

HELD = {"email": "Ana@example.com", "phone": "+5511987654321", "identifier": "C-1"}
AGAIN = {"email": "ANA@EXAMPLE.COM", "phone": "(11) 98765-4321", "identifier": " C-1 "}


@pytest.mark.parametrize("field", HELD)
def test_a_key_that_another_contact_holds_is_refused_with_its_holder(store: Store, team: Team, field: str) -> None:
    with store.writing(team.marta) as tx:
        holder = contacts.create(tx, name="Ana", **HELD)
    with pytest.raises(Duplicate, match="already belongs to “Ana”") as refusal, store.writing(team.marta) as tx:
        contacts.create(tx, name="Other", **{field: AGAIN[field]})
    assert (refusal.value.field, refusal.value.holder_kind, refusal.value.holder_id) == (field, "contact", holder.id)


def test_of_several_taken_keys_the_surest_is_refused(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        holder = contacts.create(tx, name="Ana", identifier="C-1")
        contacts.create(tx, name="Bia", email="bia@example.com", phone=HELD["phone"])
    with pytest.raises(Duplicate) as refusal, store.writing(team.marta) as tx:
        contacts.create(tx, name="Other", email="bia@example.com", phone=HELD["phone"], identifier="C-1")
    assert (refusal.value.field, refusal.value.holder_id) == ("identifier", holder.id)


@pytest.mark.parametrize("field", HELD)
def test_an_edit_cannot_take_a_key_either_and_leaves_the_row_as_it_was(store: Store, team: Team, field: str) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Ana", **HELD)
        other = contacts.create(tx, name="Other")
    with pytest.raises(Duplicate), store.writing(team.marta) as tx:
        contacts.edit(tx, other.id, **{field: AGAIN[field]})
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, other.id) == other


def test_a_contact_keeps_its_own_keys(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        holder = contacts.create(tx, name="Ana", **HELD)
        assert contacts.edit(tx, holder.id, email="ana@example.com").email == "ana@example.com"


def test_accents_tell_people_apart(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        first = contacts.create(tx, name="Müller", identifier="Müller")
        second = contacts.create(tx, name="Muller", identifier="Muller")
    assert first.id != second.id
    assert (first.identifier, second.identifier) == ("Müller", "Muller")


def test_a_holder_that_the_actor_may_not_see_is_not_named(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        contacts.create(tx, name="Secret customer", **HELD)
    with pytest.raises(Duplicate) as refusal, store.writing(team.ana) as tx:
        contacts.create(tx, name="Mine", email=HELD["email"])
    assert refusal.value.holder_id is None
    assert "Secret" not in str(refusal.value)


def test_a_deleted_contact_frees_its_keys_and_is_not_restored_over_a_new_holder(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        first = contacts.create(tx, name="Ana", **HELD)
        contacts.delete(tx, first.id)
        second = contacts.create(tx, name="Ana again", **HELD)
    with pytest.raises(Duplicate) as refusal, store.writing(team.marta) as tx:
        contacts.restore(tx, first.id)
    assert refusal.value.holder_id == second.id


def test_find_or_create_asks_identifier_then_email_then_phone(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        by_phone = contacts.create(tx, name="Phone", phone=HELD["phone"])
        by_email = contacts.create(tx, name="Email", email=HELD["email"])
        by_identifier = contacts.create(tx, name="Identifier", identifier="C-1")
        assert contacts.find_or_create(tx, **AGAIN) == by_identifier.id
        assert contacts.find_or_create(tx, email=AGAIN["email"], phone=AGAIN["phone"]) == by_email.id
        assert contacts.find_or_create(tx, phone=AGAIN["phone"]) == by_phone.id


def test_find_or_create_makes_a_contact_once(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.find_or_create(tx, name="New", email="new@example.com")
        assert contacts.find_or_create(tx, name="Other name", email="NEW@example.com") == made
        assert contacts.find(tx, contacts.ListQuery()).total == 1


def test_find_or_create_needs_something_to_find_by(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="found by an email"), store.writing(team.marta) as tx:
        contacts.find_or_create(tx, name="Ana")


def test_find_or_create_does_not_hand_out_a_contact_that_the_actor_may_not_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        contacts.create(tx, name="Secret", **HELD)
    with pytest.raises(Duplicate) as refusal, store.writing(team.ana) as tx:
        contacts.find_or_create(tx, email=HELD["email"])
    assert refusal.value.holder_id is None
