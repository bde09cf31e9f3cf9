"""Following a deal: to hear of it though it is somebody else's. One's own affair, so the log does not keep it."""

from crm.deals.verbs import get
from crm.store import Reading, Writing


def follow(tx: Writing, deal_id: int) -> None:
    """Anybody may who sees the deal; NotFound otherwise."""
    get(tx, deal_id)
    tx.run(
        "INSERT INTO base.deal_followers VALUES ($deal_id, $me) ON CONFLICT DO NOTHING",
        deal_id=deal_id,
        me=tx.actor.id,
    )


def unfollow(tx: Writing, deal_id: int) -> None:
    get(tx, deal_id)
    tx.run(
        "DELETE FROM base.deal_followers WHERE deal_id = $deal_id AND user_id = $me", deal_id=deal_id, me=tx.actor.id
    )


def follows(tx: Reading, deal_id: int) -> bool:
    """Whether the actor does."""
    return bool(
        tx.value(
            "SELECT count(*) FROM deal_followers WHERE deal_id = $deal_id AND user_id = $me",
            deal_id=deal_id,
            me=tx.actor.id,
        )
    )
