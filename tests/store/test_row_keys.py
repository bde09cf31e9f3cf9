"""Which rows a statement writes and reads, where its text proves it, and what stays kept because of it."""

from collections.abc import Callable
from typing import Any

import pytest

from crm import contacts
from crm.store import Reading, Store, Writing, row_keys
from crm.store.kept import kept
from crm.store.row_keys import KEYS, RETURNED, Rows
from crm.store.versions import MAX_ROWS, Versions
from tests.people import Team


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("UPDATE base.deals SET rank = $rank WHERE id = $id", Rows("deals", "id")),
        ("update base.deals as deal set rank = (SELECT 1) where deal.id = $id returning id", Rows("deals", "id")),
        ("UPDATE base.notes SET text = $text WHERE id = $id AND subject_id = $subject", Rows("notes", "subject")),
        (
            "UPDATE base.deal_activity SET moved_at = CASE WHEN $a OR $b THEN $at END WHERE deal_id = $id",
            Rows("deal_activity", "id"),
        ),
        ("DELETE FROM base.notes WHERE subject_id = $id AND subject_kind = 'deal'", Rows("notes", "id")),
        ("INSERT INTO base.notes (subject_kind, subject_id) VALUES ('deal', $id)", Rows("notes", "id")),
        ("INSERT INTO base.deals (title) VALUES ($title) RETURNING id", Rows("deals", RETURNED)),
        ("INSERT INTO base.deals (id, title) VALUES ($id, $title) RETURNING id", Rows("deals", RETURNED)),
        (
            "INSERT INTO base.stage_events (deal_id, by_id) SELECT $id, $by FROM (SELECT max(id) FROM base.deals)",
            Rows("stage_events", "id"),
        ),
    ],
)
def test_what_is_written_to_rows_of_one_key(sql: str, rows: Rows) -> None:
    assert row_keys.written(sql) == rows


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE base.deals SET rank = $rank",
        "UPDATE base.deals SET rank = $rank WHERE stage_id = $id",
        "UPDATE base.deals SET rank = $rank WHERE id = $id OR stage_id = $stage",
        "UPDATE base.deals SET rank = $rank WHERE id = $id AND rank > 1 OR stage_id = $stage",
        "UPDATE base.deals SET rank = $rank WHERE id = $id + 1",
        "UPDATE base.deals SET rank = $rank WHERE id IN (SELECT id FROM base.deals WHERE id = $id)",
        "UPDATE base.deals SET rank = (SELECT 1 FROM base.deals WHERE id = $id)",
        "UPDATE base.deals SET rank = $rank FROM base.stages AS stage WHERE id = $id",
        "UPDATE base.deals SET rank = $rank WHERE stage.id = $id",
        "UPDATE base.deals SET rank = $rank WHERE NOT id = $id",
        "UPDATE base.deals SET rank = $rank WHERE CASE WHEN true AND id = $id AND true THEN true END",
        "UPDATE base.deals SET rank = $rank WHERE rank BETWEEN 1 AND id = $id",
        "UPDATE base.notes SET subject_id = $other WHERE subject_id = $id",
        "UPDATE base.notes SET text = '', subject_id = $other WHERE subject_id = $id",
        "UPDATE base.notes SET (text, subject_id) = ('', $other) WHERE subject_id = $id",
        'UPDATE base.notes SET "subject_id" = $other WHERE subject_id = $id',
        "UPDATE base.deals SET rank = $rank WHERE title = ' WHERE id = $id'",
        "UPDATE base.deals SET rank = $rank -- WHERE id = $id",
        "UPDATE base.deals SET rank = $rank WHERE rank > 1 /* AND id = $id AND */",
        "UPDATE base.deals SET rank = $rank WHERE title <> $$ AND id = $id AND $$",
        r"UPDATE base.deals SET rank = $rank WHERE title <> e'\' AND id = $id AND title <> '",
        'UPDATE base.deals SET rank = $rank WHERE "x AND id = $id AND y"',
        "UPDATE base.deals SET rank = $rank WHERE id = $id; DELETE FROM base.deals",
        "UPDATE base.users SET name = $name WHERE id = $id",
        "DELETE FROM base.notes",
        "DELETE FROM base.notes USING base.deals AS deal WHERE subject_id = $id",
        "INSERT INTO base.notes (subject_id) VALUES ($id), ($other)",
        "INSERT INTO base.notes (subject_id) VALUES ($id + 1)",
        "INSERT INTO base.notes (text) VALUES ($subject_id)",
        "INSERT INTO base.notes VALUES ($subject_id)",
        "INSERT INTO base.notes (text) VALUES ($text) RETURNING id",
        "INSERT INTO base.deals (title) VALUES ($title)",
        "INSERT INTO base.deals (title) VALUES ($title) RETURNING id + 1",
        "INSERT INTO base.deals (title) VALUES ($title), ($other) RETURNING id",
        "INSERT INTO base.deals (title) SELECT $title FROM frame RETURNING id",
        "INSERT INTO base.deals (title) VALUES ($title) ON CONFLICT DO NOTHING RETURNING id",
        "INSERT INTO base.notes (subject_id) SELECT subject_id FROM base.notes WHERE subject_id = $id",
        "INSERT INTO base.notes (subject_id) SELECT $id FROM frame UNION SELECT 1 FROM frame",
        "INSERT INTO base.notes (id, subject_id) SELECT deal.*, $id FROM base.deals AS deal",
        "INSERT INTO base.deals (id, rank) VALUES ($id, 1) ON CONFLICT (identifier_key) DO UPDATE SET rank = 1",
        "INSERT OR REPLACE INTO base.deals (id, rank) VALUES ($id, 1)",
        "WITH gone AS (SELECT 1) DELETE FROM base.notes WHERE subject_id = $id",
        "MERGE INTO base.notes USING frame ON true WHEN MATCHED THEN DELETE",
    ],
)
def test_what_may_write_to_any_row(sql: str) -> None:
    assert row_keys.written(sql) is None


DEALS = {("deals", "id")}


@pytest.mark.parametrize(
    ("sql", "rows", "tables"),
    [
        ("SELECT * FROM base.deals WHERE id = $id", DEALS, set()),
        ("SELECT * FROM deals WHERE id = $id", DEALS, {"stages"}),
        ("SELECT title FROM deals AS deal WHERE $id = deal.id AND rank > 1 ORDER BY rank LIMIT 1", DEALS, {"stages"}),
        ("SELECT EXISTS (FROM deals WHERE id = $id)", DEALS, {"stages"}),
        ("WITH one AS (SELECT * FROM base.deals WHERE id = $id) FROM one", DEALS, set()),
        (
            "SELECT 1 FROM base.deals AS deal LEFT JOIN base.deal_activity AS activity ON activity.deal_id = $id "
            "WHERE deal.id = $id",
            DEALS | {("deal_activity", "id")},
            set(),
        ),
        (
            "SELECT 1 FROM base.deals AS deal LEFT JOIN base.deal_activity AS activity ON activity.deal_id = deal.id "
            "JOIN base.notes AS note ON activity.deal_id = note.subject_id WHERE deal.id = $id",
            DEALS | {("deal_activity", "id"), ("notes", "id")},
            set(),
        ),
        # Not so:
        ("SELECT * FROM base.deals WHERE id = $id OR true", set(), {"deals"}),
        ("SELECT * FROM base.deals WHERE id >= $id", set(), {"deals"}),
        ("SELECT * FROM base.deals WHERE stage_id = $id", set(), {"deals"}),
        ("SELECT * FROM base.deals WHERE NOT id = $id", set(), {"deals"}),
        ("SELECT count(*) FROM base.deals HAVING any_value(id) = $id", set(), {"deals"}),
        ("SELECT *, row_number() OVER () AS n FROM base.deals QUALIFY id = $id", set(), {"deals"}),
        ("SELECT * FROM (SELECT * FROM base.deals LIMIT 1) WHERE id = $id", set(), {"deals"}),
        ("SELECT 1 FROM base.deals JOIN (SELECT 1 AS n) ON true WHERE id = $id", set(), {"deals"}),
        (
            "SELECT * FROM base.deals AS deal LEFT JOIN base.stages AS stage ON deal.id = $id",
            set(),
            {"deals", "stages"},
        ),
        (
            "SELECT * FROM base.stages AS stage RIGHT JOIN base.deals AS deal ON deal.id = $id",
            set(),
            {"deals", "stages"},
        ),
        (
            "SELECT 1 FROM base.stages AS stage POSITIONAL JOIN base.deals AS deal WHERE deal.id = $id",
            set(),
            {"deals", "stages"},
        ),
        (
            "SELECT 1 FROM base.stages AS one ASOF JOIN base.deals AS deal ON one.id >= deal.rank WHERE deal.id = $id",
            set(),
            {"deals", "stages"},
        ),
        (
            "SELECT 1 FROM base.deals AS deal LEFT JOIN base.deal_activity AS activity ON activity.deal_id = deal.rank "
            "LEFT JOIN base.notes AS note ON note.subject_id = activity.deal_id WHERE deal.id = $id",
            DEALS,
            {"deal_activity", "notes"},
        ),
        (
            "SELECT 1 FROM base.deals AS deal LEFT JOIN base.notes AS note "
            "ON note.subject_id = deal.id OR deal.rank > 1 WHERE deal.id = $id",
            DEALS,
            {"notes"},
        ),
        (
            "SELECT 1 FROM base.deals AS deal RIGHT JOIN base.notes AS note "
            "ON note.subject_id = deal.id AND deal.id = $id",
            set(),
            {"deals", "notes"},
        ),
        (
            "SELECT 1 FROM base.deals AS deal LEFT JOIN base.notes AS note "
            "ON deal.id = $id AND note.subject_id = deal.id",
            set(),
            {"deals", "notes"},
        ),
        ("SELECT (SELECT max(rank) FROM base.deals) FROM base.deals WHERE id = $id", DEALS, {"deals"}),
        ("SELECT * FROM base.users WHERE id = $id", set(), {"users"}),
    ],
)
def test_what_is_read_of_rows_of_one_key(store: Store, sql: str, rows: set[tuple[str, str]], tables: set[str]) -> None:
    found = store._shared.analysis.reads(sql, "everything")
    assert {(each.table, each.parameter) for each in found.rows} == rows
    assert found.tables == tables


@pytest.mark.parametrize(
    ("view", "is_keyed"),
    [
        ("SELECT * FROM base.notes", True),
        ("SELECT note.* EXCLUDE (text) FROM base.notes AS note JOIN base.users AS author ON true", True),
        ("SELECT subject_id FROM base.notes", True),
        ("SELECT * FROM base.notes ORDER BY id LIMIT 1", False),
        ("SELECT subject_id FROM base.notes GROUP BY subject_id HAVING count(*) > 1", False),
        ("SELECT *, row_number() OVER (ORDER BY id) AS place FROM base.notes", False),
        ("SELECT * FROM base.notes QUALIFY row_number() OVER (ORDER BY id) = 1", False),
        ("SELECT * REPLACE (id AS subject_id) FROM base.notes", False),
        ("SELECT * RENAME (subject_id AS owner, id AS subject_id) FROM base.notes", False),
        ("SELECT id AS subject_id FROM base.notes", False),
        (
            "SELECT note.* EXCLUDE (subject_id), author.id AS subject_id FROM base.notes AS note, base.users AS author",
            False,
        ),
        ("FROM base.notes UNION ALL FROM base.notes", False),
    ],
)
def test_a_view_is_read_by_the_key_of_its_table_where_its_rows_are_rows_of_it(
    store: Store, team: Team, view: str, is_keyed: bool
) -> None:
    with store.writing(team.ada) as tx:
        tx.run(f"CREATE VIEW visible.chosen AS {view}")
    found = store._shared.analysis.reads("SELECT * FROM chosen WHERE subject_id = $id", "visible")
    assert {each.table for each in found.rows} == ({"notes"} if is_keyed else set())
    assert ("notes" in found.tables) is not is_keyed


@pytest.mark.parametrize("view", ["contact_attributes", "notes", "deal_bin"])
def test_a_view_that_is_made_of_more_than_one_row_each_or_renames_is_read_whole_or_by_its_own_key(
    store: Store, view: str
) -> None:
    column = {"contact_attributes": "id", "notes": "subject_id", "deal_bin": "id"}[view]
    found = store._shared.analysis.reads(f"SELECT * FROM {view} WHERE {column} = $id", "visible")
    assert {each.table for each in found.rows} == ({"deals"} if view == "deal_bin" else set())


def test_what_a_view_reads_beside_its_rows_counts_whole(store: Store) -> None:
    """A company is seen by who sees one of its deals: any deal may change that."""
    found = store._shared.analysis.reads("SELECT * FROM companies WHERE id = $id", "visible")
    assert {each.table for each in found.rows} == {"companies"}
    assert {"deals", "contacts"} <= found.tables


def test_keys_are_whole_numbers_of_their_tables(store: Store, team: Team) -> None:
    with store.reading(team.ada) as tx:
        columns = tx.rows("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'base'")
    types = {(row["table_name"], row["column_name"]): row["data_type"] for row in columns}
    assert {types.get(key) for key in KEYS.items()} == {"BIGINT"}


BUILT: list[object] = []


@pytest.fixture(autouse=True)
def nothing_built() -> None:
    BUILT.clear()


@kept
def notes_of(tx: Reading, record_id: object) -> int:
    BUILT.append(record_id)
    return int(tx.value("SELECT count(*) FROM base.notes AS note WHERE note.subject_id = $id", id=record_id))


@kept
def name_of(tx: Reading, contact_id: int) -> object:
    BUILT.append(contact_id)
    return tx.value("SELECT name FROM contacts WHERE id = $id", id=contact_id)


INSERT = """
    INSERT INTO base.notes (subject_kind, subject_id, text, pinned, author_id, created_at, updated_at)
    VALUES ('deal', $id, '', false, 0, $now, $now)
"""


def add(tx: Writing, record_id: object) -> None:
    tx.run(INSERT, id=record_id, now=tx.now)


@pytest.mark.parametrize(
    ("write", "built"),
    [
        (lambda tx: add(tx, 1), [1]),
        (lambda tx: add(tx, 3), []),
        (lambda tx: add(tx, "1"), [1, 2]),  # the engine makes a number of it
        (lambda tx: tx.run("DELETE FROM base.notes WHERE subject_id = $id", id=1), [1]),
        (lambda tx: tx.run("DELETE FROM base.notes WHERE subject_id = $id", id=None), [1, 2]),
        (lambda tx: tx.run("DELETE FROM base.notes WHERE text = 'a'"), [1, 2]),
        (lambda tx: tx.run(INSERT, id=1, now=tx.now) + tx.run("DELETE FROM base.notes WHERE text = 'a'"), [1, 2]),
    ],
)
def test_a_change_empties_the_answers_about_its_rows_alone(
    store: Store, team: Team, write: Callable[[Writing], Any], built: list[object]
) -> None:
    def read() -> None:
        with store.reading(team.ada) as tx:
            notes_of(tx, 1), notes_of(tx, 2)

    read()
    BUILT.clear()
    with store.writing(team.ada) as tx:
        write(tx)
    read()
    assert built == BUILT


def test_a_new_record_leaves_the_answers_about_others(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        known = contacts.create(tx, name="Lia Prado").id
    with store.reading(team.ada) as tx:
        assert name_of(tx, known) == "Lia Prado"
        assert name_of(tx, known + 1) is None
    BUILT.clear()
    with store.writing(team.ada) as tx:
        made = contacts.create(tx, name="Rui Sá").id
    assert made == known + 1
    with store.reading(team.ada) as tx:
        assert (name_of(tx, known), name_of(tx, made)) == ("Lia Prado", "Rui Sá")
    assert [made] == BUILT


@pytest.mark.parametrize("first", [True, 1.0, "1"])
def test_a_parameter_that_is_no_plain_number_reads_the_whole_table(store: Store, team: Team, first: object) -> None:
    with store.reading(team.ada) as tx:
        notes_of(tx, first)
    BUILT.clear()
    with store.writing(team.ada) as tx:
        add(tx, 7)
    with store.reading(team.ada) as tx:
        notes_of(tx, first)
    assert [first] == BUILT


def test_versions_tell_rows_apart_until_they_are_too_many() -> None:
    before = Versions().raised(frozenset({("notes", 1)}))
    after = before.raised(frozenset({("notes", 2)}))
    assert after.same_for([("notes", 1)], before)
    assert not after.same_for([("notes", 2)], before)
    assert not after.same_for(["notes"], before)
    assert not after.raised(frozenset({"notes"})).same_for([("notes", 1)], before)
    many = after.raised(frozenset(("deals", number) for number in range(MAX_ROWS)))
    assert not many.same_for([("notes", 1)], before)
    assert len(many.tables) < 10
    assert many.raised(frozenset({("deals", 1)})).same_for([("notes", 1)], many)
    again = many.raised(frozenset({("notes", 1)})).raised(frozenset(("deals", number) for number in range(MAX_ROWS)))
    assert not again.same_for([("notes", 1)], many)
