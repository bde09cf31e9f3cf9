"""A process of a query whose walk is taken out: it tries every statement it is given behind the other walls alone."""

import time
from typing import Any

from crm.workbench.children import BOOT, Child

WITHOUT_WALK = BOOT.replace(
    "main(int(sys.argv[2]), int(sys.argv[3]))",
    """
import json, os, socket, duckdb, pyarrow as pa
from crm.workbench.child import confining, query, wire

def outcome(connection, sql):
    try:
        found = connection.execute(sql)
        return {"rows": json.dumps(found.fetchmany(1000), default=str)}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}

def python(source):
    try:
        return {"rows": str(eval(source))}
    except BaseException as error:
        return {"error": f"{type(error).__name__}: {error}"[:300]}

def serve(wired, connection):
    request = wire.receive_message(wired)
    confining.bound(request["memory"] + query.MEMORY_SLACK, request["seconds"])
    query._lock(connection, request)
    connection.register("contacts", pa.table({"id": [1], "name": ["Lia"]}))
    confining.close_in(request["memory"] + query.MEMORY_SLACK)
    found = {sql: outcome(connection, sql) for sql in request["sql"]}
    found.update({source: python(source) for source in request["python"]})
    wire.send_message(wired, found)

query._serve = serve
import os, socket, subprocess
main(int(sys.argv[2]), int(sys.argv[3]))
""",
)


def tried(sql: list[str], python: tuple[str, ...] = (), *, memory: int = 128 * 2**20) -> dict[str, dict[str, Any]]:
    """{statement: what came of it} behind the walls of the process alone."""
    child = Child(WITHOUT_WALK)
    try:
        request = {"sql": sql, "python": python, "memory": memory, "seconds": 60, "time_zone": "UTC"}
        ends = time.monotonic() + 90
        return child.ask(request, ends)
    finally:
        child.close()
