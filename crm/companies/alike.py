"""Finds companies that may be the same: equal names up to the legal form, equal domains up to subdomain and suffix."""

from typing import Any

from crm.foundation import identity
from crm.foundation.free_mail import FREE_MAIL
from crm.store import Reading

LEGAL = (
    "ltda|limitada|eireli|epp|mei|me|lda|sa|inc|incorporated|llc|ltd|limited|corp|corporation|co|company|gmbh|ag|kg|"
    "bv|nv|plc|srl|sarl|oy|ab|as"
)
SECOND_LEVEL = "com|co|net|org|gov|edu|ind|adv|med|eng|art|tur"

LIMITS = {"core": 20, "domain": 20, "alike": 60}
"""The most members of a block: larger blocks are no evidence."""

ALIKE = 0.93

COLUMNS = "id, name, domain"
"""The columns that `prepared` reads."""


def prepared(source: str) -> str:
    """SQL with one row per company of `source` (SQL of id, name, domain). `core` is the name without its legal form,
    `stem` the domain without subdomain and suffix: acme for shop.acme.com.br."""
    # `' s a'`: “S.A.” falls into two words once its points are blanks.
    free = ", ".join(f"'{host}'" for host in sorted(FREE_MAIL))
    return f"""
        SELECT
            id,
            replace(trim(regexp_replace(strip_accents(lower(shown)), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), ' s a', ' sa')
                AS name,
            coalesce(nullif(trim(regexp_replace(name, '( ({LEGAL}))+$', '')), ''), name) AS core,
            CASE
                WHEN domain NOT IN ({free})
                THEN nullif(regexp_extract(domain, '([^.]+)[.](?:(?:{SECOND_LEVEL})[.])?[^.]+$', 1), '')
            END AS stem
        FROM ({source}) AS given (id, shown, domain)
    """


BLOCKS = """
    SELECT 'core' AS kind, core AS block, id, core AS name FROM prepared WHERE core <> ''
    UNION ALL
    SELECT 'domain', stem, id, core FROM prepared WHERE stem IS NOT NULL
    UNION ALL
    SELECT 'alike', left(core, 5), id, core FROM prepared WHERE length(core) >= 5
"""

MEASURES = f"""
    one.name = two.name AS same_name,
    one.name <> two.name AND one.core = two.core AS legal_form,
    one.core <> two.core AND jaro_winkler_similarity(one.core, two.core) >= {ALIKE} AS alike,
    coalesce(one.stem = two.stem, false) AS domain,
    coalesce(one.stem <> two.stem, false) AS other_domain
"""

SCORE = """
    greatest(
        CASE WHEN same_name THEN 90 WHEN legal_form THEN 86 WHEN alike THEN 65 ELSE 0 END,
        CASE WHEN domain THEN CASE WHEN same_name OR legal_form THEN 97 WHEN alike THEN 90 ELSE 74 END ELSE 0 END
    )
    - CASE WHEN other_domain THEN 20 ELSE 0 END
"""

REASONS = {
    "name": "same_name",
    "legal_form": "legal_form",
    "similar_name": "alike",
    "domain": "domain",
    "other_domain": "other_domain",
}

MOST_CANDIDATES = 5_000


def candidates(tx: Reading, company: Any) -> list[int]:
    """Ids of records in a block with it, or nearly: cheap conditions, after which the scan's own statement decides."""
    # The longest part of a host: subdomains and suffixes are short.
    stem = max((company.domain or "").split("."), key=len)
    rows = tx.rows(
        """
        SELECT id
        FROM companies
        WHERE id <> $id AND (starts_with(search, $name) OR ($stem <> '' AND contains(domain, $stem)))
        LIMIT $most
        """,
        id=company.id,
        name=identity.searchable(company.name)[:5],
        stem=stem,
        most=MOST_CANDIDATES,
    )
    return [row["id"] for row in rows]
