import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm import companies, contacts
from crm.contacts import ListQuery
from crm.foundation.errors import Duplicate, Forbidden, Invalid
from crm.records import attributes
from crm.records.attributes import AttributeType
from crm.records.filters import FieldType, Rule, describe
from crm.records.history import history
from crm.store import Store
from tests.people import Team

EVERY_TYPE: dict[str, tuple[Any, Any]] = {
    "text": (" Gold ", "Gold"),
    "number": ("12.5", 12.5),
    "currency": ("1234.5", Decimal("1234.5000")),
    "percent": (7, 7.0),
    "link": ("https://example.com/a?b=c", "https://example.com/a?b=c"),
    "date": ("2026-12-31", date(2026, 12, 31)),
    "list": ("Large", "Large"),
    "checkbox": (True, True),
}
LISTED = {"list": ("Small", "Large")}


@pytest.mark.parametrize("type", attributes.PLAIN)
def test_a_value_of_every_type_is_kept_shown_and_found(store: Store, team: Team, type: AttributeType) -> None:
    given, kept = EVERY_TYPE[type]
    with store.writing(team.ada) as tx:
        defined = attributes.define(tx, model="contact", name=f"My {type}", type=type, values=LISTED.get(type, ()))
        assert defined.key == f"my_{type}"
        having = contacts.create(tx, name="Has", attributes={defined.key: given})
        contacts.create(tx, name="Has not")
        field = contacts.fields(tx)[f"attribute:{defined.key}"]
        value = kept if field.type in (FieldType.CHECKBOX, FieldType.DATE) else str(kept)
        found = contacts.find(tx, ListQuery(Rule(field=field.key, op="is", value=value)))
        others = contacts.find(tx, ListQuery(Rule(field=field.key, op="is_not", value=value)))
    assert having.attributes == {defined.key: kept}
    assert [row["id"] for row in found.items] == [having.id]
    assert found.items[0]["attributes"] == {defined.key: kept}
    assert [row["name"] for row in others.items] == ["Has not"]


@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("text", 5),
        ("number", "many"),
        ("number", True),
        ("number", "nan"),
        ("number", 10**400),
        ("currency", "1,234.50"),
        ("currency", "1e99"),
        ("percent", "inf"),
        ("link", "javascript:alert(1)"),
        ("link", "example.com"),
        ("link", "https://"),
        ("date", "31/12/2026"),
        ("list", 1),
        ("list", "Huge"),
        ("checkbox", "yes"),
        ("text", "a\0b"),
    ],
)
def test_a_value_of_another_type_is_refused_by_name_and_nothing_is_kept(
    store: Store, team: Team, type: str, value: object
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Thing", type=type)
        made = contacts.create(tx, name="Ana")
    with pytest.raises(Invalid) as refusal, store.writing(team.ada) as tx:
        contacts.edit(tx, made.id, city="Recife", attributes={"thing": value})
    assert refusal.value.field == "attribute:thing"
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, made.id) == made


def test_an_attribute_that_does_not_exist_is_refused(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="no attribute “size”"), store.writing(team.ada) as tx:
        contacts.create(tx, name="Ana", attributes={"size": 1})


def test_the_key_is_made_from_the_name(store: Store, team: Team) -> None:
    assert attributes.key_of(" Tamanho da Empresa (m²)") == "tamanho_da_empresa_m"
    assert len(attributes.key_of("x" * 80)) == 50
    assert attributes.key_of("日本") == "65e5_672c"
    with pytest.raises(Invalid, match="No key"):
        attributes.key_of("—!")


@pytest.mark.parametrize("name", ["Name", "E-mail"[0:1] + "mail", "created at", "Owner", "ID"])
def test_a_standard_fields_name_is_taken(store: Store, team: Team, name: str) -> None:
    with pytest.raises(Invalid, match="standard field"), store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name=name, type="text")


def test_a_key_is_unique_in_its_model_and_free_in_another(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        first = attributes.define(tx, model="contact", name="Size", type="number")
        attributes.define(tx, model="company", name="Size", type="text")
    with pytest.raises(Duplicate) as refusal, store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="SIZE!", type="text")
    assert refusal.value.holder_id == first.id
    with store.reading(team.ada) as tx:
        assert attributes.find(tx, "contact", "size") == first
        assert [one.type for one in attributes.definitions(tx, "company")] == ["text"]


def test_only_those_who_set_up_or_import_define_attributes(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        attributes.define(tx, model="contact", name="By a manager", type="text")
    for actor in (team.ana, team.rui, team.vera):
        with pytest.raises(Forbidden), store.writing(actor) as tx:
            attributes.define(tx, model="contact", name="X", type="text")


def test_a_definition_that_is_rolled_back_leaves_no_trace(store: Store, team: Team) -> None:
    with pytest.raises(KeyError), store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
        raise KeyError
    with store.writing(team.ada) as tx:
        assert attributes.definitions(tx, "contact") == []
        made = contacts.create(tx, name="Ana")
        attributes.define(tx, model="contact", name="Size", type="number")
        assert contacts.edit(tx, made.id, attributes={"size": 1}).attributes == {"size": 1.0}


def test_a_change_of_an_attribute_is_in_the_history_and_emptying_it_too(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="number")
        made = contacts.create(tx, name="Ana", attributes={"size": 1})
    with store.writing(team.bob) as tx:
        contacts.edit(tx, made.id, attributes={"size": 2})
    with store.writing(team.bob) as tx:
        assert contacts.edit(tx, made.id, attributes={"size": None}).attributes == {}
    with store.reading(team.bob) as tx:
        last, middle, _ = history(tx, "contact", made.id)
    assert middle.payload["changes"] == {"attribute:size": [1.0, 2.0]}
    assert last.payload["changes"] == {"attribute:size": [2.0, None]}


def test_contacts_are_filtered_by_their_companys_attributes(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="company", name="Employees", type="number")
        large = companies.create(tx, name="Large", attributes={"employees": 5000})
        small = companies.create(tx, name="Small", attributes={"employees": 5})
        for name, company in (("A", large), ("B", small), ("C", None)):
            contacts.create(tx, name=name, company_id=company.id if company else None)
        rule = Rule(field="company.attribute:employees", op="more_than", value=100)
        assert [row["name"] for row in contacts.find(tx, ListQuery(rule)).items] == ["A"]
        assert describe(rule, contacts.fields(tx)) == "Company Employees is more than 100"


def test_readers_go_on_while_attributes_are_defined(store: Store, team: Team) -> None:
    """A reader sees the columns of the moment it began, and never a view that is half laid."""
    with store.writing(team.ada) as tx:
        made = contacts.create(tx, name="Ana")
    faults: list[BaseException] = []
    over = threading.Event()

    def read() -> None:
        try:
            while not over.is_set():
                with store.reading(team.ana) as tx:
                    known = {one.key for one in attributes.definitions(tx, "contact")}
                    assert contacts.get(tx, made.id).attributes.keys() <= known
                    assert contacts.find(tx, ListQuery()).total == 1
        except BaseException as fault:
            faults.append(fault)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(12):
        with store.writing(team.ada) as tx:
            attributes.define(tx, model="contact", name=f"Field {number}", type="number")
            contacts.edit(tx, made.id, attributes={f"field_{number}": number})
    over.set()
    for reader in readers:
        reader.join()
    assert faults == []
    with store.reading(team.ada) as tx:
        assert len(contacts.get(tx, made.id).attributes) == 12
