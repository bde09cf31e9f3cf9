"""Merging contacts or companies that are one, and taking a merge back."""

from crm.merging.choosing import better, preview
from crm.merging.model import Choice, Merge, Preview, Unmerged
from crm.merging.nouns import NOUNS, Noun, Record, noun, shown_name
from crm.merging.unmerging import count, get, merges, merges_into, survivor_of, unmerge, would_stay
from crm.merging.verbs import merge

__all__ = [
    "NOUNS",
    "Choice",
    "Merge",
    "Noun",
    "Preview",
    "Record",
    "Unmerged",
    "better",
    "count",
    "get",
    "merge",
    "merges",
    "merges_into",
    "noun",
    "preview",
    "shown_name",
    "survivor_of",
    "unmerge",
    "would_stay",
]
