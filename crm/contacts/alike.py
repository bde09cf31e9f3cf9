"""Finds contacts that may be one person: variants of phone, email or identifier, similar names at one place of work."""

import re
from typing import Any

from crm.foundation.free_mail import FREE_MAIL
from crm.records import listing
from crm.store import Reading

LIMITS = {"phone": 10, "email": 20, "identifier": 10, "named": 20, "alike": 150, "rare": 4}
"""The most members of a block: larger ones (a switchboard's number, a very common name) are no evidence."""

ALIKE = 0.92
"""The least Jaro–Winkler similarity of similar names: a letter added, missing or swapped, a last name left out."""

COLUMNS = "id, name, email, phone, identifier, city, company_id"
"""The columns that `prepared` reads."""


def prepared(source: str) -> str:
    """SQL with one row per contact of `source` (SQL of id, name, email, phone, identifier, city, company_id). `name` is
    in plain letters with sorted words; `place` is where they work: the company, else the email's domain if it is no
    free mail."""
    # Colleagues share a domain; the users of a free mail host share nothing.
    free = ", ".join(f"'{host}'" for host in sorted(FREE_MAIL))
    return f"""
        SELECT
            id,
            nullif(
                array_to_string(
                    list_sort(regexp_extract_all(strip_accents(lower(shown)), '[\\p{{L}}\\p{{N}}]+')),
                    ' '
                ),
                ''
            ) AS name,
            split_part(lower(address), '@', 2) AS domain,
            CASE WHEN domain NOT IN ({free}) THEN domain END AS host,
            regexp_replace(split_part(lower(address), '@', 1), '[.]|[+].*$', '', 'g') || '@'
                || CASE domain WHEN 'googlemail.com' THEN 'gmail.com' ELSE domain END AS email,
            CASE WHEN length(number) >= 9 THEN right(number, 8) END AS phone,
            nullif(ltrim(regexp_replace(lower(key), '[^\\p{{L}}\\p{{N}}]', '', 'g'), '0'), '') AS identifier,
            strip_accents(lower(city)) AS city,
            company_id,
            coalesce(company_id::VARCHAR, host) AS place
        FROM ({source}) AS given (id, shown, address, number, key, city, company_id)
    """


# Only members of one block are compared: all with all would be half a trillion pairs for a million contacts.
BLOCKS = """
    SELECT 'phone' AS kind, phone AS block, id, name FROM prepared WHERE phone IS NOT NULL
    UNION ALL
    SELECT 'email', email, id, name FROM prepared WHERE email IS NOT NULL
    UNION ALL
    SELECT 'identifier', identifier, id, name FROM prepared WHERE identifier IS NOT NULL
    UNION ALL
    SELECT 'named', company_id || ' ' || name, id, name FROM prepared WHERE company_id || name IS NOT NULL
    UNION ALL
    SELECT 'named', host || ' ' || name, id, name FROM prepared WHERE host || name IS NOT NULL
    UNION ALL
    SELECT 'alike', concat_ws(' ', place, left(name, 1)), id, name
    FROM prepared
    WHERE place IS NOT NULL AND length(name) >= 5
    UNION ALL
    SELECT 'rare', name, id, name FROM prepared WHERE contains(name, ' ')
"""

MEASURES = f"""
    coalesce(one.name = two.name, false) AS same_name,
    coalesce(one.name <> two.name AND jaro_winkler_similarity(one.name, two.name) >= {ALIKE}, false) AS alike,
    one.name IS NULL OR two.name IS NULL AS unnamed,
    coalesce(one.email = two.email, false) AS email,
    coalesce(one.phone = two.phone, false) AS phone,
    coalesce(one.identifier = two.identifier, false) AS identifier,
    coalesce(one.identifier <> two.identifier, false) AS other_identifier,
    coalesce(one.company_id = two.company_id, false) AS company,
    coalesce(one.host = two.host, false) AS domain,
    coalesce(one.city = two.city, false) AS city,
    coalesce(one.phone <> two.phone, false) AS other_phone
"""

SCORE = """
    greatest(
        CASE WHEN phone THEN CASE WHEN same_name THEN 96 WHEN alike THEN 90 WHEN unnamed THEN 75 ELSE 0 END ELSE 0 END,
        CASE WHEN email THEN CASE WHEN same_name THEN 95 WHEN alike THEN 90 WHEN unnamed THEN 80 ELSE 62 END ELSE 0 END,
        CASE
            WHEN identifier THEN CASE WHEN same_name THEN 92 WHEN alike THEN 85 WHEN unnamed THEN 70 ELSE 0 END
            ELSE 0
        END,
        CASE WHEN company THEN CASE WHEN same_name THEN 88 WHEN alike THEN 72 ELSE 0 END ELSE 0 END,
        CASE WHEN domain THEN CASE WHEN same_name THEN 86 WHEN alike THEN 72 ELSE 0 END ELSE 0 END,
        CASE WHEN same_name THEN CASE WHEN city THEN 68 ELSE 58 END ELSE 0 END
    )
    + CASE WHEN email::INTEGER + phone::INTEGER + identifier::INTEGER > 1 THEN 3 ELSE 0 END
    - CASE WHEN other_identifier THEN 15 ELSE 0 END
    - CASE WHEN domain AND NOT (email OR phone OR identifier) THEN 12 ELSE 0 END
    - CASE WHEN other_phone AND NOT (email OR identifier) THEN 4 ELSE 0 END
"""

REASONS = {
    "email": "email",
    "phone": "phone",
    "identifier": "identifier",
    "name": "same_name",
    "similar_name": "alike",
    "company": "company",
    "domain": "domain AND NOT company",
    "city": "city",
    "other_identifier": "other_identifier",
    "other_email": "domain AND NOT (email OR phone OR identifier)",
    "other_phone": "other_phone AND NOT (email OR identifier)",
}

MOST_CANDIDATES = 5_000
GOOGLE = ("gmail.com", "googlemail.com")
EMAIL_STEM = "regexp_replace(split_part(lower(email), '@', 1), '[.]|[+].*$', '', 'g')"


def candidates(tx: Reading, contact: Any) -> list[int]:
    """Ids of records in a block with it, or nearly: cheap conditions, after which the scan's own statement decides."""
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
        # No phone ends in letters: without one of its own, nothing matches.
        phone=(contact.phone or "none")[-8:],
        # Both of Google's hosts end so.
        domain="mail.com" if domain in GOOGLE else f"@{domain}" if domain else "",
        stem=re.sub(r"[.]|[+].*$", "", local),
        digits=digits[0].lstrip("0") if digits else "",
        host="" if domain in FREE_MAIL else domain,
        company_id=contact.company_id or 0,
        most=MOST_CANDIDATES,
    )
    return [row["id"] for row in rows]
