"""Kept answers: one for all who see the same, until a table that it was read from is changed."""

import threading
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest
from pydantic import BaseModel

from crm import companies, contacts
from crm.foundation import clock
from crm.foundation.access import SYSTEM, Actor, Module, Permission
from crm.foundation.errors import Invalid
from crm.platform import preferences
from crm.records import labels
from crm.store import Reading, Store, Writing, kept, work
from crm.store.frozen import freeze
from tests.people import Team


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is run from here on."""
    found: list[str] = []
    execute = Reading._execute

    def note(tx: Reading, sql: str, params: Any) -> None:
        found.append(sql)
        execute(tx, sql, params)

    monkeypatch.setattr(work.Reading, "_execute", note)
    return found


@kept.kept
def names(tx: Reading, city: str = "") -> list[str]:
    return [
        row["name"] for row in tx.rows("SELECT name FROM contacts WHERE $city IN ('', city) ORDER BY name", city=city)
    ]


@kept.kept
def names_twice(tx: Reading) -> tuple[list[str], int]:
    return names(tx), tx.value("SELECT count(*) FROM companies")


def read(store: Store, actor: Actor, function: Any, *args: Any, **kwargs: Any) -> Any:
    with store.reading(actor) as tx:
        return function(tx, *args, **kwargs)


def create(store: Store, actor: Actor, name: str) -> int:
    with store.writing(actor) as tx:
        return contacts.create(tx, name=name).id


def test_what_one_read_is_there_for_all_who_see_the_same(store: Store, team: Team, statements: list[str]) -> None:
    marta, ada = team.marta, team.ada
    statements.clear()
    assert read(store, marta, names) == read(store, ada, names) == []
    assert len(statements) == 1


def test_other_arguments_have_an_answer_of_their_own(store: Store, team: Team) -> None:
    create(store, team.marta, "Lia Prado")
    assert read(store, team.marta, names, city="Recife") == []
    assert read(store, team.marta, names) == ["Lia Prado"]


def test_after_a_change_of_its_table_the_answer_is_a_new_one(store: Store, team: Team) -> None:
    assert read(store, team.marta, names) == []
    create(store, team.marta, "Lia Prado")
    assert read(store, team.marta, names) == ["Lia Prado"]


def test_a_change_of_another_table_leaves_it(store: Store, team: Team, statements: list[str]) -> None:
    marta = team.marta
    read(store, marta, names)
    with store.writing(marta) as tx:
        labels.create(tx, "Key account")
        preferences.put(tx, "columns", ["name"])
    statements.clear()
    assert read(store, marta, names) == []
    assert statements == []


def test_a_change_without_an_event_counts_as_well(store: Store, team: Team) -> None:
    assert read(store, team.ana, preferences.get, "columns") is None
    with store.writing(team.ana) as tx:
        preferences.put(tx, "columns", ["name"])
    assert read(store, team.ana, preferences.get, "columns") == ["name"]
    assert read(store, team.bob, preferences.get, "columns") is None


def test_a_kept_function_within_another_passes_on_what_it_read(store: Store, team: Team) -> None:
    assert read(store, team.marta, names_twice) == ([], 0)
    create(store, team.marta, "Lia Prado")
    assert read(store, team.marta, names_twice) == (["Lia Prado"], 0)
    with store.writing(team.marta) as tx:
        companies.create(tx, name="Pampa")
    assert read(store, team.marta, names_twice) == (["Lia Prado"], 1)


def test_one_rep_is_never_given_what_another_sees(store: Store, team: Team) -> None:
    ana, bob = (replace(rep, sees_everything=False) for rep in (team.ana, team.bob))
    create(store, ana, "Lia Prado")
    for _ in range(2):
        assert read(store, ana, names) == ["Lia Prado"]
        assert read(store, bob, names) == []
        assert read(store, ana, names_twice)[0] == ["Lia Prado"]
        assert read(store, bob, names_twice)[0] == []


@kept.kept
def own(tx: Reading) -> str:
    return tx.actor.name


@kept.kept
def may_import(tx: Reading) -> bool:
    return tx.actor.may(Permission.IMPORT)


@kept.kept
def greeting(tx: Reading) -> str:
    return tx.actor.name if tx.actor.has(Module.CRM) else "nobody"


def test_what_a_function_reads_of_the_actor_is_part_of_the_question(store: Store, team: Team) -> None:
    for _ in range(2):
        assert (read(store, team.ana, own), read(store, team.bob, own)) == ("Ana", "Bob")
        assert (read(store, team.ana, may_import), read(store, team.marta, may_import)) == (False, True)
        without = replace(team.ana, modules=frozenset())
        assert (read(store, without, greeting), read(store, team.ana, greeting)) == ("nobody", "Ana")


@kept.kept
def day(tx: Reading) -> str:
    return tx.today.isoformat()


@kept.kept
def moment(tx: Reading) -> datetime:
    return tx.now


def test_a_new_day_has_its_own_answer_and_a_moment_none(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, at = read(store, team.marta, day), read(store, team.marta, moment)
    assert read(store, team.marta, moment) > at
    tomorrow = clock.now().replace(year=clock.now().year + 1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    assert read(store, team.marta, day) > before


def test_a_refusal_is_not_kept(store: Store, team: Team) -> None:
    refuses = True

    @kept.kept
    def choosy(tx: Reading) -> int:
        if refuses:
            raise Invalid("Not now.")
        return int(tx.value("SELECT count(*) FROM contacts"))

    with pytest.raises(Invalid):
        read(store, team.marta, choosy)
    refuses = False
    assert read(store, team.marta, choosy) == 0


def test_many_who_ask_at_once_wait_for_one_answer(store: Store, team: Team, statements: list[str]) -> None:
    marta = team.marta
    statements.clear()
    asking = [threading.Thread(target=read, args=(store, marta, names)) for _ in range(12)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert len(statements) == 1


def test_what_one_does_with_an_answer_changes_nobody_elses(store: Store, team: Team) -> None:
    create(store, team.marta, "Lia Prado")
    read(store, team.marta, names).append("Nobody")
    read(store, team.marta, names_twice)[0].clear()
    assert read(store, team.marta, names) == ["Lia Prado"]
    assert read(store, team.marta, names_twice)[0] == ["Lia Prado"]


def test_a_change_sees_itself_and_keeps_nothing(store: Store, team: Team) -> None:
    with pytest.raises(ZeroDivisionError), store.writing(team.marta) as tx:
        contacts.create(tx, name="Lia Prado")
        assert names(tx) == ["Lia Prado"]
        raise ZeroDivisionError
    assert read(store, team.marta, names) == []


def test_a_reading_keeps_its_snapshot_though_others_write(store: Store, team: Team) -> None:
    with store.reading(team.marta) as tx:
        assert tx.value("SELECT count(*) FROM contacts") == 0
        create(store, team.marta, "Lia Prado")
        assert read(store, team.ada, names) == ["Lia Prado"]
        assert names(tx) == []
    assert read(store, team.marta, names) == ["Lia Prado"]


def test_nothing_is_kept_of_a_snapshot_that_began_during_a_commit(store: Store, team: Team) -> None:
    """The engine has committed, and the versions are not raised yet: what is read now is newer than they say."""
    read(store, team.marta, names)
    found: list[list[str]] = []
    end_commit = store._shared.changes.end_commit

    def look_before(changed: frozenset[str] | None) -> None:
        with store.reading(team.ada) as tx:
            tx.value("SELECT count(*) FROM contacts")
            found.append(names(tx))
        end_commit(changed)

    store._shared.changes.end_commit = look_before  # type: ignore[method-assign]
    create(store, team.marta, "Lia Prado")
    assert found == [["Lia Prado"]]
    store._shared.changes.end_commit = end_commit  # type: ignore[method-assign]
    assert read(store, team.marta, names) == ["Lia Prado"]


@kept.kept
def columns(tx: Reading) -> int:
    return len(tx.rows("SELECT * FROM labels LIMIT 1") or ()) + len(tx.rows("DESCRIBE base.labels"))


def test_a_new_column_makes_everything_new(store: Store, team: Team) -> None:
    before = read(store, team.ada, columns)
    with store.writing(SYSTEM) as tx:
        tx.run("ALTER TABLE base.labels ADD COLUMN beside VARCHAR")
    assert read(store, team.ada, columns) == before + 1


@kept.kept
def through_temporary(tx: Reading) -> int:
    tx.create_temp_table_once("found", "SELECT id FROM contacts")
    return int(tx.value("SELECT count(*) FROM temp.found"))


def test_what_is_read_through_a_temporary_table_counts(store: Store, team: Team, statements: list[str]) -> None:
    marta = team.marta
    assert read(store, marta, through_temporary) == 0
    statements.clear()
    assert read(store, marta, through_temporary) == 0
    assert statements == []
    create(store, marta, "Lia Prado")
    assert read(store, marta, through_temporary) == 1


@kept.kept
def of_others_table(tx: Reading) -> int:
    return int(tx.value("SELECT count(*) FROM temp.elsewhere"))


def test_nothing_is_kept_of_a_temporary_table_that_another_function_made(store: Store, team: Team) -> None:
    for rows in (1, 2):
        with store.reading(team.marta) as tx:
            tx.create_temp_table("elsewhere", f"SELECT * FROM range({rows})")
            assert of_others_table(tx) == rows


def test_the_oldest_goes_where_there_is_no_room(store: Store, team: Team, statements: list[str]) -> None:
    answers, marta = store._shared.answers, team.marta
    read(store, marta, names, city="Recife")
    answers.max_bytes = 10_000
    for number in range(40):
        read(store, marta, names, city=f"City {number}")
        assert answers.bytes <= answers.max_bytes
    statements.clear()
    read(store, marta, names, city="City 39")
    assert statements == []
    read(store, marta, names, city="Recife")
    assert len(statements) == 1


@kept.kept
def long_text(tx: Reading, view: str, number: int) -> str:
    return str(tx.value(f"SELECT count(*) FROM {view}")) * 10_000


def test_stale_answers_hold_no_memory(store: Store, team: Team, statements: list[str]) -> None:
    answers, marta = store._shared.answers, team.marta
    answers.max_bytes = 320_000
    read(store, marta, long_text, "companies", 0)
    for number in range(10):
        read(store, marta, long_text, "contacts", number)
    create(store, marta, "Lia Prado")
    before = answers.bytes
    for number in range(10, 13):
        read(store, marta, long_text, "contacts", number)
    assert answers.bytes < before - 6 * 10_000
    statements.clear()
    read(store, marta, long_text, "companies", 0)
    read(store, marta, long_text, "contacts", 12)
    assert statements == []
    assert read(store, marta, long_text, "contacts", 0) == "1" * 10_000


def test_one_answer_cannot_displace_all_others(store: Store, team: Team) -> None:
    answers, marta = store._shared.answers, team.marta
    before = answers.bytes
    answers.max_bytes = kept.OVERHEAD
    assert read(store, marta, names) == []
    assert answers.bytes == before


@kept.kept
def too_many(tx: Reading, ids: tuple[int, ...]) -> list[int]:
    return [row["id"] for row in tx.rows("SELECT unnest($ids::BIGINT[]) AS id FROM contacts", ids=list(ids))]


@kept.kept
def refused(tx: Reading, text: str) -> None:
    raise Invalid("No.")


def test_arguments_count_whether_there_is_an_answer_or_not(store: Store, team: Team) -> None:
    answers, marta = store._shared.answers, team.marta
    answers.max_bytes = 400_000
    for number in range(40):
        ids = tuple(range(number, number + 1000))
        assert read(store, marta, too_many, ids) == []
        with pytest.raises(Invalid):
            read(store, marta, refused, "x" * 30_000 + str(number))
        assert answers.bytes <= answers.max_bytes
    assert 0 < len(answers) < 20
    assert answers.bytes == sum(entry.size for entry in answers._entries.values())


def test_arguments_that_are_too_large_displace_nothing(store: Store, team: Team, statements: list[str]) -> None:
    answers, marta = store._shared.answers, team.marta
    read(store, marta, names)
    answers.max_bytes = 400_000
    before = answers.bytes
    assert read(store, marta, too_many, tuple(range(10_000))) == []
    assert answers.bytes == before
    statements.clear()
    read(store, marta, names)
    assert statements == []


@dataclass
class Changeable:
    name: str


def test_an_object_that_can_be_changed_is_not_shared() -> None:
    for value in (Changeable("a"), [Changeable("a")], ({"a": Changeable("a")},), object()):
        with pytest.raises(TypeError, match="can be changed"):
            freeze(value)


def test_a_failed_commit_may_have_been_kept_so_its_tables_count_as_changed(store: Store, team: Team) -> None:
    read(store, team.marta, names)
    before = store._shared.changes.versions
    commit = Store._commit

    def fail(self: Store, cursor: Any, changed: frozenset[str] | None, *, large: bool) -> None:
        commit(self, cursor, changed, large=large)
        raise OSError("no answer from the disk")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_commit", fail)
        with pytest.raises(OSError, match="no answer"):
            create(store, team.marta, "Lia Prado")
    assert store._shared.changes.versions.number > before.number
    assert read(store, team.marta, names) == ["Lia Prado"]


def add_nothing(tx: Writing) -> None:
    tx.run("UPDATE base.contacts SET name = name WHERE false")


def test_a_commit_names_every_table_that_it_wrote_to(store: Store, team: Team) -> None:
    with store.writing(team.marta) as tx:
        contacts.create(tx, name="Lia Prado")
        changed = tx.changed
    assert changed is not None
    tables = {part if isinstance(part, str) else part[0] for part in changed}
    assert {"contacts", "events"} <= tables
    assert not {"companies", "deals", "users"} & tables


class Rows(BaseModel, frozen=True):
    values: tuple[tuple[int, str], ...]


def test_the_size_of_many_values_that_are_alike_is_that_of_some_of_them_times_their_number() -> None:
    few, many = (freeze(Rows(values=tuple((n, f"text {n:06}") for n in range(count)))).size for count in (8, 4000))
    assert many == pytest.approx(500 * few, rel=0.1)
