"""Contacts and deals by the records that they are linked to, and these by whom they are linked to."""

from datetime import date
from typing import Any

import pytest

from crm import companies, contacts, deals, exports, objects
from crm.contacts import ListQuery
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import speaking
from crm.platform import workspace
from crm.records import filtering, links, registry, segments
from crm.records.filters import Filter, Measure, Not, Related, Rule, describe
from crm.store import Store
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.records.links.building import School, build

STUDENT = Rule(field="link_label", op="is", value="student")
ADVANCED = Rule(field="level", op="is", value="Advanced")


@pytest.fixture
def enrolled(store: Store, team: Team, school: School) -> School:
    """Lia is a student of English and the guardian of a chess player; Ivo plays chess; the deal is about English."""
    with store.writing(team.marta) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia, label="student", linked_on=date(2026, 1, 5))
        links.link(tx, school.kind, school.chess, "contact", school.lia, label="guardian", linked_on=date(2026, 2, 5))
        links.link(tx, school.kind, school.chess, "contact", school.ivo, label="student", linked_on=date(2026, 3, 5))
        links.link(tx, school.kind, school.english, "deal", school.deal)
        registry.room(school.kind).edit(tx, school.english, price=100)
        registry.room(school.kind).edit(tx, school.chess, price=50)
        contacts.create(tx, name="Caio")
    return school


def found(store: Store, team: Team, asked: Filter, who: str = "marta", kind: str = "contact") -> list[str]:
    with store.reading(getattr(team, who)) as tx:
        of = registry.get(kind)
        items = registry.room(kind).find(tx, ListQuery(asked, sort=of.title[0])).items
        return [str(row[of.title[0]]) for row in items]


def course(school: School, *of: Filter, measure: Measure | None = None) -> Related:
    return Related(relation=school.plural, of=of, measure=measure)


def test_conditions_hold_of_one_and_the_same_link(store: Store, team: Team, enrolled: School) -> None:
    assert found(store, team, course(enrolled)) == ["Ivo", "Lia"]
    assert found(store, team, course(enrolled, STUDENT)) == ["Ivo", "Lia"]
    assert found(store, team, course(enrolled, ADVANCED)) == ["Ivo", "Lia"]
    assert found(store, team, course(enrolled, STUDENT, ADVANCED)) == ["Ivo"]
    february = Rule(field="linked_on", op="at_least", value=date(2026, 2, 1))
    assert found(store, team, course(enrolled, STUDENT, february)) == ["Ivo"]
    assert found(store, team, Not(of=course(enrolled, STUDENT, ADVANCED))) == ["Caio", "Lia"]
    unlabelled = Rule(field="link_label", op="is_empty")
    assert found(store, team, course(enrolled, unlabelled)) == []
    assert found(store, team, course(enrolled, unlabelled), kind="deal") == ["Lessons"]


def test_linked_records_are_counted_and_added_up(store: Store, team: Team, enrolled: School) -> None:
    two = Measure(figure="count", op="is", value=2)
    assert found(store, team, course(enrolled, measure=two)) == ["Lia"]
    none = Measure(figure="count", op="is", value=0)
    assert found(store, team, course(enrolled, measure=none)) == ["Caio"]
    total = Measure(figure="sum", field="price", currency="BRL", op="at_least", value=150)
    assert found(store, team, course(enrolled, measure=total)) == ["Lia"]
    last = Measure(figure="last", field="linked_on", op="after", value=date(2026, 3, 1))
    assert found(store, team, course(enrolled, measure=last)) == ["Ivo"]


def test_records_are_filtered_by_their_contacts_and_deals(store: Store, team: Team, enrolled: School) -> None:
    lia = Rule(field="name", op="is", value="Lia")
    by_contact = Related(relation="contacts", of=(lia, STUDENT))
    assert found(store, team, by_contact, kind=enrolled.kind) == ["English"]
    open_deal = Related(relation="deals", of=(Rule(field="status", op="is", value="open"),))
    assert found(store, team, open_deal, kind=enrolled.kind) == ["English"]
    many = Related(relation="contacts", measure=Measure(figure="count", op="at_least", value=2))
    assert found(store, team, many, kind=enrolled.kind) == ["Chess"]


@pytest.fixture
def employed(store: Store, team: Team, enrolled: School) -> School:
    """Lia and Ivo work for Acme, Caio for nobody; Beta has nobody."""
    with store.writing(team.marta) as tx:
        acme = companies.create(tx, name="Acme").id
        companies.create(tx, name="Beta")
        for one in (enrolled.lia, enrolled.ivo):
            contacts.edit(tx, one, company_id=acme)
    return enrolled


def test_companies_are_filtered_by_what_their_contacts_are_linked_to(
    store: Store, team: Team, employed: School
) -> None:
    assert found(store, team, course(employed, STUDENT, ADVANCED), kind="company") == ["Acme"]
    guardian = Rule(field="link_label", op="is", value="guardian")
    beginner = Rule(field="level", op="is", value="Beginner")
    assert found(store, team, course(employed, guardian, beginner), kind="company") == []
    three = Measure(figure="count", op="is", value=3)
    assert found(store, team, course(employed, measure=three), kind="company") == ["Acme"]
    assert found(store, team, Not(of=course(employed)), kind="company") == ["Beta"]


def test_a_segment_of_companies_by_their_contacts_courses_counts_and_breaks_as_others(
    store: Store, team: Team, employed: School
) -> None:
    with store.writing(team.ada) as tx:
        kept = segments.create(tx, kind="companies", name="Chess", filter=course(employed, ADVANCED), shared=True)
        assert segments.counts(tx, (kept,)) == {kept.id: 1}
        objects.delete(tx, employed.type_id)
        assert segments.broken(tx, kept) == ["“courses” can no longer be filtered by."]
        assert segments.counts(tx, (kept,)) == {kept.id: None}


def test_a_list_holds_what_one_record_is_linked_to(store: Store, team: Team, employed: School) -> None:
    def shown(kind: str, record_id: int, other: str) -> list[str]:
        return found(store, team, links.filter_by(kind, record_id), kind=other)

    assert shown("contact", employed.lia, employed.kind) == ["Chess", "English"]
    assert shown("deal", employed.deal, employed.kind) == ["English"]
    assert shown(employed.kind, employed.chess, "contact") == ["Ivo", "Lia"]
    assert shown(employed.kind, employed.english, "deal") == ["Lessons"]
    with store.reading(team.marta) as tx:
        acme = contacts.get(tx, employed.lia).company_id
    assert shown("company", acme or 0, employed.kind) == ["Chess", "English"]


def test_a_filter_calls_a_record_by_its_name_where_one_sees_it(store: Store, team: Team, employed: School) -> None:
    owner_privacy(store, team)
    of_lia = links.filter_by("contact", employed.lia)
    for who, called in ((team.ana, "Lia"), (team.bob, employed.lia)):
        with store.reading(who) as tx:
            said = filtering.sentence(tx, of_lia, employed.plural)
            assert said == f"has a contact where Contact is {called}"


def test_what_somebody_does_not_see_does_not_count(store: Store, team: Team, enrolled: School) -> None:
    owner_privacy(store, team)
    two = Related(relation="contacts", measure=Measure(figure="count", op="is", value=2))
    assert found(store, team, two, "ana", enrolled.kind) == []
    assert found(store, team, course(enrolled, STUDENT), "bob") == ["Ivo"]
    with store.writing(team.ada) as tx:
        registry.room(enrolled.kind).delete(tx, enrolled.chess)
    assert found(store, team, course(enrolled)) == ["Lia"]


def test_contacts_whom_somebody_does_not_see_count_for_no_company(store: Store, team: Team) -> None:
    # A catalogue, whose records everybody sees: only the contact between them and the company is hidden.
    shared = build(store, team, shared=True)
    with store.writing(team.marta) as tx:
        acme = companies.create(tx, name="Acme").id
        for contact in (shared.lia, shared.ivo):
            contacts.edit(tx, contact, company_id=acme)
        links.link(tx, shared.kind, shared.english, "contact", shared.lia, label="student")
        links.link(tx, shared.kind, shared.chess, "contact", shared.ivo, label="guardian")
    owner_privacy(store, team)
    two = Measure(figure="count", op="is", value=2)
    guardian = Rule(field="link_label", op="is", value="guardian")
    for asked in (course(shared, ADVANCED), course(shared, guardian), course(shared, measure=two)):
        assert found(store, team, asked, "marta", "company") == ["Acme"]
        assert found(store, team, asked, "ana", "company") == []
    one = Measure(figure="count", op="is", value=1)
    assert found(store, team, course(shared, measure=one), "ana", "company") == ["Acme"]
    assert found(store, team, links.filter_by("company", acme), "marta", shared.kind) == ["Chess", "English"]
    assert found(store, team, links.filter_by("company", acme), "ana", shared.kind) == ["English"]
    with store.reading(team.ana) as tx:
        (group,) = links.of_company(tx, acme)
        assert (group.total, [link.object_name for link in group.links]) == (1, ["English"])
        assert links.page(tx, "contact", shared.lia, shared.kind).total == 1
        with pytest.raises(NotFound):
            links.page(tx, "contact", shared.ivo, shared.kind)


def test_an_export_of_records_holds_those_that_its_reader_sees(store: Store, team: Team, school: School) -> None:
    def exported(who: str, *of: Rule) -> list[str]:
        asked = Related(relation="contacts", of=of) if of else None
        with store.reading(getattr(team, who)) as tx:
            text = exports.export(tx, school.plural, "csv", ListQuery(asked)).decode("utf-8-sig")
        return sorted(line.split(",")[0].strip('"') for line in text.splitlines()[1:])

    named_ivo = Rule(field="name", op="is", value="Ivo")
    with store.writing(team.marta) as tx:
        links.link(tx, school.kind, school.english, "contact", school.ivo)
    owner_privacy(store, team)
    assert exported("marta") == ["Chess", "English"]
    assert exported("ana") == ["English"]
    assert (exported("marta", named_ivo), exported("ana", named_ivo)) == (["English"], [])
    assert exported("bob") == ["Chess", "English"]


def test_a_filter_reads_as_a_sentence(store: Store, team: Team, enrolled: School) -> None:
    with store.reading(team.ana) as tx:
        said = describe(course(enrolled, STUDENT, ADVANCED), contacts.fields(tx))
        assert said == ("has a course where Label of the link is student and Level is Advanced (the same course)")
    with store.reading(team.ana) as tx, speaking("pt_BR"):
        said = describe(course(enrolled, STUDENT), contacts.fields(tx))
        assert "Etiqueta do vínculo é student" in said


@pytest.fixture
def segment(store: Store, team: Team, enrolled: School) -> segments.Segment:
    with store.writing(team.ada) as tx:
        asked = course(enrolled, STUDENT, ADVANCED)
        return segments.create(tx, kind="contacts", name="Players", filter=asked, shared=True)


def faults(store: Store, team: Team, segment: segments.Segment) -> list[str]:
    with store.reading(team.ada) as tx:
        return segments.broken(tx, segments.get(tx, segment.id))


def test_a_segment_follows_the_new_name_of_a_label_and_the_one_that_it_gave_way_to(
    store: Store, team: Team, enrolled: School, segment: segments.Segment
) -> None:
    with store.writing(team.ada) as tx:
        links.rename_label(tx, enrolled.student, "pupil")
    assert faults(store, team, segment) == []
    assert found(store, team, segment.filter or Not(of=STUDENT)) == ["Ivo"]
    with store.writing(team.ada) as tx:
        links.delete_label(tx, enrolled.student, into=enrolled.guardian)
    assert faults(store, team, segment) == []
    assert found(store, team, segment.filter or Not(of=STUDENT)) == ["Ivo", "Lia"]


def test_a_segment_says_by_name_what_it_can_no_longer_ask_for(
    store: Store, team: Team, enrolled: School, segment: segments.Segment
) -> None:
    with store.writing(team.ada) as tx:
        links.delete_label(tx, enrolled.student)
        level = next(one for one in objects.fields(tx, enrolled.type_id) if one.key == "level")
        objects.delete_field(tx, level.definition.id)
    assert faults(store, team, segment) == [
        "“Label of the link” no longer has the value “student”.",
        "The field “Level” no longer exists.",
    ]
    with store.writing(team.ada) as tx:
        objects.delete(tx, enrolled.type_id)
    assert faults(store, team, segment) == ["“courses” can no longer be filtered by."]
    with store.reading(team.ada) as tx:
        assert "has a “courses” (no longer exists)" in describe(segment.filter, contacts.fields(tx))
    with pytest.raises(Invalid):
        found(store, team, course(enrolled))


def test_without_the_module_no_relation_is_offered(store: Store, team: Team, enrolled: School) -> None:
    def offered(kind: str) -> set[str]:
        with store.reading(team.ana) as tx:
            return set(filtering.fields(tx, registry.get(kind)).relations)

    assert enrolled.plural in offered("contact")
    assert enrolled.plural in offered("deal")
    assert enrolled.plural in offered("company")
    assert {"contacts", "deals"} <= offered(enrolled.kind)
    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.OBJECTS, False)
    assert enrolled.plural not in offered("contact") | offered("company")


def test_a_field_called_as_one_of_the_link_gets_a_key_of_its_own(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ada) as tx:
        keys = [
            objects.add_field(tx, school.type_id, name=name, type=kind).key
            for name, kind in (("Linked on", "date"), ("Link label", "text"))
        ]
    assert keys == ["linked_on_field", "link_label_field"]
    with store.reading(team.ada) as tx:
        fields: Any = deals.fields(tx).relations[school.plural].fields
        assert {*keys, "linked_on", "link_label"} <= fields.keys()
