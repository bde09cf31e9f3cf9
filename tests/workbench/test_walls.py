"""The walls of a query's process, each attack behind the walk: what a hole in the walk would still not reach."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.attacks import CATALOGUE, ESCAPES, FILES, NETWORK, OTHERS, SETTINGS
from tests.workbench.harness import tried

PYTHON = (
    "open('/etc/passwd').read()",
    "open('/tmp/left-behind', 'w')",
    "socket.socket()",
    "os.pipe()",
    "os.listdir('/')",
    "subprocess.run(['/bin/true'])",
    "dict(os.environ)",
    "sorted(int(one) for one in range(100) if __import__('fcntl').fcntl(one, 1) >= 0)",
    "os.getcwd()",
    "bytearray(3 * 10**9)",
)
"""As if a query could run code of its own."""


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    statements = [
        sql for sql in ESCAPES.values() if "sleep" not in sql and "arrow_scan" not in sql and "pandas_scan" not in sql
    ]
    return tried(statements, PYTHON)


@pytest.mark.parametrize("what", [*FILES, *NETWORK])
def test_no_file_and_no_address_is_reached(outcomes: dict[str, dict[str, Any]], what: str) -> None:
    sql = {**FILES, **NETWORK}[what]
    assert "error" in outcomes[sql], outcomes[sql]


def test_what_is_got_out_of_the_process_is_nobodys(outcomes: dict[str, dict[str, Any]]) -> None:
    """The catalogue and the settings of an empty engine may be read there: nothing else is in it."""
    for sql, outcome in outcomes.items():
        told = json.dumps(outcome)
        assert "root:" not in told, sql
        assert "password" not in told.replace("password_hash", "").replace("/etc/passwd", "").lower() or sql in (
            *CATALOGUE.values(),
            *SETTINGS.values(),
        ), sql


@pytest.mark.parametrize("what", [one for one in OTHERS if one not in ("the people of yesterday",)])
def test_other_tables_are_not_there(outcomes: dict[str, dict[str, Any]], what: str) -> None:
    assert "error" in outcomes[OTHERS[what]], outcomes[OTHERS[what]]


@pytest.mark.parametrize(
    "sql",
    [one for one in SETTINGS.values() if one.startswith(("SET ", "RESET", "PRAGMA enable")) and "VARIABLE" not in one],
)
def test_no_setting_changes(outcomes: dict[str, dict[str, Any]], sql: str) -> None:
    assert "error" in outcomes[sql], outcomes[sql]


def test_nothing_is_left_on_the_disk(outcomes: dict[str, dict[str, Any]]) -> None:
    assert outcomes
    names = ("x.csv", "x.parquet", "x", "x.duckdb", "left-behind")
    assert not [name for name in names if (Path(tempfile.gettempdir()) / name).exists()]


@pytest.mark.parametrize("source", PYTHON[:6])
def test_not_even_code_opens_anything(outcomes: dict[str, dict[str, Any]], source: str) -> None:
    assert "error" in outcomes[source], outcomes[source]


def test_the_process_holds_no_environment_and_no_descriptor_of_the_product(
    outcomes: dict[str, dict[str, Any]],
) -> None:
    environment = outcomes["dict(os.environ)"]["rows"]
    assert not [name for name in ("CRM_", "HOME", "PATH'", "USER") if name in environment]
    assert outcomes["os.getcwd()"]["rows"] == "/"
    assert outcomes["bytearray(3 * 10**9)"]["error"].startswith("MemoryError")
