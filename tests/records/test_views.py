"""The views over all record types: a type that the registry knows is in each of them, for those who may see it."""

from typing import Annotated

import pytest

from crm.foundation.access import SYSTEM, Module, Permission
from crm.records import registry, views
from crm.records.declaration import Record, RecordType, Trait
from crm.records.fields import Text
from crm.store import Store, migrate
from tests.owner_privacy import owner_privacy
from tests.people import Team


class Course(Record, frozen=True):
    name: Annotated[str, Text()]


COURSE = RecordType(
    key="course",
    plural="courses",
    record=Course,
    icon=":material/school:",
    permission=Permission.MANAGE_OBJECTS,
    module=Module.OBJECTS,
    traits=frozenset(Trait),
)

SCHEMA = """
CREATE TABLE base.courses (id BIGINT, name VARCHAR, owner_id BIGINT, team_id BIGINT, deleted_at TIMESTAMPTZ);
CREATE TABLE base.course_attributes (id BIGINT, a_level VARCHAR, d_7 VARCHAR);
CREATE TABLE base.course_labels (course_id BIGINT, label_id BIGINT);
"""
OWN_VIEWS = """
CREATE VIEW {schema}.courses AS
SELECT * FROM base.courses
WHERE deleted_at IS NULL AND list_contains(getvariable('modules'), 'objects') {narrow};
CREATE VIEW {schema}.course_bin AS
SELECT * FROM base.courses
WHERE deleted_at IS NOT NULL AND list_contains(getvariable('modules'), 'objects') {narrow};
"""
ROWS = """
INSERT INTO base.courses
VALUES (1, 'Ana’s', {ana}, NULL, NULL), (2, 'Bob’s', {bob}, NULL, NULL), (3, 'Ana’s, deleted', {ana}, NULL, now()),
    (4, 'Bob’s, deleted', {bob}, NULL, now()), (5, 'Ana’s second', {ana}, NULL, NULL);
INSERT INTO base.course_attributes VALUES (1, 'A1', 'x'), (2, 'B1', 'x');
INSERT INTO base.labels (name, name_key, colour) VALUES ('New', 'new', 'blue');
INSERT INTO base.course_labels SELECT course, max(label.id) FROM base.labels AS label, (VALUES (1), (2)) AS of(course)
GROUP BY course;
INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
VALUES ('course', 1, 'on 1', 0, now(), now()), ('course', 2, 'on 2', 0, now(), now());
INSERT INTO base.uploads (id, sha256, file_name, size, created_by, created_at) VALUES (70, 'x', 'x.pdf', 1, 0, now());
INSERT INTO base.attachments (subject_kind, subject_id, upload_id, media_type, created_by, created_at)
VALUES ('course', 1, 70, 'x', 0, now()), ('course', 2, 70, 'x', 0, now());
INSERT INTO base.merges (
    subject_kind, survivor_id, absorbed_id, survivor_name, absorbed_name, changes, new_attributes, created_by,
    created_at
)
VALUES ('course', 1, 3, '', '', '', false, 0, now()), ('course', 2, 4, '', '', '', false, 0, now());
INSERT INTO base.distinct_pairs VALUES ('course', 1, 5, 0, now()), ('course', 1, 2, 0, now());
INSERT INTO base.duplicates VALUES ('course', 2, 5, 60, []), ('course', 1, 2, 60, []);
"""
SEEN = {
    "bin": "SELECT id FROM bin WHERE kind = 'course'",
    "notes": "SELECT subject_id FROM notes WHERE subject_kind = 'course'",
    "attachments": "SELECT subject_id FROM attachments WHERE subject_kind = 'course' AND file_name = 'x.pdf'",
    "course_attributes": "SELECT id FROM (SELECT * FROM course_attributes) WHERE a_level IS NOT NULL",
    "course_labels": "SELECT course_id FROM course_labels WHERE name = 'New'",
    "links": "SELECT object_id FROM links",
    "merges": "SELECT survivor_id FROM merges WHERE subject_kind = 'course'",
    "distinct_pairs": "SELECT right_id FROM distinct_pairs WHERE subject_kind = 'course'",
    "course_duplicates": "SELECT right_id FROM course_duplicates",
}
"""For each view that knows all types: which courses one sees in it."""


@pytest.fixture
def courses(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store in which courses are a record type, and the module that they belong to is on."""
    declared = {**registry.types(), "course": COURSE}
    monkeypatch.setattr(registry, "types", lambda: declared)
    owner_privacy(store, team)
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.modules SET enabled = true WHERE module = 'objects'")
        tx.run(SCHEMA)
        for schema, narrow in (("visible", "AND owner_id = getvariable('actor_id')"), ("everything", "")):
            tx.run(OWN_VIEWS.format(schema=schema, narrow=narrow))
        for statement in views.statements():
            tx.run(statement)
        tx.run(ROWS.format(ana=team.ids.ana, bob=team.ids.bob))
    return store


def seen(store: Store, team: Team, person: str) -> dict[str, list[int]]:
    with store.reading(getattr(team, person)) as tx:
        return {name: sorted(next(iter(row.values())) for row in tx.rows(sql)) for name, sql in SEEN.items()}


def test_a_type_of_the_registry_is_in_each_view_for_those_who_see_its_records(courses: Store, team: Team) -> None:
    assert seen(courses, team, "ana") == {
        "bin": [3],
        "notes": [1],
        "attachments": [1],
        "course_attributes": [1],
        "course_labels": [1],
        "links": [],
        "merges": [1],
        "distinct_pairs": [5],
        "course_duplicates": [],
    }
    assert seen(courses, team, "marta") == {
        "bin": [3, 4],
        "notes": [1, 2],
        "attachments": [1, 2],
        "course_attributes": [1, 2],
        "course_labels": [1, 2],
        "links": [],
        "merges": [1, 2],
        "distinct_pairs": [2, 5],
        "course_duplicates": [5],
    }


def test_nobody_sees_what_belongs_to_a_module_that_is_off(courses: Store, team: Team) -> None:
    with courses.writing(SYSTEM) as tx:
        tx.run("UPDATE base.modules SET enabled = false WHERE module = 'objects'")
    for person in ("ana", "marta"):
        assert not any(seen(courses, team, person).values())


def test_the_column_of_a_deleted_attribute_is_in_no_view(courses: Store, team: Team) -> None:
    for actor in (team.ana, team.marta):
        with courses.reading(actor) as tx:
            assert tx.rows("SELECT * FROM course_attributes WHERE id = 1") == [{"id": 1, "a_level": "A1"}]


def test_every_trait_that_hangs_rows_on_records_has_its_views(courses: Store) -> None:
    laid = [sql.split(" AS\n")[0] for sql in views.statements([COURSE])]
    assert laid == [f"CREATE OR REPLACE VIEW {schema}.{name}" for schema in ("visible", "everything") for name in SEEN]


def test_the_store_lays_the_views_of_the_registered_types(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(views.statements()) <= set(migrate.view_statements())
    assert [sql for sql in migrate.view_statements(containing="contact_labels") if "labels AS" in sql[:60]] != []
