"""Duplicates: pairs of records that may be the same, found by scans, and decided one by one or many at once."""

from crm.records.duplicates.inbox import (
    Found,
    Wanted,
    bring_up_again,
    by_reason,
    count,
    decided,
    find,
    of_record,
    tell_all_apart,
    tell_apart,
)
from crm.records.duplicates.lookup import alike
from crm.records.duplicates.model import Decided, Pair, Run, Side
from crm.records.duplicates.reasons import REASONS, SHORT, sentence
from crm.records.duplicates.requests import (
    JOB,
    MOST_MERGES,
    cancel,
    get,
    last,
    merge_all,
    scan,
    scan_what_changed,
    undoable_merges,
    unmerge_all,
)

__all__ = [
    "JOB",
    "MOST_MERGES",
    "REASONS",
    "SHORT",
    "Decided",
    "Found",
    "Pair",
    "Run",
    "Side",
    "Wanted",
    "alike",
    "bring_up_again",
    "by_reason",
    "cancel",
    "count",
    "decided",
    "find",
    "get",
    "last",
    "merge_all",
    "of_record",
    "scan",
    "scan_what_changed",
    "sentence",
    "tell_all_apart",
    "tell_apart",
    "undoable_merges",
    "unmerge_all",
]
