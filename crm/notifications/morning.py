"""What one person is notified of in the morning."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm.notifications.kinds import Kind

NAMED = 10
"""How many of a list a mail names."""
EACH = 3
"""Up to so many, each is a notice of its own, which leads to its deal; more are one."""


@dataclass(frozen=True)
class Item:
    """One thing to look at: as a sentence for the app, and as a line of a list."""

    deal_id: int
    sentence: str
    line: str

    @property
    def link(self) -> str:
        return f"/deal?deal={self.deal_id}"


@dataclass(frozen=True)
class Found:
    """The first of what was found, and of how many; `sentence` and `link` are of all together."""

    many: int = 0
    items: tuple[Item, ...] = ()
    sentence: str = ""
    link: str = "/pipeline"


@dataclass(frozen=True)
class Waited:
    """What happened since the last daily mail, and was not mailed then."""

    kind: Kind
    text: str
    link: str


@dataclass(frozen=True)
class Morning:
    user_id: int
    name: str
    found: Mapping[Kind, Found]
    waited: tuple[Waited, ...] = field(default=())
