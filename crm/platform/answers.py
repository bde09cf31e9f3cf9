"""Stores the answers to requests that carry a key, so that a repeated request can be given the same one."""

from datetime import timedelta

from crm.store import Reading, Row, Writing

RETENTION = timedelta(days=7)


def find(tx: Reading, key: str) -> Row | None:
    """The answer to the actor's request with this key: request_hash, status, body, guard."""
    rows = tx.rows(
        "SELECT request_hash, status, body, guard FROM base.idempotency_keys WHERE user_id = $user_id AND key = $key",
        user_id=tx.actor.id,
        key=key,
    )
    return rows[0] if rows else None


def keep(tx: Writing, key: str, fingerprint: str, *, status: int, body: str, guard: str) -> None:
    """Store an answer, in the transaction of the change that it reports."""
    forget_old(tx)
    tx.run(
        """
        INSERT INTO base.idempotency_keys (user_id, key, request_hash, status, body, created_at, guard)
        VALUES ($user_id, $key, $fingerprint, $status, $body, $now, $guard)
        """,
        user_id=tx.actor.id,
        key=key,
        fingerprint=fingerprint,
        status=status,
        body=body,
        now=tx.now,
        guard=guard,
    )


def forget_old(tx: Writing) -> None:
    tx.run("DELETE FROM base.idempotency_keys WHERE created_at < $oldest", oldest=tx.now - RETENTION)
