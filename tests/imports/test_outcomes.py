"""Every row of an import with what becomes of it: paged, searched and filtered, in a dry run and after it."""

import pytest

from crm import imports
from crm.foundation.errors import NotFound
from crm.imports import Outcome
from crm.imports.applying import outcome_files
from tests.imports.conftest import counts

STORED = "name,email,phone,city\nAna,ana@x.com,(11) 98765-4321,Recife\nBob,bob@x.com,,Porto\nCleo,cleo@x.com,,\n"
FILE = """name,email,phone,city,company
Ana,ana@x.com,,Olinda,
Bob,bob@x.com,,Porto,
Zoë,zoe@x.com,,São Paulo,Nova Ltd
,cleo@x.com,(11) 98765-4321,,
Nobody,nope,,,
"""
ASKED = {"on_duplicate": "overwrite", "make_companies": True}


@pytest.fixture
def fates(store, team):
    def of(found, outcome, **asked):
        with store.reading(team.marta) as tx:
            return imports.outcomes(tx, found.id, outcome, **asked)

    return of


@pytest.mark.parametrize("dry_run", [True, False])
def test_each_row_is_in_the_list_of_its_outcome(store, team, bring, fates, dry_run):
    bring(team.marta, "contacts", STORED)
    done = bring(team.marta, "contacts", FILE, dry_run=dry_run, **ASKED)
    assert counts(done) == (1, 1, 1, 0, 2)
    assert done.conflicts == 1
    lines = {outcome.value: [fate.line for fate in fates(done, outcome).items] for outcome in Outcome}
    assert lines == {
        "created": [4],
        "updated": [2],
        "unchanged": [3],
        "skipped": [],
        "conflict": [5],
        "rejected": [6],
    }


def test_what_would_be_created_names_the_company_that_would_be_made(store, team, bring, fates):
    planned = bring(team.marta, "contacts", FILE, dry_run=True, **ASKED)
    zoe = fates(planned, "created", search="zoe").items[0]
    assert (zoe.id, zoe.name) == (None, "Zoë")
    assert zoe.fields == {
        "name": "Zoë",
        "email": "zoe@x.com",
        "city": "São Paulo",
        "company": "Nova Ltd (to be made)",
    }


def test_what_was_created_is_named_as_it_is_now_and_leads_to_its_record(store, team, bring, fates):
    done = bring(team.marta, "contacts", FILE, **ASKED)
    zoe = fates(done, "created", search="zoe").items[0]
    assert zoe.fields["company"] == "Nova Ltd"
    with store.writing(team.marta) as tx:
        from crm import contacts

        assert contacts.edit(tx, zoe.id, name="Zoë Lima").name == "Zoë Lima"
    assert fates(done, "created", search="zoe").items[0].name == "Zoë Lima"


def test_an_update_is_its_fields_before_and_after(store, team, bring, fates):
    bring(team.marta, "contacts", STORED)
    planned = bring(team.marta, "contacts", FILE, dry_run=True, **ASKED)
    ana = fates(planned, "updated").items[0]
    assert (ana.id, ana.name, ana.changes) == (1, "Ana", {"city": ["Recife", "Olinda"]})


def test_an_attribute_that_changes_is_shown_by_its_column(store, team, bring, fates):
    bring(team.ada, "contacts", "email,Plan\na@x.com,free\n", new_attributes={"Plan": "text"})
    planned = bring(team.ada, "contacts", "email,Plan\na@x.com,pro\n", dry_run=True, on_duplicate="overwrite")
    assert fates(planned, "updated").items[0].changes == {"a_plan": ["free", "pro"]}


def test_a_conflict_says_with_whom_and_keeps_the_row(store, team, bring, fates):
    bring(team.marta, "contacts", STORED)
    planned = bring(team.marta, "contacts", FILE, dry_run=True, **ASKED)
    conflict = fates(planned, "conflict").items[0]
    assert conflict.reason == "The row is about several records: Cleo (3) by its email, Ana (1) by its phone."
    assert conflict.cells == ["", "cleo@x.com", "(11) 98765-4321", "", ""]


def test_a_page_is_a_part_and_the_total_is_all_of_it(store, team, bring, fates):
    planned = bring(team.marta, "contacts", "name\n" + "".join(f"Number {n}\n" for n in range(120)), dry_run=True)
    page = fates(planned, "created", limit=50, offset=100)
    assert (page.total, [fate.line for fate in page.items]) == (120, list(range(102, 122)))
    assert fates(planned, "created", search="number 11", limit=3).total == 12
    assert [fate.line for fate in fates(planned, "created", search="117").items] == [117, 119]


def test_a_search_folds_accents_and_finds_each_word_anywhere_in_the_row(store, team, bring, fates):
    planned = bring(team.marta, "contacts", FILE, dry_run=True, **ASKED)
    assert [fate.line for fate in fates(planned, "created", search="SAO zoe").items] == [4]
    assert fates(planned, "created", search="sao bob").total == 0
    assert [fate.line for fate in fates(planned, "rejected", search="nobody").items] == [6]
    assert fates(planned, "rejected", search="50%").total == 0


def test_a_field_keeps_the_rows_that_have_change_or_break_it(store, team, bring, fates):
    bring(team.marta, "contacts", STORED)
    planned = bring(team.marta, "contacts", FILE, dry_run=True, **ASKED)
    assert fates(planned, "updated", field="city").total == 1
    assert fates(planned, "updated", field="email").total == 0
    assert fates(planned, "created", field="company").total == 1
    assert fates(planned, "created", field="there is none").total == 0
    assert fates(planned, "rejected", field="email").total == 1
    with store.reading(team.marta) as tx:
        assert imports.outcome_fields(tx, planned.id, "updated") == {"city": 1}
        assert imports.outcome_fields(tx, planned.id, "rejected") == {"email": 1}
        assert imports.outcome_fields(tx, planned.id, "created")["company"] == 1


def test_skipped_rows_are_listed(store, team, bring, fates):
    bring(team.marta, "contacts", STORED)
    planned = bring(team.marta, "contacts", FILE, dry_run=True, on_duplicate="skip", make_companies=True)
    skipped = fates(planned, "skipped")
    assert [(fate.line, fate.id, fate.name) for fate in skipped.items] == [(2, 1, "Ana"), (3, 2, "Bob")]
    assert fates(planned, "unchanged").total == 0


def test_deals_are_shown_with_the_names_of_where_they_stand(store, team, bring, fates, pipeline):
    bring(team.ada, "deals", "identifier,title,stage\nD-1,One,Lead\n")
    planned = bring(
        team.ada,
        "deals",
        "identifier,title,stage\nD-1,,Proposal\nD-2,Two,Lead\n",
        dry_run=True,
        on_duplicate="overwrite",
    )
    assert fates(planned, "updated").items[0].changes == {"stage": ["Lead", "Proposal"]}
    two = fates(planned, "created").items[0]
    assert (two.name, two.fields["stage"]) == ("Two", "Lead")


def test_another_persons_rows_are_not_there(store, team, bring, importer):
    done = bring(team.marta, "contacts", FILE, **ASKED)
    with store.reading(importer()) as tx, pytest.raises(NotFound):
        imports.outcomes(tx, done.id, "created")


def test_rows_that_were_cleaned_up_are_said_to_be(store, team, bring, fates):
    done = bring(team.marta, "contacts", FILE, **ASKED)
    outcome_files.discard(store.folder, done.id)
    gone = fates(done, "created")
    assert (gone.items, gone.total, gone.kept) == ([], 0, False)
    assert fates(done, "skipped").kept


def test_who_erases_a_person_finds_the_rows_that_name_them(store, team, bring):
    one = bring(team.marta, "contacts", "name,email\nAna,Ana@x.com\n", dry_run=True)
    bring(team.marta, "contacts", "name,email\nBob,bob@x.com\n", dry_run=True)
    assert outcome_files.mentioning(store.folder, ["ana@X.com"]) == [one.id]
    outcome_files.discard(store.folder, one.id)
    assert outcome_files.mentioning(store.folder, ["ana@x.com"]) == []
