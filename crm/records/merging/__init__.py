"""Merging contacts or companies that are one, and taking a merge back."""

from crm.records.merging.choosing import better, preview
from crm.records.merging.model import Choice, Merge, Preview, Unmerged
from crm.records.merging.nouns import NOUNS, Noun, Record, kind_of, noun
from crm.records.merging.unmerging import (
    absorbed_any,
    count,
    get,
    merges,
    merges_into,
    survivor_of,
    unmerge,
    would_stay,
)
from crm.records.merging.verbs import merge

__all__ = [
    "NOUNS",
    "Choice",
    "Merge",
    "Noun",
    "Preview",
    "Record",
    "Unmerged",
    "absorbed_any",
    "better",
    "count",
    "get",
    "kind_of",
    "merge",
    "merges",
    "merges_into",
    "noun",
    "preview",
    "survivor_of",
    "unmerge",
    "would_stay",
]
