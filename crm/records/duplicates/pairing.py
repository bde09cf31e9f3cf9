"""Pairs of records that may be one, by blocking joins: a pair is looked at only where both stand in one block.

Each noun says what its records are prepared to, which blocks they stand in, what is measured of a pair, what that
scores and which reasons it gives (alike_contacts.py, alike_companies.py); the statement is the same.
"""

from collections.abc import Mapping
from types import ModuleType
from typing import Protocol, cast

from crm.records.duplicates import alike_companies, alike_contacts

LEAST = 50
"""The score below which a pair is not shown."""


class Alike(Protocol):
    LIMITS: Mapping[str, int]
    ALIKE: float
    BLOCKS: str
    MEASURES: str
    SCORE: str
    REASONS: Mapping[str, str]

    def prepared(self, source: str) -> str: ...


def _alike(module: ModuleType) -> Alike:
    return cast(Alike, module)


ALIKE = {"contact": _alike(alike_contacts), "company": _alike(alike_companies)}
COLUMNS = {"contact": "id, name, email, phone, identifier, city, company_id", "company": "id, name, domain"}


def prepared(kind: str, source: str) -> str:
    """SQL: the records of `source`, a table and its condition, prepared to be compared; call it `prepared`."""
    return ALIKE[kind].prepared(f"SELECT {COLUMNS[kind]} FROM {source}")


def pairs(kind: str) -> str:
    """SQL over `prepared`: left_id, right_id, score, reasons of every pair that scores enough.

    Members of a block of names that are alike are compared by name before they count as a pair.
    """
    noun = ALIKE[kind]
    limits = " ".join(f"WHEN '{block}' THEN {limit}" for block, limit in noun.LIMITS.items())
    reasons = ", ".join(f"CASE WHEN {when} THEN '{reason}' END" for reason, when in noun.REASONS.items())
    return f"""
        WITH blocks AS MATERIALIZED ({noun.BLOCKS}),
        telling AS (
            SELECT kind, block FROM blocks GROUP BY kind, block
            HAVING count(*) BETWEEN 2 AND CASE kind {limits} END
        ),
        members AS MATERIALIZED (SELECT blocks.* FROM blocks SEMI JOIN telling USING (kind, block)),
        pairs AS (
            SELECT DISTINCT one.id AS left_id, two.id AS right_id
            FROM members AS one
            JOIN members AS two ON two.kind = one.kind AND two.block = one.block AND two.id > one.id
            WHERE one.kind <> 'alike' OR jaro_winkler_similarity(one.name, two.name) >= {noun.ALIKE}
        ),
        measured AS (
            SELECT pair.left_id, pair.right_id, {noun.MEASURES}
            FROM pairs AS pair
            JOIN prepared AS one ON one.id = pair.left_id
            JOIN prepared AS two ON two.id = pair.right_id
        )
        SELECT
            left_id,
            right_id,
            {noun.SCORE} AS score,
            list_filter([{reasons}], LAMBDA reason: reason IS NOT NULL) AS reasons
        FROM measured
        WHERE score >= {LEAST}
    """
