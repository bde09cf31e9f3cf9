"""Issued quotes: numbered, with a copy of the deal's lines at that time, so that printing one again gives the same."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel, Field

from crm.deals import verbs as deals
from crm.deals.quote.lines import DiscountKind, of
from crm.deals.quote.verbs import require_change
from crm.foundation import identity
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, ModuleOff, NotFound
from crm.foundation.language import later, tr
from crm.platform import letterhead, workspace
from crm.platform.letterhead import Letterhead
from crm.platform.printing import faces
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

USUAL_DAYS = 30
MOST_DAYS = 3660


class QuotedLine(BaseModel, frozen=True):
    sku: str | None
    name: str
    quantity: Decimal
    unit_price: Decimal
    discount_kind: DiscountKind | None
    discount: Decimal
    total: Decimal


class Quote(BaseModel, frozen=True):
    id: int
    deal_id: int
    number: int
    """Consecutive over the whole workspace, without gaps."""
    title: str
    contact_name: str | None
    """The current name, like `company_name`; None also where the actor may not see the contact."""
    company_name: str | None
    currency: str
    lines: list[QuotedLine]
    total: Decimal
    note: str | None
    issued_on: date
    valid_until: date
    """The last day on which it is valid."""
    issued_by_name: str
    issued_at: datetime
    letterhead_id: int | None = Field(None, exclude=True)
    """The state of the letterhead it was handed out with; None before there was any."""

    @property
    def texts(self) -> list[str]:
        """What was typed into it, as it is printed."""
        named = [self.title, self.contact_name, self.company_name, self.issued_by_name, self.note]
        return [text for text in (*named, *(part for line in self.lines for part in (line.name, line.sku))) if text]


def issue(
    tx: Writing,
    deal_id: int,
    *,
    valid_days: int | None = None,
    valid_until: date | None = None,
    note: str | None = None,
) -> Quote:
    """Issue a quote of the deal's current lines, valid for `valid_days` or until `valid_until`; 30 days by default.
    Raises Invalid where something on it cannot be printed."""
    deal = require_change(tx, deal_id)
    lines = of(tx, deal_id)
    if not lines.items:
        raise Invalid(tr("“{title}” has no lines to quote. Add one first.", title=deal.title), "lines")
    paper = letterhead.in_use(tx)
    quote_id = tx.insert(
        """
        INSERT INTO base.quotes (
            deal_id, number, title, contact_id, company_id, currency, lines, total, note, issued_on, valid_until,
            issued_by, issued_at, letterhead_id
        )
        SELECT
            -- max + 1 under the writer lock: a sequence would leave a gap for each change that is rolled back.
            $deal_id, coalesce(max(number), 0) + 1, $title, $contact_id, $company_id, $currency, $lines, $total, $note,
            $today, $valid_until, $by, $now, $letterhead_id
        FROM base.quotes
        RETURNING id
        """,
        deal_id=deal_id,
        title=deal.title,
        contact_id=deal.contact_id,
        company_id=deal.company_id,
        currency=deal.currency,
        # A copy as JSON: the lines may change later, the printed quote must not.
        lines=json.dumps(
            [QuotedLine(**line.model_dump()).model_dump(mode="json") for line in lines.items], ensure_ascii=False
        ),
        total=lines.value,
        note=identity.text(note, later("note"), limit=2000),
        today=tx.today,
        valid_until=_last_day(tx, valid_days, valid_until),
        by=tx.actor.id,
        now=tx.now,
        letterhead_id=paper.id,
    )
    made = get_quote(tx, deal_id, quote_id)
    _refuse_unprintable(tx, made, paper)
    tx.record("quote.issued", "deal", deal_id, quote_id=quote_id, number=made.number, total=made.total)
    return made


@kept
def issued(tx: Reading, deal_id: int) -> list[Quote]:
    """The quotes of a deal, newest first. Raises NotFound where the actor may not see the deal."""
    if not tx.actor.has(Module.CRM):
        raise ModuleOff(Module.CRM)
    deals.get(tx, deal_id)
    rows = tx.rows(f"{_ALL} WHERE quote.deal_id = $id ORDER BY quote.number DESC LIMIT 200", id=deal_id)
    return [_quote(row) for row in rows]


def get_quote(tx: Reading, deal_id: int, quote_id: int) -> Quote:
    """A quote of a deal. Raises NotFound where the deal has no such quote, or is not visible."""
    deals.get(tx, deal_id)
    rows = tx.rows(f"{_ALL} WHERE quote.id = $id AND quote.deal_id = $deal_id", id=quote_id, deal_id=deal_id)
    if not rows:
        raise NotFound(tr("quote"))
    return _quote(rows[0])


_ALL = """
    SELECT
        quote.* EXCLUDE (contact_id, company_id, issued_by),
        coalesce(contact.name, contact.email, contact.phone) AS contact_name,
        company.name AS company_name,
        coalesce(person.name, 'Mallard') AS issued_by_name
    FROM quotes AS quote
    LEFT JOIN contacts AS contact ON contact.id = quote.contact_id
    LEFT JOIN companies AS company ON company.id = quote.company_id
    LEFT JOIN users AS person ON person.id = quote.issued_by
"""


def _quote(row: Row) -> Quote:
    return Quote(**{**row, "lines": json.loads(row["lines"])})


def _refuse_unprintable(tx: Reading, made: Quote, paper: Letterhead) -> None:
    lacking = faces.unprintable([workspace.get(tx).name, *made.texts, *paper.texts])
    if lacking:
        shown = " ".join(lacking[:10])
        raise Invalid(
            tr("No font here can print “{letters}”. Write it otherwise, then make the quote.", letters=shown), "lines"
        )


def _last_day(tx: Reading, days: int | None, until: date | None) -> date:
    if days is not None and until is not None:
        raise Invalid(tr("Say either for how many days the quote is valid, or until when."), "valid_until")
    if until is not None:
        if not tx.today <= until <= tx.today + timedelta(days=MOST_DAYS):
            raise Invalid(tr("A quote is valid until today or a day within the next ten years."), "valid_until")
        return until
    validity = USUAL_DAYS if days is None else days
    if not 0 <= validity <= MOST_DAYS:
        raise Invalid(tr("A quote is valid for 0 to {most:,} days.", most=MOST_DAYS), "valid_days")
    return tx.today + timedelta(days=validity)
