"""Who calls: the user behind a token, and what they may look at and change."""

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from crm.api import gone, rate
from crm.foundation.access import Actor, Module, Permission
from crm.foundation.errors import Forbidden, ModuleOff, Unavailable
from crm.platform import process
from crm.platform.people import tokens
from crm.platform.people.tokens import Scope, TokenRefused
from crm.store import Reading, Writing

T = TypeVar("T")

WAITING_WRITERS = threading.BoundedSemaphore(24)
"""Fewer than the threads that serve requests: while one long change holds the store, reads are still answered."""

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="crm_<id>_<secret>",
    description="A token of a user, made under Account or by `crm token add`. Scopes: " + ", ".join(Scope) + ".",
)


@dataclass(frozen=True)
class Caller:
    """The user behind a token, with no more than its scopes allow."""

    actor: Actor
    scopes: frozenset[Scope]

    def reading(self, *scopes: Scope) -> AbstractContextManager[Reading]:
        """What the user sees; Forbidden for a token that has none of these scopes (`read`, where none is named)."""
        self._require(*(scopes or (Scope.READ,)))
        return process.reading(self.actor)

    def exporting(self) -> AbstractContextManager[Reading]:
        """As `reading`, for a whole list as a file, which takes as long as it takes."""
        self._require(Scope.EXPORT)
        # Not `process.reading`, which ends a reading after ten seconds.
        return process.store().reading(self.actor)

    def querying(self) -> Actor:
        """The user, where the token may run SQL."""
        self._require(Scope.SQL)
        return self.actor

    def require(self, permission: Permission) -> None:
        """Refuse before a large body is read what a verb would refuse after it."""
        with process.reading(self.actor) as tx:
            tx.require(permission)

    def _require(self, *scopes: Scope) -> None:
        if self.scopes.isdisjoint(scopes):
            raise Forbidden(f"This token may not do that: it lacks the scope “{scopes[-1]}”.")

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        with _place_in_line(), process.store().writing(self.actor) as tx:
            yield tx

    def change(self, change: Callable[[Writing], T]) -> T:
        """Make a change of which many come at once; see `Store.change`."""
        with _place_in_line():
            return process.store().change(self.actor, change)


@contextmanager
def _place_in_line() -> Iterator[None]:
    if not WAITING_WRITERS.acquire(blocking=False):
        raise Unavailable("Too many changes are waiting for their turn. Try again in a moment.")
    try:
        yield
    finally:
        WAITING_WRITERS.release()


def caller(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> Caller:
    """The caller behind the token of a request. Raises TokenRefused for a missing or wrong one, TooOften for one that
    asks too often."""
    if given is None:
        raise TokenRefused
    known: Caller | None = getattr(request.state, "caller", None)
    if known:  # a request for records of a custom type is looked at twice
        return known
    store = process.store()
    token = tokens.find(store, given.credentials)
    rate.take(token.id)
    # For the refusal of what the token may not do, which names its scopes.
    request.state.scopes = token.scopes
    actor = tokens.actor(store, token)
    request.state.gone = gone.fields(actor.modules)
    found = request.state.caller = Caller(actor, token.scopes)
    return found


def needs(module: Module) -> Callable[[Caller], Awaitable[None]]:
    """A dependency that refuses while the module is off, empty lists included: off means gone."""

    async def check(caller: Annotated[Caller, Depends(caller)]) -> None:
        if not caller.actor.has(module):
            raise ModuleOff(module)

    return check


Calling = Annotated[Caller, Depends(caller)]


def writes(caller: Calling) -> Caller:
    """For what is the caller's own affair, whatever their role: the token must yet be one that may write."""
    if Scope.WRITE not in caller.scopes:
        raise Forbidden(f"This token may not do that: it lacks the scope “{Scope.WRITE}”.")
    return caller


def hands_out(caller: Calling) -> Caller:
    """For all that is held on a person, and for erasing them: granted by name, with a password, to this token."""
    if Scope.PRIVACY not in caller.scopes:
        raise Forbidden(f"This token may not do that: it lacks the scope “{Scope.PRIVACY}”.")
    return caller


def queries(caller: Calling) -> Caller:
    """For what belongs to running SQL: granted by name."""
    caller.querying()
    return caller


MAY_QUERY = [Depends(queries)]
MAY_HAND_OUT = [Depends(hands_out)]
MAY_WRITE = [Depends(writes)]
