"""Mappings that are kept for the next file: by whom they are changed, and for which file they are taken."""

import pytest

from crm import imports
from crm.foundation.errors import Duplicate, Forbidden, NotFound
from crm.imports import Options
from tests.imports.conftest import rows

SHOP = Options(mapping={"Kunde": "name", "E-Mail": "email", "Plan": ""})


@pytest.fixture
def saved(store, team):
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", "Shop", SHOP)


def test_it_is_renamed_and_its_old_name_is_free(store, team, saved):
    with store.writing(team.marta) as tx:
        assert imports.rename_mapping(tx, "contacts", "Shop", "  Fair ") == "Fair"
    with store.reading(team.marta) as tx:
        assert imports.mappings(tx, "contacts") == {"Fair": SHOP}


def test_it_does_not_take_anothers_name(store, team, saved):
    with store.writing(team.marta) as tx:
        imports.save_mapping(tx, "contacts", "Fair", Options())
    with pytest.raises(Duplicate, match="already a mapping “Fair”"), store.writing(team.marta) as tx:
        imports.rename_mapping(tx, "contacts", "Shop", "Fair")


def test_a_deleted_one_is_gone(store, team, saved):
    with store.writing(team.marta) as tx:
        imports.delete_mapping(tx, "contacts", "Shop")
    with store.reading(team.marta) as tx:
        assert imports.mappings(tx, "contacts") == {}
    with pytest.raises(NotFound), store.writing(team.marta) as tx:
        imports.delete_mapping(tx, "contacts", "Shop")


@pytest.mark.parametrize(
    "change",
    [
        lambda tx: imports.rename_mapping(tx, "contacts", "Shop", "Mine"),
        lambda tx: imports.delete_mapping(tx, "contacts", "Shop"),
        lambda tx: imports.save_mapping(tx, "contacts", "Shop", Options()),
    ],
)
def test_anothers_is_only_changed_by_an_administrator(store, team, saved, importer, change):
    with pytest.raises(Forbidden, match="somebody else's"), store.writing(importer()) as tx:
        change(tx)
    with store.writing(team.ada) as tx:
        change(tx)


@pytest.mark.parametrize("name", ["vera", "rui"])
def test_who_may_not_import_changes_none(store, team, saved, name):
    with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
        imports.delete_mapping(tx, "contacts", "Shop")


def test_it_fits_a_file_of_the_same_columns_in_any_order_and_no_other():
    known = {"Other": Options(mapping={"name": "name"}), "Shop": SHOP}
    assert imports.fitting(known, ["plan", "e-mail", "KUNDE"]) == "Shop"
    assert imports.fitting(known, ["Kunde", "E-Mail"]) is None
    assert imports.fitting(known, ["Kunde", "E-Mail", "Plan", "City"]) is None


def test_every_change_of_one_is_in_the_log(store, team, saved):
    with store.writing(team.marta) as tx:
        imports.rename_mapping(tx, "contacts", "Shop", "Fair")
        imports.delete_mapping(tx, "contacts", "Fair")
    found = rows(store, team.ada, "SELECT name FROM base.events WHERE name LIKE 'import.mapping%' ORDER BY seq")
    assert found == [("import.mapping_saved",), ("import.mapping_renamed",), ("import.mapping_deleted",)]
