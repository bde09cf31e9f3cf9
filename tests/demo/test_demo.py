"""The demo is what it says: coherent, the same for the same seed and day, and nobody's."""

from datetime import UTC, datetime
from pathlib import Path

import phonenumbers
import pytest

from crm.demo import command
from crm.demo.command import prepare
from crm.demo.fill import fill
from crm.foundation import clock, identity
from crm.foundation.access import SYSTEM
from crm.foundation.errors import Invalid
from crm.platform.people import passwords
from crm.store import Row, Store
from crm.verify import verify


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("demo"), threads=1)
    with store.writing(SYSTEM) as tx:
        fill(tx, seed=1)
    return store


def rows(store: Store, sql: str) -> list[Row]:
    with store.reading(SYSTEM) as tx:
        return tx.rows(sql)


def test_it_has_what_was_promised(demo: Store) -> None:
    counts = rows(
        demo,
        """
        SELECT
            (SELECT count(*) FROM contacts) AS contacts,
            (SELECT count(*) FROM companies) AS companies,
            (SELECT count(*) FROM pipelines) AS pipelines,
            (SELECT count(*) FROM deals) AS deals,
            (SELECT count(DISTINCT owner_id) FROM deals) AS reps,
            (SELECT count(*) FROM objects_1) AS courses,
            (SELECT count(*) FROM objects_2) AS enrolments,
            (SELECT count(*) FROM base.links WHERE subject_kind = 'deal') AS interested,
            (SELECT count(*) FROM base.events WHERE name = 'demo.filled') AS fillings
        """,
    )[0]
    people = {"contacts": 5000, "companies": 400, "pipelines": 3, "deals": 1500, "reps": 9, "fillings": 1}
    assert counts == {**people, "courses": 12, "enrolments": 72, "interested": 15}


def test_every_amount_in_another_currency_has_a_rate(demo: Store) -> None:
    unrated = rows(
        demo,
        """
        SELECT amount.currency, amount.day
        FROM (
            SELECT currency, ordered_on AS day FROM orders
            UNION ALL
            SELECT currency, closed_on FROM deals WHERE closed_on IS NOT NULL
        ) AS amount
        LEFT JOIN currency_rates AS dated
            ON dated.currency = amount.currency AND amount.day - dated.day BETWEEN 0 AND 31
        WHERE amount.currency <> 'BRL' AND dated.id IS NULL
        """,
    )
    assert unrated == []


def test_the_school_has_students_and_one_course_has_more_than_a_page_shows(demo: Store) -> None:
    students = rows(
        demo,
        """
        SELECT link.object_kind, link.object_id, count(*) AS many
        FROM base.links AS link
        JOIN base.link_labels AS label ON label.id = link.link_label_id
        JOIN contacts AS contact ON contact.id = link.subject_id AND contact.created_at <= link.created_at
        WHERE link.subject_kind = 'contact' AND label.name = 'student'
        GROUP BY ALL
        """,
    )
    of_courses = [row["many"] for row in students if row["object_kind"] == "object_1"]
    of_enrolments = [row["many"] for row in students if row["object_kind"] == "object_2"]
    assert (sum(of_courses), max(of_courses) > 20) == (72, True)
    assert of_enrolments == [1] * 72
    places = rows(demo, "SELECT situation, count(*) AS many FROM objects_2 GROUP BY ALL")
    assert len(places) == 4


def test_the_store_is_sound(demo: Store) -> None:
    assert verify(demo) == []


def test_every_history_begins_once_goes_on_from_where_it_was_and_ends_where_the_deal_stands(demo: Store) -> None:
    broken = rows(
        demo,
        """
        WITH step AS (
            SELECT
                *,
                lag(to_stage_id) OVER deal AS stood_in,
                lag(happened_at) OVER deal AS before,
                row_number() OVER deal AS nth
            FROM stage_events
            WINDOW deal AS (PARTITION BY deal_id ORDER BY id)
        )
        SELECT step.id
        FROM step
        JOIN stages AS stage ON stage.id = step.to_stage_id
        WHERE (nth = 1) <> (step.kind = 'create')
           OR from_stage_id IS DISTINCT FROM stood_in
           OR happened_at <= before
           OR (stage.kind IN ('won', 'lost') AND step.kind <> stage.kind)
           OR (stage.kind = 'open' AND step.kind IN ('won', 'lost'))
        """,
    )
    assert broken == []


def test_a_deal_closed_on_the_workspaces_day_of_its_last_movement(demo: Store) -> None:
    wrong = rows(
        demo,
        """
        SELECT deal.id
        FROM deals AS deal
        JOIN (SELECT deal_id, max(happened_at) AS last FROM stage_events GROUP BY deal_id) AS event
            ON event.deal_id = deal.id
        WHERE (deal.status = 'open') <> (deal.closed_on IS NULL)
           OR deal.closed_on <> CAST(event.last AT TIME ZONE 'America/Sao_Paulo' AS DATE)
           OR (deal.status = 'lost' AND deal.close_reason_id IS NULL)
        """,
    )
    assert wrong == []


def test_it_shows_what_reports_are_for(demo: Store) -> None:
    seen = rows(
        demo,
        """
        SELECT
            count(*) FILTER (status = 'won') / count(*) FILTER (status <> 'open') AS win_rate,
            count(*) FILTER (status = 'open' AND expected_close < current_date) AS overdue,
            count(*) FILTER (status = 'open' AND expected_close IS NULL) AS undated,
            count(*) FILTER (status = 'open' AND expected_close > current_date) AS ahead,
            count(DISTINCT currency) AS currencies,
            date_diff('day', min(created_at), max(created_at)) AS days
        FROM deals
        """,
    )[0]
    kinds = {row["kind"]: row["n"] for row in rows(demo, "SELECT kind, count(*) AS n FROM stage_events GROUP BY kind")}
    back = rows(
        demo,
        """
        SELECT count(*) AS n
        FROM stage_events AS event
        JOIN stages AS before ON before.id = event.from_stage_id
        JOIN stages AS after ON after.id = event.to_stage_id
        WHERE event.kind = 'move' AND after.position < before.position
        """,
    )[0]["n"]
    assert 0.25 < seen["win_rate"] < 0.35
    assert min(seen["overdue"], seen["undated"]) >= 10
    assert seen["ahead"] > 100
    assert seen["currencies"] == 3
    assert 720 < seen["days"] <= 730
    assert kinds["reopen"] > 10
    assert back > 20


def test_checklists_are_done_where_deals_were_won_and_due_around_today_where_they_are_open(demo: Store) -> None:
    by_status = {
        row["status"]: row
        for row in rows(
            demo,
            """
            SELECT
                deal.status,
                count(DISTINCT deal.id) AS deals,
                count(*) FILTER (done_at IS NULL) AS undone,
                count(*) FILTER (done_at IS NOT NULL) AS done,
                count(*) FILTER (done_at < deal.created_at OR done_at > deal.updated_at) AS out_of_time,
                min(due_on - current_date) FILTER (done_at IS NULL) AS earliest,
                max(due_on - current_date) FILTER (done_at IS NULL) AS latest
            FROM checklist_items AS item
            JOIN deals AS deal ON deal.id = item.deal_id
            GROUP BY deal.status
            """,
        )
    }
    opened, won = by_status["open"], by_status["won"]
    assert opened["deals"] > 50
    assert min(opened["done"], opened["undone"]) > 50
    assert -4 < opened["earliest"] <= 0
    assert 7 < opened["latest"] < 30
    assert won["undone"] == 0
    assert not any(row["out_of_time"] for row in by_status.values())
    assert {row["name"] for row in rows(demo, "SELECT name FROM checklist_templates")} == {
        *("Before the offer", "After the offer", "Renewal"),
    }


def test_some_open_deals_with_lines_were_quoted(demo: Store) -> None:
    quoted = rows(
        demo,
        """
        SELECT quote.number, quote.total, deal.value, deal.status
        FROM quotes AS quote JOIN deals AS deal ON deal.id = quote.deal_id
        ORDER BY quote.number
        """,
    )
    assert [row["number"] for row in quoted] == list(range(1, 21))
    assert all(row["total"] == row["value"] and row["status"] == "open" for row in quoted)


def test_nothing_lies_in_the_future(demo: Store) -> None:
    latest = rows(
        demo,
        """
        SELECT max(moment) AS moment
        FROM (
            SELECT max(happened_at) AS moment FROM stage_events
            UNION ALL SELECT max(created_at) FROM contacts
            UNION ALL SELECT max(created_at) FROM companies
        )
        """,
    )[0]["moment"]
    assert latest < clock.now()


def test_no_address_or_number_can_reach_anybody(demo: Store) -> None:
    contacts = rows(demo, "SELECT email, phone FROM contacts")
    domains = {contact["email"].rsplit(".", 1)[1] for contact in contacts if contact["email"]}
    numbers = [contact["phone"] for contact in contacts if contact["phone"]]
    malformed = [number for number in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(number))]
    assert domains == {"example"}
    assert len(numbers) > 3000
    assert malformed == []


def test_what_search_looks_in_is_what_the_verbs_would_write(demo: Store) -> None:
    differing = rows(
        demo,
        f"""
        SELECT id FROM contacts
        WHERE search <> {identity.searchable_sql("concat_ws(chr(10), name, email, phone, identifier)")}
        UNION ALL
        SELECT id FROM deals WHERE search <> {identity.searchable_sql("title")}
        UNION ALL
        SELECT id FROM companies WHERE search <> {identity.searchable_sql("concat_ws(chr(10), name, domain)")}
        UNION ALL
        SELECT id FROM objects_1 WHERE search <> {identity.searchable_sql("name")}
        UNION ALL
        SELECT id FROM objects_2 WHERE search <> {identity.searchable_sql("concat_ws(chr(10), number, class)")}
        """,
    )
    assert differing == []


TABLES = (
    "contacts", "companies", "deals", "stage_events", "contact_labels", "contact_attributes", "deal_attributes",
    "checklists", "checklist_items", "objects_1", "objects_2", "base.links",
)  # fmt: skip


def made(folder: Path, seed: int) -> dict[str, list[Row]]:
    store = Store(folder, threads=1)
    with store.writing(SYSTEM) as tx:
        fill(tx, seed=seed)
    found = {table: rows(store, f"SELECT * FROM {table} ORDER BY ALL") for table in TABLES}
    store.close()
    return found


def test_one_seed_on_one_day_makes_one_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 12, tzinfo=UTC))
    first = made(tmp_path / "first", seed=7)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 23, tzinfo=UTC))
    assert made(tmp_path / "again", seed=7) == first
    assert made(tmp_path / "other", seed=8)["deals"] != first["deals"]


def test_it_is_lived_in_and_each_role_gets_an_account_with_a_password_that_a_second_start_replaces(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path, threads=1)
    before = prepare(store, seed=1, times=1)
    after = prepare(store, seed=1, times=1)
    with store.reading(SYSTEM) as tx:
        hashes = {row["id"]: row["password_hash"] for row in tx.rows("SELECT id, password_hash FROM base.users")}
        worked = tx.rows(
            """
            SELECT
                (SELECT count(*) FROM base.segments) AS segments,
                (SELECT count(*) FROM base.saved_views) AS views,
                (SELECT sum(created) FROM base.imports) AS created,
                (SELECT sum(rejected) FROM base.imports) AS rejected,
                (SELECT count(*) FROM base.imports) AS imports,
                (SELECT count(*) FROM base.notices) AS notices
            """
        )
        pairs = tx.value("SELECT count(*) FROM base.duplicates WHERE subject_kind = 'contact'")
    verify_problems = verify(store)
    store.close()
    assert worked == [{"segments": 4, "views": 3, "created": 26, "rejected": 4, "imports": 1, "notices": 7}]
    assert pairs > 8
    assert verify_problems == []
    assert sorted(account.role for account, _ in after) == ["administrator", "analyst", "manager", "rep", "viewer"]
    for (account, old), (_, new) in zip(before, after, strict=True):
        assert len(new) >= passwords.SHORTEST
        assert passwords.matches(hashes[account.user_id], new)
        assert not passwords.matches(hashes[account.user_id], old)


def test_its_store_is_the_one_that_is_named_and_never_the_usual_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_STORE", raising=False)
    assert command.folder_of(None) == command.FOLDER
    monkeypatch.setenv("CRM_STORE", str(tmp_path))
    assert command.folder_of(None) == tmp_path
    assert command.folder_of(tmp_path / "other") == tmp_path / "other"


def test_a_store_that_holds_anything_else_is_left_alone(store: Store, team: object) -> None:
    with pytest.raises(Invalid), store.writing(SYSTEM) as tx:
        fill(tx)
    assert rows(store, "SELECT id FROM contacts") == []
