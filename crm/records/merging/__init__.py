"""Merges two records into one, and undoes merges."""

from crm.records.merging.choosing import better, preview
from crm.records.merging.model import Choice, Merge, Preview, Unmerged, mergeable
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
    "Choice",
    "Merge",
    "Preview",
    "Unmerged",
    "absorbed_any",
    "better",
    "count",
    "get",
    "merge",
    "mergeable",
    "merges",
    "merges_into",
    "preview",
    "survivor_of",
    "unmerge",
    "would_stay",
]
