"""The list of contacts: search, sort, pages and cursors."""

from itertools import pairwise

import pytest

from crm import companies, contacts
from crm.contacts import ListQuery
from crm.foundation.errors import Invalid
from crm.records.filters import All, Not, Rule
from crm.store import Reading, Store
from tests.people import Team


@pytest.fixture
def people(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        aurora = companies.create(tx, name="Construções Aurora", domain="aurora.example.com")
        contacts.create(
            tx, name="Álvaro Müller", email="alvaro@aurora.example.com", city="Recife", company_id=aurora.id
        )
        contacts.create(tx, name="bruna", phone="+5511987654321", identifier="C-77", city="Porto")
        contacts.create(tx, name="Zoe 100%_sure", country="Brasil")
        contacts.create(tx, email="nameless@example.com", city="Curitiba")


def names(tx: Reading, asked: ListQuery) -> list[str]:
    return [row["name"] or row["email"] for row in contacts.find(tx, asked).items]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("alvaro muller", ["Álvaro Müller"]),
        ("MÜLLER álvaro", ["Álvaro Müller"]),
        ("aurora", ["Álvaro Müller"]),
        ("construcoes alvaro", ["Álvaro Müller"]),
        ("c-77", ["bruna"]),
        ("(11) 98765-4321", ["bruna"]),
        ("011 98765", ["bruna"]),
        ("+55 11 98765 4321", ["bruna"]),
        ("nameless@", ["nameless@example.com"]),
        ("100%_", ["Zoe 100%_sure"]),
        ("%", ["Zoe 100%_sure"]),
        ("zoe alvaro", []),
        ("'; --", []),
        ("   ", ["Álvaro Müller", "bruna", "nameless@example.com", "Zoe 100%_sure"]),
    ],
)
def test_search_folds_case_and_accents_and_looks_in_the_company_and_in_phones_however_written(
    store: Store, team: Team, query: str, found: list[str]
) -> None:
    with store.reading(team.marta) as tx:
        page = contacts.find(tx, ListQuery(search=query, sort="name"))
    assert [row["name"] or row["email"] for row in page.items] == found
    assert page.total == len(found)


@pytest.mark.usefixtures("people")
def test_names_sort_without_regard_to_case_and_accents(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        up, down = names(tx, ListQuery(sort="name")), names(tx, ListQuery(sort="-name"))
    assert up == ["Álvaro Müller", "bruna", "nameless@example.com", "Zoe 100%_sure"]
    assert down == up[::-1]


@pytest.mark.usefixtures("people")
def test_those_without_a_value_come_last_in_both_directions(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        assert names(tx, ListQuery(sort="city"))[-1] == "Zoe 100%_sure"
        assert names(tx, ListQuery(sort="-city"))[-1] == "Zoe 100%_sure"
        assert names(tx, ListQuery(sort="company"))[0] == "Álvaro Müller"
        assert names(tx, ListQuery(sort="-company"))[0] == "Álvaro Müller"


@pytest.mark.usefixtures("people")
def test_search_and_filter_narrow_together_and_the_total_is_of_what_they_leave(store: Store, team: Team) -> None:
    asked = ListQuery(Rule(field="city", op="is_not_empty"), search="a", sort="name", limit=1)
    with store.reading(team.marta) as tx:
        page = contacts.find(tx, asked)
        assert contacts.count(tx, asked) == 3
    assert (len(page.items), page.total) == (1, 3)


@pytest.mark.usefixtures("people")
def test_contacts_are_filtered_by_fields_of_their_company(store: Store, team: Team) -> None:
    of_aurora = Rule(field="company.name", op="contains", value="AURORA")
    with store.reading(team.marta) as tx:
        assert names(tx, ListQuery(of_aurora)) == ["Álvaro Müller"]
        assert len(names(tx, ListQuery(Not(of=of_aurora)))) == 3
        assert names(tx, ListQuery(Rule(field="company.domain", op="starts_with", value="aurora."))) == [
            "Álvaro Müller"
        ]


@pytest.mark.usefixtures("people")
def test_created_today_is_today_in_the_workspaces_time_zone(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        assert contacts.find(tx, ListQuery(Rule(field="created_at", op="in_last_days", value=1))).total == 4
        assert contacts.find(tx, ListQuery(Rule(field="created_at", op="is", value=tx.today))).total == 4
        assert contacts.find(tx, ListQuery(Rule(field="created_at", op="before", value=tx.today))).total == 0


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("sort", ["name", "-name", "city", "-city", "-created_at", "company", "-owner"])
@pytest.mark.parametrize("search", ["", "a"])
def test_following_the_cursor_meets_everybody_once_in_the_lists_order(
    store: Store, team: Team, sort: str, search: str
) -> None:
    with store.reading(team.marta) as tx:
        whole = [row["id"] for row in contacts.find(tx, ListQuery(search=search, sort=sort)).items]
        met, cursor = [], None
        while True:
            page = contacts.find(tx, ListQuery(search=search, sort=sort, limit=1, cursor=cursor))
            met += [row["id"] for row in page.items]
            assert page.total == len(whole)
            cursor = page.next
            if cursor is None:
                break
    assert met == whole


def test_a_cursor_stays_true_while_others_add_contacts(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        first = [contacts.create(tx, name=f"{letter}").id for letter in "bdf"]
    with store.reading(team.marta) as tx:
        page = contacts.find(tx, ListQuery(sort="name", limit=2))
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="a")
        last = contacts.create(tx, name="e").id
    with store.reading(team.marta) as tx:
        rest = contacts.find(tx, ListQuery(sort="name", limit=10, cursor=page.next))
    assert [row["id"] for row in rest.items] == [last, first[2]]


def test_ties_are_broken_by_id(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        for _ in range(5):
            contacts.create(tx, name="Same", city="Recife")
        ids = [row["id"] for row in contacts.find(tx, ListQuery(sort="city")).items]
        backwards = [row["id"] for row in contacts.find(tx, ListQuery(sort="-city")).items]
    assert all(before < after for before, after in pairwise(ids))
    assert backwards == ids[::-1]


@pytest.mark.usefixtures("people")
def test_pages_by_offset_cover_the_list_and_a_page_past_its_end_still_knows_the_total(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        pages = [contacts.find(tx, ListQuery(sort="name", limit=3, offset=offset)) for offset in (0, 3, 6)]
    assert [len(page.items) for page in pages] == [3, 1, 0]
    assert [page.total for page in pages] == [4, 4, 4]
    assert [page.next is None for page in pages] == [False, True, True]


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "asked",
    [
        ListQuery(sort="email_key"),
        ListQuery(sort="created_at; DROP TABLE base.contacts"),
        ListQuery(limit=0),
        ListQuery(limit=501),
        ListQuery(offset=-1),
        ListQuery(search="x" * 201),
        ListQuery(cursor="not a cursor"),
        ListQuery(cursor="WyJuYW1lIiwgIngiLCAxXQ=="),  # another sort's
        ListQuery(filter=All(of=(Rule(field="phone_key", op="is", value="1"),))),
    ],
)
def test_what_cannot_be_answered_is_refused(store: Store, team: Team, asked: ListQuery) -> None:
    with pytest.raises(Invalid), store.reading(team.marta) as tx:
        contacts.find(tx, asked)
