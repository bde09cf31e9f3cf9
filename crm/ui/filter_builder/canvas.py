"""What one drawing of the builder gathers on its way down: which conditions to count, and where to show the counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm import criteria, filters
from crm.errors import Invalid
from crm.filters import All, Criteria, Filter
from crm.store import Reading
from crm.ui import words

EVERYTHING = All(of=())
Around = Callable[[Filter], Filter]
"""Turns a condition on a child into one on the record whose list this is."""


@dataclass
class Slot:
    """A place for a count. `asked` is what to count by itself, `above` what stands before it in the outermost group."""

    place: Any
    asked: Filter | None
    above: tuple[Filter, ...] = ()


@dataclass
class Canvas:
    """`key` sets the widgets of this builder apart."""

    key: str
    currency: str
    slots: list[Slot] = field(default_factory=list)

    def fill(self, tx: Reading, known: Criteria, whole: Filter | None) -> tuple[int, int | None]:
        """Count everything in one look and show it: how many records there are, and how many of them meet the whole,
        None where it cannot be asked."""
        wanted: list[Filter] = [EVERYTHING]
        shown: list[tuple[Slot, int, int | None]] = []
        for slot in self.slots:
            if slot.asked is None:
                continue
            if fault := _fault(tx, known, slot.asked):
                slot.place.badge("broken", icon=":material/error:", color="red", help=words.plain(fault))
                continue
            so_far = All(of=(*slot.above, slot.asked)) if slot.above else None
            narrows = so_far is not None and not _fault(tx, known, so_far)
            shown.append((slot, len(wanted), len(wanted) + 1 if narrows else None))
            wanted += [slot.asked, so_far] if narrows else [slot.asked]
        can_be_asked = whole is not None and not _fault(tx, known, whole)
        counted = criteria.counts(tx, known, [*wanted, whole] if can_be_asked else wanted)
        for slot, alone, so_far_at in shown:
            left = f" :gray[→ {counted[so_far_at]:,}]" if so_far_at else ""
            slot.place.markdown(f":small[{counted[alone]:,}{left}]", width="content")
        return counted[0], counted[-1] if can_be_asked else None


def _fault(tx: Reading, known: Criteria, asked: Filter) -> str | None:
    try:
        filters.compile_filter(asked, known, today=tx.today, time_zone=tx.actor.time_zone)
    except Invalid as fault:
        return str(fault)
    return None
