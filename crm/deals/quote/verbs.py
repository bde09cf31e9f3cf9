"""Adds, edits, removes and orders the lines of a deal, one at a time. Several at once are in saving.py."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm.deals.quote.lines import Line, get, in_short
from crm.deals.quote.validation import (
    EDITABLE,
    MOST_LINES,
    Fields,
    checked,
    currency_of_first,
    refuse_unknown,
    with_product,
)
from crm.deals.record import Deal
from crm.deals.revaluing import revalued
from crm.deals.verbs import get as deal_of
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.store import Reading, Writing

Number = Decimal | int | str


def add(tx: Writing, /, deal_id: int, *, currency: str | None = None, quantity: Number = 1, **given: Any) -> Line:
    """Add a line below the others: of a product (`product_id` or `sku`, whose name and price are the defaults), or with
    a `name` and a `unit_price` of its own.

    The first line sets the deal's currency; later ones raise Invalid for another `currency`.
    """
    deal = require_change(tx, deal_id)
    line, deal_currency = insert(tx, deal, {**given, "quantity": quantity}, currency)
    revalued(tx, deal, currency=None if deal.has_lines else deal_currency)
    return line


def edit(tx: Writing, /, deal_id: int, line_id: int, *, version: int | None = None, **changes: Any) -> Line:
    """Set some fields of a line. Another product, by `product_id` or `sku`, brings its name and price. Raises Stale
    where the line was changed after `version`; writes nothing where nothing differs."""
    deal = require_change(tx, deal_id)
    line = change(tx, deal, line_id, changes, version)
    revalued(tx, deal)
    return line


def remove(tx: Writing, deal_id: int, line_id: int, *, version: int | None = None) -> None:
    """Remove a line. With the last one the deal gets its typed value and that value's currency back."""
    deal = require_change(tx, deal_id)
    take_away(tx, deal, line_id, version)
    revalued(tx, deal)


def reorder(tx: Writing, deal_id: int, line_ids: Sequence[int]) -> None:
    """Put the lines in this order; each must be listed once. It raises no version."""
    deal = require_change(tx, deal_id)
    now = [row["id"] for row in tx.rows(f"{_IDS} ORDER BY position, id", id=deal.id)]
    if sorted(line_ids) != sorted(now):
        raise Invalid(tr("The lines of this deal have changed meanwhile. Look at them again, then put them in order."))
    if list(line_ids) == now:
        return
    tx.run(
        "UPDATE base.deal_lines SET position = list_position($order, id) WHERE deal_id = $id",
        order=list(line_ids),
        id=deal.id,
    )
    tx.record("line.reordered", "deal", deal.id, order=list(line_ids))


def require_change(tx: Writing, deal_id: int) -> Deal:
    """The deal. Raises Forbidden where the actor may not change deals."""
    tx.require(Permission.MANAGE_CRM, Module.CRM)
    return deal_of(tx, deal_id)


def insert(tx: Writing, deal: Deal, given: Fields, currency: str | None = None) -> tuple[Line, str]:
    """Insert a line; it and its currency. The caller updates the deal's value."""
    refuse_unknown(given)
    own = deal.currency if deal.has_lines else currency_of_first(tx, deal, given, currency)
    if deal.has_lines and currency is not None and currency.strip().upper() != own:
        raise Invalid(
            tr("The lines of “{title}” are in {currency}: a deal has one currency.", title=deal.title, currency=own),
            "currency",
        )
    fields = checked(with_product(tx, given, own), own)
    _refuse_too_many(tx, deal.id)
    line_id = tx.insert(
        """
        INSERT INTO base.deal_lines (
            deal_id, position, product_id, sku, name, quantity, unit_price, discount_kind, discount, total,
            created_at, updated_at
        )
        SELECT
            $deal_id, coalesce(max(position), 0) + 1, $product_id, $sku, $name, $quantity, $unit_price,
            $discount_kind, $discount, $total, $now, $now
        FROM base.deal_lines
        WHERE deal_id = $deal_id
        RETURNING id
        """,
        deal_id=deal.id,
        **fields,
        now=tx.now,
    )
    line = get(tx, deal.id, line_id)
    tx.record(
        "line.added",
        "deal",
        deal.id,
        line_id=line_id,
        line_name=line.name,
        said=in_short(line),
        total=line.total,
        currency=own,
    )
    return line, own


def change(tx: Writing, deal: Deal, line_id: int, changes: Fields, version: int | None) -> Line:
    refuse_unknown(changes)
    before = get(tx, deal.id, line_id, version=version)
    # An unchanged SKU names no product anew: the product's name and price would replace those of the line.
    given = {field: value for field, value in changes.items() if field != "sku" or value != before.sku}
    if any(given.get(field) for field in ("sku", "product_id")):
        given = with_product(tx, given, deal.currency)
    fields = checked(before.model_dump(include={*EDITABLE, "product_id", "sku"}) | given, deal.currency)
    differing = {
        field: [getattr(before, field), value] for field, value in fields.items() if getattr(before, field) != value
    }
    if not differing:
        return before
    tx.run(
        """
        UPDATE base.deal_lines SET
            product_id = $product_id,
            sku = $sku,
            name = $name,
            quantity = $quantity,
            unit_price = $unit_price,
            discount_kind = $discount_kind,
            discount = $discount,
            total = $total,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **fields,
        now=tx.now,
        id=line_id,
    )
    tx.record("line.changed", "deal", deal.id, line_id=line_id, line_name=fields["name"], changes=differing)
    return get(tx, deal.id, line_id)


def take_away(tx: Writing, deal: Deal, line_id: int, version: int | None) -> None:
    line = get(tx, deal.id, line_id, version=version)
    tx.run("DELETE FROM base.deal_lines WHERE id = $id", id=line_id)
    # All that a past day shows of it: the row is gone.
    were = line.model_dump(include={"sku", "quantity", "unit_price", "discount_kind", "discount", "total"})
    tx.record("line.removed", "deal", deal.id, line_id=line_id, line_name=line.name, **were)


_IDS = "SELECT id FROM base.deal_lines WHERE deal_id = $id"


def _refuse_too_many(tx: Reading, deal_id: int) -> None:
    held = tx.value("SELECT count(*) FROM base.deal_lines WHERE deal_id = $id", id=deal_id)
    if held >= MOST_LINES:
        raise Invalid(tr("A deal has at most {most:,} lines.", most=MOST_LINES), "deal_id")
