"""A change of many records: looked at, made whole, and nothing written that would not differ."""

import json

import pytest

from crm import companies, contacts
from crm.foundation.access import Actor, Module
from crm.foundation.errors import Forbidden, Invalid, ModuleOff, NotFound
from crm.platform import workspace
from crm.records import bulk, labels
from crm.records.bulk import Action, Change
from crm.records.filters import Rule
from crm.records.history import history
from crm.records.listing import ListQuery
from crm.store import Store
from crm.verify import verify
from tests.owner_privacy import owner_privacy
from tests.people import Team

RECIFE = ListQuery(Rule(field="city", op="is", value="Recife"))
LABEL = Change(action=Action.ADD_LABEL, label="VIP")


@pytest.fixture
def ids(store: Store, team: Team) -> dict[str, int]:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Aurora", domain="aurora.example")
        found = {"aurora": aurora.id}
        for name, city in (("Ana", "Recife"), ("Bia", "Recife"), ("Caio", "Porto")):
            found[name] = contacts.create(tx, name=name, city=city, email=f"{name}@mallard.example").id
        contacts.set_labels(tx, found["Bia"], ["VIP", "Partner"])
    return found


def contact(store: Store, actor: Actor, contact_id: int) -> contacts.Contact:
    with store.reading(actor) as tx:
        return contacts.get(tx, contact_id)


def test_a_preview_says_how_many_would_change_and_writes_nothing(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.reading(team.ana) as tx:
        found = bulk.preview(tx, "contacts", RECIFE, LABEL)
        picked = bulk.preview(tx, "contacts", ListQuery(ids=(ids["Ana"], ids["Caio"], 999)), LABEL)
        new = bulk.preview(tx, "contacts", RECIFE, Change(action=Action.ADD_LABEL, label="Not yet made"))
    assert (found.matched, found.changing, found.already, found.examples) == (2, 1, 1, ["Ana"])
    assert (picked.matched, picked.changing, picked.gone) == (2, 2, 1)
    assert new.changing == 2
    assert contact(store, team.ana, ids["Ana"]).version == 1
    with store.reading(team.ana) as tx:
        assert [one.name for one in labels.all_of(tx)] == ["Partner", "VIP"]


def test_a_label_is_put_on_those_without_it(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        made = bulk.apply(tx, "contacts", RECIFE, Change(action=Action.ADD_LABEL, label="vip"))
    assert (made.changed, made.becomes_name, made.created_by_name, made.undone_at) == (1, "VIP", "Ana", None)
    assert contact(store, team.ana, ids["Ana"]).labels == ("VIP",)
    assert contact(store, team.ana, ids["Ana"]).version == 2
    assert contact(store, team.ana, ids["Bia"]).version == 2  # as its own labelling left it
    assert contact(store, team.ana, ids["Caio"]).labels == ()
    assert verify(store) == []


def test_a_label_is_taken_off(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        made = bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.REMOVE_LABEL, label="VIP"))
    assert made.changed == 1
    assert contact(store, team.ana, ids["Bia"]).labels == ("Partner",)


@pytest.mark.parametrize("owned", [True, False])
def test_an_owner_is_given_and_taken_away(store: Store, team: Team, ids: dict[str, int], owned: bool) -> None:
    with store.writing(team.marta) as tx:
        if not owned:
            contacts.edit(tx, ids["Ana"], owner_id=team.ids.bob)
        owner_id = team.ids.bob if owned else None
        made = bulk.apply(tx, "contacts", RECIFE, Change(action=Action.SET_OWNER, owner_id=owner_id))
    assert made.changed == (2 if owned else 1)
    assert contact(store, team.marta, ids["Ana"]).owner_id == owner_id
    assert contact(store, team.marta, ids["Caio"]).owner_id is None


def test_a_company_is_given(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.writing(team.marta) as tx:
        bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.SET_COMPANY, company_id=ids["aurora"]))
    assert contact(store, team.marta, ids["Caio"]).company_name == "Aurora"


def test_contacts_are_blocked_and_unblocked(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        assert bulk.apply(tx, "contacts", RECIFE, Change(action=Action.BLOCK)).changed == 2
        assert bulk.apply(tx, "contacts", ListQuery(), Change(action=Action.BLOCK)).changed == 1
        assert bulk.apply(tx, "contacts", RECIFE, Change(action=Action.UNBLOCK)).changed == 2
    assert not contact(store, team.ana, ids["Bia"]).blocked
    assert contact(store, team.ana, ids["Caio"]).blocked


def test_deleted_contacts_go_to_the_bin_and_free_their_keys(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.writing(team.ana) as tx:
        bulk.apply(tx, "contacts", RECIFE, Change(action=Action.DELETE))
        with pytest.raises(NotFound):
            contacts.get(tx, ids["Ana"])
        contacts.create(tx, name="Another", email="Ana@mallard.example")
        assert contacts.restore(tx, ids["Bia"]).name == "Bia"
    assert verify(store) == []


def test_companies_change_owner_and_are_deleted(store: Store, team: Team, ids: dict[str, int]) -> None:
    with store.writing(team.marta) as tx:
        bulk.apply(tx, "companies", ListQuery(sort="name"), Change(action=Action.SET_OWNER, owner_id=team.ids.ana))
        assert companies.get(tx, ids["aurora"]).owner_name == "Ana"
        bulk.apply(tx, "companies", ListQuery(sort="name"), Change(action=Action.DELETE))
        with pytest.raises(NotFound):
            companies.get(tx, ids["aurora"])
    assert verify(store) == []


def test_one_event_tells_of_all_of_them_and_each_history_of_its_own(
    store: Store, team: Team, ids: dict[str, int]
) -> None:
    with store.writing(team.marta) as tx:
        before = tx.value("SELECT count(*) FROM base.events")
        made = bulk.apply(tx, "contacts", RECIFE, Change(action=Action.SET_OWNER, owner_id=team.ids.bob))
        bulk.undo(tx, made.id)
        (event, undone) = tx.rows("SELECT * FROM base.events ORDER BY seq")[before:]
        newest, older, *_ = history(tx, "contact", ids["Ana"])
    assert (event["name"], event["subject_id"]) == ("bulk_change.made", made.id)
    assert json.loads(event["particulars"])["touched"] == ["contact"]
    assert json.loads(undone["particulars"])["put_back"] == 2
    assert (older.name, older.actor_name, older.payload["many"]) == ("contact.changed", "Marta", 2)
    assert older.payload["changes"]["owner_name"] == [None, "Bob"]
    assert newest.payload["changes"]["owner_name"] == ["Bob", None]
    assert newest.payload["undoes"]


def test_nobody_changes_more_than_they_looked_at(store: Store, team: Team, ids: dict[str, int]) -> None:
    with pytest.raises(Invalid, match="holds 2 contacts now, not 3"), store.writing(team.ana) as tx:
        bulk.apply(tx, "contacts", RECIFE, LABEL, expected=3)
    assert contact(store, team.ana, ids["Ana"]).labels == ()


@pytest.mark.usefixtures("ids")
@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("contacts", Change(action=Action.ADD_LABEL)),
        ("contacts", Change(action=Action.REMOVE_LABEL, label="Nobody has it")),
        ("contacts", Change(action=Action.SET_OWNER, owner_id=999)),
        ("contacts", Change(action=Action.SET_COMPANY, company_id=999)),
        ("contacts", Change(action=Action.UNBLOCK)),
        ("companies", Change(action=Action.BLOCK)),
        ("deals", Change(action=Action.DELETE)),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, team: Team, kind: str, change: Change) -> None:
    with pytest.raises(Invalid), store.writing(team.ana) as tx:
        bulk.apply(tx, kind, ListQuery(), change)
    with store.reading(team.ana) as tx:
        assert bulk.find(tx) == []


@pytest.mark.usefixtures("ids")
def test_only_those_who_may_manage_contacts_change_them(store: Store, team: Team) -> None:
    for actor in (team.vera, team.rui):
        with store.writing(actor) as tx:
            with pytest.raises(Forbidden):
                bulk.preview(tx, "contacts", ListQuery(), LABEL)
            with pytest.raises(Forbidden):
                bulk.apply(tx, "contacts", ListQuery(), LABEL)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.COMPANIES, False)
    with pytest.raises(ModuleOff), store.writing(team.ada) as tx:
        bulk.apply(tx, "companies", ListQuery(sort="name"), Change(action=Action.DELETE))


def test_a_rep_changes_what_they_see_and_is_told_what_leaves_their_sight(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.marta) as tx:
        mine = contacts.create(tx, name="Of Ana", owner_id=team.ids.ana).id
        other = contacts.create(tx, name="Of Bob", owner_id=team.ids.bob).id
    with store.writing(team.ana) as tx:
        given = Change(action=Action.SET_OWNER, owner_id=team.ids.bob)
        found = bulk.preview(tx, "contacts", ListQuery(ids=(mine, other)), given)
        assert (found.matched, found.gone, found.out_of_sight) == (1, 1, 1)
        made = bulk.apply(tx, "contacts", ListQuery(), given)
    assert made.changed == 1
    with store.reading(team.bob) as tx, pytest.raises(NotFound):
        bulk.get(tx, made.id)
    with store.writing(team.ana) as tx:
        bulk.undo(tx, made.id)
    assert contact(store, team.ana, mine).owner_name == "Ana"
