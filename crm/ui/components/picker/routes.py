"""/pick: the records that a picker offers for what is typed into it; before anything is, those that changed last."""

from dataclasses import asdict

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crm import catalog
from crm.foundation import money
from crm.foundation.errors import CrmError
from crm.foundation.language import tr
from crm.platform import process
from crm.records import listing, search
from crm.records.search import Match
from crm.store import Reading, Row
from crm.ui.auth import visitor

SHOWN = 6


async def find(request: Request) -> Response:
    try:
        matches = await run_in_threadpool(_matches, request)
    except CrmError as refusal:
        return visitor.refused(refusal)
    return JSONResponse({"matches": [asdict(match) for match in matches]}, headers={"Cache-Control": "no-store"})


def _matches(request: Request) -> list[Match]:
    kind, query = request.query_params.get("kind", ""), request.query_params.get("q", "")[: listing.LONGEST_SEARCH]
    currency = request.query_params.get("currency", "")
    with process.reading(visitor.actor_of(request)) as tx:
        if kind == "product" and currency in money.CURRENCIES:
            return _priced(tx, query, currency)
        if query.strip():
            return search.find(tx, query, kinds=(kind,), limit=SHOWN, least=1)
        return search.latest(tx, kind, limit=SHOWN)


def _priced(tx: Reading, query: str, currency: str) -> list[Match]:
    """The active products, each with its SKU and its price in the currency of the deal that it is picked for."""
    locale = tx.actor.language
    return [
        Match("product", row["id"], row["name"], f"{row['sku']} · {_price(row, currency, locale)}")
        for row in catalog.named(tx, query.strip(), SHOWN)
    ]


def _price(row: Row, currency: str, locale: str) -> str:
    price = row["prices"].get(currency)
    if price is not None:
        return money.shown_exactly(price, currency, locale)
    others = ", ".join(row["prices"])
    if others:
        return tr("no price in {currency}, only in {others}", currency=currency, others=others)
    return tr("no price in {currency}", currency=currency)


ROUTES = [Route("/pick", find)]
