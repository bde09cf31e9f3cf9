"""With owner-based privacy on, a rep meets another rep's contact nowhere."""

from collections.abc import Callable

import pytest

from crm import companies, contacts, deals, exports, pipelines
from crm.contacts import ListQuery
from crm.foundation.errors import CrmError, NotFound
from crm.platform.people import teams
from crm.records import attributes, labels, search
from crm.records.filters import Rule
from crm.records.history import history
from crm.store import Store, Writing
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def secret(store: Store, team: Team) -> int:
    """Bob's contact, with a label, an attribute and a company that are his alone."""
    owner_privacy(store, team)
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
    with store.writing(team.bob) as tx:
        company = companies.create(tx, name="Secret company", domain="secret.example.com")
        made = contacts.create(
            tx, name="Secret customer", email="x@secret.example.com", company_id=company.id, attributes={"size": 7}
        )
        contacts.set_labels(tx, made.id, ["hush"])
    return made.id


def test_not_by_id_list_search_count_filter_or_export(store: Store, team: Team, secret: int) -> None:
    with store.writing(team.ana) as tx:
        own = contacts.create(tx, name="Own customer")
    with store.reading(team.ana) as tx:
        with pytest.raises(NotFound):
            contacts.get(tx, secret)
        hush = next(label.id for label in labels.all_of(tx) if label.name == "hush")
        assert [row["id"] for row in contacts.find(tx, ListQuery()).items] == [own.id]
        assert contacts.count(tx, ListQuery()) == 1
        for narrowed in (
            ListQuery(search="secret"),
            ListQuery(Rule(field="attribute:size", op="is", value=7)),
            ListQuery(Rule(field="label", op="is", value=hush)),
            ListQuery(Rule(field="company.name", op="contains", value="secret")),
            ListQuery(Rule(field="owner_id", op="is", value=team.ids.bob)),
        ):
            page = contacts.find(tx, narrowed)
            assert (page.items, page.total) == ([], 0)
        assert companies.find(tx, ListQuery(sort="name")).total == 0
        assert companies.suggested_for(tx, "y@secret.example.com") is None
        assert search.find(tx, "secret", kinds=("company",)) == []
        exported = exports.export(tx, "contacts", "csv", ListQuery()).decode()
        assert "Own customer" in exported
        assert "Secret" not in exported
        assert "Secret" not in exports.export(tx, "companies", "csv", ListQuery()).decode()


CHANGES: list[Callable[[Writing, int], object]] = [
    lambda tx, secret: contacts.edit(tx, secret, name="Mine"),
    contacts.block,
    contacts.delete,
    lambda tx, secret: contacts.set_labels(tx, secret, ["mine"]),
    lambda tx, secret: contacts.find_or_create(tx, email="x@secret.example.com"),
    lambda tx, secret: companies.find_or_create(tx, domain="secret.example.com"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_nor_can_they_change_it(
    store: Store, team: Team, secret: int, change: Callable[[Writing, int], object]
) -> None:
    with store.reading(team.bob) as tx:
        before = contacts.get(tx, secret)
    with pytest.raises(CrmError) as refusal, store.writing(team.ana) as tx:
        change(tx, secret)
    assert "Secret customer" not in str(refusal.value)
    with store.reading(team.bob) as tx:
        assert contacts.get(tx, secret) == before


def test_its_owner_their_team_and_managers_see_it(store: Store, team: Team, secret: int) -> None:
    for actor in (team.bob, team.marta, team.ada, team.rui):
        with store.reading(actor) as tx:
            assert contacts.get(tx, secret).attributes == {"size": 7}
            assert contacts.find(tx, ListQuery(search="secret")).total == 1
    with store.writing(team.ada) as tx:
        shared = teams.create(tx, "South")
        teams.change(tx, shared.id, member_ids=[team.ids.ana])
        contacts.edit(tx, secret, team_id=shared.id)
    with store.reading(team.ana) as tx:
        assert contacts.find(tx, ListQuery(search="secret")).total == 1


def test_a_contact_given_away_comes_back_as_it_was_left_and_is_then_gone(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        made = contacts.create(tx, name="Mine")
        given = contacts.edit(tx, made.id, owner_id=team.ids.bob)
        assert (given.owner_name, given.version) == ("Bob", 2)
    with pytest.raises(NotFound), store.reading(team.ana) as tx:
        contacts.get(tx, made.id)


def test_a_company_counts_only_the_contacts_that_one_may_see(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Shared")
        contacts.create(tx, name="Of Ana", company_id=company.id, owner_id=team.ids.ana)
        contacts.create(tx, name="Of Bob", company_id=company.id, owner_id=team.ids.bob)
        contacts.create(tx, name="Of Bob too", company_id=company.id, owner_id=team.ids.bob)
    for actor, seen in ((team.ana, 1), (team.bob, 2), (team.marta, 3)):
        with store.reading(actor) as tx:
            assert companies.get(tx, company.id).contact_count == seen
            assert companies.find(tx, ListQuery(sort="name")).items[0]["contact_count"] == seen


def test_not_by_the_history_of_a_record_that_pointed_to_it(store: Store, team: Team, secret: int) -> None:
    with store.reading(team.bob) as tx:
        secret_company = contacts.get(tx, secret).company_id
    with store.writing(team.marta) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead"])
        deal = deals.create(tx, title="Own deal", pipeline_id=pipeline.id, owner_id=team.ids.ana)
        own = contacts.create(tx, name="Own customer", owner_id=team.ids.ana)
        deals.edit(tx, deal.id, contact_id=secret, company_id=secret_company)
        deals.edit(tx, deal.id, contact_id=own.id, company_id=None)
        contacts.edit(tx, own.id, company_id=secret_company)
        contacts.edit(tx, own.id, company_id=None)
    with store.reading(team.ana) as tx:
        told = str(history(tx, "deal", deal.id)) + str(history(tx, "contact", own.id))
    assert "Own customer" in told
    assert "Secret" not in told
    with store.reading(team.marta) as tx:
        assert "Secret customer" in str(history(tx, "deal", deal.id))
