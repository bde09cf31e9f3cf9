"""Kinds of notification, and the channels that carry them."""

from dataclasses import dataclass
from enum import StrEnum

from crm.foundation.access import Role
from crm.foundation.language import later


class Kind(StrEnum):
    ASSIGNED = "assigned"
    TO_DO = "to_do"
    DUE = "due"
    STALLED = "stalled"
    WON = "won"
    EVERY_WIN = "every_win"


class Channel(StrEnum):
    APP = "app"
    EMAIL = "email"


@dataclass(frozen=True)
class About:
    """How a kind is offered: to whom, and its default channels."""

    title: str
    says: str
    channels: frozenset[Channel] = frozenset(Channel)
    roles: frozenset[Role] = frozenset(Role)


KINDS: dict[Kind, About] = {
    Kind.ASSIGNED: About(later("Assigned to me"), later("Somebody gives me a deal, or many at once.")),
    Kind.TO_DO: About(later("Tasks given to me"), later("Somebody gives me something to do on a deal.")),
    Kind.DUE: About(later("Due today"), later("In the morning: deals of mine to close, and what I am to do, today.")),
    Kind.STALLED: About(later("Stalled"), later("In the morning: deals of mine that came to a standstill, each once.")),
    Kind.WON: About(later("Won"), later("Somebody else wins a deal that I own or follow.")),
    Kind.EVERY_WIN: About(
        later("Every win"),
        later("Anybody wins any deal that I see."),
        channels=frozenset(),
        roles=frozenset({Role.ADMINISTRATOR, Role.MANAGER}),
    ),
}
