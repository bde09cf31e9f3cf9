"""Preferences are each person's own."""

import pytest

from crm.foundation.errors import Invalid
from crm.platform import preferences
from crm.store import Store
from tests.people import Team


def test_what_one_person_chooses_is_theirs_alone(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        preferences.put(tx, "columns:contacts", ["name", "city"])
        preferences.put(tx, "columns:contacts", ["city", "ação"])
    with store.writing(team.bob) as tx:
        assert preferences.get(tx, "columns:contacts") is None
        preferences.put(tx, "columns:contacts", ["email"])
    with store.writing(team.ana) as tx:
        assert preferences.get(tx, "columns:contacts") == ["city", "ação"]
        preferences.forget(tx, "columns:contacts")
        assert preferences.get(tx, "columns:contacts") is None
    with store.reading(team.bob) as tx:
        assert preferences.get(tx, "columns:contacts") == ["email"]


def test_a_preference_has_an_end(store: Store, team: Team) -> None:
    with pytest.raises(Invalid), store.writing(team.ana) as tx:
        preferences.put(tx, "columns:contacts", ["x" * 20_000])
