"""Actors: who makes a change, through which source, and with which permissions."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from crm.foundation.language import later


class Role(StrEnum):
    ADMINISTRATOR = later("administrator")
    MANAGER = later("manager")
    REP = later("rep")
    ANALYST = later("analyst")
    VIEWER = later("viewer")


class Permission(StrEnum):
    MANAGE_CONTACTS = later("manage contacts")
    MANAGE_CRM = later("manage the CRM")
    MANAGE_OBJECTS = later("manage custom objects")
    MANAGE_SETTINGS = later("manage settings")
    RUN_SQL = later("run SQL")
    EXPORT = later("export")
    IMPORT = later("import")


class Module(StrEnum):
    CRM = later("crm")
    COMPANIES = later("companies")
    ORDERS = later("orders")
    OBJECTS = later("objects")
    CATALOG = later("catalog")
    CONVERSATIONS = later("conversations")


class Source(StrEnum):
    """The way a change came in. The audit log keeps it."""

    PAGE = later("page")
    API = later("api")
    COMMAND_LINE = later("command line")
    IMPORT = later("import")
    SYSTEM = later("system")


ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(Permission),
    Role.MANAGER: frozenset(Permission) - {Permission.MANAGE_SETTINGS},
    Role.REP: frozenset({Permission.MANAGE_CONTACTS, Permission.MANAGE_CRM, Permission.EXPORT}),
    Role.ANALYST: frozenset({Permission.RUN_SQL, Permission.EXPORT}),
    Role.VIEWER: frozenset(),
}

SEES_EVERYTHING = frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.ANALYST})
"""Roles that owner-based privacy never narrows."""


def sees_all(role: Role, *, viewers: bool) -> bool:
    """Whether this role sees every record under owner-based privacy. `viewers` is the workspace's setting for
    viewers."""
    return role in SEES_EVERYTHING or (viewers and role is Role.VIEWER)


FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Actor:
    """A person or program at work: looked up anew for every request, never kept in a session."""

    id: int
    name: str
    role: Role
    permissions: frozenset[Permission]
    modules: frozenset[Module]
    team_ids: tuple[int, ...] = ()
    sees_everything: bool = False
    time_zone: str = "UTC"
    currency: str = "BRL"
    region: str = "BR"
    """The workspace's default region, for phone numbers without a country code."""
    language: str = "en"
    """In which they read texts, numbers and days."""
    source: Source = Source.PAGE
    confirmed_until: datetime | None = None
    """Until when the actor's identity counts as confirmed; None where they have to confirm it before sensitive
    actions."""

    def through(self, source: Source) -> "Actor":
        return replace(self, source=source)

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def has(self, module: Module) -> bool:
        return module in self.modules

    def shapes(self, module: Module) -> bool:
        """Whether they may change how everybody sells, in one of the modules for it: pipelines, templates, prices."""
        return (
            self.has(module)
            and self.may(Permission.MANAGE_CRM)
            and (self.role is Role.MANAGER or self.may(Permission.MANAGE_SETTINGS))
        )


NOBODY = 0

SYSTEM = Actor(
    id=NOBODY,
    name="Mallard",
    role=Role.ADMINISTRATOR,
    permissions=frozenset(Permission),
    modules=frozenset(Module),
    sees_everything=True,
    source=Source.SYSTEM,
    confirmed_until=FOREVER,
)
"""The product itself: migrations, clean-ups, sign-in look-ups. Never used in place of a person's own actor."""
