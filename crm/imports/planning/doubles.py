"""Rows of one file that name the same record: the first stands, the others are refused and say which it was."""

from collections.abc import Sequence

import polars as pl

from crm.imports.planning.columns import FAULTS


def doubles(rows: pl.DataFrame, keys: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """Faults of the rows that share a key with an accepted earlier row. `keys`: (key column, word for people)."""
    if not keys:
        return pl.DataFrame(schema=FAULTS)
    # By hash first: it leaves a few candidates of a million rows, and what merely collides is told apart below.
    shared = pl.any_horizontal([pl.col(key).hash().is_duplicated() & pl.col(key).is_not_null() for key, _ in keys])
    candidates = rows.filter(shared).select("line", *(key for key, _ in keys)).sort("line")
    holders: list[dict[str, int]] = [{} for _ in keys]
    found: list[tuple[int, str, str]] = []
    for line, *values in candidates.iter_rows():
        earlier = next(
            (
                (holder[value], word, value)
                for holder, value, (_, word) in zip(holders, values, keys, strict=True)
                if value is not None and value in holder
            ),
            None,
        )
        if earlier:
            at, word, value = earlier
            found.append((line, word, f"The {word} “{value}” is already on line {at:,} of this file."))
            continue
        for holder, value in zip(holders, values, strict=True):
            if value is not None:
                holder[value] = line
    return pl.DataFrame(found, schema=FAULTS, orient="row")
