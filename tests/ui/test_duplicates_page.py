"""The page of duplicates and what a record's page offers, as each of the people sees them."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crm import companies, contacts
from crm.records import duplicates, merging
from crm.records.duplicates import PairQuery
from crm.store import Store
from crm.worker import work_one
from tests.owner_privacy import owner_privacy
from tests.pages import open_page, undo_text
from tests.people import Team


def said(page: AppTest) -> str:
    assert not page.exception
    elements: list[Any] = [*page.caption, *page.error, *page.markdown, *page.subheader, *page.title, *page.info]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def labels_of(page: AppTest) -> list[str]:
    return [found.label for found in page.button]


def scan(store: Store, team: Team, kind: str = "contact") -> None:
    with store.writing(team.marta) as tx:
        duplicates.scan(tx, kind)
    work(store)


def work(store: Store) -> None:
    while work_one(store):
        pass


@pytest.fixture
def twins(store: Store, team: Team) -> tuple[int, int]:
    with store.writing(team.marta) as tx:
        one = contacts.create(tx, name="Ana Souza", email="ana.souza@example.com", phone="+5511987654321")
        two = contacts.create(tx, name="Aná Souza", email="anasouza+news@example.com", city="Recife")
        contacts.create(tx, name="Bia Lima")
        return one.id, two.id


def test_before_the_first_scan_the_page_says_what_one_does(store: Store, team: Team) -> None:
    page = open_page(store, "duplicates", team.ana)
    assert "Your contacts were not compared yet" in said(page)
    page.button(key="scan-contact").click().run()
    assert "Comparing all contacts" in said(page)
    work(store)
    assert "No duplicates wait for you" in said(open_page(store, "duplicates", team.ana))


@pytest.mark.usefixtures("twins")
def test_pairs_are_listed_with_their_reasons_and_told_apart_with_one_click(
    store: Store, team: Team, twins: tuple[int, int]
) -> None:
    scan(store, team)
    page = open_page(store, "duplicates", team.ana)
    assert "1 pair" in said(page)
    assert "ana.souza@example.com" in said(page)
    page.button(key=f"apart-{twins[0]}-{twins[1]}").click().run()
    assert "No duplicates wait for you" in said(page)
    apart = open_page(store, "duplicates", team.marta, tab="apart")
    assert "Marked as not duplicates by Ana" in said(apart)
    apart.button(key=f"again-{twins[0]}-{twins[1]}").click().run()
    assert "No contacts are marked as not duplicates" in said(apart)
    assert "1 pair" in said(open_page(store, "duplicates", team.ana))


@pytest.mark.usefixtures("twins")
def test_the_address_narrows_the_pairs(store: Store, team: Team) -> None:
    scan(store, team)
    assert "1 pair" in said(open_page(store, "duplicates", team.ana, reason="email", score="95", q="ana"))
    for narrowing in ({"score": "96"}, {"reason": "phone"}, {"q": "zoe"}):
        assert "No pair matches" in said(open_page(store, "duplicates", team.ana, **narrowing))
    for nonsense in ({"score": "x"}, {"reason": "horoscope"}, {"tab": "x"}, {"kind": "deal"}, {"page": "9" * 30}):
        assert not open_page(store, "duplicates", team.ana, **nonsense).exception


def test_a_page_whose_last_pair_was_decided_gives_way_to_the_one_before(
    store: Store, team: Team, twins: tuple[int, int]
) -> None:
    scan(store, team)
    page = open_page(store, "duplicates", team.ana, page="2")
    assert "1 pair" in said(page)
    assert "wait for you" not in said(page)


def test_two_are_merged_as_they_are_shown(store: Store, team: Team, twins: tuple[int, int]) -> None:
    one, two = twins
    page = open_page(store, "duplicates", team.ana, left=str(one), right=str(two))
    page.radio(key=f"survivor-{one}-{two}").set_value(one).run()
    page.radio(key=f"take-{one}-{two}-name").set_value(two).run()
    result = page.table[0].value
    with store.reading(team.ana) as tx:
        planned = merging.preview(tx, "contact", one, two, {"name": two}).result
    assert "Aná Souza" in str(result)
    assert "Recife" in str(result)
    page.button(key="pair-merge").click().run()
    assert not page.exception
    with store.reading(team.ana) as tx:
        after = contacts.get(tx, one)
    same = {"version", "updated_at"}
    assert after.model_dump(exclude=same) == planned.model_dump(exclude=same)


def test_a_merge_of_what_was_changed_since_it_was_shown_is_refused(
    store: Store, team: Team, twins: tuple[int, int]
) -> None:
    one, two = twins
    page = open_page(store, "duplicates", team.ana, left=str(one), right=str(two))
    with store.writing(team.bob) as tx:
        contacts.edit(tx, two, city="Natal")
    page.button(key="pair-merge").click().run()
    assert "Bob changed “Aná Souza”" in said(page)
    with store.reading(team.ana) as tx:
        assert contacts.find(tx, contacts.ListQuery()).total == 3


def test_a_merge_that_was_just_made_can_be_taken_back_from_the_list(
    store: Store, team: Team, twins: tuple[int, int]
) -> None:
    page = open_page(store, "duplicates", team.ana, left=str(twins[0]), right=str(twins[1]))
    page.button(key="pair-merge").click().run()
    assert "is one contact now." in undo_text(page)
    assert "left" not in page.query_params
    with store.reading(team.ana) as tx:
        assert [one for one in twins if contacts.find_one(tx, one)] == [twins[0]]
    page.button(key="undo-press").click().run()
    assert not page.exception
    assert undo_text(page) == "Undone."
    with store.reading(team.ana) as tx:
        assert (contacts.get(tx, twins[0]).city, contacts.get(tx, twins[1]).city) == (None, "Recife")


def test_the_same_record_twice_or_one_that_is_not_there_is_refused(
    store: Store, team: Team, twins: tuple[int, int]
) -> None:
    one, _ = twins
    assert "with itself" in said(open_page(store, "duplicates", team.ana, left=str(one), right=str(one)))
    assert "no such contact" in said(open_page(store, "duplicates", team.ana, left=str(one), right="999"))
    assert "no such contact" in said(open_page(store, "duplicates", team.ana, left="999"))


def test_the_other_one_is_looked_up_now_or_searched_for(store: Store, team: Team, twins: tuple[int, int]) -> None:
    one, two = twins
    page = open_page(store, "duplicates", team.ana, left=str(one))
    assert "Possible duplicates" in said(page)
    assert f"compare-{two}" in [found.key for found in page.button]
    page.text_input(key="find-other-one").set_value("bia").run()
    assert "Bia Lima" in labels_of(page)


def test_a_records_page_hints_at_another_like_it(store: Store, team: Team, twins: tuple[int, int]) -> None:
    scan(store, team)
    page = open_page(store, "contact", team.ana, contact=str(twins[0]))
    assert "May be the same as **Aná Souza**" in said(page)
    assert "May be the same" not in said(open_page(store, "contact", team.vera, contact=str(twins[0])))


def test_merges_that_stand_are_listed(store: Store, team: Team, twins: tuple[int, int]) -> None:
    assert "No contacts are merged" in said(open_page(store, "duplicates", team.ana, tab="merged"))
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", *twins)
    page = open_page(store, "duplicates", team.ana, tab="merged")
    assert "merged with “Aná Souza”" in said(page)
    page.button(key="take-back-1").click().run()
    assert "**Aná Souza** comes back with everything it had" in said(page)


def test_many_merges_made_at_once_are_taken_back_at_once(store: Store, team: Team, twins: tuple[int, int]) -> None:
    with store.writing(team.ana) as tx:
        contacts.create(tx, name="Ana Souza", email="anasouza+third@example.com")
    scan(store, team)
    with store.writing(team.ana) as tx:
        duplicates.merge_all(tx, PairQuery("contact", 95))
    work(store)
    page = open_page(store, "duplicates", team.ana, tab="merged")
    assert "2 merges** were made at once" in said(page)
    page.button(key="unmerge-run").click().run()
    work(store)
    assert "No contacts are merged" in said(open_page(store, "duplicates", team.ana, tab="merged"))


def test_companies_have_their_own_pairs(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        one, two = companies.create(tx, name="Aurora"), companies.create(tx, name="Aurora Ltda")
    scan(store, team, "company")
    page = open_page(store, "duplicates", team.ana, kind="company")
    assert "1 pair" in said(page)
    side = open_page(store, "duplicates", team.ana, kind="company", left=str(one.id), right=str(two.id))
    side.button(key="pair-merge").click().run()
    with store.reading(team.ana) as tx:
        assert [merge.survivor_id for merge in merging.merges(tx, "company")] == [one.id]


@pytest.mark.parametrize("name", ["rui", "vera"])
def test_who_may_not_manage_contacts_is_told_so(store: Store, team: Team, twins: tuple[int, int], name: str) -> None:
    page = open_page(store, "duplicates", getattr(team, name), left=str(twins[0]), right=str(twins[1]))
    assert "may not manage contacts" in said(page)
    assert labels_of(page) == []


def test_a_rep_sees_no_pair_with_another_reps_contact(store: Store, team: Team, twins: tuple[int, int]) -> None:
    with store.writing(team.marta) as tx:
        contacts.edit(tx, twins[0], owner_id=team.ids.ana)
        contacts.edit(tx, twins[1], owner_id=team.ids.bob)
    owner_privacy(store, team)
    scan(store, team)
    page = open_page(store, "duplicates", team.ana)
    assert "No duplicates wait for you" in said(page)
    side = open_page(store, "duplicates", team.ana, left=str(twins[0]), right=str(twins[1]))
    assert "no such contact" in said(side)
    assert "Aná" not in said(side)
    assert "May be the same" not in said(open_page(store, "contact", team.ana, contact=str(twins[0])))


def test_the_address_of_a_record_that_was_merged_leads_on(store: Store, team: Team, twins: tuple[int, int]) -> None:
    one, two = twins
    with store.writing(team.ana) as tx:
        merging.merge(tx, "contact", one, two)
    page = open_page(store, "contact", team.ana, contact=str(two))
    assert "was merged into another one" in said(page)
    assert "merged" not in said(open_page(store, "contact", team.ana, contact="999"))
