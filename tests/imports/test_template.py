"""The template of every kind, as CSV and as Excel, imports whole with its example as it stands."""

import pytest

from crm import imports
from crm.records import attributes
from tests.imports.conftest import counts, rows

WRITERS = {"csv": imports.template_csv, "xlsx": imports.template_xlsx}


@pytest.fixture
def every_type(store, team):
    with store.writing(team.ada) as tx:
        for model in ("contact", "company", "deal"):
            for kind in attributes.PLAIN:
                attributes.define(tx, model=model, name=f"My {kind}", type=kind)
            attributes.define(tx, model=model, name="Mobile phone", type="text")


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("kind", ["companies", "contacts", "deals"])
def test_it_imports_whole(store, team, bring, pipeline, every_type, kind, suffix):
    with store.reading(team.marta) as tx:
        template = WRITERS[suffix](tx, kind)
    done = bring(team.marta, kind, template, make_companies=True)
    assert (done.state, counts(done)) == ("done", (1, 0, 0, 0, 0))
    assert "" not in {*done.found["mapping"].values()}
    noun = imports.type_of(kind).key
    with store.reading(team.marta) as tx:
        kept = attributes.values(tx, noun, 1)
    assert {"my_text", "my_number", "my_currency", "my_percent", "my_link", "my_date", "my_checkbox"} <= kept.keys()


def test_an_attribute_that_is_called_as_a_field_is_written_by_its_key(store, team, every_type):
    with store.reading(team.marta) as tx:
        header = imports.template_csv(tx, "contacts").decode("utf-8-sig").splitlines()[0]
    assert "attribute:mobile_phone" in header
    assert "attribute:my_text" not in header


def test_its_owner_is_who_asks_for_it(store, team, bring):
    with store.reading(team.marta) as tx:
        template = imports.template_xlsx(tx, "contacts")
    bring(team.marta, "contacts", template, make_companies=True)
    found = rows(store, team.marta, "SELECT owner.name FROM contacts JOIN users AS owner ON owner.id = owner_id")
    assert found == [("Marta",)]
