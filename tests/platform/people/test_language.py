"""Each person reads the language of their own, chosen or taken from the browser's wish."""

import pytest

from crm.foundation.errors import Invalid
from crm.platform import workspace
from crm.platform.people import users


def spoken(store, user_id):
    return users.actor(store, user_id).language


def test_one_reads_the_workspaces_language_until_one_chooses(store, team):
    with store.writing(team.ada) as tx:
        workspace.change(tx, locale="pt_BR")
    assert (spoken(store, team.ids.ana), spoken(store, team.ids.bob)) == ("pt_BR", "pt_BR")
    with store.writing(team.ana) as tx:
        users.choose_language(tx, "en")
        assert users.language_of(tx, team.ids.ana) == "en"
    assert (spoken(store, team.ids.ana), spoken(store, team.ids.bob)) == ("en", "pt_BR")
    with store.writing(team.ana) as tx:
        users.choose_language(tx, None)
    assert spoken(store, team.ids.ana) == "pt_BR"


def test_an_unknown_language_is_refused_by_name(store, team):
    with (
        pytest.raises(Invalid, match="“tlh” is not a language of this product: en, pt_BR"),
        store.writing(team.ana) as tx,
    ):
        users.choose_language(tx, "tlh")
    assert spoken(store, team.ids.ana) == "en"


def test_nobody_reads_the_workspaces_language(store, team):
    with store.reading(team.ada) as tx:
        assert users.language_of(tx, 0) == "en"
