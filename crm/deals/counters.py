"""What is counted of a deal on its card; nothing is stored."""

from typing import NamedTuple


class Counters(NamedTuple):
    """A tuple, since a board makes hundreds."""

    notes: int = 0
    files: int = 0
    items: int = 0
    """Items of all checklists of the deal; `done` are the completed ones."""
    done: int = 0


NONE = Counters()
