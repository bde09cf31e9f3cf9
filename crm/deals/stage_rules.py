"""Checks stored deals against the rules of the stage in which they arrive: one deal, or many at once."""

from crm.foundation.language import tr
from crm.pipelines import Kind, Stage, rules
from crm.store import Reading

EXAMPLES = 3
"""How many deals a refusal of many names."""


def require(tx: Reading, deal_id: int, title: str, target: Stage) -> None:
    """Check one arrival. Raises Incomplete, naming the missing fields, or Forbidden where the actor may not win.

    The deal is read as the transaction has left it.
    """
    if target.kind is Kind.WON:
        rules.require_winner(tx, target.pipeline_id)
    required = rules.requirements(tx, [target.id])
    if not required:
        return
    lacking = rules.refused(tx, stored("SELECT $deal_id::BIGINT", target.id), required, deal_id=deal_id)
    if lacking.height:
        by_field = {rule.field: rule for rule in required}
        raise rules.incomplete(f"“{title}”", target, [by_field[field] for field in lacking["lacking"][0]])


def require_all(tx: Reading, ids: str, target: Stage, **params: object) -> None:
    """As `require`, for every deal of the query `ids`, with one refusal for all. Deals in the bin are skipped, since
    nobody could complete them."""
    if target.kind is Kind.WON:
        rules.require_winner(tx, target.pipeline_id)
    required = rules.requirements(tx, [target.id])
    if not required:
        return
    lacking = rules.refused(tx, stored(ids, target.id), required, **params)
    if lacking.is_empty():
        return
    named = set(lacking["lacking"].explode())
    titles = tx.rows(
        "SELECT title FROM deals WHERE id IN (SELECT unnest($ids::BIGINT[])) ORDER BY id LIMIT $most",
        ids=lacking["id"].head(100).to_list(),
        most=EXAMPLES,
    )
    examples = ", ".join(f"“{row['title']}”" for row in titles)
    those = (
        tr("{count:,} of the deals (such as {titles})", count=lacking.height, titles=examples)
        if titles
        else tr("{count:,} of the deals", count=lacking.height)
    )
    raise rules.incomplete(those, target, [rule for rule in required if rule.field in named])


def stored(ids: str, stage_id: int) -> str:
    """SQL of stored deals as arrivals in one stage, for `refused`; without those in the bin."""
    # everything and base: removing a stage moves deals too that the actor does not see.
    return f"""
        SELECT deal.id, {stage_id} AS stage_id, deal.* EXCLUDE (id, stage_id), own.* EXCLUDE (id)
        FROM everything.deals AS deal
        LEFT JOIN base.deal_attributes AS own ON own.id = deal.id
        WHERE deal.id IN ({ids})
    """
