"""The errors that reach people: one class per kind of refusal, each message a sentence to act on."""

from collections.abc import Mapping

from crm.foundation.language import tr


class CrmError(Exception):
    """A request that cannot be carried out. `str(error)` is fit to show to the person who made it."""


class NotFound(CrmError):
    """The record does not exist, or the actor may not see it: the two are never told apart."""

    def __init__(self, what: str = "") -> None:
        """`what` is translated already: a team's own name for a record type is in no catalogue."""
        super().__init__(tr("There is no such {what}, or you may not see it.", what=what or tr("record")))


class Forbidden(CrmError):
    """The actor lacks the permission that this action needs."""


class ConfirmFirst(CrmError):
    """The actor is signed in, but has to confirm their identity again first."""

    def __init__(self) -> None:
        super().__init__(
            tr(
                "Confirm first that it is you: you last did more than ten minutes ago. Open this again, and it asks "
                "you."
            )
        )


class ModuleOff(CrmError):
    """The module that the record type or page belongs to is switched off."""

    def __init__(self, module: str) -> None:
        super().__init__(
            tr(
                "The module “{module}” is switched off. An administrator can switch it on under Settings.",
                module=tr(module),
            )
        )


class Invalid(CrmError):
    """An input breaks a rule. `field` names the input, where there is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Incomplete(Invalid):
    """The record lacks fields that its new stage requires. `fields`: {missing field: why it is required}."""

    def __init__(self, message: str, fields: Mapping[str, str]) -> None:
        super().__init__(message, next(iter(fields), None))
        self.fields = dict(fields)


class Duplicate(CrmError):
    """Another record holds this key. `holder_id` is None where the actor may not see the holder."""

    def __init__(self, message: str, *, field: str, holder_kind: str, holder_id: int | None) -> None:
        super().__init__(message)
        self.field = field
        self.holder_kind = holder_kind
        self.holder_id = holder_id


class Stale(CrmError):
    """The record was changed since the actor last saw it; `current` is what it holds now."""

    def __init__(self, message: str, *, known_version: int, current: Mapping[str, object]) -> None:
        super().__init__(message)
        self.known_version = known_version
        self.current = current


class Unavailable(CrmError):
    """The store cannot take the change right now (disk full, reopening): nothing was kept, try again."""


class TooSlow(CrmError):
    """The reads of one request took longer than their limit."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            tr(
                "This takes longer than the {seconds:g} seconds that one question may. Narrow it: fewer "
                "conditions, a shorter period, one pipeline or owner. If it is quick at other times, try "
                "again in a moment.",
                seconds=seconds,
            )
        )
        self.seconds = seconds


class StoreRefused(CrmError):
    """The store cannot be opened as it is; the message says what to do."""


class StoreHeld(StoreRefused):
    """Another process has the store open."""
