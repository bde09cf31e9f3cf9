"""A change: made once however often it is sent, and refused where the record has moved on."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from crm.api import gone, idempotency
from crm.api.callers import Caller, Calling
from crm.foundation.errors import Invalid
from crm.store import Writing


@dataclass(frozen=True)
class Change:
    """One request that changes something. With an `Idempotency-Key` it is made once, however often it is sent."""

    caller: Caller
    key: str | None
    fingerprint: str

    def create(self, kind: str, work: Callable[[Writing], BaseModel]) -> Response:
        """A new record of this kind: 201 and where it is, as `path_of` has it."""
        return self._once(201, kind, work)

    def create_several(self, work: Callable[[Writing], BaseModel]) -> Response:
        """New records that come together: 201."""
        return self._once(201, None, work)

    def make(self, work: Callable[[Writing], BaseModel]) -> Response:
        """A change that answers with the record as it then is: 200."""
        return self._once(200, None, work)

    def upsert(self, kind: str, work: Callable[[Writing], tuple[BaseModel, bool]]) -> Response:
        """A record that is made, 201 and where it is, or brought up to date, 200: `work` says whether it was made."""
        return self._once(200, kind, work)

    def drop(self, work: Callable[[Writing], object]) -> Response:
        """A change after which there is nothing to show: 204."""

        def done(tx: Writing) -> None:
            work(tx)

        return self._once(204, None, done)

    def _once(
        self, status: int, kind: str | None, work: Callable[[Writing], BaseModel | tuple[BaseModel, bool] | None]
    ) -> Response:
        with self.caller.writing() as tx:
            # Under the writer's lock: of two requests with one key at the same time the second is answered from the
            # first.
            stored = idempotency.find(tx, self.key, self.fingerprint) if self.key else None
            if stored:
                return stored.replayed(kind)
            done = work(tx)
            record, made = done if isinstance(done, tuple) else (done, False)
            status = 201 if made else status
            answer = idempotency.Answer(status=status, body=record.model_dump_json() if record else "")
            # Answers of success alone: after a refusal the key can be used again, once its cause is mended.
            if self.key:
                idempotency.save(tx, self.key, self.fingerprint, answer)
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


async def change(request: Request, caller: Calling, key: Key = None) -> Change:
    await gone.refuse(request)
    return Change(caller, key, fingerprint(request, await request.body()) if key else "")


def fingerprint(request: Request, body: bytes) -> str:
    """The hash by which two requests are the same: of method, address, the version they expect, and the body."""
    head = "\n".join((request.method, request.url.path, request.url.query, request.headers.get("if-match", "")))
    return hashlib.sha256(head.encode() + b"\0" + body).hexdigest()


async def expected_version(
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
    """The version of the header `If-Match`; None where any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    # Proxies that compress an answer mark its ETag as weak (`W/`).
    found = re.fullmatch(r'\s*(?:W/)?("?)(\d{1,9})\1\s*', if_match, re.ASCII)
    if not found:
        raise Invalid("If-Match takes one version number, such as “3”.", "If-Match")
    return int(found[2])


Changing = Annotated[Change, Depends(change)]
ExpectedVersion = Annotated[int | None, Depends(expected_version)]
