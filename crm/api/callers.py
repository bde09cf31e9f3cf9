"""Who calls, and their two ways to work: a look, and a change that a repeated request does not make twice."""

import hashlib
import re
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from crm import process, tokens
from crm.access import Actor, Module, Permission
from crm.api import idempotency, rate
from crm.errors import Forbidden, Invalid, ModuleOff, Unavailable
from crm.store import Reading, Writing
from crm.tokens import Scope, TokenRefused

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
        wanted = scopes or (Scope.READ,)
        if self.scopes.isdisjoint(wanted):
            raise Forbidden(f"This token may not do that: it lacks the scope “{wanted[-1]}”.")
        return process.store().reading(self.actor)

    def require(self, permission: Permission) -> None:
        """Refuse before a large body is read what a verb would refuse after it."""
        with process.store().reading(self.actor) as tx:
            tx.require(permission)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        if not WAITING_WRITERS.acquire(blocking=False):
            raise Unavailable("Too many changes are waiting for their turn. Try again in a moment.")
        try:
            with process.store().writing(self.actor) as tx:
                yield tx
        finally:
            WAITING_WRITERS.release()


def caller(request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> Caller:
    if given is None:
        raise TokenRefused
    store = process.store()
    token = tokens.find(store, given.credentials)
    rate.take(token.id)
    request.state.scopes = token.scopes
    return Caller(tokens.actor(store, token), token.scopes)


@dataclass(frozen=True)
class Change:
    """One request that changes something. With an `Idempotency-Key` it is made once, however often it is sent."""

    caller: Caller
    key: str | None
    fingerprint: str

    def create(self, kind: str, work: Callable[[Writing], BaseModel]) -> Response:
        """A new record of this kind: 201 and where it is."""
        return self._once(201, kind, work)

    def make(self, work: Callable[[Writing], BaseModel]) -> Response:
        """A change that answers with the record as it then is: 200."""
        return self._once(200, None, work)

    def drop(self, work: Callable[[Writing], object]) -> Response:
        """A change after which there is nothing to show: 204."""

        def done(tx: Writing) -> None:
            work(tx)

        return self._once(204, None, done)

    def _once(self, status: int, kind: str | None, work: Callable[[Writing], BaseModel | None]) -> Response:
        with self.caller.writing() as tx:
            kept = idempotency.kept(tx, self.key, self.fingerprint) if self.key else None
            if kept:
                return kept.replayed(kind)
            record = work(tx)
            answer = idempotency.Answer(status=status, body=record.model_dump_json() if record else "")
            if self.key:
                idempotency.keep(tx, self.key, self.fingerprint, answer)
        return answer.response(kind)


Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same key with the same request answers as the first time, and changes nothing again. "
        "Keys are kept for seven days.",
    ),
]


async def change(request: Request, caller: Annotated[Caller, Depends(caller)], key: Key = None) -> Change:
    return Change(caller, key, fingerprint(request, await request.body()) if key else "")


def fingerprint(request: Request, body: bytes) -> str:
    """What makes two requests the same: method, address, the version they expect, and the body to the byte."""
    said = "\n".join((request.method, request.url.path, request.url.query, request.headers.get("if-match", "")))
    return hashlib.sha256(said.encode() + b"\0" + body).hexdigest()


async def seen(
    if_match: Annotated[
        str | None,
        Header(
            alias="If-Match",
            max_length=100,
            description="The version that you saw last, as in the `ETag`: the change is refused with 412 if the "
            "record was changed since.",
            examples=['"3"'],
        ),
    ] = None,
) -> int | None:
    """The version that the caller saw last; None where they do not mind."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'\s*(?:W/)?("?)(\d{1,9})\1\s*', if_match, re.ASCII)
    if not found:
        raise Invalid("If-Match takes one version number, such as “3”.", "If-Match")
    return int(found[2])


def needs(module: Module) -> Callable[[Caller], Awaitable[None]]:
    """A dependency that refuses while the module is off, empty lists included: off means gone."""

    async def check(caller: Annotated[Caller, Depends(caller)]) -> None:
        if not caller.actor.has(module):
            raise ModuleOff(module)

    return check


Calling = Annotated[Caller, Depends(caller)]
Changing = Annotated[Change, Depends(change)]
Seen = Annotated[int | None, Depends(seen)]
