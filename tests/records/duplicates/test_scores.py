"""Which pairs are found, for which reasons, and which are not."""

from typing import Any

import pytest

from crm import companies, contacts
from crm.records import duplicates
from crm.records.duplicates import PairQuery
from crm.store import Store
from crm.worker import work_one
from tests.people import Team

Found = list[tuple[int, tuple[str, ...]]]


def scanned(store: Store, team: Team, kind: str) -> Found:
    with store.writing(team.marta) as tx:
        duplicates.scan(tx, kind)
    while work_one(store):
        pass
    with store.reading(team.marta) as tx:
        assert duplicates.last(tx, kind, "scan").state == "done"
        return [(pair.score, pair.reasons) for pair in duplicates.find(tx, PairQuery(kind)).items]


@pytest.mark.parametrize(
    ("one", "two", "score", "reasons"),
    [
        (
            {"name": "Ana Souza", "email": "ana.souza@gmail.com"},
            {"name": "Souza, Aná", "email": "anasouza+x@googlemail.com"},
            95,
            ("email", "name"),
        ),
        ({"email": "ana.souza@gmail.com"}, {"name": "Ana", "email": "anasouza@gmail.com"}, 80, ("email",)),
        (
            {"name": "Ana Souza", "phone": "+5511987654321"},
            {"name": "ANA SOUZA", "phone": "+5521987654321"},
            96,
            ("phone", "name"),
        ),
        (
            {"name": "Ana Souza", "phone": "+5511987654321"},
            {"name": "Ana Sousa", "phone": "+5521987654321"},
            90,
            ("phone", "similar_name"),
        ),
        (
            {"name": "Bia", "identifier": "C-0071"},
            {"name": "Bia", "identifier": "c0071"},
            92,
            ("identifier", "name"),
        ),
        (
            {"name": "Caio Lima", "email": "caio@acme.example"},
            {"name": "Caio Limma", "email": "c.lima@acme.example"},
            60,
            ("similar_name", "domain", "other_email"),
        ),
        ({"name": "Zulmira Quintanilha"}, {"name": "zulmira quintanilha"}, 58, ("name",)),
        (
            {"name": "Zulmira Quintanilha", "city": "São Luís"},
            {"name": "Zulmira Quintanilha", "city": "sao luis"},
            68,
            ("name", "city"),
        ),
        (
            {"name": "Müller, Jürgen", "phone": "+5511987654321", "identifier": "1"},
            {"name": "Jurgen Muller", "phone": "+5521987654321", "identifier": "2"},
            81,
            ("phone", "name", "other_identifier"),
        ),
    ],
)
def test_contacts_that_may_be_one_are_found_with_the_reasons(
    store: Store, team: Team, one: dict[str, Any], two: dict[str, Any], score: int, reasons: tuple[str, ...]
) -> None:
    with store.writing(team.marta) as tx:
        made = [contacts.create(tx, **given).id for given in (one, two)]
    assert scanned(store, team, "contact") == [(score, reasons)]
    with store.reading(team.marta) as tx:
        for record_id in made:
            (pair,) = duplicates.look_up(tx, "contact", record_id)
            assert (pair.score, pair.reasons, pair.left.id, pair.right.id) == (score, reasons, *made)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"name": "Ana Souza", "phone": "+5511987654321"}, {"name": "Bob Lima", "phone": "+5521987654321"}),
        ({"name": "Ana", "city": "Recife"}, {"name": "Ana", "city": "Natal"}),
        ({"name": "Ana Souza", "email": "x@gmail.com"}, {"name": "Ana Sousa", "email": "y@gmail.com"}),
        ({"name": "Ana Souza", "email": "ana@one.example"}, {"name": "Bia Prado", "email": "bia@one.example"}),
        ({"name": "'; DROP TABLE contacts; --"}, {"name": "👩‍🦰🦆"}),
    ],
)
def test_contacts_with_little_in_common_are_no_pair(
    store: Store, team: Team, one: dict[str, Any], two: dict[str, Any]
) -> None:
    with store.writing(team.marta) as tx:
        for given in (one, two):
            contacts.create(tx, **given)
    assert scanned(store, team, "contact") == []


def test_names_that_are_alike_at_one_company_are_a_pair(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        company = companies.create(tx, name="Aurora")
        for name in ("Caio Lima", "Caio Limma", "Zoe Prado"):
            contacts.create(tx, name=name, company_id=company.id)
    assert scanned(store, team, "contact") == [(72, ("similar_name", "company"))]


def test_a_name_that_many_bear_or_a_number_that_many_share_says_nothing(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        for _ in range(6):
            contacts.create(tx, name="Maria Silva")
        for number, area in enumerate((11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 24)):
            contacts.create(tx, name=f"Desk {number}", phone=f"+55{area}33334444")
    assert scanned(store, team, "contact") == []


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ({"name": "Aurora Ltda"}, {"name": "AURORA S.A."}, [(86, ("legal_form",))]),
        ({"name": "Aurora"}, {"name": "Aurorá"}, [(90, ("name",))]),
        (
            {"name": "Aurora", "domain": "aurora.com"},
            {"name": "Aurora Ltda", "domain": "shop.aurora.com.br"},
            [(97, ("legal_form", "domain"))],
        ),
        (
            {"name": "Farol", "domain": "farol.com"},
            {"name": "Lanterna", "domain": "farol.net"},
            [(74, ("domain",))],
        ),
        (
            {"name": "Aurora", "domain": "aurora.com"},
            {"name": "Aurora", "domain": "northern.com"},
            [(70, ("name", "other_domain"))],
        ),
        ({"name": "Lanterna Norte"}, {"name": "Lanterna Nortte"}, [(65, ("similar_name",))]),
        ({"name": "Aurora"}, {"name": "Farol"}, []),
        ({"name": "Ltda"}, {"name": "Inc"}, []),
    ],
)
def test_companies_that_may_be_one_are_found_with_the_reasons(
    store: Store, team: Team, one: dict[str, Any], two: dict[str, Any], expected: Found
) -> None:
    with store.writing(team.marta) as tx:
        made = [companies.create(tx, **given).id for given in (one, two)]
    assert scanned(store, team, "company") == expected
    with store.reading(team.marta) as tx:
        assert [(pair.score, pair.reasons) for pair in duplicates.look_up(tx, "company", made[0])] == expected
