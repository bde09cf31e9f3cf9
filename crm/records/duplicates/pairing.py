"""Finds pairs of records that may be the same by blocking joins: only records in a common block are compared.

Each record type defines its prepared columns, its blocks, and the measures, score and reasons of a pair
(`RecordType.duplicate_rules`); the statement is the same.
"""

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.records.declaration import DuplicateRules
from crm.records.merging import mergeable

LEAST = 50
"""The least score of a pair that is kept."""


def rules(kind: str) -> DuplicateRules:
    """The rules by which records of the type are compared. Raises NotFound where it has none."""
    found = mergeable(kind).duplicate_rules
    if found is None:
        raise NotFound(tr("kind of record to compare"))
    return found


def prepared(kind: str, source: str) -> str:
    """SQL of the records of `source` (a table and its condition), prepared for comparison; name it `prepared`."""
    return rules(kind).prepared(f"SELECT {rules(kind).COLUMNS} FROM {source}")


def pairs(kind: str) -> str:
    """SQL over `prepared`: left_id, right_id, score, reasons of every pair with the least score.

    Members of a block of names that are alike are compared by name before they count as a pair.
    """
    of = rules(kind)
    # A block above its limit (a switchboard's number, a frequent name) tells nothing, and costs its square.
    limits = " ".join(f"WHEN '{block}' THEN {limit}" for block, limit in of.LIMITS.items())
    reasons = ", ".join(f"CASE WHEN {when} THEN '{reason}' END" for reason, when in of.REASONS.items())
    return f"""
        WITH blocks AS MATERIALIZED ({of.BLOCKS}),
        telling AS (
            SELECT kind, block FROM blocks GROUP BY kind, block
            HAVING count(*) BETWEEN 2 AND CASE kind {limits} END
        ),
        members AS MATERIALIZED (SELECT blocks.* FROM blocks SEMI JOIN telling USING (kind, block)),
        pairs AS (
            SELECT DISTINCT one.id AS left_id, two.id AS right_id
            FROM members AS one
            JOIN members AS two ON two.kind = one.kind AND two.block = one.block AND two.id > one.id
            WHERE one.kind <> 'alike' OR jaro_winkler_similarity(one.name, two.name) >= {of.ALIKE}
        ),
        measured AS (
            SELECT pair.left_id, pair.right_id, {of.MEASURES}
            FROM pairs AS pair
            JOIN prepared AS one ON one.id = pair.left_id
            JOIN prepared AS two ON two.id = pair.right_id
        )
        SELECT
            left_id,
            right_id,
            {of.SCORE} AS score,
            list_filter([{reasons}], LAMBDA reason: reason IS NOT NULL) AS reasons
        FROM measured
        WHERE score >= {LEAST}
    """
