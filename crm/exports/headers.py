"""What the columns of custom attributes are called in a file, so that an import finds each again."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from crm.foundation import identity
from crm.records.attributes import Definition

KEYED = "attribute:"
"""Begins a header that names an attribute by its key: the words of its name would lead an import elsewhere."""


def headers(definitions: Sequence[Definition], standard: Iterable[str]) -> dict[str, Definition]:
    """Header → attribute: its name, where that is not also the name or key of something else."""
    claims = Counter(_words(name) for name in standard)
    for one in definitions:
        claims.update({_words(one.name), _words(one.key)})
    return {one.name if _its_own(one, claims) else f"{KEYED}{one.key}": one for one in definitions}


def _its_own(definition: Definition, claims: Counter[str]) -> bool:
    words = _words(definition.name)
    return words != "" and claims[words] == 1


def _words(header: str) -> str:
    """What is left of a header where case, accents and punctuation do not count, as for an import."""
    return re.sub(r"[^a-z0-9]+", " ", identity.folded(header)).strip()
