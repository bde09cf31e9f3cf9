"""Answers that are kept by row: after a change only those are computed that it may have changed."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from crm import contacts, deals, pipelines
from crm.records import labels
from crm.store import Reading, Store
from crm.store.kept import kept
from crm.store.kept_rows import kept_by_row
from crm.store.versions import MAX_ROWS, Versions
from tests.people import Team

BUILT: list[tuple[int, ...]] = []


@pytest.fixture(autouse=True)
def nothing_built() -> None:
    BUILT.clear()


@kept_by_row
def titles(tx: Reading, ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    BUILT.append(tuple(ids))
    rows = tx.rows_of(
        ids,
        """
        SELECT deal.id, deal.title, count(note.id) AS notes
        FROM deals AS deal
        LEFT JOIN base.notes AS note ON note.subject_id = deal.id AND note.subject_kind = 'deal'
        WHERE deal.id {keys}
        GROUP BY deal.id, deal.title
        """,
    )
    return {row["id"]: (row["title"], row["notes"]) for row in rows}


@kept
def titles_together(tx: Reading, ids: tuple[int, ...]) -> dict[int, tuple[str, int]]:
    return titles(tx, ids)


@pytest.fixture
def three(store: Store, team: Team) -> list[int]:
    with store.writing(team.ada) as tx:
        pipeline = pipelines.create(tx, "Sales", ["Lead", "Proposal"])
        return [deals.create(tx, title=f"Plan {n}", pipeline_id=pipeline.id).id for n in range(3)]


def read(store: Store, actor: object, ids: Sequence[int], function: object = titles) -> dict[int, tuple[str, int]]:
    with store.reading(actor) as tx:  # type: ignore[arg-type]
        return function(tx, tuple(ids))  # type: ignore[operator, no-any-return]


def test_only_what_a_change_touched_is_read_again(store: Store, team: Team, three: list[int]) -> None:
    one, two, last = three
    assert read(store, team.marta, three) == {one: ("Plan 0", 0), two: ("Plan 1", 0), last: ("Plan 2", 0)}
    with store.writing(team.marta) as tx:
        deals.edit(tx, two, title="Another plan")
    assert read(store, team.ada, three)[two] == ("Another plan", 0)
    with store.writing(team.marta) as tx:
        tx.run("DELETE FROM base.notes WHERE subject_id = $id", id=last)
    read(store, team.marta, three)
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Lia Prado")
    read(store, team.marta, three)
    assert [tuple(three), (two,), (last,)] == BUILT


def test_a_change_of_a_whole_table_leaves_none(store: Store, team: Team, three: list[int]) -> None:
    read(store, team.marta, three)
    with store.writing(team.marta) as tx:
        tx.run("UPDATE base.deals SET title = 'All alike'")
    assert {title for title, _ in read(store, team.marta, three).values()} == {"All alike"}
    with store.writing(team.marta) as tx:
        tx.run("UPDATE base.stages SET name = 'First'")  # through the view, each deal depends on all stages
    read(store, team.marta, three)
    assert [tuple(three)] * 3 == BUILT


def test_a_record_that_is_not_there_has_no_answer_until_it_is(store: Store, team: Team, three: list[int]) -> None:
    missing = three[-1] + 1
    assert read(store, team.marta, [missing]) == {} == read(store, team.marta, [missing])
    with store.reading(team.marta) as tx:
        pipeline_id = deals.get(tx, three[0]).pipeline_id
    with store.writing(team.marta) as tx:
        assert deals.create(tx, title="Plan 3", pipeline_id=pipeline_id).id == missing
    assert read(store, team.marta, [missing]) == {missing: ("Plan 3", 0)}
    assert [(missing,)] * 2 == BUILT


def test_nobody_is_given_what_another_sees(store: Store, team: Team, three: list[int]) -> None:
    ana = replace(team.ana, sees_everything=False)
    assert len(read(store, team.marta, three)) == 3
    assert read(store, ana, three) == {}
    with store.writing(team.marta) as tx:
        deals.edit(tx, three[0], owner_id=team.ids.ana)
    assert [*read(store, ana, three)] == three[:1]


def test_a_kept_function_around_it_depends_on_what_it_read(store: Store, team: Team, three: list[int]) -> None:
    many = (*three, *range(1000, 1020))
    for ids in (tuple(three[:2]), many):
        read(store, team.marta, ids, titles_together)
        with store.writing(team.marta) as tx:
            deals.edit(tx, three[0], title=f"Of {len(ids)}")
        assert read(store, team.marta, ids, titles_together)[three[0]][0] == f"Of {len(ids)}"
    BUILT.clear()
    read(store, team.marta, three[:2], titles_together)
    with store.writing(team.marta) as tx:
        deals.edit(tx, three[2], title="Of no concern")
    read(store, team.marta, three[:2], titles_together)
    assert BUILT == []


def test_a_change_sees_itself_and_keeps_nothing(store: Store, team: Team, three: list[int]) -> None:
    with pytest.raises(ZeroDivisionError), store.writing(team.marta) as tx:
        deals.edit(tx, three[0], title="Not to be")
        assert titles(tx, three)[three[0]] == ("Not to be", 0)
        assert titles(tx, ()) == {}
        raise ZeroDivisionError
    assert read(store, team.marta, three)[three[0]] == ("Plan 0", 0)


def test_an_older_snapshot_is_given_its_own(store: Store, team: Team, three: list[int]) -> None:
    with store.reading(team.marta) as tx:
        tx.value("SELECT 1 FROM deals")
        with store.writing(team.ada) as other:
            deals.edit(other, three[0], title="Later")
        assert read(store, team.ada, three)[three[0]] == ("Later", 0)
        assert titles(tx, three)[three[0]] == ("Plan 0", 0)
    assert read(store, team.marta, three)[three[0]] == ("Later", 0)


def test_a_snapshot_that_began_during_a_commit_mixes_nothing(store: Store, team: Team, three: list[int]) -> None:
    """The engine has committed, and the versions are not raised yet."""
    read(store, team.marta, three[:2])
    found: list[dict[int, tuple[str, int]]] = []
    end_commit = store._shared.changes.end_commit

    def look_before(changed: object) -> None:
        with store.reading(team.ada) as tx:
            found.append(titles(tx, three))
        end_commit(changed)  # type: ignore[arg-type]

    store._shared.changes.end_commit = look_before  # type: ignore[method-assign]
    with store.writing(team.marta) as tx:
        for each in three:
            deals.edit(tx, each, title="Renamed")
    store._shared.changes.end_commit = end_commit  # type: ignore[method-assign]
    assert {title for title, _ in found[0].values()} == {"Renamed"}
    assert {title for title, _ in read(store, team.marta, three).values()} == {"Renamed"}


def test_what_is_asked_for_the_longest_time_ago_goes_where_there_is_no_room(
    store: Store, team: Team, three: list[int]
) -> None:
    store._shared.row_answers.max_bytes = 1
    assert len(read(store, team.marta, three)) == len(read(store, team.marta, three)) == 3
    assert len(BUILT) == 2


@kept_by_row
def lists(tx: Reading, ids: Sequence[int]) -> dict[int, object]:
    return dict.fromkeys(ids, labels)


def test_an_object_that_can_be_changed_is_not_shared(store: Store, team: Team) -> None:
    with store.reading(team.ada) as tx, pytest.raises(TypeError):
        lists(tx, (1,))


def test_versions_name_the_rows_that_were_changed_since() -> None:
    before = Versions().raised(frozenset({("notes", 1), ("deals", 9)}))
    after = before.raised(frozenset({("notes", 2)})).raised(frozenset({("notes", 3), ("deals", 4), "stages"}))
    assert after.changed_rows({"notes"}, before) == frozenset({2, 3})
    assert after.changed_rows({"notes", "deals"}, before) == frozenset({2, 3, 4})
    assert after.changed_rows({"notes"}, after) == frozenset()
    assert after.raised(frozenset({"notes"})).changed_rows({"notes"}, before) is None
    assert after.raised(None).changed_rows({"deals"}, before) is None
    many = after.raised(frozenset(("deals", number) for number in range(MAX_ROWS)))
    assert many.changed_rows({"notes"}, before) is None
