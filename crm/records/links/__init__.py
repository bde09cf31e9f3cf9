"""Links of custom records to contacts and deals, each with a label and a day where it has one."""

from crm.records.links.labels import (
    add_label,
    delete_label,
    get_label,
    labels,
    rename_label,
    reorder_labels,
    uses,
)
from crm.records.links.model import SUBJECTS, Link, LinkGroup, LinkLabel
from crm.records.links.reading import get, of_company, of_record, of_subject, page
from crm.records.links.relations import filter_by
from crm.records.links.verbs import change, link, put_back, unlink

__all__ = [
    "SUBJECTS",
    "Link",
    "LinkGroup",
    "LinkLabel",
    "add_label",
    "change",
    "delete_label",
    "filter_by",
    "get",
    "get_label",
    "labels",
    "link",
    "of_company",
    "of_record",
    "of_subject",
    "page",
    "put_back",
    "rename_label",
    "reorder_labels",
    "unlink",
    "uses",
]
