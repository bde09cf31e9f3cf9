"""Work on many pairs: asked for once, done in the background, cancelled, taken up again, told of at its end."""

import pytest

from crm import contacts
from crm.contacts import ListQuery
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid, NotFound
from crm.platform import jobs, notices
from crm.records import duplicates, merging
from crm.records.duplicates import PairQuery
from crm.records.duplicates import run as duplicate_run
from crm.store import Store
from crm.verify import verify
from crm.worker import work_one
from tests.owner_privacy import owner_privacy
from tests.people import Team


@pytest.fixture
def triplets(store: Store, team: Team) -> list[int]:
    with store.writing(team.marta) as tx:
        return [
            contacts.create(tx, name="Ana Souza", email=f"ana.souza{tag}@example.com").id for tag in ("", "+1", "+2")
        ]


@pytest.fixture
def scanned(store: Store, team: Team, triplets: list[int]) -> None:
    with store.writing(team.ana) as tx:
        duplicates.scan(tx, "contact")
    work(store)


def work(store: Store) -> None:
    while work_one(store):
        pass


def count(store: Store, team: Team) -> int:
    with store.reading(team.marta) as tx:
        return contacts.find(tx, ListQuery()).total


def test_a_scan_asked_for_twice_is_one_scan(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        first = duplicates.scan(tx, "contact")
        assert duplicates.scan(tx, "contact").id == first.id
        assert duplicates.scan(tx, "company").id != first.id


@pytest.mark.usefixtures("scanned")
def test_a_scan_tells_who_asked_what_it_found(store: Store, team: Team) -> None:
    with store.reading(team.ana) as tx:
        (notice,) = notices.of_actor(tx)
    assert notice.text == "The scan found 3 possible duplicates among contacts."
    assert notice.link == "/duplicates?kind=contact"


@pytest.mark.usefixtures("scanned")
def test_many_that_are_one_become_one_and_come_apart_again(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        run = duplicates.merge_all(tx, PairQuery("contact", 95))
    work(store)
    assert count(store, team) == 1
    with store.reading(team.ana) as tx:
        assert (duplicates.get(tx, run.id).done, duplicates.undoable_merges(tx, run.id)) == (2, 2)
    with store.writing(team.ana) as tx:
        duplicates.unmerge_all(tx, run.id)
    work(store)
    assert count(store, team) == 3
    assert verify(store) == []


@pytest.mark.usefixtures("scanned")
def test_a_second_scan_finds_the_same_and_not_what_was_told_apart(
    store: Store, team: Team, triplets: list[int]
) -> None:
    with store.writing(team.ana) as tx:
        duplicates.mark_distinct(tx, "contact", [(triplets[1], triplets[0])])
        duplicates.scan(tx, "contact")
    work(store)
    with store.reading(team.ana) as tx:
        found = duplicates.find(tx, PairQuery("contact"))
        assert [(pair.left.id, pair.right.id) for pair in found.items] == [
            (triplets[0], triplets[2]),
            (triplets[1], triplets[2]),
        ]


@pytest.mark.usefixtures("scanned")
def test_all_that_are_listed_are_told_apart_at_once(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        assert duplicates.mark_all_distinct(tx, PairQuery("contact", search="zoe")) == 0
        assert duplicates.mark_all_distinct(tx, PairQuery("contact", 90)) == 3
        assert duplicates.count(tx, PairQuery("contact")) == 0
        assert duplicates.decided(tx, "contact")[1] == 3


@pytest.mark.usefixtures("scanned")
def test_one_run_at_a_time_and_none_for_nothing(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        with pytest.raises(Invalid, match="no such pair"):
            duplicates.merge_all(tx, PairQuery("contact", 99))
        duplicates.merge_all(tx, PairQuery("contact", 95))
        with pytest.raises(Invalid, match="at work already"):
            duplicates.merge_all(tx, PairQuery("contact", 95))


@pytest.mark.usefixtures("scanned")
def test_a_run_that_is_cancelled_merges_nothing_more(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        run = duplicates.merge_all(tx, PairQuery("contact", 95))
        duplicates.cancel(tx, run.id)
    work(store)
    assert count(store, team) == 3
    with store.reading(team.ana) as tx:
        assert duplicates.get(tx, run.id).state == "cancelled"


@pytest.mark.usefixtures("scanned")
def test_a_run_that_was_cut_off_goes_on(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writing(team.ana) as tx:
        run = duplicates.merge_all(tx, PairQuery("contact", 95))
    with store.writing(SYSTEM) as tx:
        jobs.claim(tx)
    with store.reading(team.ana) as tx:
        (first, *_) = duplicates.find(tx, PairQuery("contact")).items
    with store.writing(team.ana) as tx:  # what the run had done when its process ended
        merging.merge(tx, "contact", first.left.id, first.right.id, run_id=run.id)
        tx.run("UPDATE base.duplicate_runs SET state = 'running', done = 1 WHERE id = $id", id=run.id)
    with store.writing(SYSTEM) as tx:
        assert jobs.requeue_interrupted(tx) == 1
    work(store)
    assert count(store, team) == 1
    with store.reading(team.ana) as tx:
        assert (duplicates.get(tx, run.id).state, duplicates.get(tx, run.id).done) == ("done", 2)


@pytest.mark.usefixtures("scanned")
def test_a_merge_that_is_refused_is_left_alone_and_counted(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        run = duplicates.merge_all(tx, PairQuery("contact", 95))
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.users SET role = 'viewer' WHERE id = $id", id=team.ids.ana)
    assert duplicate_run.run(store, run.id) == "done"
    with store.reading(team.ada) as tx:
        ended = duplicates.get(tx, run.id)
    assert (ended.done, ended.left_alone, count(store, team)) == (0, 3, 3)


@pytest.mark.usefixtures("triplets")
def test_each_day_what_changed_since_is_looked_at_again(store: Store, team: Team) -> None:
    for expected in (1, 1):  # nothing changed before the second time
        with store.writing(SYSTEM) as tx:
            duplicates.scan_what_changed(tx)
            assert tx.value("SELECT count(*) FROM duplicate_runs") == expected
        work(store)
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Zoe")
    with store.writing(SYSTEM) as tx:
        duplicates.scan_what_changed(tx)
        assert tx.value("SELECT count(*) FROM duplicate_runs") == 2


@pytest.mark.usefixtures("triplets")
def test_a_rep_learns_of_no_pair_of_others_and_of_no_merge_of_theirs(store: Store, team: Team) -> None:
    owner_privacy(store, team)
    with store.writing(team.ana) as tx:
        run = duplicates.scan(tx, "contact")
    work(store)
    with store.reading(team.ana) as tx:
        assert (duplicates.get(tx, run.id).total, duplicates.last(tx, "contact").total) == (0, 0)
        assert [notice.text for notice in notices.of_actor(tx)] == [
            "The scan found 0 possible duplicates among contacts."
        ]
    assert count_of_scan(store, team, run.id) == 3
    with store.writing(team.marta) as tx:
        merge = duplicates.merge_all(tx, PairQuery("contact", 95, search="souza"))
    for refused in (duplicates.get, duplicates.cancel):
        with store.writing(team.ana) as tx, pytest.raises(NotFound):
            refused(tx, merge.id)
    with store.writing(team.ana) as tx, pytest.raises(Invalid, match="at work already"):
        duplicates.merge_all(tx, PairQuery("contact"))


def count_of_scan(store: Store, team: Team, run_id: int) -> int:
    with store.reading(team.marta) as tx:
        return duplicates.get(tx, run_id).total
