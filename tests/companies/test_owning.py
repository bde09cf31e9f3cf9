"""Under owner-based privacy a company seen for a contact's or a deal's sake is changed by those whose it is."""

import pytest

from crm import companies, contacts, imports, worker
from crm.companies import Company
from crm.companies.owning import WHY
from crm.foundation.access import SYSTEM, Actor, Permission
from crm.foundation.errors import Forbidden, Invalid
from crm.imports import Import, Options
from crm.platform import files
from crm.platform.people import teams, users
from crm.records import bulk, merging, notes
from crm.records.bulk import Action, Change
from crm.records.listing import ListQuery
from crm.store import Row, Store
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def acme(store: Store, team: Team) -> Company:
    """Bob's company. Ana sees it: a contact of hers works there."""
    with store.writing(team.bob) as tx:
        acme = companies.create(tx, name="Acme", domain="acme.example.com", description="Tools")
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Lia", company_id=acme.id)
    owner_privacy(store, team)
    return acme


def stored(store: Store, company_id: int) -> Row:
    with store.reading(SYSTEM) as tx:
        return tx.row("SELECT * FROM base.companies WHERE id = $id", id=company_id)


def test_who_sees_a_company_for_a_contacts_sake_neither_edits_nor_deletes_it(
    store: Store, team: Team, acme: Company
) -> None:
    before = stored(store, acme.id)
    with store.reading(team.ana) as tx:
        assert companies.get(tx, acme.id).name == "Acme"
    for work in (
        lambda tx: companies.edit(tx, acme.id, name="Mine"),
        lambda tx: companies.edit(tx, acme.id, owner_id=team.ids.ana),
        lambda tx: companies.delete(tx, acme.id),
    ):
        with pytest.raises(Forbidden, match="“Acme” is not yours to change"), store.writing(team.ana) as tx:
            work(tx)
    assert stored(store, acme.id) == before


def test_its_owner_its_team_and_a_manager_change_it(store: Store, team: Team, acme: Company) -> None:
    with store.writing(team.bob) as tx:
        companies.edit(tx, acme.id, description="Bob's")
    with store.writing(team.marta) as tx:
        companies.edit(tx, acme.id, description="Marta's")
    with store.writing(team.ada) as tx:
        north = teams.change(tx, teams.create(tx, "North").id, member_ids=[team.ids.ana])
        companies.edit(tx, acme.id, team_id=north.id)
    with store.writing(team.ana) as tx:
        assert companies.edit(tx, acme.id, description="Ana's").description == "Ana's"
        companies.delete(tx, acme.id)


def test_a_company_of_nobody_is_a_managers_to_change(store: Store, team: Team, acme: Company) -> None:
    with store.writing(team.marta) as tx:
        companies.edit(tx, acme.id, owner_id=None)
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        companies.edit(tx, acme.id, name="Mine")


def test_without_owner_based_privacy_everybody_who_may_changes_any(store: Store, team: Team) -> None:
    with store.writing(team.bob) as tx:
        acme = companies.create(tx, name="Acme")
    with store.writing(team.ana) as tx:
        assert companies.edit(tx, acme.id, name="Ours").name == "Ours"


def test_a_note_may_be_left_on_it_and_a_contact_unlinked_from_it(store: Store, team: Team, acme: Company) -> None:
    before = stored(store, acme.id)
    with store.writing(team.ana) as tx:
        assert notes.add(tx, "company", acme.id, "Lia says hello").text == "Lia says hello"
        contacts.edit(tx, tx.value("SELECT id FROM contacts"), company_id=None)
    assert stored(store, acme.id) == before


def test_a_change_of_many_leaves_it_and_says_why(store: Store, team: Team, acme: Company) -> None:
    with store.writing(team.ana) as tx:
        own = companies.create(tx, name="Own")
    before = stored(store, acme.id)
    with store.reading(team.ana) as tx:
        foreseen = bulk.preview(tx, "companies", ListQuery(), Change(action=Action.DELETE))
    assert (foreseen.matched, foreseen.changing, foreseen.refused) == (2, 1, 1)
    assert (foreseen.refusals[0].because, foreseen.refusals[0].examples) == (WHY, ["Acme"])
    with store.writing(team.ana) as tx:
        done = bulk.apply(tx, "companies", ListQuery(), Change(action=Action.DELETE))
        assert [left.name for left in bulk.refused(tx, done.id)] == ["Acme"]
    assert (done.changed, done.refused) == (1, 1)
    assert stored(store, own.id)["deleted_at"] is not None
    assert stored(store, acme.id) == before
    with pytest.raises(Invalid, match="a contact or a deal of yours"), store.writing(team.ana) as tx:
        bulk.apply(tx, "companies", ListQuery(), Change(action=Action.SET_OWNER, owner_id=team.ids.ana))


@pytest.mark.parametrize("survives", ["own", "acme"])
def test_it_is_merged_neither_way(store: Store, team: Team, acme: Company, survives: str) -> None:
    with store.writing(team.ana) as tx:
        own = companies.create(tx, name="Own")
    pair = (own.id, acme.id) if survives == "own" else (acme.id, own.id)
    before = stored(store, acme.id)
    with pytest.raises(Forbidden), store.reading(team.ana) as tx:
        merging.preview(tx, "company", *pair)
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        merging.merge(tx, "company", *pair)
    assert stored(store, acme.id) == before


def test_a_merge_is_not_taken_back_once_its_survivor_is_somebody_elses(store: Store, team: Team, acme: Company) -> None:
    with store.writing(team.marta) as tx:
        companies.edit(tx, acme.id, owner_id=team.ids.ana)
    with store.writing(team.ana) as tx:
        own = companies.create(tx, name="Own")
        merging.merge(tx, "company", acme.id, own.id)
        merge_id = merging.merges_into(tx, "company", acme.id)[0].id
    with store.writing(team.marta) as tx:
        companies.edit(tx, acme.id, owner_id=team.ids.bob)
    with pytest.raises(Forbidden), store.writing(team.ana) as tx:
        merging.unmerge(tx, "company", merge_id)


def brought(store: Store, actor: Actor, text: str, **options: object) -> Import:
    sha256, size = files.keep(store, [text.encode()], 2**20)
    with store.writing(actor) as tx:
        upload = files.register(tx, sha256=sha256, file_name="companies.csv", size=size)
        begun = imports.begin(tx, "companies", upload.id, Options(**options))
    while worker.work_one(store):
        pass
    with store.reading(actor) as tx:
        return imports.get(tx, begun.id)


@pytest.mark.parametrize("choice", ["fill", "overwrite"])
def test_a_row_that_would_change_it_is_rejected_and_one_that_would_not_is_not(
    store: Store, team: Team, acme: Company, choice: str
) -> None:
    with store.writing(team.ada) as tx:
        users.change(tx, team.ids.ana, permissions=[Permission.IMPORT])
    with store.writing(team.marta) as tx:
        companies.edit(tx, acme.id, description=None)
    before = stored(store, acme.id)
    done = brought(store, team.ana, "name,domain,description\nAcme,acme.example.com,Mine\nNew,,\n", on_duplicate=choice)
    assert (done.created, done.updated, done.rejected, done.conflicts) == (1, 0, 1, 1)
    with store.reading(team.ana) as tx:
        assert WHY in tx.value("SELECT reason FROM import_rejects")
    assert stored(store, acme.id) == before
    same = brought(store, team.ana, "name,domain\nAcme,acme.example.com\n", on_duplicate=choice)
    assert (same.unchanged, same.rejected) == (1, 0)
