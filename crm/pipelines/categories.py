"""Forecast categories: how sure a deal is, in the words that managers use of a forecast.

A stage gives its deals their category; a deal may have one of its own instead, which it keeps when its stage changes.
Deals that are won are closed, lost ones are omitted.
"""

from decimal import Decimal
from enum import StrEnum

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr


class Category(StrEnum):
    OMITTED = "omitted"
    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    CLOSED = "closed"


NAMES = {
    Category.OMITTED.value: later("Omitted"),
    Category.PIPELINE.value: later("Pipeline"),
    Category.BEST_CASE.value: later("Best case"),
    Category.COMMIT.value: later("Commit"),
    Category.CLOSED.value: later("Closed"),
}

CHOSEN = {key: name for key, name in NAMES.items() if key != Category.CLOSED.value}
"""What a person may choose: a deal is closed by winning it."""


def usual(kind: str, probability: Decimal) -> Category:
    """The category of a new stage of this kind and probability in percent."""
    if kind != "open":
        return Category.CLOSED if kind == "won" else Category.OMITTED
    if probability >= 75:
        return Category.COMMIT
    return Category.BEST_CASE if probability >= 50 else Category.PIPELINE


def checked(category: str) -> Category:
    if category not in CHOSEN:
        raise Invalid(
            tr("“{value}” is not a forecast category: omitted, pipeline, best_case or commit.", value=category),
            "category",
        )
    return Category(category)
