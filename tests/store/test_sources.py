"""Which tables a statement reads and writes, found from its text."""

import pytest

from crm.store import Store
from crm.store.sources import Analysis, Sources, written_tables


@pytest.fixture
def analysis(store: Store) -> Analysis:
    return store._shared.analysis


@pytest.mark.parametrize(
    ("sql", "tables", "facets", "others"),
    [
        ("SELECT * FROM base.labels", {"labels"}, set(), set()),
        ("SELECT * FROM labels", {"labels"}, {"sees_everything"}, set()),
        ("SELECT * FROM notices", {"notices"}, {"sees_everything", "id"}, set()),
        (
            "SELECT * FROM contacts WHERE id IN (FROM base.contact_labels SELECT contact_id)",
            {"contacts", "contact_labels"},
            {"sees_everything", "id", "team_ids"},
            set(),
        ),
        ("WITH found AS (FROM base.users) SELECT * FROM found", {"users"}, set(), set()),
        ("WITH labels AS (FROM base.users) SELECT * FROM labels", {"users", "labels"}, {"sees_everything"}, set()),
        ("SELECT * FROM temp.found, picked", set(), set(), {"found", "picked"}),
        ("SELECT getvariable('actor_id')", set(), {"id"}, set()),
    ],
)
def test_reads(analysis: Analysis, sql: str, tables: set[str], facets: set[str], others: set[str]) -> None:
    assert analysis.reads(sql, "visible") == Sources(frozenset(tables), frozenset(facets), frozenset(others))


def test_who_sees_everything_reads_views_that_ask_for_nobody_in_particular(analysis: Analysis) -> None:
    found = analysis.reads("SELECT * FROM contacts", "everything")
    assert found.tables == {"contacts"}
    assert found.facets == {"sees_everything"}


def test_a_module_decides_what_a_view_holds(analysis: Analysis) -> None:
    assert "modules" in analysis.reads("SELECT * FROM deals", "everything").facets


def test_what_cannot_be_analysed_is_said_to_be_unknown(analysis: Analysis) -> None:
    assert not analysis.reads("PRAGMA version", "visible").known


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("INSERT INTO base.labels VALUES (1)", {"labels"}),
        ("INSERT OR REPLACE INTO base.labels BY NAME FROM frame", {"labels"}),
        ("insert into base.labels SELECT 1 ON CONFLICT (id) DO UPDATE SET name = 'a'", {"labels"}),
        ("UPDATE base.deals SET value = 1 FROM base.labels WHERE 'DELETE FROM base.users' <> ''", {"deals"}),
        ("DELETE FROM base.notes", {"notes"}),
        ("MERGE INTO base.notes USING frame ON true WHEN MATCHED THEN DELETE", {"notes"}),
        ("WITH gone AS (SELECT 1) DELETE FROM base.notes USING gone", {"notes"}),
        ("-- UPDATE base.users\nSELECT 1", set()),
        ("WITH found AS (SELECT 1) SELECT * FROM found", set()),
        ("CREATE OR REPLACE TEMP TABLE found AS SELECT 1", set()),
        ("DROP TABLE IF EXISTS temp.found", set()),
        ("UPDATE temp.found SET a = 1", set()),
        ("ALTER TABLE base.deals ADD COLUMN a INT", None),
        ("CREATE OR REPLACE VIEW visible.deals AS SELECT 1", None),
        ("DROP TABLE base.deals", None),
    ],
)
def test_writes(sql: str, tables: set[str] | None) -> None:
    assert written_tables(sql) == (None if tables is None else frozenset(tables))
