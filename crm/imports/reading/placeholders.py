"""Words that stand for nothing in a cell, as databases, spreadsheets and people write it: NULL, n/a, -, #N/A."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl

from crm.foundation.language import plural

WORDS = frozenset(
    (
        "null", "(null)", "<null>", "[null]", "\\n", "nil", "none", "nan", "undefined", "n/a", "n.a.", "n/d", "n.d.",
        "#n/a", "#n/d", "#n/disp", "#null!", "#nulo!", "-", "--", "---", "–", "—", "sem informação",
        "não informado",
    )
)  # fmt: skip
"""Without regard to case. “NA” is none of them: it is Namibia, and somebody's name."""

LONGEST = max(len(word.encode()) for word in WORDS) + 4

LIKE_WORDS = r"^[\s\x1c-\x1f]*(?i:{})[\s\x1c-\x1f]*$".format("|".join(map(re.escape, sorted(WORDS))))


def found_in(column: pl.Series) -> dict[str, int]:
    """The texts of a column that are such words, as they are written → how many cells hold them."""
    # By length first, which costs next to nothing. Then by the pattern, since counting the different texts of a
    # column of short codes takes twenty times as long as looking for what few of them are.
    short = column.filter(column.str.len_bytes() <= LONGEST)
    counted = short.filter(short.str.contains(LIKE_WORDS)).rename("word").value_counts(name="many")
    return {word: many for word, many in counted.iter_rows() if word.strip().lower() in WORDS}


def notices(found: Iterable[Mapping[str, int]]) -> list[str]:
    """What people are told of the words that are read as nothing: a sentence, or none."""
    counted: Counter[str] = Counter()
    for words in found:
        for word, many in words.items():
            counted[word.strip()] += many
    if not counted:
        return []
    often = sorted(counted, key=lambda word: (-counted[word], word))
    shown = ", ".join(f"“{word}”" for word in often[:6])
    return [
        plural(
            "{words} in {count:,} cell is read as nothing. Keep such words ({option}) where they are meant.",
            "{words} in {count:,} cells are read as nothing. Keep such words ({option}) where they are meant.",
            counted.total(),
            words=shown,
            option="keep_placeholders",
        )
    ]
