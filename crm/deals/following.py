"""Following a deal: its followers are notified of it as its owner is. Following records no event."""

from crm.deals.verbs import get
from crm.store import Reading, Writing
from crm.store.kept import kept


def follow(tx: Writing, deal_id: int) -> None:
    """Follow a deal. Anybody who sees it may; raises NotFound otherwise."""
    get(tx, deal_id)
    tx.run(
        "INSERT INTO base.deal_followers VALUES ($deal_id, $me) ON CONFLICT DO NOTHING",
        deal_id=deal_id,
        me=tx.actor.id,
    )


def unfollow(tx: Writing, deal_id: int) -> None:
    """Stop following a deal. Raises NotFound where the actor may not see it."""
    get(tx, deal_id)
    tx.run(
        "DELETE FROM base.deal_followers WHERE deal_id = $deal_id AND user_id = $me", deal_id=deal_id, me=tx.actor.id
    )


@kept
def follows(tx: Reading, deal_id: int) -> bool:
    """Whether the actor follows the deal."""
    return bool(
        tx.value(
            "SELECT count(*) FROM deal_followers WHERE deal_id = $deal_id AND user_id = $me",
            deal_id=deal_id,
            me=tx.actor.id,
        )
    )
