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
    for one in definitions:
        claims.update({_words(one.name), _words(one.key)})
    return {one.name if _its_own(one, claims) else f"{KEYED}{one.key}": one for one in definitions}


def _its_own(definition: Definition, claims: Counter[str]) -> bool:
    words = _words(definition.name)
    return words != "" and claims[words] == 1


def _words(header: str) -> str:
    """A header without case, accents and punctuation, as imports compare it."""
    return re.sub(r"[^a-z0-9]+", " ", identity.folded(header)).strip()
