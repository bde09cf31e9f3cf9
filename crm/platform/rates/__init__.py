"""Dated currency rates: what one unit of a currency is worth in the workspace's currency, by the day.

Amounts of several currencies are added up through them alone. The rate of a day is the latest one on or before it, of
at most 31 days earlier; where there is none, an amount is left out and counted, never guessed.
"""

from crm.platform.rates.conversion import (
    AMOUNT,
    MOST_DAYS,
    Conversion,
    DatedRate,
    amounts_at,
    amounts_on,
    convert,
    converted,
    converted_column,
    of_day,
    rate_on,
    rated,
)
from crm.platform.rates.importing import Outcome, apply, plan
from crm.platform.rates.model import FINEST, LARGEST, Rate, Source, Value, plain
from crm.platform.rates.reading import CurrencyRates, History, base_currency, get, history, latest
from crm.platform.rates.rebasing import rebase
from crm.platform.rates.sheets import LARGEST_FILE, Quote, Reject, Sheet, read
from crm.platform.rates.verbs import delete, set_rate

__all__ = [
    "AMOUNT",
    "FINEST",
    "LARGEST",
    "LARGEST_FILE",
    "MOST_DAYS",
    "Conversion",
    "CurrencyRates",
    "DatedRate",
    "History",
    "Outcome",
    "Quote",
    "Rate",
    "Reject",
    "Sheet",
    "Source",
    "Value",
    "amounts_at",
    "amounts_on",
    "apply",
    "base_currency",
    "convert",
    "converted",
    "converted_column",
    "delete",
    "get",
    "history",
    "latest",
    "of_day",
    "plain",
    "plan",
    "rate_on",
    "rated",
    "read",
    "rebase",
    "set_rate",
]
