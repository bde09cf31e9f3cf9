"""The type of attribute that a column would make, by its first cells: proposed to the person, never decided."""

import polars as pl

from crm.foundation.errors import Invalid
from crm.imports.reading import amounts, dates
from crm.records.attributes import AttributeType
from crm.records.attributes.types import TICKED, UNTICKED

MOST_VALUES = 12
"""A column of so few different words, each repeated, is a list."""

LINK = r"^https?://\S+$"
CODE = r"^\+?0\d|^\+|^\d{12,}$"
"""Digits that are no number: leading zeros and plus signs mean something, and so do very long ones."""


def proposed_type(cells: pl.Series) -> AttributeType:
    filled = cells.str.strip_chars(" \t").replace("", None).drop_nulls()
    if not filled.len():
        return AttributeType.TEXT
    distinct = filled.unique()
    if set(distinct.str.to_lowercase()) <= TICKED | UNTICKED and distinct.len() <= 2:
        return AttributeType.CHECKBOX
    if distinct.str.contains(LINK).all():
        return AttributeType.LINK
    if _are_dates(distinct):
        return AttributeType.DATE
    number = _kind_of_number(distinct)
    if number:
        return number
    repeated = distinct.len() <= MOST_VALUES and filled.len() >= 3 * distinct.len()
    return AttributeType.LIST if repeated and (distinct.str.len_chars() <= 40).all() else AttributeType.TEXT


def _are_dates(distinct: pl.Series) -> bool:
    if distinct.str.contains(r"^\d{1,8}$").any():
        return False  # 20261231 is more often a number than a day
    return any(dates.parsed(distinct, pattern).null_count() == 0 for pattern in dates.PATTERNS)


def _kind_of_number(distinct: pl.Series) -> AttributeType | None:
    if distinct.str.contains(CODE).any():
        return None
    percent = distinct.str.ends_with("%")
    bare = distinct.str.strip_suffix("%").str.strip_chars(" ")
    try:
        read = amounts.amounts(bare, amounts.mark_of(bare, ""), below_zero=True)
    except Invalid:  # both marks read them, and differently: numbers all the same
        return AttributeType.NUMBER
    if read["value"].null_count():
        return None
    if percent.all():
        return AttributeType.PERCENT
    return AttributeType.CURRENCY if read["written_in"].is_not_null().any() else AttributeType.NUMBER
