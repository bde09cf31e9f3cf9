"""Erases a person for good: from every table, the log, the files, and the bytes of the store."""

from crm.privacy.erasing.model import Erasure, Preview
from crm.privacy.erasing.verbs import JOB, SURE, begin, get, preview, receipts

__all__ = ["JOB", "SURE", "Erasure", "Preview", "begin", "get", "preview", "receipts"]
