"""/search: records, pages and actions for the box that Ctrl K opens on every page; static/search.js draws it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm.foundation.access import Actor, Permission
from crm.foundation.errors import CrmError
from crm.foundation.identity import searchable
from crm.foundation.language import capitalized, tr
from crm.platform import process
from crm.records import listing, registry, search
from crm.ui import record_links
from crm.ui.app import places
from crm.ui.auth import visitor

RECORDS = 24
OF_ONE_TYPE = 8
COMMANDS = 4
"""The most pages and actions above records."""

ADDED_IN_PLACE = frozenset({"product"})
"""Types whose new records are for fewer people than may change others: their list knows for whom."""


@dataclass(frozen=True)
class Entry:
    """A line of the answer. `icon` is a name of Material Symbols; `address` is where it leads, within the product."""

    group: str
    icon: str
    title: str
    detail: str
    address: str


async def find(request: Request) -> Response:
    try:
        entries = await run_in_threadpool(_entries, request)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return JSONResponse({"entries": [asdict(entry) for entry in entries]}, headers={"Cache-Control": "no-store"})


def _entries(request: Request) -> list[Entry]:
    actor, query = visitor.actor_of(request), request.query_params.get("q", "")[: listing.LONGEST_SEARCH]
    wanted = searchable(query).split()
    matching = [entry for entry in _commands(actor) if _has(entry, wanted)]
    if not wanted:
        return matching
    with process.reading(actor) as tx:
        found = search.find(tx, query, limit=RECORDS, each=OF_ONE_TYPE)
    # Types in the order of their best match, each with its own together.
    kinds = list(dict.fromkeys(match.kind for match in found))
    records = [_record(match) for match in sorted(found, key=lambda match: kinds.index(match.kind))]
    return [*matching[:COMMANDS], *records]


def _has(entry: Entry, wanted: list[str]) -> bool:
    """Whether each word begins one of the entry's title."""
    title = f" {searchable(entry.title)}"
    return all(f" {word}" in title for word in wanted)


def _record(match: search.Match) -> Entry:
    of = registry.get(match.kind)
    address = f"/{record_links.record_page(of)}?{of.key}={match.id}"
    icon = of.icon.removeprefix(":material/").removesuffix(":")
    return Entry(capitalized(of.many), icon, match.title, match.detail, address)


def _commands(actor: Actor) -> Iterator[Entry]:
    """What can be gone to and begun from anywhere: actions first, then pages."""
    for of in registry.types().values():
        if of.is_on(actor) and actor.may(of.permission) and of.key not in ADDED_IN_PLACE:
            name = tr("New {kind}", kind=of.one)
            yield Entry(tr("Actions"), "add", name, "", f"/{record_links.list_page(of)}?new=1")
    if actor.may(Permission.IMPORT):
        yield Entry(tr("Actions"), "upload_file", tr("Import a file"), "", "/imports?new=contacts")
    for section in places.sections().values():
        for place in section:
            if place.open_to(actor) and not place.hidden:
                about = place.help and tr(place.help)
                yield Entry(tr("Pages"), place.icon, place.shown_title, about, f"/{place.name}")
    yield Entry(
        tr("Pages"), "account_circle", tr("Account"), tr("Your password, sessions and notifications."), "/account"
    )


ROUTES = [Route("/search", find)]
