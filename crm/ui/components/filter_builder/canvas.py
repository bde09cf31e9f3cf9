"""What one drawing of the builder gathers on its way down: which conditions to count, and where to show the counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm.foundation.errors import Invalid
from crm.records import filtering, filters
from crm.records.filters import All, FieldSet, Filter
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


@dataclass(frozen=True)
class Summary:
    """How many records there are, how many of them the whole leaves, and why it cannot be asked, where it cannot."""

    everything: int
    left: int | None
    fault: str | None


@dataclass
class Canvas:
    """`key` sets the widgets of this builder apart; `within` is what the list is narrowed to in any case."""

    key: str
    currency: str
    within: Filter | None = None
    slots: list[Slot] = field(default_factory=list)

    def fill(self, tx: Reading, known: FieldSet, whole: Filter | None) -> Summary:
        """Count everything in one look and show what stands beside the lines; what is true of the whole."""
        wanted: list[Filter] = [EVERYTHING]
        shown: list[tuple[Slot, int, int | None]] = []
        for slot in self.slots:
            if slot.asked is None:
                slot.place.badge("unfinished", color="orange", help="It is left out until it is complete.")
                continue
            if fault := _fault(tx, known, slot.asked):
                slot.place.badge("broken", icon=":material/error:", color="red", help=words.plain(fault))
                continue
            alone_at, so_far_at = len(wanted), None
            wanted.append(slot.asked)
            so_far = All(of=(*slot.above, slot.asked)) if slot.above else None
            if so_far and not _fault(tx, known, so_far):
                so_far_at = len(wanted)
                wanted.append(so_far)
            shown.append((slot, alone_at, so_far_at))
        fault = _fault(tx, known, whole) if whole else None
        counted = self._counted(tx, known, [*wanted, whole] if whole and not fault else wanted)
        for slot, alone, so_far_at in shown:
            left = f" :gray[→ {counted[so_far_at]:,}]" if so_far_at else ""
            slot.place.markdown(f":small[{counted[alone]:,}{left}]", width="content")
        return Summary(counted[0], counted[-1] if whole and not fault else None, fault)

    def _counted(self, tx: Reading, known: FieldSet, wanted: list[Filter]) -> list[int]:
        within = self.within
        return filtering.counts(tx, known, [All(of=(within, each)) for each in wanted] if within else wanted)


def _fault(tx: Reading, known: FieldSet, asked: Filter) -> str | None:
    try:
        filters.parse(filters.dump(asked))  # neither too long nor too deep to stand in an address
        filters.compile_filter(asked, known, today=tx.today, time_zone=tx.actor.time_zone)
    except Invalid as fault:
        return str(fault)
    return None
