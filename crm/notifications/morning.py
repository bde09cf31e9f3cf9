"""What one person is notified of in the morning."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.notifications.kinds import Kind

NAMED = 10
"""How many entries of a list a mail names."""
EACH = 3
"""Up to this many, each is a notice of its own with a link to its deal; more become one notice."""


@dataclass(frozen=True)
class Item:
    """One thing to notify of: as a sentence for the app, and as a line of a list."""

    deal_id: int
    sentence: str
    line: str

    @property
    def link(self) -> str:
        return f"/deal?deal={self.deal_id}"


@dataclass(frozen=True)
class Found:
    """The first items and their total number; `sentence` and `link` are for all together."""

    many: int = 0
    items: tuple[Item, ...] = ()
    sentence: str = ""
    link: str = "/pipeline"


@dataclass(frozen=True)
class Waited:
    """A notification since the last daily mail that was not mailed at once."""

    kind: Kind
    text: str
    link: str


@dataclass(frozen=True)
class Morning:
    user_id: int
    name: str
    found: Mapping[Kind, Found]
    waited: tuple[Waited, ...] = field(default=())
