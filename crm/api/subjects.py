"""The records that notes and files are beside, as an address names them."""

from enum import StrEnum


class SubjectKind(StrEnum):
    CONTACTS = "contacts"
    COMPANIES = "companies"
    DEALS = "deals"


_KINDS = {SubjectKind.CONTACTS: "contact", SubjectKind.COMPANIES: "company", SubjectKind.DEALS: "deal"}


def kind_of(subjects: SubjectKind) -> str:
    return _KINDS[subjects]
