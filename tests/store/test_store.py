"""What the store promises: whole or not at all, one writer, nothing shown to nobody."""

import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import duckdb
import pytest

from crm.foundation import clock
from crm.foundation.access import SYSTEM, Actor, Role
from crm.foundation.errors import Forbidden, StoreRefused, Unavailable
from crm.store import Committed, Store, Writing
from crm.store.head import SLOT
from tests.people import Team


def add_contact(tx: Writing, name: str, owner_id: int | None = None, email: str | None = None) -> int:
    contact_id = tx.insert(
        """
        INSERT INTO base.contacts (name, owner_id, email, email_key, search, created_at, updated_at)
        VALUES ($name, $owner_id, $email, $email, lower($name), $now, $now)
        RETURNING id
        """,
        name=name,
        owner_id=owner_id,
        email=email,
        now=tx.now,
    )
    tx.record("contact.created", "contact", contact_id, name=name)
    return contact_id


def names(store: Store, actor: Actor = SYSTEM) -> list[str]:
    with store.reading(actor) as tx:
        return [row["name"] for row in tx.rows("SELECT name FROM contacts ORDER BY id")]


def test_what_was_committed_is_there_after_reopening(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana")
    store.close()
    again = Store(tmp_path)
    assert names(again) == ["Ana"]
    again.close()


def test_a_store_closed_twice_is_closed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.close()
    store.close()
    with pytest.raises((Unavailable, duckdb.Error)), store.reading(SYSTEM) as tx:
        tx.value("SELECT 1")


def test_a_change_that_raises_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana")
        raise ZeroDivisionError
    assert names(store) == []
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.events") == 0


def test_a_failed_statement_that_was_caught_still_undoes_the_whole(store: Store) -> None:
    with pytest.raises(Unavailable), store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana", email="a@b.co")
        with pytest.raises(duckdb.Error):
            add_contact(tx, "Bob", email="a@b.co")
    assert names(store) == []


def test_a_write_after_a_failed_one_goes_through(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana")
        raise ZeroDivisionError
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Bob")
    assert names(store) == ["Bob"]


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(duckdb.Error), store.reading(SYSTEM) as tx:
        tx.rows("DELETE FROM base.contacts")


def test_a_reading_keeps_its_snapshot_while_others_write(store: Store) -> None:
    with store.reading(SYSTEM) as before:
        assert before.value("SELECT count(*) FROM contacts") == 0
        with store.writing(SYSTEM) as tx:
            add_contact(tx, "Ana")
        assert before.value("SELECT count(*) FROM contacts") == 0
    assert names(store) == ["Ana"]


def test_a_cursor_that_named_no_actor_sees_nothing(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana")
    cursor = store._connection.cursor()
    views = cursor.execute(
        "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND schema_name <> 'base'"
    ).fetchall()
    assert {schema for schema, _ in views} == {"visible", "everything"}
    for schema, view in views:
        assert cursor.execute(f"SELECT count(*) FROM {schema}.{view}").fetchall() == [(0,)], (schema, view)


def test_every_view_stands_narrow_and_wide_alike(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        columns = tx.rows(
            """
            SELECT table_name, column_name, count(DISTINCT schema_name) AS schemas
            FROM duckdb_columns()
            WHERE schema_name IN ('visible', 'everything')
            GROUP BY ALL
            """
        )
    assert columns
    assert {row["schemas"] for row in columns} == {2}


def test_owner_privacy_narrows_reps_alone_and_at_once(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Of Ana", owner_id=team.ids.ana)
        add_contact(tx, "Of Bob", owner_id=team.ids.bob)
        add_contact(tx, "Of nobody")
    assert len(names(store, team.ana)) == 3
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
    assert names(store, team.ana) == ["Of Ana"]
    assert names(store, team.bob) == ["Of Bob"]
    assert names(store, team.vera) == []
    assert len(names(store, team.marta)) == len(names(store, team.rui)) == len(names(store, team.ada)) == 3


def test_a_team_sees_what_is_shared_with_it(store: Store, team: Team) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.workspace SET owner_privacy = true")
        team_id = tx.insert("INSERT INTO base.teams (name) VALUES ('South') RETURNING id")
        tx.run("INSERT INTO base.team_members VALUES ($team, $user)", team=team_id, user=team.ids.bob)
        contact = add_contact(tx, "Shared", owner_id=team.ids.ana)
        tx.run("UPDATE base.contacts SET team_id = $team WHERE id = $id", team=team_id, id=contact)
    assert names(store, team.bob) == ["Shared"]
    assert names(store, team.vera) == []


def test_a_permission_one_lacks_is_refused_by_name(store: Store, team: Team) -> None:
    from crm.foundation.access import Permission

    with pytest.raises(Forbidden, match="Vera may not manage contacts"), store.writing(team.vera) as tx:
        tx.require(Permission.MANAGE_CONTACTS)


def test_thirty_two_threads_lose_no_write(store: Store) -> None:
    def work(number: int) -> None:
        for turn in range(10):
            with store.writing(SYSTEM) as tx:
                add_contact(tx, f"{number}-{turn}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(store)) == 320
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT max(seq) - count(*) FROM base.events") == 0


def test_listeners_hear_of_a_commit_and_of_no_failure(store: Store) -> None:
    heard: list[Committed] = []
    store.listeners.append(heard.append)
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana")
    with pytest.raises(ZeroDivisionError), store.writing(SYSTEM) as tx:
        add_contact(tx, "Bob")
        raise ZeroDivisionError
    assert [(told.version, [event.name for event in told.events]) for told in heard] == [(1, ["contact.created"])]


def test_a_listener_that_fails_makes_no_kept_change_look_refused_and_silences_no_other(store: Store) -> None:
    heard: list[Committed] = []

    def fail(committed: Committed) -> None:
        raise ZeroDivisionError

    store.listeners += [fail, heard.append]
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Ana")
    assert [one.events[0].name for one in heard] == ["contact.created"]


def test_a_store_that_another_process_holds_is_refused_in_one_line(store: Store) -> None:
    program = textwrap.dedent(
        f"""
        from pathlib import Path
        from crm.foundation.errors import StoreRefused
        from crm.store import Store
        try:
            Store(Path({str(store.folder)!r}))
        except StoreRefused as refusal:
            print(refusal)
        """
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("Another process has the store")
    assert told.stdout.count("\n") == 1
    assert "CRM_STORE" in told.stdout


def test_a_store_behind_its_head_is_refused_with_the_last_backup_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    backup = store.back_up()
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Acknowledged")
    head = (tmp_path / "crm.head").read_bytes()
    store.close()
    (tmp_path / "crm.duckdb").write_bytes((backup / "crm.duckdb").read_bytes())  # as if the log had been lost
    (tmp_path / "crm.head").write_bytes(head)
    with pytest.raises(StoreRefused, match=str(backup)):
        Store(tmp_path)


def test_a_torn_head_falls_back_to_the_one_before(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name in ("one", "two"):
        with store.writing(SYSTEM) as tx:
            add_contact(tx, name)
    store.close()
    raw = bytearray((tmp_path / "crm.head").read_bytes())
    raw[5:20] = b"x" * 15  # slot 0 holds event 2
    (tmp_path / "crm.head").write_bytes(bytes(raw))
    assert len(raw) >= SLOT
    again = Store(tmp_path)
    assert names(again) == ["one", "two"]
    again.close()


def test_a_backup_opens_and_holds_what_was_there(tmp_path: Path) -> None:
    store = Store(tmp_path / "live")
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Kept")
    folder = store.back_up()
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Later")
    copy = Store(folder)
    assert names(copy) == ["Kept"]
    copy.close()
    store.close()


def test_views_of_another_version_of_the_product_are_laid_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.store import migrate

    Store(tmp_path / "store").close()
    statements = [*migrate.view_statements(), "CREATE OR REPLACE VIEW visible.shoes AS SELECT 1 AS size"]
    monkeypatch.setattr(migrate, "view_statements", lambda types: statements)
    store = Store(tmp_path / "store")
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT size FROM visible.shoes") == 1
    store.close()


def test_a_backup_is_taken_before_a_migration_of_a_store_that_holds_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm.store import migrate

    store = Store(tmp_path / "store")
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Old")
    store.close()
    assert not (tmp_path / "store" / "backups").exists()
    later = tmp_path / "migrations"
    later.mkdir()
    for path in migrate.MIGRATIONS.glob("*.sql"):
        (later / path.name).write_text(path.read_text())
    (later / "9999_more.sql").write_text("ALTER TABLE base.contacts ADD COLUMN shoe_size INTEGER;")
    monkeypatch.setattr(migrate, "MIGRATIONS", later)
    again = Store(tmp_path / "store")
    with again.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.migrations WHERE number = 9999") == 1
        assert tx.value("SELECT count(shoe_size) FROM base.contacts") == 0
    again.close()
    (backup,) = (tmp_path / "store" / "backups").iterdir()
    assert backup.name.endswith("before-9999_more")


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm.store import migrate

    store = Store(tmp_path / "store")
    with store.writing(SYSTEM) as tx:
        add_contact(tx, "Old")
    store.close()
    broken = tmp_path / "migrations"
    broken.mkdir()
    for path in migrate.MIGRATIONS.glob("*.sql"):
        (broken / path.name).write_text(path.read_text())
    (broken / "9999_broken.sql").write_text("CREATE TABLE base.half (id BIGINT); SELECT * FROM nowhere;")
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "MIGRATIONS", broken)
        with pytest.raises(duckdb.Error):
            Store(tmp_path / "store")
    again = Store(tmp_path / "store")
    assert names(again) == ["Old"]
    with again.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'half'") == 0
    again.close()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from crm.foundation.access import SYSTEM
from crm.foundation.errors import CrmError
from crm.store import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(Path(sys.argv[1]))

def write(text):
    with store.writing(SYSTEM) as tx:
        contact = tx.insert(
            "INSERT INTO base.contacts (name, search, created_at, updated_at) VALUES ($n, $n, $now, $now) RETURNING id",
            n=text, now=tx.now,
        )
        tx.record("contact.created", "contact", contact, name="x")

write("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
refused = 0
for _ in range(40):
    try:
        write("full " + "x" * 20_000)
    except Exception as error:
        refused += 1
        kind = type(error).__name__
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for attempt in range(3):
    try:
        write("after")
        break
    except CrmError:
        pass
with store.reading(SYSTEM) as tx:
    rows = [row["name"][:6] for row in tx.rows("SELECT name FROM contacts ORDER BY id")]
from crm.verify import verify
print(refused, kind, rows[0], rows[-1], verify(store))
"""


def test_after_a_full_disk_the_store_reopens_itself(tmp_path: Path) -> None:
    told = subprocess.run([sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    refused, kind, first, last, faults = told.stdout.split(maxsplit=4)
    assert int(refused) > 0
    assert (kind, first, last, faults.strip()) == ("Unavailable", "before", "after", "[]")


def test_the_clock_of_a_work_is_aware_utc_and_its_day_the_workspaces(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace
    from datetime import UTC, date, datetime

    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 1, 1, 30, tzinfo=UTC))
    with store.reading(replace(SYSTEM, time_zone="America/Sao_Paulo")) as tx:
        assert tx.today == date(2025, 12, 31)
    with store.reading(replace(SYSTEM, time_zone="Asia/Tokyo")) as tx:
        assert tx.today == date(2026, 1, 1)


def test_roles_do_not_grow_by_accident() -> None:
    from crm.foundation.access import ROLE_PERMISSIONS, Permission

    assert ROLE_PERMISSIONS[Role.VIEWER] == frozenset()
    assert Permission.MANAGE_SETTINGS not in ROLE_PERMISSIONS[Role.MANAGER]
    assert ROLE_PERMISSIONS[Role.ANALYST] == {Permission.RUN_SQL, Permission.EXPORT}


def test_texts_are_stored_in_a_form_that_is_quick_to_fetch(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("CREATE TABLE base.words AS SELECT 'word ' || n AS word FROM range(200000) AS numbers (n)")
    with store.reading(SYSTEM) as tx:
        forms = tx.rows("SELECT DISTINCT compression FROM pragma_storage_info('base.words')")
    assert forms
    assert "DICT_FSST" not in {row["compression"] for row in forms}
