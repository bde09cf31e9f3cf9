"""Which records may be the same as one record, looked up as they are now, between two scans."""

import re

from crm.companies import Company
from crm.contacts import Contact
from crm.foundation import identity
from crm.foundation.free_mail import FREE_MAIL
from crm.records import listing, reading
from crm.records.declaration import Record
from crm.records.duplicates import pairing
from crm.records.duplicates.inbox import pairs_of, require
from crm.records.duplicates.model import Pair
from crm.records.merging import mergeable
from crm.store import Reading

MOST_CANDIDATES = 5_000
GOOGLE = ("gmail.com", "googlemail.com")
EMAIL_STEM = "regexp_replace(split_part(lower(email), '@', 1), '[.]|[+].*$', '', 'g')"


def alike(tx: Reading, kind: str, record_id: int) -> list[Pair]:
    """The pairs of one record, the likeliest first, without those that were told apart."""
    require(tx, kind)
    of = mergeable(kind)
    record = reading.get(tx, of, record_id)
    ids = [record_id, *_candidates(tx, record)]
    source = f"{of.plural} WHERE id IN (SELECT unnest($ids::BIGINT[]))"
    tx.create_temp_table("prepared", pairing.prepared(kind, source), ids=ids)
    try:
        rows = tx.rows(
            f"""
            SELECT pair.*
            FROM ({pairing.pairs(kind)}) AS pair
            ANTI JOIN (SELECT left_id, right_id FROM base.distinct_pairs WHERE subject_kind = $kind) AS decided
                USING (left_id, right_id)
            WHERE pair.left_id = $id OR pair.right_id = $id
            ORDER BY score DESC, left_id, right_id
            LIMIT 20
            """,
            kind=kind,
            id=record_id,
        )
    finally:
        tx.drop("prepared")
    return pairs_of(tx, kind, rows)


def _candidates(tx: Reading, record: Record) -> list[int]:
    """Those who stand in a block with it, or nearly: cheap conditions, and the statement of the scan decides."""
    if isinstance(record, Company):
        return _like_company(tx, record)
    return _like_contact(tx, record) if isinstance(record, Contact) else []


def _like_contact(tx: Reading, contact: Contact) -> list[int]:
    local, _, domain = (contact.email or "").lower().rpartition("@")
    digits = re.search(r"\d+$", contact.identifier or "")
    name = listing.words(contact.name or "", "contains(search, {word})")
    rows = tx.rows(
        f"""
        SELECT id
        FROM contacts
        WHERE id <> $id
          AND (
            right(phone, 8) = $phone
            OR ($domain <> '' AND ends_with(lower(email), $domain) AND {EMAIL_STEM} = $stem)
            OR ($digits <> '' AND ends_with(identifier, $digits))
            OR ($host <> '' AND ends_with(lower(email), '@' || $host))
            OR company_id = $company_id
            OR ({name.sql if name.params else "false"})
          )
        LIMIT $most
        """,
        **name.params,
        id=contact.id,
        phone=(contact.phone or "none")[-8:],
        domain="mail.com" if domain in GOOGLE else f"@{domain}" if domain else "",
        stem=re.sub(r"[.]|[+].*$", "", local),
        digits=digits[0].lstrip("0") if digits else "",
        host="" if domain in FREE_MAIL else domain,
        company_id=contact.company_id or 0,
        most=MOST_CANDIDATES,
    )
    return [row["id"] for row in rows]


def _like_company(tx: Reading, company: Company) -> list[int]:
    stem = max((company.domain or "").split("."), key=len)
    rows = tx.rows(
        """
        SELECT id
        FROM companies
        WHERE id <> $id AND (starts_with(search, $name) OR ($stem <> '' AND contains(domain, $stem)))
        LIMIT $most
        """,
        id=company.id,
        name=identity.folded(company.name)[:5],
        stem=stem,
        most=MOST_CANDIDATES,
    )
    return [row["id"] for row in rows]
