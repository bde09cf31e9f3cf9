"""Secrets that an older version kept as they are, encrypted when its store is opened: SQL cannot."""

from pathlib import Path

import duckdb

from crm.foundation import sealing

PLAIN = "whsec_"
"""How a webhook's secret begins until it is sealed."""


def of_webhook(source: str) -> str:
    """What a webhook's secret is sealed as the secret of."""
    return f"webhook secret of {source}"


def seal_plain(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """How many were plain. What they were still stands in the file's freed blocks, until the store is renewed."""
    rows = connection.execute(
        "SELECT id, source, secret FROM base.webhook_secrets WHERE starts_with(secret, $plain)", {"plain": PLAIN}
    ).fetchall()
    for secret_id, source, secret in rows:
        connection.execute(
            "UPDATE base.webhook_secrets SET secret = $sealed WHERE id = $id",
            {"sealed": sealing.seal(folder, secret.encode(), of=of_webhook(source)), "id": secret_id},
        ).fetchall()
    return len(rows)
