"""Duplicates: pairs of records that may be the same, found by scans, and decided one by one or many at once."""

from crm.records.duplicates.inbox import (
    PairPage,
    PairQuery,
    by_reason,
    count,
    decided,
    find,
    mark_all_distinct,
    mark_distinct,
    of_record,
    unmark_distinct,
)
from crm.records.duplicates.lookup import look_up
from crm.records.duplicates.model import Decided, Pair, Run, Side
from crm.records.duplicates.reasons import SHORT, reasons, sentence
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
    "SHORT",
    "Decided",
    "Pair",
    "PairPage",
    "PairQuery",
    "Run",
    "Side",
    "by_reason",
    "cancel",
    "count",
    "decided",
    "find",
    "get",
    "last",
    "look_up",
    "mark_all_distinct",
    "mark_distinct",
    "merge_all",
    "of_record",
    "reasons",
    "scan",
    "scan_what_changed",
    "sentence",
    "undoable_merges",
    "unmark_distinct",
    "unmerge_all",
]
