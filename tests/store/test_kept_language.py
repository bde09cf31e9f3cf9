"""A kept answer that holds texts is one of its language."""

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
