"""Made-up rates of the demo's other currencies, so that reports add their amounts up."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from crm.demo.opportunities import PER_UNIT
from crm.platform import rates
from crm.platform.rates.reading import base_currency
from crm.store import Writing

DAYS = 2 * 365 + 60
"""The oldest deal closes, and the oldest order is placed, within as many days."""
EVERY = 30
SPREAD = 0.015


def write_rates(tx: Writing, seed: int, midnight: datetime) -> None:
    """A rate of each currency every thirty days, a random walk that ends about where the amounts were made up."""
    base, chance = base_currency(tx), random.Random(seed)  # noqa: S311 — looks, not secrets
    for currency, per_unit in PER_UNIT.items():
        value = per_unit / PER_UNIT.get(base, 1.0)
        for days_ago in range(0, DAYS if currency != base else 0, EVERY):
            day = (midnight - timedelta(days=days_ago)).date()
            rates.set_rate(tx, currency, day, Decimal(value).quantize(Decimal("0.0001")))
            value *= 1 + chance.gauss(0, SPREAD)
