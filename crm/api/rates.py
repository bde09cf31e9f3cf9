"""Dated currency rates, by which amounts of several currencies are added up. Everybody may read them; a token with the
scope `settings` of somebody who manages settings may change them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from crm.api.callers import Calling
from crm.api.changes import Change, Changing, Key, fingerprint
from crm.api.shapes import Body, Day, Listed, Number, shown
from crm.foundation import bounds, money
from crm.foundation.access import Permission
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, tr
from crm.platform import process, rates
from crm.platform.rates import Outcome, Rate, Reject, Source, Value
from crm.store import Writing

router = APIRouter(prefix="/rates", tags=["rates"])

SHOWN_REJECTS = 100
FORM_OVERHEAD = 64 * 1024
"""Bytes that a form may take in addition to its file."""

FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "dry_run": {"type": "boolean", "default": False, "description": "Say what would come of it."},
                },
            }
        }
    },
}

Code = Annotated[str, Path(max_length=10, description="ISO 4217.", examples=["USD"])]
OnDay = Annotated[Day, Path(examples=["2026-11-30"])]


class RateGiven(Body):
    """What one unit of `currency` was worth on a day, in the workspace's currency."""

    currency: str = Field(max_length=10, examples=["USD"])
    day: Day
    rate: Annotated[Number, Field(gt=0, description="Kept to twelve decimal places, half-even.", examples=["5.4321"])]


class RatesQuery(BaseModel):
    """Left out, nothing is narrowed."""

    currency: str = Field("", max_length=10)
    first: Day | None = Field(None, description="Of this day and later ones.")
    end: Day | None = Field(None, description="Of days before this one.")
    limit: int = Field(50, ge=1, le=500)
    cursor: int = Field(0, ge=0, le=100_000_000, description="The `next` of the page before.")


class RateOfDay(BaseModel):
    """`rated_on` is the day that the rate is of, at most 31 before `day`; null for the workspace's own currency."""

    currency: str
    base_currency: str
    day: date
    rate: Value
    rated_on: date | None


class OutcomeShown(BaseModel):
    """`new` + `changed` + `unchanged` + `kept` are the rates that could be read; `errors` are the first hundred of
    `rejected`. `unquoted_days` say nothing of the workspace's own currency, and are left out."""

    base_currency: str
    dry_run: bool
    new: int
    changed: int
    unchanged: int
    kept: int
    rejected: int
    unquoted_days: int
    currencies: list[str]
    first_day: date | None
    last_day: date | None
    errors: list[Reject]

    @classmethod
    def of(cls, outcome: Outcome, *, dry_run: bool) -> "OutcomeShown":
        return cls(
            **outcome.model_dump(exclude={"rejects"}),
            dry_run=dry_run,
            rejected=outcome.rejected,
            errors=outcome.rejects[:SHOWN_REJECTS],
        )


@router.get("", response_model=Listed[Rate])
def list_rates(caller: Calling, query: Annotated[RatesQuery, Query()]) -> Response:
    """The newest first: rates as they were set, each for its day."""
    with caller.reading() as tx:
        found = rates.history(
            tx,
            money.currency(query.currency) if query.currency else None,
            first=query.first,
            end=query.end,
            limit=query.limit,
            offset=query.cursor,
        )
    after = query.cursor + len(found.items)
    return shown(Listed[Rate](items=found.items, total=found.total, next=str(after) if after < found.total else None))


@router.get("/{currency}/{day}", response_model=RateOfDay)
def get_rate(caller: Calling, currency: Code, day: OnDay) -> Response:
    """The rate that holds on a day: the latest on or before it, at most 31 days old. 404 where there is none."""
    code = money.currency(currency)
    bounds.checked_day(day, "day", later("day"))
    with caller.reading() as tx:
        base, found = rates.base_currency(tx), rates.rate_on(tx, code, day)
    if found is None:
        raise NotFound(tr("rate"))
    return shown(RateOfDay(currency=code, base_currency=base, day=day, rate=found.rate, rated_on=found.day))


@router.post("", response_model=Rate)
def set_rate(change: Changing, body: RateGiven) -> Response:
    """It takes the place of the rate that the currency has for this day."""
    return change.make(lambda tx: rates.set_rate(tx, body.currency, body.day, body.rate))


@router.delete("/{currency}/{day}", status_code=204)
def delete_rate(change: Changing, currency: Code, day: OnDay) -> Response:
    """The rate that was set for this very day."""
    return change.drop(lambda tx: rates.delete(tx, money.currency(currency), day))


@router.post("/import", response_model=OutcomeShown, openapi_extra={"requestBody": FORM})
async def import_rates(request: Request, caller: Calling, key: Key = None) -> Response:
    """Take in a CSV file, packed as ZIP or not: `day,currency,rate` in the workspace's currency, or the European
    Central Bank's `Date,USD,JPY,…`, converted through the euro. The same file once more changes nothing."""
    # Who may not is told so before anything is read; hence the form is not a parameter.
    await run_in_threadpool(caller.require, Permission.MANAGE_SETTINGS)
    async with request.form(max_files=1, max_fields=2, max_part_size=FORM_OVERHEAD) as form:
        content, dry_run = await _sent(dict(form))
    return await run_in_threadpool(_import, request, caller, key, content, dry_run)


def upload_limit() -> int:
    return rates.LARGEST_FILE + FORM_OVERHEAD


async def _sent(form: dict[str, object]) -> tuple[bytes, bool]:
    unknown = sorted(form.keys() - {"file", "dry_run"})
    if unknown:
        raise Invalid(f"There is no field “{unknown[0]}” here, only file and dry_run.", unknown[0])
    file, dry_run = form.get("file"), form.get("dry_run", "false")
    if not isinstance(file, UploadFile):
        raise Invalid("Send the file as the field “file” of multipart/form-data.", "file")
    if dry_run not in ("true", "false"):
        raise Invalid("Give dry_run as true or false.", "dry_run")
    return await file.read(), dry_run == "true"


def _import(request: Request, caller: Calling, key: str | None, content: bytes, dry_run: bool) -> Response:
    with process.reading(caller.actor) as tx:
        base, today = rates.base_currency(tx), tx.today
    sheet = rates.read(content, base, today)

    def work(tx: Writing) -> OutcomeShown:
        outcome = (rates.plan if dry_run else rates.apply)(tx, sheet, Source.FILE)
        return OutcomeShown.of(outcome, dry_run=dry_run)

    # By the file itself, not by the body: a repeated form has another boundary.
    return Change(caller, key, fingerprint(request, bytes([dry_run]) + content)).make(work)
