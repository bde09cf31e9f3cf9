"""What one drawing of the builder collects: the conditions to count, and the places that show the counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.records import filtering, filters
from crm.records.filters import All, FieldSet, Filter
from crm.store import Reading
from crm.ui import words

EVERYTHING = All(of=())
_LEFT = later(":gray[→ {count:,}]")
Wrap = Callable[[Filter], Filter]
"""Turns a condition on a child into one on the record whose list this is."""


@dataclass
class Slot:
    """A place for a count: of `filter` alone, and of all of `above` with it. `above` stands before it in the outermost
    group."""

    place: Any
    filter: Filter | None
    above: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class Summary:
    """How many records there are, how many the whole filter leaves, and the fault that keeps it from being counted."""

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
        """Count the conditions of all slots, show each count at its place, and sum up the whole."""
        to_count: list[Filter] = [EVERYTHING]
        shown: list[tuple[Slot, int, int | None]] = []
        for slot in self.slots:
            if slot.filter is None:
                slot.place.badge(tr("unfinished"), color="orange", help=tr("It is left out until it is complete."))
                continue
            if fault := _fault(tx, known, slot.filter):
                slot.place.badge(tr("broken"), icon=":material/error:", color="red", help=words.plain(fault))
                continue
            alone_at, so_far_at = len(to_count), None
            to_count.append(slot.filter)
            so_far = All(of=(*slot.above, slot.filter)) if slot.above else None
            # A valid line may be too long or too deep once those above it are joined to it.
            if so_far and not _fault(tx, known, so_far):
                so_far_at = len(to_count)
                to_count.append(so_far)
            shown.append((slot, alone_at, so_far_at))
        fault = _fault(tx, known, whole) if whole else None
        # One statement for all: each line is a column over the table once. Counted one by one, a line would be computed
        # again for every group it stands in.
        counted = self._counted(tx, known, [*to_count, whole] if whole and not fault else to_count)
        for slot, alone, so_far_at in shown:
            text = tr("{count:,}", count=counted[alone])
            if so_far_at:
                text = f"{text} {tr(_LEFT, count=counted[so_far_at])}"
            slot.place.markdown(f":small[{text}]", width="content")
        return Summary(counted[0], counted[-1] if whole and not fault else None, fault)

    def _counted(self, tx: Reading, known: FieldSet, to_count: list[Filter]) -> list[int]:
        within = self.within
        return filtering.counts(tx, known, [All(of=(within, each)) for each in to_count] if within else to_count)


def _fault(tx: Reading, known: FieldSet, condition: Filter) -> str | None:
    try:
        filters.parse(filters.dump(condition))  # neither too long nor too deep to stand in an address
        filters.compile_filter(condition, known, today=tx.today, time_zone=tx.actor.time_zone)
    except Invalid as fault:
        return str(fault)
    return None
