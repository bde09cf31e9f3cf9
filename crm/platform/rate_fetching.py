"""Fetching currency rates once a day from an address that an administrator gave. Off until one is given: nothing calls
out otherwise."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import BaseModel

from crm.foundation import language
from crm.foundation.access import SYSTEM, Actor, Permission, Role
from crm.foundation.errors import CrmError, Invalid
from crm.foundation.language import tr
from crm.platform import jobs, notices, outbound, rates, workspace
from crm.platform.people import users
from crm.platform.rates import Source
from crm.store import Reading, Store, Writing
from crm.store.kept import kept

log = logging.getLogger(__name__)

JOB = "rates"
EVERY = timedelta(days=1)
FIRST_RUN = timedelta(minutes=3)
"""After a start, so as not to slow it down."""
NOTICE_EVERY = 7
"""Failures in a row after which the administrators are notified again; the first time at once."""
LINK = "/settings?section=Currencies"


class Fetching(BaseModel, frozen=True):
    """From where rates are fetched, and how the last try went."""

    url: str
    set_by: int
    set_at: datetime
    tried_at: datetime | None
    succeeded_at: datetime | None
    error: str | None
    failures: int


@kept
def current(tx: Reading) -> Fetching | None:
    """None while nothing is fetched."""
    tx.require(Permission.MANAGE_SETTINGS)
    return _current(tx)


def set_up(tx: Writing, url: str) -> None:
    """Fetch rates from this address, now and once a day; an empty one ends it. Raises Invalid for what is no web
    address."""
    tx.require(Permission.MANAGE_SETTINGS)
    before = _current(tx)
    after = str(outbound.checked(url).url) if url.strip() else None
    if after == (before.url if before else None):
        return
    tx.run("DELETE FROM base.rate_fetching")
    if after:
        tx.run(
            "INSERT INTO base.rate_fetching (url, set_by, set_at) VALUES ($url, $me, $now)",
            url=after,
            me=tx.actor.id,
            now=tx.now,
        )
        jobs.enqueue_anew(tx, JOB)
    tx.record("workspace.changed", "workspace", 1, changes={"rates_url": [before.url if before else None, after]})


def fetch_now(tx: Writing) -> None:
    """Have the worker fetch them now. Raises Invalid where no address is set."""
    tx.require(Permission.MANAGE_SETTINGS)
    if _current(tx) is None:
        raise Invalid(tr("Give the address first from which rates are to be fetched."), "url")
    jobs.enqueue_anew(tx, JOB)


def schedule(tx: Writing) -> None:
    """Queue the job where an address is set; called at each start."""
    found = _current(tx)
    if found:
        soon = tx.now + FIRST_RUN
        jobs.enqueue_anew(tx, JOB, not_before=max(found.tried_at + EVERY, soon) if found.tried_at else soon)


def run(store: Store, _: int) -> str:
    """Fetch, read and take the rates in; queue the job for tomorrow."""
    actor, found = _settings(store)
    if found is None:
        return "done"
    try:
        _fetch(store, actor, found.url)
    except CrmError as refusal:
        _note_failure(store, str(refusal))
        return "failed"
    return "done"


def on_failure(store: Store, _: int, why: str) -> None:
    _note_failure(store, f"{why}.")


def _fetch(store: Store, actor: Actor, url: str) -> None:
    content = outbound.get(url, most_bytes=rates.LARGEST_FILE)
    with store.reading(actor) as tx:
        today = tx.today
    sheet = rates.read(content, actor.currency, today)
    if not sheet.quotes:
        raise Invalid(tr("There was no rate in what {host} sent.", host=outbound.checked(url).host))
    with store.writing(actor) as tx:
        rates.apply(tx, sheet, Source.FETCH)
        tx.run(
            "UPDATE base.rate_fetching SET tried_at = $now, succeeded_at = $now, error = NULL, failures = 0",
            now=tx.now,
        )
        jobs.enqueue_anew(tx, JOB, not_before=tx.now + EVERY)


def _settings(store: Store) -> tuple[Actor, Fetching | None]:
    """The product itself with the workspace's currency and day, and from where to fetch."""
    with store.reading(SYSTEM) as tx:
        place = workspace.get(tx)
        return replace(SYSTEM, currency=place.currency, time_zone=place.time_zone), _current(tx)


def _note_failure(store: Store, why: str) -> None:
    """Keep why the last try failed, notify the administrators of the first of several and of each seventh, and queue
    the job for tomorrow."""
    log.warning("rates were not fetched: %s", why)
    with store.writing(SYSTEM) as tx:
        tx.run(
            "UPDATE base.rate_fetching SET tried_at = $now, error = $error, failures = failures + 1",
            now=tx.now,
            error=why[:1_000],
        )
        found = _current(tx)
        if found is None:
            return
        if found.failures % NOTICE_EVERY == 1:
            for user in users.everyone(tx):
                if user.active and user.role is Role.ADMINISTRATOR:
                    _notify(tx, user.id, found)
        jobs.enqueue_anew(tx, JOB, not_before=tx.now + EVERY)


def _notify(tx: Writing, user_id: int, found: Fetching) -> None:
    with language.speaking(users.language_of(tx, user_id)):
        text = tr("Currency rates could not be fetched. {why} The next try is tomorrow.", why=found.error or "")
        notices.leave(tx, user_id, text, LINK)


def _current(tx: Reading) -> Fetching | None:
    rows = tx.rows("SELECT * FROM base.rate_fetching")
    return Fetching(**rows[0]) if rows else None
