"""The headers of custom attributes in files, such that an import recognises each."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from crm.foundation import identity
from crm.records.attributes import Definition

KEYED = "attribute:"
"""The prefix of a header that names an attribute by its key, because its name would be mistaken for another column."""


def headers(definitions: Sequence[Definition], standard: Iterable[str]) -> dict[str, Definition]:
    """{header: attribute}: its name, unless that is also the name or key of something else."""
    claims = Counter(_words(name) for name in standard)
    for definition in definitions:
        claims.update({_words(definition.name), _words(definition.key)})
    return {
        definition.name if _its_own(definition, claims) else f"{KEYED}{definition.key}": definition
        for definition in definitions
    }


def _its_own(definition: Definition, claims: Counter[str]) -> bool:
    words = _words(definition.name)
    return words != "" and claims[words] == 1


def _words(header: str) -> str:
    """A header without case, accents and punctuation, as imports compare it."""
    return re.sub(r"[^a-z0-9]+", " ", identity.folded(header)).strip()
