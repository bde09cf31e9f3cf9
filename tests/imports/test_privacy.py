"""An import shows nobody what they may not see, and does nothing that its person may not do."""

import pytest

from crm import imports
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Forbidden, ModuleOff, NotFound
from crm.imports import Options
from crm.imports.applying.matching import UNSEEN
from tests.imports.conftest import counts, reasons, rows

CONTENT = "name,email,city\nBob's,x@example.com,Porto\nOwn,own@example.com,Porto\n"


def test_a_row_of_anothers_contact_is_refused_without_a_word_on_it(store, team, bring, importer):
    bring(team.marta, "contacts", "name,email,owner\nSecret,x@example.com,Bob\n")
    done = bring(importer(), "contacts", CONTENT, on_duplicate="overwrite")
    assert counts(done) == (1, 0, 0, 0, 1)
    assert reasons(store, importer(), done) == [(2, UNSEEN)]
    assert rows(store, team.marta, "SELECT name, city FROM contacts WHERE id = 1") == [("Secret", None)]


def test_what_a_rep_imports_is_theirs(store, team, bring, importer):
    bring(importer(), "contacts", CONTENT)
    assert rows(store, importer(), "SELECT DISTINCT owner_id FROM contacts") == [(team.ids.ana,)]
    again = bring(importer(), "contacts", CONTENT, on_duplicate="overwrite")
    assert counts(again) == (0, 0, 2, 0, 0)


def test_a_company_that_one_may_not_see_is_unknown(store, team, bring, importer):
    bring(team.marta, "companies", "name,owner\nAurora,Bob\n")
    done = bring(importer(), "contacts", "name,company\nA,Aurora\n")
    assert reasons(store, importer(), done) == [(2, "No company is called “Aurora”.")]


def test_another_persons_import_is_not_there(store, team, bring, importer):
    done = bring(team.marta, "contacts", CONTENT)
    with store.reading(importer()) as tx:
        assert imports.latest(tx) == []
        with pytest.raises(NotFound):
            imports.rejected(tx, done.id)


@pytest.mark.parametrize("name", ["ana", "rui", "vera"])
def test_who_may_not_import_is_refused(team, begin, name):
    with pytest.raises(Forbidden):
        begin(getattr(team, name), "contacts", CONTENT)


def test_making_users_needs_the_right_to_manage_them(team, begin):
    with pytest.raises(Forbidden, match=str(Permission.MANAGE_SETTINGS)):
        begin(team.marta, "contacts", CONTENT, make_owners=True)


def test_deals_are_not_imported_while_their_module_is_off(store, team, begin):
    from crm.platform import workspace

    with store.writing(team.ada) as tx:
        workspace.switch(tx, Module.CRM, False)
    with pytest.raises(ModuleOff):
        begin(team.marta, "deals", "title\nA\n")


def test_a_right_that_was_taken_away_meanwhile_fails_the_import(store, team, begin, importer):
    from tests.imports.conftest import finished

    begun = begin(importer(), "contacts", CONTENT)
    with store.writing(team.ada) as tx:
        tx.run("DELETE FROM base.grants WHERE user_id = $id", id=team.ids.ana)
    found = finished(store, team.ada, begun.id)
    assert (found.state, found.created) == ("failed", 0)
    assert "may not import" in found.message


def test_options_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="extra"):
        Options.model_validate({"encodign": "utf-8"})
