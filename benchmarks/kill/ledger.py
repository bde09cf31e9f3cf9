"""The ledger of acknowledged changes, and of requests without an answer, whose changes may be there or not."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

ROWS = 1_000
"""Of each imported file."""
SOURCE = "commerce"
"""Of the signed orders."""


@dataclass
class Ledger:
    deals: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Deal → version and stage of its last acknowledged move."""
    moving: dict[int, int] = field(default_factory=dict)
    """{deal: the stage of a move that was requested and not answered}."""
    cities: dict[int, tuple[int, str | None]] = field(default_factory=dict)
    """Contact → version and city of its last acknowledged edit."""
    editing: dict[int, str] = field(default_factory=dict)
    contacts: dict[int, str] = field(default_factory=dict)
    """Contact → email."""
    imports: dict[int, str] = field(default_factory=dict)
    """Import → what its addresses begin with."""
    imports_done: set[int] = field(default_factory=set)
    owned: list[int] = field(default_factory=list)
    """The contacts whose owner changes for all of them at once."""
    owner: int | None = None
    new_owner: int | None = None
    """The owner of a change that was requested and not answered."""
    pairs: dict[tuple[int, int], bool] = field(default_factory=dict)
    """The contact that stays and the one that goes into it → whether the merge was acknowledged."""
    merging: tuple[int, int] | None = None
    orders: dict[str, Decimal] = field(default_factory=dict)
    """What the shop calls an order → its value."""
    ordering: dict[str, Decimal] = field(default_factory=dict)
    backups: list[str] = field(default_factory=list)
    """Those not looked into yet."""
    acknowledged: "Counter[str]" = field(default_factory=Counter)
    """Kind of change → how many."""
    refusals: list[str] = field(default_factory=list)

    def forget_doubts(self) -> None:
        for doubts in (self.moving, self.editing, self.ordering):
            doubts.clear()
        self.new_owner = self.merging = None


@dataclass(frozen=True)
class Loss:
    kind: str
    text: str
