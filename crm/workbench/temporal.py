"""Days and times that the engine knows and Python, spreadsheets and charts do not: infinity, and what lies before
the year 1 or after 9999."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

EPOCH = date(1970, 1, 1)
FIRST, LAST = (date(1, 1, 2) - EPOCH).days, (date(9999, 12, 30) - EPOCH).days
"""In days: one less at each end, since time zones move them."""
DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
"""{unit: how many of it a day has}."""


def is_shown(column: pa.Array) -> bool:
    """Whether all days and times of a column can be shown, those within its lists and structures included."""
    return all(_is_within(values) for values in _innermost(column))


def _innermost(values: pa.Array) -> Iterator[pa.Array]:
    kind = values.type
    if pa.types.is_struct(kind):
        for part in values.flatten():
            yield from _innermost(part)
    elif pa.types.is_map(kind):
        yield from _innermost(values.keys)
        yield from _innermost(values.items)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _innermost(values.flatten())
    elif pa.types.is_union(kind):
        for place in range(kind.num_fields):
            yield from _innermost(values.field(place))
    elif pa.types.is_dictionary(kind):
        yield from _innermost(values.dictionary)
    else:
        yield values


def _is_within(values: pa.Array) -> bool:
    kind = values.type
    if pa.types.is_date32(kind):
        numbers, first, last = values.view(pa.int32()), FIRST, LAST
    elif pa.types.is_timestamp(kind):
        numbers, first, last = values.view(pa.int64()), FIRST * DAY[kind.unit], LAST * DAY[kind.unit]
    else:
        return True
    found = pc.min_max(numbers).as_py()
    return found["min"] is None or (first <= found["min"] and found["max"] <= last)
