import pytest

from crm import companies, contacts
from crm.foundation import identity
from crm.foundation.access import Module
from crm.foundation.errors import Forbidden, Invalid, NotFound, Stale
from crm.foundation.identity import search_text
from crm.platform import workspace
from crm.records.history import history
from crm.store import Store
from tests.people import Team

NAUGHTY = [
    "Robert'); DROP TABLE base.contacts;--",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} %s %(x)s {condition}",
    "=cmd|' /C calc'!A0",
    "Zoë 😀 日本語 Ωmega عربى \u202eright\u202c",
    "a\u0301 e\u0308",
    'quote " and \\ backslash',
    "line\nbreak",
    "NULL",
]


def test_a_contact_is_kept_in_normal_form(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        contact = contacts.create(
            tx, name="  Ana Souza\t", email="Ana@EXAMPLE.com", phone="(11) 98765-4321", identifier=" C-1 ", city=" "
        )
    assert contact.name == "Ana Souza"
    assert contact.email == "Ana@example.com"
    assert contact.phone == "+5511987654321"
    assert contact.identifier == "C-1"
    assert contact.city is None
    assert contact.version == 1


def test_a_contact_needs_a_name_an_email_or_a_phone(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="needs a name, an email or a phone"), store.writing(team.marta) as tx:
        contacts.create(tx, identifier="C-1", city="Recife")


@pytest.mark.parametrize(("field", "value"), [("email", "not an address"), ("phone", "12"), ("name", "a\0b")])
def test_a_value_that_is_no_such_thing_is_refused_by_its_field(
    store: Store, team: Team, field: str, value: str
) -> None:
    with pytest.raises(Invalid) as refusal, store.writing(team.marta) as tx:
        contacts.create(tx, **{"name": "Ana", field: value})
    assert refusal.value.field == field


@pytest.mark.parametrize("name", NAUGHTY)
def test_a_naughty_name_comes_back_as_it_was_typed_and_is_found(store: Store, team: Team, name: str) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name=name)
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, made.id).name == name
        found = contacts.find(tx, contacts.ListQuery(search=name[:20]))
    assert [row["id"] for row in found.items] == [made.id]


@pytest.mark.parametrize("name", [name for name in NAUGHTY if "e\u0308" not in name] + ["José ÁÉÍ Ünal Ñandú"])
def test_the_search_column_of_verbs_and_of_set_based_imports_agree(store: Store, team: Team, name: str) -> None:
    with store.reading(team.marta) as tx:
        by_sql = tx.value(f"SELECT {identity.searchable_sql('$name')}", name=name)
    assert search_text(name) == by_sql


def test_a_rep_owns_the_contact_they_make_and_a_managers_belongs_to_nobody(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        assert contacts.create(tx, name="Of Ana").owner_name == "Ana"
        assert contacts.create(tx, name="Given to Bob", owner_id=team.ids.bob).owner_name == "Bob"
        assert contacts.create(tx, name="Of nobody", owner_id=None).owner_id is None
    with store.writing(team.marta) as tx:
        assert contacts.create(tx, name="Of nobody too").owner_id is None


def test_owner_company_and_team_must_exist(store: Store, team: Team) -> None:
    for field in ("owner_id", "company_id", "team_id"):
        with pytest.raises(Invalid, match="no such") as refusal, store.writing(team.marta) as tx:
            contacts.create(tx, name="Ana", **{field: 99})
        assert refusal.value.field == field


def test_an_edit_changes_what_was_given_and_says_so_in_the_history(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana", email="ana@example.com", city="Recife")
    with store.writing(team.bob) as tx:
        after = contacts.edit(tx, made.id, version=1, city="Porto", owner_id=team.ids.bob)
    assert (after.city, after.email, after.version) == ("Porto", "ana@example.com", 2)
    with store.reading(team.marta) as tx:
        changed = history(tx, "contact", made.id)[0]
    assert (changed.actor_name, changed.name) == ("Bob", "contact.changed")
    assert changed.payload["changes"] == {
        "city": ["Recife", "Porto"],
        "owner_id": [None, team.ids.bob],
        "owner_name": [None, "Bob"],
    }


def test_an_edit_that_changes_nothing_writes_nothing(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana", phone="11 98765-4321")
        assert contacts.edit(tx, made.id, name=" Ana ", phone="+55 (11) 98765-4321") == made
        assert len(tx.recorded) == 1


def test_an_edit_finds_the_contact_under_its_new_name_only(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana")
        contacts.edit(tx, made.id, name="Beatriz")
    with store.reading(team.marta) as tx:
        assert contacts.find(tx, contacts.ListQuery(search="beatriz")).total == 1
        assert contacts.find(tx, contacts.ListQuery(search="ana")).total == 0


def test_an_edit_cannot_take_away_the_last_of_name_email_and_phone(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana", identifier="C-1")
    with pytest.raises(Invalid, match="needs a name"), store.writing(team.marta) as tx:
        contacts.edit(tx, made.id, name="")
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, made.id) == made


def test_a_field_that_cannot_be_set_is_refused(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana")
    with pytest.raises(Invalid, match="no field “version_of_me”"), store.writing(team.marta) as tx:
        contacts.edit(tx, made.id, version_of_me=1)


def test_the_second_of_two_edits_is_told_who_changed_what(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana", city="Recife")
    with store.writing(team.bob) as tx:
        contacts.edit(tx, made.id, version=made.version, city="Porto")
    with pytest.raises(Stale, match="Bob changed “Ana”: city") as refusal, store.writing(team.marta) as tx:
        contacts.edit(tx, made.id, version=made.version, city="Olinda")
    assert refusal.value.current["city"] == "Porto"
    assert refusal.value.current["version"] == 2
    with store.reading(team.marta) as tx:
        assert contacts.get(tx, made.id).city == "Porto"


def test_a_contact_is_blocked_and_unblocked(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        made = contacts.create(tx, name="Ana")
        assert contacts.block(tx, made.id).blocked
        assert contacts.block(tx, made.id).version == 2
        assert not contacts.unblock(tx, made.id).blocked
        assert [event.name for event in tx.recorded] == ["contact.created", "contact.blocked", "contact.unblocked"]


def test_a_company_that_went_to_the_bin_or_a_module_that_is_off_hides_the_companys_name(
    store: Store, team: Team
) -> None:
    with store.writing(team.ada) as tx:
        company = companies.create(tx, name="Aurora")
        made = contacts.create(tx, name="Ana", company_id=company.id)
        assert made.company_name == "Aurora"
        companies.delete(tx, company.id)
        assert contacts.get(tx, made.id).company_name is None
        assert contacts.edit(tx, made.id, city="Recife").company_id == company.id
        companies.restore(tx, company.id)
        workspace.switch(tx, Module.COMPANIES, False)
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, made.id).company_name is None


@pytest.mark.parametrize("name", ["rui", "vera"])
def test_those_who_may_not_manage_contacts_change_nothing(store: Store, team: Team, name: str) -> None:
    with store.writing(team.marta) as tx:
        made = contacts.create(tx, name="Ana")
    with store.reading(team.marta) as tx:
        before = contacts.get(tx, made.id)
    actor = getattr(team, name)
    for change in (
        lambda tx: contacts.create(tx, name="X"),
        lambda tx: contacts.edit(tx, made.id, name="X"),
        lambda tx: contacts.block(tx, made.id),
        lambda tx: contacts.unblock(tx, made.id),
        lambda tx: contacts.delete(tx, made.id),
        lambda tx: contacts.restore(tx, made.id),
        lambda tx: contacts.set_labels(tx, made.id, ["x"]),
        lambda tx: contacts.find_or_create(tx, email="x@example.com"),
    ):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            change(tx)
    with store.reading(actor) as tx:
        assert contacts.get(tx, made.id) == before


def test_a_contact_that_does_not_exist_is_not_found(store: Store, team: Team) -> None:
    with pytest.raises(NotFound, match="no such contact"), store.reading(team.marta) as tx:
        contacts.get(tx, 99)
