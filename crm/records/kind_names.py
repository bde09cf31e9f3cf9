"""What people call records of a kind, in the words that sentences need, in the reader's language."""

from dataclasses import dataclass

from crm.foundation.language import tr

_VOWELS = "aeiou"
_SPELLED_WITH_A_VOWEL = "AEFHILMNORSX"
"""The letters whose own names begin with a vowel: an NPS survey."""


@dataclass(frozen=True)
class KindName:
    """The name of a record type, or of a relation of filters. Its words are in the language of the moment at which
    they are read."""

    singular: str
    plural: str
    given: bool = False
    """Whether people made the name up, so that no catalogue has it: it is shown as it was typed, in every language. All
    others are English, and their words stand in `crm.records.names`."""

    @property
    def one(self) -> str:
        """contact, NPS survey: inside a sentence, as all of them."""
        return _inside_a_sentence(self.singular) if self.given else tr(self.singular)

    @property
    def many(self) -> str:
        """contacts, NPS surveys."""
        return _inside_a_sentence(self.plural) if self.given else tr(self.plural)

    @property
    def an(self) -> str:
        """a contact, an NPS survey."""
        if not self.given:
            return tr(f"{'an' if self.singular[0] in _VOWELS else 'a'} {self.singular}")
        # Where nouns have a gender, a translation of these avoids it: that of a given name is unknown.
        return tr("an {kind}", kind=self.one) if _begins_with_a_vowel(self.one) else tr("a {kind}", kind=self.one)

    @property
    def same(self) -> str:
        """the same contact, the same NPS survey."""
        return tr("the same {kind}", kind=self.one) if self.given else tr(f"the same {self.singular}")


def _inside_a_sentence(name: str) -> str:
    """Course: course. An abbreviation keeps its capitals."""
    return name if _is_abbreviated(name) else name[:1].lower() + name[1:]


def _begins_with_a_vowel(name: str) -> bool:
    return name[0] in _SPELLED_WITH_A_VOWEL if _is_abbreviated(name) else name[0].lower() in _VOWELS


def _is_abbreviated(name: str) -> bool:
    return name[1:2].isupper()
