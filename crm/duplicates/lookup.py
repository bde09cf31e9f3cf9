"""Which records may be the same as one record, looked up as they are now, between two scans."""

from crm import identity
from crm.companies.record import Company
from crm.contacts import Contact
from crm.duplicates import pairing
from crm.duplicates.inbox import pairs_of, require
from crm.duplicates.model import Pair
from crm.merging import Record, noun
from crm.store import Reading

MOST_CANDIDATES = 2_000


def alike(tx: Reading, kind: str, record_id: int) -> list[Pair]:
    """The pairs of one record, the likeliest first, without those that were told apart."""
    require(tx, kind)
    of = noun(kind)
    record = of.get(tx, record_id)
    ids = [record_id, *_candidates(tx, record)]
    source = f"{of.table} WHERE id IN (SELECT unnest($ids::BIGINT[]))"
    rows = tx.rows(
        f"""
        WITH prepared AS MATERIALIZED ({pairing.prepared(kind, source)})
        SELECT pair.*
        FROM ({pairing.pairs(kind)}) AS pair
        ANTI JOIN (SELECT left_id, right_id FROM base.distinct_pairs WHERE subject_kind = $kind) AS decided
            USING (left_id, right_id)
        WHERE pair.left_id = $id OR pair.right_id = $id
        ORDER BY score DESC, left_id, right_id
        LIMIT 20
        """,
        ids=ids,
        kind=kind,
        id=record_id,
    )
    return pairs_of(tx, kind, rows)


def _candidates(tx: Reading, record: Record) -> list[int]:
    """Those who stand in a block with it, or nearly: cheap conditions, and the statement of the scan decides."""
    if isinstance(record, Company):
        return _like_company(tx, record)
    return _like_contact(tx, record)


def _like_contact(tx: Reading, contact: Contact) -> list[int]:
    local, _, domain = (contact.email or "").rpartition("@")
    rows = tx.rows(
        """
        SELECT id
        FROM contacts
        WHERE id <> $id
          AND (
            right(phone, 8) = $phone
            OR (starts_with(email, $local) AND ends_with(lower(email), $domain))
            OR starts_with(search, $name)
            OR (company_id = $company_id AND left(search, 1) = left($name, 1))
            OR ltrim(lower(identifier), '0') = $identifier
          )
        LIMIT $most
        """,
        id=contact.id,
        phone=contact.phone[-8:] if contact.phone else None,
        local=local[:3] or None,
        domain=domain or None,
        name=identity.folded(contact.name) if contact.name else None,
        company_id=contact.company_id,
        identifier=contact.identifier.lower().lstrip("0") if contact.identifier else None,
        most=MOST_CANDIDATES,
    )
    return [row["id"] for row in rows]


def _like_company(tx: Reading, company: Company) -> list[int]:
    stem = max((company.domain or "").split("."), key=len)
    rows = tx.rows(
        """
        SELECT id
        FROM companies
        WHERE id <> $id AND (starts_with(search, $name) OR contains(domain, $stem))
        LIMIT $most
        """,
        id=company.id,
        name=identity.folded(company.name)[:5],
        stem=stem or None,
        most=MOST_CANDIDATES,
    )
    return [row["id"] for row in rows]
