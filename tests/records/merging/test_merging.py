"""Merging two contacts or companies: what comes of it is what was shown, and nothing is lost on the way."""

from decimal import Decimal

import pytest

from crm import companies, contacts, deals, pipelines
from crm.contacts import CONTACT, Contact, ListQuery
from crm.foundation.access import SYSTEM, Module
from crm.foundation.errors import Duplicate, Forbidden, Invalid, ModuleOff, NotFound, Stale
from crm.platform import workspace
from crm.records import attributes, data_rules, merging, notes, registry
from crm.records.declaration import Trait
from crm.records.history import history
from crm.records.merging import children
from crm.store import Store
from crm.verify import verify
from tests.owner_privacy import owner_privacy
from tests.people import Team

BOOKKEEPING = {"version", "updated_at"}


@pytest.fixture
def twins(store: Store, team: Team) -> tuple[Contact, Contact]:
    """Ana, twice: with a phone, a label and a note; with a city, a blocked mark, a label, a size and a deal."""
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
        attributes.define(tx, model="contact", name="Deposit", type="currency")
        sales = pipelines.create(tx, "Sales", ["Lead"])
        one = contacts.create(tx, name="Ana Souza", email="ana@one.example", phone="+5511987654321")
        two = contacts.create(
            tx,
            name="Ana S.",
            email="ana@two.example",
            city="Recife",
            identifier="C-2",
            attributes={"size": 3, "deposit": "12.50"},
        )
        contacts.block(tx, two.id)
        contacts.set_labels(tx, one.id, ["vip", "press"])
        contacts.set_labels(tx, two.id, ["Old", "vip"])
        notes.add(tx, "contact", one.id, "Likes ducks")
        notes.add(tx, "contact", two.id, "Has a pond")
        deals.create(tx, title="Pond", pipeline_id=sales.id, contact_id=two.id)
        return contacts.get(tx, one.id), contacts.get(tx, two.id)


def test_what_is_shown_before_is_what_comes_of_it(store: Store, team: Team, twins: tuple[Contact, Contact]) -> None:
    one, two = twins
    take = {"email": two.id, "identifier": one.id, "attribute:deposit": one.id}
    with store.writing(team.ana) as tx:
        planned = merging.preview(tx, "contact", one.id, two.id, take)
        merging.merge(tx, "contact", one.id, two.id, take=take)
        after = contacts.get(tx, one.id)
    assert after.model_dump(exclude=BOOKKEEPING) == planned.result.model_dump(exclude=BOOKKEEPING)
    assert planned.moves == {"contact_labels": 1, "deals": 1, "notes": 1}
    assert (after.name, after.email, after.phone, after.city) == ("Ana Souza", two.email, one.phone, "Recife")
    assert (after.identifier, after.blocked, after.labels) == (None, True, ("Old", "press", "vip"))
    assert after.attributes == {"size": 3}


def test_what_belonged_to_the_absorbed_record_belongs_to_the_survivor(
    store: Store, team: Team, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", one.id, two.id)
        assert [deal["title"] for deal in deals.of_contact(tx, one.id)] == ["Pond"]
        assert {note.text for note in notes.of(tx, "contact", one.id)} == {"Likes ducks", "Has a pond"}
        with pytest.raises(NotFound):
            contacts.get(tx, two.id)
        assert contacts.find(tx, ListQuery()).total == 1
        assert tx.rows("FROM contact_bin") == []
        assert merging.survivor_of(tx, "contact", two.id) == one.id
    assert verify(store) == []


def test_the_keys_of_the_absorbed_record_go_with_the_survivor_or_are_free(
    store: Store, team: Team, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", one.id, two.id)
        with pytest.raises(Duplicate):
            contacts.create(tx, identifier="C-2", name="Another")
    with store.writing(team.ana) as tx:
        assert contacts.create(tx, email="ana@two.example").email == "ana@two.example"


def test_both_timelines_tell_of_the_merge(store: Store, team: Team, twins: tuple[Contact, Contact]) -> None:
    one, two = twins
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", one.id, two.id)
        of_one, of_two = (history(tx, "contact", record.id)[0] for record in twins)
    assert (of_one.name, of_one.actor_name, of_one.payload["absorbed_name"]) == ("contact.merged", "Ana", "Ana S.")
    assert of_one.payload["changes"]["city"] == [None, "Recife"]
    assert (of_two.name, of_two.payload["survivor_name"]) == ("contact.absorbed", "Ana Souza")


def test_a_deal_that_moved_along_tells_so_in_its_timeline(
    store: Store, team: Team, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", one.id, two.id)
        (deal,) = deals.of_contact(tx, one.id)
    with store.writing(team.bob) as tx:
        merging.unmerge(tx, "contact", merging.merges(tx, "contact")[0].id)
        back, forth, _ = history(tx, "deal", deal["id"])
    assert (forth.actor_name, forth.payload["changes"]["contact_name"]) == ("Ana", ["Ana S.", "Ana Souza"])
    assert (back.actor_name, back.payload["changes"]["contact_name"]) == ("Bob", ["Ana Souza", "Ana S."])


def test_a_record_is_not_merged_with_itself(store: Store, team: Team, twins: tuple[Contact, Contact]) -> None:
    one, _ = twins
    with store.writing(team.ana) as tx:
        with pytest.raises(Invalid, match="with itself"):
            merging.preview(tx, "contact", one.id, one.id)
        with pytest.raises(Invalid, match="with itself"):
            merging.merge(tx, "contact", one.id, one.id)
        assert contacts.get(tx, one.id) == one


def test_a_merge_of_what_somebody_changed_meanwhile_is_refused(
    store: Store, team: Team, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    with store.writing(team.bob) as tx:
        contacts.edit(tx, two.id, city="Natal")
    with store.writing(team.ana) as tx, pytest.raises(Stale, match="Bob changed"):
        merging.merge(tx, "contact", one.id, two.id, version=one.version, absorbed_version=two.version)
    with store.reading(team.ana) as tx:
        assert contacts.get(tx, one.id) == one
        assert contacts.get(tx, two.id).city == "Natal"


def test_choices_are_between_the_two_and_of_fields_that_exist(
    store: Store, team: Team, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    with store.reading(team.ana) as tx:
        with pytest.raises(Invalid, match="one of the two"):
            merging.preview(tx, "contact", one.id, two.id, {"city": 999})
        with pytest.raises(Invalid, match="no field"):
            merging.preview(tx, "contact", one.id, two.id, {"deleted_at": two.id})


def test_a_choice_that_leaves_nobody_is_refused(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        one, two = contacts.create(tx, name="Ana"), contacts.create(tx, email="ana@example.com")
        with pytest.raises(Invalid, match="name, an email or a phone"):
            merging.merge(tx, "contact", one.id, two.id, take={"name": two.id, "email": one.id})


def test_companies_merge_with_their_contacts_and_deals(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="company", name="Revenue", type="currency")
        sales = pipelines.create(tx, "Sales", ["Lead"])
        one = companies.create(tx, name="Aurora", domain="aurora.example.com")
        two = companies.create(tx, name="Aurora Ltda", domain="aurora.example.net", attributes={"revenue": "1.25"})
        for number in range(3):
            contacts.create(tx, name=f"Person {number}", company_id=two.id)
        deals.create(tx, title="Light", pipeline_id=sales.id, company_id=two.id)
        planned = merging.preview(tx, "company", one.id, two.id, {"domain": two.id})
        merging.merge(tx, "company", one.id, two.id, take={"domain": two.id})
        after = companies.get(tx, one.id)
    assert after.model_dump(exclude=BOOKKEEPING) == planned.result.model_dump(exclude=BOOKKEEPING)
    assert (after.domain, after.contact_count, after.attributes) == (
        "aurora.example.net",
        3,
        {"revenue": Decimal("1.2500")},
    )
    assert planned.moves == {"contacts": 3, "deals": 1}
    assert verify(store) == []


@pytest.mark.parametrize("name", ["rui", "vera"])
def test_who_may_not_manage_contacts_merges_none(
    store: Store, team: Team, twins: tuple[Contact, Contact], name: str
) -> None:
    one, two = twins
    with store.writing(team.marta) as tx:
        merging.merge(tx, "contact", one.id, two.id)
        (merge,) = merging.merges(tx, "contact")
    actor = getattr(team, name)
    with store.writing(actor) as tx:
        for refused in (
            lambda: merging.preview(tx, "contact", one.id, two.id),
            lambda: merging.merge(tx, "contact", one.id, two.id),
            lambda: merging.unmerge(tx, "contact", merge.id),
        ):
            with pytest.raises(Forbidden):
                refused()


def test_only_who_sees_both_merges_them(store: Store, team: Team, twins: tuple[Contact, Contact]) -> None:
    one, two = twins
    with store.writing(team.ada) as tx:
        contacts.edit(tx, one.id, owner_id=team.ids.ana)
        contacts.edit(tx, two.id, owner_id=team.ids.bob)
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        for pair in ((one.id, two.id), (two.id, one.id)):
            with pytest.raises(NotFound):
                merging.merge(tx, "contact", *pair)
    with store.writing(team.marta) as tx:
        merging.merge(tx, "contact", two.id, one.id)
        (merge,) = merging.merges(tx, "contact")
    with store.writing(team.ana) as tx:
        assert merging.merges(tx, "contact") == []
        assert merging.survivor_of(tx, "contact", one.id) is None
        with pytest.raises(NotFound):
            merging.unmerge(tx, "contact", merge.id)


def test_companies_are_not_merged_while_their_module_is_off(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        one, two = companies.create(tx, name="Aurora"), companies.create(tx, name="Aurora Ltda")
        workspace.switch(tx, Module.COMPANIES, False)
    with store.writing(team.ada) as tx, pytest.raises(ModuleOff):
        merging.merge(tx, "company", one.id, two.id)


def test_the_fuller_record_survives_where_nobody_says_which(
    store: Store, team: Team, twins: tuple[Contact, Contact]
) -> None:
    one, two = twins
    assert merging.better(CONTACT, one, two) == (two, one)


@pytest.mark.parametrize("kind", ["contact", "company"])
def test_every_table_that_points_to_a_record_moves_or_is_said_to_stay(store: Store, kind: str) -> None:
    """What `crm verify` watches as a reference to the noun, and every table of the catalog that names a subject."""
    parent = merging.mergeable(kind).plural
    with store.reading(SYSTEM) as tx:
        moving = {(child.table, child.column) for child in children.children(tx, kind)}
        leading = data_rules.references(tx, tuple(registry.types().values()))
        named = tx.rows(
            """
            SELECT table_name, column_name
            FROM duckdb_columns()
            SEMI JOIN duckdb_tables() USING (schema_name, table_name)
            WHERE schema_name = 'base' AND column_name = 'subject_id'
            """
        )
    pointing = {(one.table, one.column) for one in leading if one.target == parent and one.column != "id"}
    subjects = {(row["table_name"], row["column_name"]) for row in named}
    assert pointing | subjects - OTHERS_SUBJECTS <= moving | {(table, "subject_id") for table in children.STAYS}


OTHERS_SUBJECTS = {("jobs", "subject_id")}
"""Of imports, scans and the like, never of a record."""


def test_every_column_of_a_record_is_chosen_or_looked_after(store: Store) -> None:
    after = {"id", "search", "created_at", "updated_at", "deleted_at", "version"}
    with store.reading(SYSTEM) as tx:
        for of in registry.having(Trait.MERGE):
            columns = {row["name"] for row in tx.rows(f"FROM pragma_table_info('base.{of.plural}')")}
            assert columns == {*of.merged, *of.key_columns, *after}


def test_a_preview_counts_no_records_that_its_reader_does_not_see(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        one, two = companies.create(tx, name="Aurora"), companies.create(tx, name="Aurora Ltda")
        contacts.create(tx, name="Ana’s", company_id=two.id)
    with store.writing(team.bob) as tx:
        contacts.create(tx, name="Bob’s", company_id=two.id)
    owner_privacy(store, team)
    for actor, many in ((team.ana, 1), (team.marta, 2)):
        with store.reading(actor) as tx:
            assert merging.preview(tx, "company", one.id, two.id).moves == {"contacts": many}
    with store.writing(team.ana) as tx:
        merging.merge(tx, "company", one.id, two.id)
    with store.reading(team.bob) as tx:
        assert contacts.find(tx, ListQuery()).items[0]["company_id"] == one.id
