"""Contacts and companies in short, as the pages of other records show them."""

from crm import companies, contacts
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


def test_a_contact_in_short_is_of_those_who_see_it(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        lia = contacts.create(tx, email="lia@example.com", city="Recife")
    with store.reading(team.ana) as tx:
        found = contacts.card(tx, lia.id)
    assert found == contacts.Card(
        id=lia.id,
        shown_name="lia@example.com",
        email="lia@example.com",
        phone=None,
        city="Recife",
        country=None,
        blocked=False,
        company_id=None,
    )
    with store.reading(team.bob) as tx:
        assert contacts.card(tx, lia.id) is None
    with store.writing(team.ana) as tx:
        contacts.delete(tx, lia.id)
    with store.reading(team.ana) as tx:
        assert contacts.card(tx, lia.id) is None


def test_a_company_in_short_counts_the_contacts_that_one_sees(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        acme = companies.create(tx, name="Acme")
        for name, owner in (("Zoe", team.ids.ana), ("Bia", team.ids.ana), ("Caio", team.ids.bob)):
            contacts.create(tx, name=name, company_id=acme.id, owner_id=owner)
    seen = {}
    for actor in (team.marta, team.ana, team.bob):
        with store.reading(actor) as tx:
            people, total = contacts.of_company(tx, acme.id, 2)
            card = companies.card(tx, acme.id)
        assert card == companies.Card(id=acme.id, name="Acme", contact_count=total)
        seen[actor.name] = [person.shown_name for person in people], total
    assert seen == {
        team.marta.name: (["Bia", "Caio"], 3),
        team.ana.name: (["Bia", "Zoe"], 2),
        team.bob.name: (["Caio"], 1),
    }


def test_a_company_of_which_one_sees_nothing_has_no_card(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        acme = companies.create(tx, name="Acme", owner_id=team.ids.ana)
    with store.reading(team.bob) as tx:
        assert companies.card(tx, acme.id) is None
        assert contacts.of_company(tx, acme.id, 5) == ((), 0)
