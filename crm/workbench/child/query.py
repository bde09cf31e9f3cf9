"""One query, from its text to its last row. `main` runs where `crm.workbench.children` starts it."""

import gc
import io
import json
import mmap
import os
import re
import socket
import sys
import time
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.ipc

from crm.workbench.child import confining, wire
from crm.workbench.child.walk import Reads, Refused, walk

BATCH = 2048
MEMORY_SLACK = 256 * 2**20
"""Address space beside what the engine counts as its memory: the text, its tree, rows on their way out."""
DEEPEST = 5_000
"""Frames of Python for a tree: the engine's parser allows expressions of a thousand levels, a few frames each."""

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "async_threads": 0,
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "temp_directory": "",
}

QUOTED = re.compile(r'"([^"]+)"|function \'?(\w+)\(')


def main(descriptor: int, parent: int) -> None:
    confining.settle(parent)
    wired = socket.socket(fileno=descriptor)
    connection = _connected()
    gc.freeze()
    try:
        _serve(wired, connection)
    except wire.Ended:
        pass
    finally:
        # The engine's own end takes longer than the system's.
        os._exit(0)


def _connected() -> duckdb.DuckDBPyConnection:
    """The engine, empty and warm: what it loads at first use is loaded, since files cannot be opened later."""
    connection = duckdb.connect(":memory:", config=SETTINGS)
    for setting in ("python_enable_replacements = false", "errors_as_json = true", "TimeZone = 'America/Sao_Paulo'"):
        connection.execute(f"SET {setting}").fetchall()
    connection.register("warm", pa.table({"id": [1], "value": [Decimal("1.5")], "day": [date(2026, 1, 1)]}))
    asked = connection.sql(
        "SELECT id, value, day, now() AS at, strftime(day, '%B') AS month FROM warm WHERE id = $id", params={"id": 1}
    )
    with pa.ipc.new_stream(io.BytesIO(), asked.to_arrow_reader(BATCH).schema):
        pass
    connection.unregister("warm")
    return connection


def _serve(wired: socket.socket, connection: duckdb.DuckDBPyConnection) -> None:
    request = wire.receive_message(wired)
    began = time.process_time()
    memory = request["memory"]
    try:
        confining.bound(memory + MEMORY_SLACK, request["seconds"])
        _lock(connection, request)
        reads = _walked(connection, request)
        wire.send_message(
            wired,
            {
                "views": sorted(reads.views),
                "columns": None if reads.all_columns else sorted(reads.columns),
                "parameters": sorted(reads.parameters),
            },
        )
        _receive_slices(wired, connection)
        confining.close_in(memory + MEMORY_SLACK)
        done = _answer(wired, connection, request, reads)
        wire.send_message(wired, {"done": done | {"processor": time.process_time() - began}})
    except Refused as refusal:
        wire.send_message(wired, {"refused": refusal.code, "text": refusal.text, "place": refusal.place})
    except RecursionError:
        wire.send_message(wired, {"refused": "depth"})
    except MemoryError:
        wire.send_message(wired, {"refused": "memory"})


def _lock(connection: duckdb.DuckDBPyConnection, request: dict[str, Any]) -> None:
    connection.execute(f"SET memory_limit = '{int(request['memory'])}B'").fetchall()
    connection.execute("SET TimeZone = $zone", {"zone": request["time_zone"]}).fetchall()
    connection.execute("SET lock_configuration = true").fetchall()


def _walked(connection: duckdb.DuckDBPyConnection, request: dict[str, Any]) -> Reads:
    sys.setrecursionlimit(DEEPEST)
    try:
        found = connection.execute("SELECT json_serialize_sql($sql::VARCHAR)", {"sql": request["sql"]}).fetchall()
    except duckdb.Error as error:
        raise _refusal_of(error, Reads()) from None
    tree = json.loads(found[0][0])
    if tree["error"]:
        if tree["error_type"] == "parser":
            raise Refused("syntax", tree["error_message"], _whole(tree.get("position")))
        raise Refused("statement")
    return walk(tree["statements"], frozenset(request["views"]))


def _receive_slices(wired: socket.socket, connection: duckdb.DuckDBPyConnection) -> None:
    """Lay the views that the product hands over, each a file in memory with an Arrow stream."""
    while True:
        message = wire.receive_message(wired)
        if "view" not in message:
            return
        _, files, _, _ = socket.recv_fds(wired, 1, 1)
        mapped = mmap.mmap(files[0], message["size"], prot=mmap.PROT_READ)
        os.close(files[0])
        table = pa.ipc.open_stream(pa.py_buffer(mapped)).read_all()
        connection.register(message["view"], table)


def _answer(
    wired: socket.socket, connection: duckdb.DuckDBPyConnection, request: dict[str, Any], reads: Reads
) -> dict[str, Any]:
    """Send the rows. Returns what is said of them at the end, or the plan."""
    values = {name: _value(given) for name, given in request["parameters"].items()}
    try:
        if request["explain"]:
            plan = connection.execute(f"EXPLAIN {request['sql']}", values).fetchall()
            return {"plan": "\n".join(str(row[-1]) for row in plan)}
        relation = connection.sql(request["sql"], params=values) if values else connection.sql(request["sql"])
        if relation is None:
            raise Refused("statement")
        return _send_rows(wired, relation.to_arrow_reader(BATCH), request)
    except duckdb.Error as error:
        raise _refusal_of(error, reads) from None
    except pa.ArrowInvalid as error:  # what fails while rows are read comes by way of Arrow
        raise Refused("engine", str(error)[:2_000]) from None


class _Pieces(io.RawIOBase):
    """Where Arrow writes its stream: each write goes out as one piece."""

    def __init__(self, wired: socket.socket) -> None:
        self.wired = wired
        self.sent = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        content = bytes(piece)
        if content:
            wire.send(self.wired, wire.PIECE, content)
        self.sent += len(content)
        return len(content)


def _send_rows(wired: socket.socket, reader: Any, request: dict[str, Any]) -> dict[str, Any]:
    if len(reader.schema) > request["columns"]:
        raise Refused("columns", str(len(reader.schema)))
    rows, truncated = 0, ""
    pieces = _Pieces(wired)
    with pa.ipc.new_stream(pa.PythonFile(pieces, mode="w"), reader.schema) as stream:
        for batch in reader:
            if pieces.sent + batch.nbytes > request["output"]:
                if not rows:
                    raise Refused("output")
                truncated = "bytes"
                break
            if rows + batch.num_rows > request["rows"]:
                truncated = "rows"
            wanted = batch.slice(0, request["rows"] - rows)
            stream.write_batch(wanted)
            rows += wanted.num_rows
            if truncated:
                break
    return {"rows": rows, "truncated": truncated}


def _value(given: dict[str, Any]) -> Any:
    kind, value = given["type"], given["value"]
    if value is None:
        return None
    match kind:
        case "number":
            return _number(str(value))
        case "date":
            return date.fromisoformat(value)
        case _:
            return value


def _number(text: str) -> int | Decimal | float:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        found = Decimal(text)
    except InvalidOperation:
        return float(text)
    return found if len(found.as_tuple().digits) <= 30 and -20 <= found.adjusted() <= 20 else float(text)


def _refusal_of(error: duckdb.Error, reads: Reads) -> Refused:
    """The engine's own refusal. Its place is what it says, else where the name that it quotes stands first."""
    _, _, told = str(error).partition(": ")
    message, place = told, None
    try:
        found = json.loads(told)
    except ValueError:
        pass
    else:
        message, place = found["exception_message"], _whole(found.get("position"))
    if isinstance(error, duckdb.OutOfMemoryException):
        return Refused("memory")
    for quoted in QUOTED.finditer(message) if place is None else ():
        place = reads.places.get((quoted[1] or quoted[2]).lower())
        if place is not None:
            break
    code = "syntax" if isinstance(error, duckdb.ParserException) else "engine"
    return Refused(code, message[:2_000], place)


def _whole(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdigit() else None
