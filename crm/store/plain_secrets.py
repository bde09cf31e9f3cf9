"""Encrypts the secrets that an older version stored in plain text, when its store is opened: a SQL migration cannot."""

from pathlib import Path

import duckdb

from crm.foundation import sealing

PLAIN = "whsec_"
"""The prefix of a webhook's secret in plain text."""


def of_webhook(source: str) -> str:
    """The purpose that a webhook's secret is sealed for, see `sealing.seal`."""
    return f"webhook secret of {source}"


def seal_plain(connection: duckdb.DuckDBPyConnection, folder: Path) -> int:
    """Seal plain secrets; how many there were. Their text stays in the file's freed blocks until the store is
    renewed."""
    rows = connection.execute(
        "SELECT id, source, secret FROM base.webhook_secrets WHERE starts_with(secret, $plain)", {"plain": PLAIN}
    ).fetchall()
    for secret_id, source, secret in rows:
        connection.execute(
            "UPDATE base.webhook_secrets SET secret = $sealed WHERE id = $id",
            {"sealed": sealing.seal(folder, secret.encode(), of=of_webhook(source)), "id": secret_id},
        ).fetchall()
    return len(rows)
