"""Won deals by month, read from a running Mallard into a Polars frame as Arrow: no CSV, no loss of types.

    MALLARD=http://127.0.0.1:8501 MALLARD_TOKEN=crm_… python examples/sql_to_polars.py

The token needs the scope `sql`, and its user the permission to run SQL: they see in SQL what they see in the app.
"""

import os

import httpx
import polars as pl

SQL = """
SELECT date_trunc('month', closed_on) AS month, currency, count(*) AS deals, sum(value) AS value
FROM deals
WHERE status = 'won' AND closed_on >= $since
GROUP BY ALL
ORDER BY month, currency
"""


def asked(sql: str, **parameters: dict[str, object]) -> pl.DataFrame:
    answer = httpx.post(
        f"{os.environ.get('MALLARD', 'http://127.0.0.1:8501')}/api/v1/sql",
        json={"sql": sql, "parameters": parameters, "limit": 100_000},
        headers={
            "Authorization": f"Bearer {os.environ['MALLARD_TOKEN']}",
            "Accept": "application/vnd.apache.arrow.stream",
        },
        timeout=60,
    )
    if answer.is_client_error:
        problem = answer.json()
        raise SystemExit(f"{problem['detail']} (line {problem.get('line')}, column {problem.get('column')})")
    answer.raise_for_status()
    return pl.read_ipc_stream(answer.content)


if __name__ == "__main__":
    frame = asked(SQL, since={"type": "date", "value": "2025-01-01"})
    print(frame.pivot("currency", index="month", values="value"))  # noqa: T201
