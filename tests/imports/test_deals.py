"""Deals from files: stages by name, the day they closed, and the stage events that every report stands on."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crm import deals, imports, pipelines
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.records import attributes
from crm.records.history import history
from crm.verify import verify
from tests.imports.conftest import counts, finished, reasons, rows

HEADER = "identifier,title,stage,value,currency,created,closed\n"


def test_a_won_deal_has_its_two_events_and_its_day(store, team, bring, pipeline):
    done = bring(team.marta, "deals", HEADER + 'D-1,Parts,won,"1,234.50",USD,2025-01-10,2025-03-31\n')
    assert counts(done) == (1, 0, 0, 0, 0)
    with store.reading(team.marta) as tx:
        deal = deals.get(tx, 1)
        events = tx.rows("SELECT kind, from_stage_id, to_stage_id, happened_at FROM stage_events ORDER BY id")
    assert (deal.value, deal.currency, deal.closed_on) == (Decimal("1234.5"), "USD", date(2025, 3, 31))
    assert deal.stage_id == pipeline.won.id
    first = pipeline.open_stages[0].id
    assert [(event["kind"], event["from_stage_id"], event["to_stage_id"]) for event in events] == [
        ("import", None, first),
        ("won", first, pipeline.won.id),
    ]
    assert events[0]["happened_at"].isoformat() == "2025-01-11T02:59:59.999999+00:00"
    assert events[1]["happened_at"].isoformat() == "2025-04-01T02:59:59.999999+00:00"


def test_open_deals_come_on_top_of_their_stage_in_the_files_order(store, team, bring, pipeline):
    bring(team.marta, "deals", "title,stage\nOld,Lead\n")
    bring(team.marta, "deals", "title,stage\nA,Lead\nB,Lead\nC,Proposal\n")
    assert rows(store, team.marta, "SELECT title FROM deals ORDER BY stage_id, rank") == [
        ("A",),
        ("B",),
        ("Old",),
        ("C",),
    ]


def test_what_makes_no_sense_is_refused(store, team, bring, pipeline):
    done = bring(
        team.marta,
        "deals",
        HEADER
        + "1,A,Nowhere,1,USD,,\n2,B,Won,1,USD,2025-01-10,\n3,C,Won,1,USD,2025-02-01,2025-01-01\n4,D,Lead,-1,USD,,\n"
        + "5,E,Lead,R$ 5,USD,,\n6,F,Won,1,USD,,2199-01-01\n7,,Lead,1,USD,,\n8,G,Lead,1,XXXX,,\n",
    )
    said = [reason for _, reason in reasons(store, team.marta, done)]
    assert counts(done) == (0, 0, 0, 0, 8)
    for part, reason in zip(
        ("no stage “Nowhere”", "needs the day", "closes before", "negative", "another currency", "still to come",
         "needs a title", "not a currency"),
        said,
        strict=True,
    ):  # fmt: skip
        assert part in reason


def test_what_no_field_can_hold_is_refused_by_its_row(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="deal", name="Size", type="number")
        attributes.define(tx, model="deal", name="Due", type="date")
    done = bring(
        team.marta,
        "deals",
        "title,value,expected close,Size,Due\nA,1e999999999,,,\nB,,0001-01-01,,\nC,,,1e999999999,\n"
        f"D,{'9' * 400},,,\nE,,,{'9' * 400},\nF,,,,2201-01-01\n"
        "G,99999999999999,2200-12-31,999999999999999,1900-01-01\n",
    )
    assert counts(done) == (1, 0, 0, 0, 6)
    assert [line for line, _ in reasons(store, team.marta, done)] == [2, 3, 4, 5, 6, 7]
    assert all(0 < len(reason) < 500 for _, reason in reasons(store, team.marta, done))
    assert verify(store) == []


def test_a_reimport_moves_and_closes_by_the_log(store, team, bring, pipeline):
    bring(team.marta, "deals", HEADER + "D-1,Parts,Lead,10,USD,2025-01-10,\nD-2,More,Lead,10,USD,2025-01-10,\n")
    again = bring(
        team.marta,
        "deals",
        HEADER + "D-1,,Proposal,,,,\nD-2,,Lost,,,,2025-02-01\n",
        on_duplicate="overwrite",
    )
    assert counts(again) == (0, 2, 0, 0, 0)
    kinds = rows(store, team.marta, "SELECT deal_id, kind FROM stage_events WHERE id > 2 ORDER BY deal_id")
    assert kinds == [(1, "import"), (2, "lost")]
    reopened = bring(team.marta, "deals", "identifier,stage\nD-2,Lead\n", on_duplicate="overwrite")
    assert counts(reopened) == (0, 1, 0, 0, 0)
    assert rows(store, team.marta, "SELECT closed_on, status FROM deals WHERE id = 2") == [(None, "open")]
    assert rows(store, team.marta, "SELECT kind FROM stage_events ORDER BY id DESC LIMIT 1") == [("reopen",)]


def test_an_amount_is_never_relabelled(store, team, bring, pipeline):
    bring(team.marta, "deals", "identifier,title,value,currency\nD-1,Parts,10,USD\n")
    again = bring(team.marta, "deals", "identifier,currency\nD-1,EUR\n", on_duplicate="overwrite")
    assert counts(again) == (0, 0, 1, 0, 0)


def test_values_are_rounded_half_even_to_their_currency(store, team, bring, pipeline):
    bring(team.marta, "deals", "title,value,currency\nA,10.125,USD\nB,10.5,JPY\nC,3.0005,KWD\n")
    found = rows(store, team.marta, "SELECT value FROM deals ORDER BY id")
    assert found == [(Decimal("10.1200"),), (Decimal("10.0000"),), (Decimal("3.0000"),)]


def test_owners_and_companies_are_refused_left_or_made(store, team, bring, pipeline):
    content = "title,owner,company\nA,Zoë Ã,Aurora\nB,BOB,\n"
    refused = bring(team.ada, "deals", content)
    assert [reason for _, reason in reasons(store, team.ada, refused)] == ["No user is called “Zoë Ã”."]
    left = bring(team.ada, "deals", content, leave_unknown=True)
    assert counts(left) == (2, 0, 0, 0, 0)
    made = bring(team.ada, "deals", content, make_owners=True, make_companies=True)
    assert (counts(made), made.found["made"]) == ((2, 0, 0, 0, 0), {"owners": 1, "companies": 1})
    new = rows(store, team.ada, "SELECT email, active, role FROM users WHERE name = 'Zoë Ã'")
    assert new == [("zoe-a@imported.invalid", False, "rep")]
    (aurora,) = rows(store, team.ada, "SELECT id FROM companies WHERE name = 'Aurora'")[0]
    with store.reading(team.ada) as tx:
        assert [(event.name, event.actor_name) for event in history(tx, "company", aurora)] == [
            ("company.created", "Ada")
        ]


def test_a_title_can_be_made_of_columns(store, team, bring, pipeline):
    constants = {"title": "{Product} for {Account}|{Product}", "currency": "USD"}
    bring(
        team.marta,
        "deals",
        "Product,Account,Amount\nGTX,Aurora,5\nMG,,6\n",
        constants=constants,
        mapping={"Account": ""},
    )
    assert rows(store, team.marta, "SELECT title, currency FROM deals ORDER BY id") == [
        ("GTX for Aurora", "USD"),
        ("MG", "USD"),
    ]


def test_dates_that_read_two_ways_stop_the_import_with_the_question(store, team, bring, pipeline):
    content = "title,stage,created\nA,Lead,03/04/2025\n"
    asked = bring(team.marta, "deals", content)
    assert asked.state == "failed"
    assert "3 April 2025 (day/month/year) or 4 March 2025 (month/day/year)" in asked.message
    assert counts(bring(team.marta, "deals", content, date_patterns={"*": "%d/%m/%Y"})) == (1, 0, 0, 0, 0)


def test_with_several_pipelines_one_must_be_said(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    refused = bring(team.marta, "deals", "title\nA\n")
    assert "several pipelines" in reasons(store, team.marta, refused)[0][1]
    assert bring(team.marta, "deals", "title\nA\n", constants={"pipeline": "renewals"}).created == 1


@pytest.mark.parametrize("dry_run", [True, False])
def test_with_several_pipelines_deals_that_are_known_need_none_said(store, team, bring, pipeline, dry_run):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    stored = "identifier,title,pipeline,stage,closed\nD-1,A,Sales,Proposal,\nD-2,B,Renewals,Won,2025-03-05\n"
    bring(team.marta, "deals", stored, **ISO)
    where = "SELECT stage_id, pipeline_id, rank FROM deals ORDER BY id"
    stood = rows(store, team.marta, where)
    content = "identifier,title,closed\nD-1,Bolts,\nD-2,Nuts,2025-03-05\nD-3,Rings,\nD-4,,\n"
    done = bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run, **ISO)
    assert counts(done) == (0, 2, 0, 0, 2)
    assert reasons(store, team.marta, done) == [
        (4, "There are several pipelines: say which one, by a column or a constant."),
        (5, "A new deal needs a title."),
    ]
    assert rows(store, team.marta, where) == stood
    titles = [("A",), ("B",)] if dry_run else [("Bolts",), ("Nuts",)]
    assert rows(store, team.marta, "SELECT title FROM deals ORDER BY id") == titles
    assert rows(store, team.marta, "SELECT count(*) FROM stage_events") == [(3,)]
    assert verify(store) == []


@pytest.mark.parametrize(("choice", "expected"), [("skip", (0, 0, 0, 1, 1)), ("fill", (0, 1, 0, 0, 1))])
def test_with_several_pipelines_known_deals_are_skipped_or_filled(store, team, bring, pipeline, choice, expected):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    bring(team.marta, "deals", "identifier,title,pipeline\nD-1,A,Renewals\n")
    done = bring(team.marta, "deals", "identifier,title,source\nD-1,A,Fair\nD-2,B,Fair\n", on_duplicate=choice)
    assert counts(done) == expected


def test_with_several_pipelines_a_stage_is_of_none_until_one_is_said(store, team, bring, pipeline):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    bring(team.marta, "deals", "identifier,title,pipeline\nD-1,A,Sales\n")
    done = bring(team.marta, "deals", "identifier,stage\nD-1,Proposal\n", on_duplicate="overwrite")
    assert counts(done) == (0, 0, 0, 0, 1)
    assert "several pipelines" in reasons(store, team.marta, done)[0][1]


@pytest.mark.parametrize("dry_run", [True, False])
def test_another_pipeline_needs_a_stage_too(store, team, bring, pipeline, dry_run):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    stored = (
        "identifier,title,pipeline,stage,closed\nD-1,A,Sales,Proposal,\nD-2,B,Renewals,Won,2025-03-05\nD-3,C,Sales,,\n"
    )
    bring(team.marta, "deals", stored, **ISO)
    where = "SELECT title, pipeline_id, stage_id FROM deals ORDER BY id"
    stood = rows(store, team.marta, where)
    content = "identifier,title,pipeline,stage\nD-1,Bolts,Renewals,\nD-2,Nuts,sales,\nD-3,Rings,Renewals,Due\n"
    done = bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run, **ISO)
    assert counts(done) == (0, 1, 0, 0, 2)
    assert reasons(store, team.marta, done) == [
        (2, "The deal is in the pipeline “Sales”: in another one it needs a stage too."),
        (3, "The deal is in the pipeline “Renewals”: in another one it needs a stage too."),
    ]
    assert rows(store, team.marta, where)[:2] == stood[:2]
    assert verify(store) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_pipeline_of_a_deal_is_no_change_and_needs_no_stage(store, team, bring, pipeline, dry_run):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    bring(team.marta, "deals", "identifier,title,pipeline,stage\nD-1,A,Sales,Proposal\nD-2,B,Renewals,\n")
    content = "identifier,title,pipeline\nD-1,,SALES\nD-2,Nuts,Renewals\nD-3,Rings,Renewals\n"
    done = bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run)
    assert counts(done) == (1, 1, 1, 0, 0)
    stages = [("Proposal",), ("Due",)] if dry_run else [("Proposal",), ("Due",), ("Due",)]
    named = "SELECT stage.name FROM deals JOIN stages AS stage ON stage.id = deals.stage_id ORDER BY deals.id"
    assert rows(store, team.marta, named) == stages


@pytest.mark.parametrize(("choice", "expected"), [("skip", (0, 0, 0, 1, 0)), ("fill", (0, 0, 1, 0, 0))])
def test_a_deal_that_is_skipped_or_filled_stays_in_its_pipeline(store, team, bring, pipeline, choice, expected):
    with store.writing(team.ada) as tx:
        pipelines.create(tx, "Renewals", ["Due"])
    bring(team.marta, "deals", "identifier,title,pipeline\nD-1,A,Sales\n")
    done = bring(team.marta, "deals", "identifier,pipeline\nD-1,Renewals\n", on_duplicate=choice)
    assert counts(done) == expected


def test_a_contact_is_found_by_email_phone_or_identifier(store, team, bring, pipeline):
    bring(team.marta, "contacts", "name,email,phone,identifier\nAna,ana@x.com,(11) 98765-4321,C-1\n")
    done = bring(team.marta, "deals", "title,contact\nA,ANA@x.com\nB,11987654321\nC,C-1\nD,who\n")
    assert counts(done) == (3, 0, 0, 0, 1)
    assert rows(store, team.marta, "SELECT DISTINCT contact_id FROM deals") == [(1,)]


def test_a_file_without_stages_changes_the_deals_that_it_knows(store, team, bring, pipeline):
    bring(team.marta, "deals", "identifier,title,stage\nD-1,Parts,Lead\n")
    done = bring(team.marta, "deals", "identifier,title\nD-1,Bolts\n", on_duplicate="overwrite")
    assert counts(done) == (0, 1, 0, 0, 0)
    assert rows(store, team.marta, "SELECT title FROM deals") == [("Bolts",)]
    assert rows(store, team.marta, "SELECT count(*) FROM stage_events") == [(1,)]


def test_a_closing_before_the_last_movement_is_rejected_and_says_both_days(store, team, bring, pipeline, monkeypatch):
    at(monkeypatch, "2040-11-01")
    with store.writing(team.marta) as tx:
        deal = deals.create(tx, title="A", pipeline_id=pipeline.id, identifier="D-1")
    at(monkeypatch, "2040-11-29")
    with store.writing(team.marta) as tx:
        deals.move(tx, deal.id, to_stage=pipeline.open_stages[1].id)
    for dry_run in (True, False):
        done = bring(
            team.marta,
            "deals",
            "identifier,title,stage,closed\nD-1,A,Won,2040-11-20\n",
            on_duplicate="overwrite",
            date_patterns={"*": "%Y-%m-%d"},
            dry_run=dry_run,
        )
        assert counts(done) == (0, 0, 0, 0, 1)
        [(_, reason)] = reasons(store, team.marta, done)
        assert "on 2040-11-29: it cannot have been won on 2040-11-20, before that" in reason
    with store.reading(team.marta) as tx:
        assert deals.get(tx, deal.id).is_open
    assert verify(store) == []


def test_a_deal_imported_as_won_today_is_not_ahead_of_now(store, team, bring, pipeline, monkeypatch):
    at(monkeypatch, "2040-11-29", 5)
    done = bring(team.marta, "deals", HEADER + "D-1,Parts,Won,10,BRL,2040-11-29,2040-11-29\n")
    assert counts(done) == (1, 0, 0, 0, 0)
    found = rows(store, team.marta, "SELECT kind, happened_at FROM stage_events ORDER BY happened_at, id")
    moment = datetime(2040, 11, 29, 5, tzinfo=UTC)
    assert found == [("import", moment), ("won", moment)]
    assert verify(store) == []


def test_another_day_for_a_closing_that_is_history_is_rejected(store, team, bring, pipeline):
    header = "identifier,title,stage,value,closed,close_reason\n"
    bring(team.marta, "deals", header + "D-1,Parts,Lost,10,2025-03-31,Price\n", date_patterns={"*": "%Y-%m-%d"})
    again = {"on_duplicate": "overwrite", "date_patterns": {"*": "%Y-%m-%d"}}
    done = bring(team.marta, "deals", header + "D-1,Parts,Lost,12,2025-04-01,Price\n", **again)
    assert reasons(store, team.marta, done) == [
        (2, "The deal was lost on 2025-03-31, not on 2025-04-01. Open it again to close it on another day.")
    ]
    done = bring(team.marta, "deals", header + "D-1,Parts,Lost,12,2025-03-31,No budget\n", **again)
    assert counts(done) == (0, 1, 0, 0, 0)
    with store.reading(team.marta) as tx:
        assert (deals.get(tx, 1).value, deals.last_closing(tx, 1).value) == (12, 10)
    assert verify(store) == []


ISO = {"date_patterns": {"*": "%Y-%m-%d"}}
CLOSINGS = "SELECT identifier, status, expected_close, closed_on FROM deals ORDER BY id"


@pytest.mark.parametrize("dry_run", [True, False])
def test_another_day_for_a_closing_is_rejected_where_the_file_names_no_stage(store, team, bring, pipeline, dry_run):
    bring(team.marta, "deals", "identifier,title,stage,closed\nD-1,A,Won,2025-03-05\nD-2,B,Lost,2025-03-05\n", **ISO)
    content = "identifier,title,closed\nD-1,,2025-03-04\nD-2,Bolts,2199-01-01\n"
    done = bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run, **ISO)
    assert counts(done) == (0, 0, 0, 0, 2)
    assert reasons(store, team.marta, done) == [
        (2, "The deal was won on 2025-03-05, not on 2025-03-04. Open it again to close it on another day."),
        (3, "The deal was lost on 2025-03-05, not on 2199-01-01. Open it again to close it on another day."),
    ]
    day = date(2025, 3, 5)
    assert rows(store, team.marta, CLOSINGS) == [("D-1", "won", None, day), ("D-2", "lost", None, day)]
    assert rows(store, team.marta, "SELECT title FROM deals ORDER BY id") == [("A",), ("B",)]
    assert verify(store) == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_the_day_on_which_a_deal_was_closed_changes_nothing_of_it(store, team, bring, pipeline, dry_run):
    bring(team.marta, "deals", "identifier,title,stage,closed\nD-1,A,Won,2025-03-05\nD-2,B,Won,2025-03-05\n", **ISO)
    content = "identifier,closed,expected_close\nD-1,2025-03-05,\nD-2,2025-03-05,2025-04-01\n"
    done = bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run, **ISO)
    assert counts(done) == (0, 1, 1, 0, 0)
    with store.reading(team.marta) as tx:
        [unchanged] = imports.outcomes(tx, done.id, "unchanged").items
        [updated] = imports.outcomes(tx, done.id, "updated").items
    assert unchanged.fields == {"identifier": "D-1", "closed_on": date(2025, 3, 5)}
    assert updated.changes == {"expected_close": [None, date(2025, 4, 1)]}


def test_the_close_date_of_an_open_deal_is_its_expected_close(store, team, bring, pipeline):
    header = "identifier,title,close date\n"
    assert counts(bring(team.marta, "deals", header + "D-1,A,2025-03-05\n", **ISO)) == (1, 0, 0, 0, 0)
    assert rows(store, team.marta, CLOSINGS) == [("D-1", "open", date(2025, 3, 5), None)]
    done = bring(team.marta, "deals", header + "D-1,A,2199-01-01\n", on_duplicate="overwrite", **ISO)
    assert counts(done) == (0, 1, 0, 0, 0)
    assert rows(store, team.marta, CLOSINGS) == [("D-1", "open", date(2199, 1, 1), None)]
    assert counts(bring(team.marta, "deals", header + "D-1,A,2199-02-01\n", **ISO)) == (0, 0, 1, 0, 0)


def test_the_close_dates_of_open_and_closed_deals_come_in_one_file(store, team, bring, pipeline):
    header = "identifier,title,stage,close date\n"
    bring(team.marta, "deals", header + "D-1,A,Won,2025-03-05\nD-2,B,Lead,\nD-3,C,Won,2025-03-05\nD-4,D,Lead,\n", **ISO)
    again = "D-1,,,2025-03-04\nD-2,,,2025-03-04\nD-3,,Lead,2025-03-04\nD-4,,Won,2025-03-04\nD-5,E,,2025-03-04\n"
    done = bring(team.marta, "deals", header + again, on_duplicate="overwrite", **ISO)
    assert (counts(done), [line for line, _ in reasons(store, team.marta, done)]) == ((1, 2, 0, 0, 2), [2, 5])
    day = date(2025, 3, 4)
    assert rows(store, team.marta, CLOSINGS) == [
        ("D-1", "won", None, date(2025, 3, 5)),
        ("D-2", "open", day, None),
        ("D-3", "open", day, None),
        ("D-4", "open", None, None),
        ("D-5", "open", day, None),
    ]
    assert verify(store) == []


@pytest.mark.parametrize("choice", ["overwrite", "fill"])
@pytest.mark.parametrize("stage", ["", "Lead"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_an_open_deal_with_both_days_is_rejected(store, team, bring, pipeline, stage, choice, dry_run):
    bring(team.marta, "deals", "identifier,title,stage\nD-1,A,Lead\n")
    both = f"{stage},2025-03-04,2025-04-01"
    content = f"identifier,title,stage,closed,expected_close,close_reason\nD-1,Bolts,{both},\nD-2,Nuts,{both},Price\n"
    done = bring(team.marta, "deals", content, on_duplicate=choice, dry_run=dry_run, **ISO)
    because = "The deal is in an open stage and has a day on which it closed."
    assert counts(done) == (0, 0, 0, 0, 2)
    assert reasons(store, team.marta, done) == [(2, because), (3, because)]
    assert rows(store, team.marta, CLOSINGS) == [("D-1", "open", None, None)]


def test_a_deal_that_is_skipped_may_have_both_days(store, team, bring, pipeline):
    bring(team.marta, "deals", "identifier,title\nD-1,A\n")
    content = "identifier,closed,expected_close\nD-1,2025-03-04,2025-04-01\n"
    assert counts(bring(team.marta, "deals", content, on_duplicate="skip", **ISO)) == (0, 0, 0, 1, 0)


@pytest.mark.parametrize("stage", ["", "Lead"])
def test_filling_gives_a_closed_deal_no_expected_close(store, team, bring, pipeline, stage):
    header = "identifier,title,stage,closed\n"
    bring(team.marta, "deals", header + "D-1,A,Won,2025-03-05\n", **ISO)
    done = bring(team.marta, "deals", header + f"D-1,,{stage},2025-03-04\n", on_duplicate="fill", **ISO)
    assert counts(done) == (0, 0, 1, 0, 0)
    assert rows(store, team.marta, CLOSINGS) == [("D-1", "won", None, date(2025, 3, 5))]


CLOSED = "identifier,title,stage,closed,close_reason\n"
WHY = """
    SELECT deal.identifier, reason.kind, reason.name, deal.close_note
    FROM deals AS deal
    LEFT JOIN close_reasons AS reason ON reason.id = deal.close_reason_id
    ORDER BY deal.id
"""


def test_two_reasons_that_differ_in_case_alone_make_one_row_of_one(store, team, bring, pipeline):
    """Stores that were made before reasons were told apart by their letters alone may hold both."""
    with store.writing(SYSTEM) as tx:
        tx.run("INSERT INTO base.close_reasons (kind, name, position) VALUES ('lost', 'PRICE', 99)")
    done = bring(team.marta, "deals", CLOSED + "D-1,A,Lost,2025-03-05,price\n", **ISO)
    assert counts(done) == (1, 0, 0, 0, 0)
    assert rows(store, team.marta, WHY) == [("D-1", "lost", "Price", None)]


@pytest.mark.parametrize("dry_run", [True, False])
def test_why_a_deal_was_closed_is_put_right_where_the_file_names_no_stage(store, team, bring, pipeline, dry_run):
    stored = "D-1,A,Lost,2025-03-05,No budget\nD-2,B,Won,2025-03-05,\nD-3,C,Lost,2025-03-05,Price\n"
    bring(team.marta, "deals", CLOSED + stored, **ISO)
    before = rows(store, team.marta, WHY)
    content = "identifier,close_reason\nD-1,price\nD-2,Price\nD-3,Too dear\n"
    done = bring(team.marta, "deals", content, on_duplicate="overwrite", dry_run=dry_run, **ISO)
    assert counts(done) == (0, 3, 0, 0, 0)
    with store.reading(team.marta) as tx:
        changes = [fate.changes for fate in imports.outcomes(tx, done.id, "updated").items]
    assert changes == [
        {"close_reason": ["No budget", "Price"]},
        {"close_reason": [None, "Price"]},
        {"close_note": [None, "Too dear"]},
    ]
    after = [("D-1", "lost", "Price", None), ("D-2", "won", "Price", None), ("D-3", "lost", "Price", "Too dear")]
    assert rows(store, team.marta, WHY) == (before if dry_run else after)
    last = "SELECT close_reason_id FROM stage_events WHERE kind IN ('won', 'lost') ORDER BY deal_id"
    assert rows(store, team.marta, last) == rows(store, team.marta, "SELECT close_reason_id FROM deals ORDER BY id")
    assert rows(store, team.marta, "SELECT count(*) FROM stage_events") == [(6,)]
    assert verify(store) == []
    if not dry_run:
        with store.writing(team.marta) as tx:
            imports.undo(tx, done.id)
        finished(store, team.marta, done.id)
        assert rows(store, team.marta, WHY) == before
        assert verify(store) == []


@pytest.mark.parametrize("choice", ["overwrite", "fill"])
@pytest.mark.parametrize("dry_run", [True, False])
def test_why_an_open_deal_was_closed_is_rejected(store, team, bring, pipeline, choice, dry_run):
    bring(team.marta, "deals", "identifier,title,stage\nD-1,A,Proposal\n")
    content = "identifier,title,close_reason\nD-1,Bolts,Price\nD-2,Nuts,Too dear\n"
    done = bring(team.marta, "deals", content, on_duplicate=choice, dry_run=dry_run)
    because = "The deal is in an open stage and has a reason why it closed."
    assert counts(done) == (0, 0, 0, 0, 2)
    assert reasons(store, team.marta, done) == [(2, because), (3, because)]
    assert rows(store, team.marta, "SELECT title, close_reason_id, close_note FROM deals") == [("A", None, None)]


def test_a_deal_that_is_skipped_is_not_asked_why_it_closed(store, team, bring, pipeline):
    bring(team.marta, "deals", "identifier,title\nD-1,A\n")
    done = bring(team.marta, "deals", "identifier,close_reason\nD-1,Price\n", on_duplicate="skip")
    assert counts(done) == (0, 0, 0, 1, 0)


@pytest.mark.parametrize("dry_run", [True, False])
def test_filling_says_why_a_deal_was_closed_only_of_that_closing(store, team, bring, pipeline, dry_run):
    stored = "D-1,A,Won,2025-03-05,\nD-2,B,Won,2025-03-05,\nD-3,C,Won,2025-03-05,\nD-4,D,Won,2025-03-05,Best fit\n"
    bring(team.marta, "deals", CLOSED + stored, **ISO)
    again = "D-1,,,,Price\nD-2,,Lost,2025-03-05,Price\nD-3,,Won,2025-03-05,Price\nD-4,,,,Price\n"
    done = bring(team.marta, "deals", CLOSED + again, on_duplicate="fill", dry_run=dry_run, **ISO)
    assert counts(done) == (0, 2, 2, 0, 0)
    if not dry_run:
        assert rows(store, team.marta, WHY) == [
            ("D-1", "won", "Price", None),
            ("D-2", None, None, None),
            ("D-3", "won", "Price", None),
            ("D-4", "won", "Best fit", None),
        ]
    assert verify(store) == []


def test_a_lost_deal_that_a_file_wins_keeps_nothing_of_why_it_was_lost(store, team, bring, pipeline):
    with store.writing(team.marta) as tx:
        deal = deals.create(tx, title="Parts", identifier="D-1", pipeline_id=pipeline.id)
        price = next(reason.id for reason in deals.close_reasons(tx, "lost") if reason.name == "Price")
        deals.lose(tx, deal.id, reason_id=price, note="Too dear")
        today = tx.today
    header = "identifier,stage,closed,close_reason\n"
    done = bring(team.marta, "deals", f"{header}D-1,Won,{today},\n", on_duplicate="overwrite")
    assert counts(done) == (0, 1, 0, 0, 0)
    with store.reading(team.marta) as tx:
        won = deals.get(tx, deal.id)
    assert (won.status, won.close_reason_id, won.close_note) == ("won", None, None)
    assert rows(store, team.marta, "SELECT kind, close_reason_id FROM stage_events ORDER BY id")[1:] == [
        ("lost", price),
        ("won", None),
    ]


def test_a_file_knows_a_value_from_the_closing_on(store, team, bring, pipeline):
    done = bring(team.marta, "deals", HEADER + "D-1,Parts,Won,10,BRL,2025-01-10,2025-03-31\n")
    with store.reading(team.marta) as tx:
        before, after = (deals.known(tx, datetime(2025, month, 15, tzinfo=UTC)) for month in (2, 4))
    assert [(one.status, one.value) for one in before] == [("open", None)]
    assert [(one.status, one.value) for one in after] == [("won", 10)]
    assert counts(done) == (1, 0, 0, 0, 0)


def at(monkeypatch, day, hour=15):
    moment = datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: moment)
