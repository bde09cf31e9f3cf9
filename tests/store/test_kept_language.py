"""A kept answer that holds texts is one of its language."""

import pytest

from crm.foundation.errors import TooSlow
from crm.foundation.language import current, speaking
from crm.store.kept import kept

built = []


@kept
def greeting(tx):
    built.append("greeting")
    return f"hello in {current()}"


@kept
def page(tx):
    built.append("page")
    return [greeting(tx)]


@kept
def number(tx):
    built.append("number")
    return 7


def test_texts_are_kept_by_language_and_numbers_are_not(store, team):
    for spoken in ("en", "pt_BR", "en", "pt_BR"):
        with speaking(spoken), store.reading(team.ada) as tx:
            assert (page(tx), number(tx)) == ([f"hello in {spoken}"], 7)
    assert sorted(built) == ["greeting", "greeting", "number", "page", "page"]


@kept
def endless(tx):
    built.append("endless")
    tx.value("SELECT count(*) FROM contacts")
    raise TooSlow(10)


def test_what_took_too_long_is_refused_again_in_the_language_of_whoever_asks(store, team):
    said = []
    for spoken in ("en", "pt_BR"):
        with speaking(spoken), store.reading(team.ada, seconds=10) as tx, pytest.raises(TooSlow) as refused:
            endless(tx)
        said.append(str(refused.value))
    assert built.count("endless") == 1
    assert (said[0][:23], said[1][:10]) == ("This takes longer than ", "Isto leva "), said
