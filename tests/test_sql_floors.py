"""SQL respects the floors as imports do: a room names its own tables and views, and those of the rooms below it.

The rooms and their order are those of `.importlinter`. What a record type declares belongs to the room of its
declaration; of the rest, `TABLES` says whose it is.
"""

import ast
import re
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from crm.foundation.access import SYSTEM
from crm.records import registry
from crm.store import Store

ROOT = Path(__file__).parents[1]

TABLES = {
    "store": "migrations events laid_views",
    "platform": """
        users grants teams team_members sessions tokens known_browsers second_factors recovery_codes notices
        preferences workspace currency_rates rate_fetching letterheads modules jobs mails mail_attachments
        uploads idempotency_keys
    """,
    "records": """
        attributes attribute_values deleted_attributes labels notes attachments segments saved_views bulk_changes
        bulk_change_rows bulk_change_refusals event_records event_links feed_cursors merges merge_rows duplicate_runs
        duplicates distinct_pairs links link_labels checklists checklist_items checklist_templates
        checklist_template_items bin
    """,
    "contacts": "contact_activity",
    "pipelines": """
        pipelines stages stage_versions stage_requirements pipeline_winners close_reasons health_weights
    """,
    "catalog": "product_prices",
    "deals": "past_deals deal_activity deal_lines deal_versions deal_followers quotes stage_events won_visits",
    "orders": "order_statuses every_order order_history",
    "objects": "object_types object_fields deleted_object_types purged_object_types",
    "reports": "forecast_backtests forecast_scenarios health_evaluations targets",
    "workbench": "sql_queries sql_runs",
    "dashboards": "dashboards dashboard_schedules dashboard_recipients",
    "imports": "imports import_changes import_rejects import_left import_mappings",
    "privacy": "erasures",
    "notifications": "days_told stalls_told",
    "webhooks": "webhook_secrets webhook_deliveries",
}

ALLOWED = {
    "deals/history.py": ("imports import_changes", "what an import told of a deal was known when it was written"),
    "records/feed/sources.py": (
        "import_changes import_left",
        "what every change of many records kept",
    ),
    "records/history.py": ("import_changes orders order_history", "most records are in none of these: asked first"),
    "store/plain_secrets.py": ("webhook_secrets", "secrets of before they were sealed are sealed as the store opens"),
}
"""Modules that name tables of higher rooms: which, and why each has to."""

OF_TYPES = ("attributes", "labels", "bin", "duplicates")
"""Tables and views that each type has of its own, by what follows its key."""

NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(?:base\.|visible\.|everything\.)?([a-z_]+)\b(?!\.)")


def owners() -> dict[str, str]:
    """The room of each table and view."""
    found = {table: room for room, tables in TABLES.items() for table in tables.split()}
    for key, place in registry.DECLARED.items():
        room, one = place.split(".")[1], registry.get(key)
        found |= dict.fromkeys((one.plural, *(f"{key}_{what}" for what in OF_TYPES)), room)
    return found


def floors() -> dict[str, int]:
    """Each room's floor, the lowest first."""
    linter = ConfigParser()
    linter.read(ROOT / ".importlinter")
    lines = linter["importlinter:contract:floors"]["layers"].split("\n")
    return {room.strip(): -number for number, line in enumerate(lines) for room in line.split("|") if room.strip()}


def texts(source: str) -> Iterator[str]:
    """The texts of a module but for its docstrings; what is put into one stands as {}."""
    tree = ast.parse(source)
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Expr):  # a text that stands alone says something to people
            parts.add(id(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def named(path: Path) -> set[str]:
    """The names that stand where SQL names a table."""
    source = path.read_text()
    found = [source] if path.suffix == ".sql" else texts(source)
    return {name for text in found for name in NAMED.findall(text)}


def modules() -> Iterator[tuple[str, str, Path]]:
    """Each module of a room, as `records/notes.py`. What lays the tables and views knows them all."""
    for path in sorted((ROOT / "crm").rglob("*")):
        place = path.relative_to(ROOT / "crm")
        if path.suffix in (".py", ".sql") and place.parts[:2] not in (("store", "migrations"), ("store", "views")):
            yield place.parts[0].removesuffix(".py"), place.as_posix(), path


def upward() -> set[tuple[str, str]]:
    """Each module and the table of a higher room that it names."""
    of, floor = owners(), floors()
    return {
        (place, table)
        for room, place, path in modules()
        for table in named(path)
        if table in of and floor.get(room, 0) < floor[of[table]]
    }


def allowed() -> set[tuple[str, str]]:
    return {(place, table) for place, (tables, _) in ALLOWED.items() for table in tables.split()}


def test_a_room_names_no_table_of_a_room_above_it() -> None:
    assert sorted(upward() - allowed()) == []


def test_what_is_allowed_is_still_needed() -> None:
    assert sorted(allowed() - upward()) == []


def test_every_table_and_view_belongs_to_one_room(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        held = {
            row["name"]
            for row in tx.rows(
                """
                SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'base'
                UNION
                SELECT view_name FROM duckdb_views() WHERE schema_name = 'visible'
                """
            )
        }
    assert held - owners().keys() == set()
    assert {table for tables in TABLES.values() for table in tables.split()} - held == {"laid_views"}
    assert floors().keys() >= set(owners().values())


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('tx.rows("SELECT 1 FROM deals")', {"deals"}),
        ('tx.rows(f"SELECT {x} FROM base.deals AS deal JOIN {y} ON true")', {"deals"}),
        ('tx.run(f"""\n UPDATE base.{one.plural} SET a = 1;\n INSERT INTO base.notes VALUES (1) """)', {"notes"}),
        ('def f():\n    """Rows FROM deals."""\n    return "nothing"', set()),
        ('x = 1\n"""Taken FROM deals."""', set()),
    ],
)
def test_tables_are_found_in_the_sql_of_a_module_and_not_in_what_it_says_of_itself(
    source: str, found: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "one.py"
    path.write_text(source)
    assert named(path) == found


def test_a_module_that_names_a_table_of_a_room_above_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.py"
    path.write_text('tx.rows("SELECT 1 FROM base.notes JOIN users ON true JOIN deal_lines ON true")')
    for room, above in (("platform", {"notes", "deal_lines"}), ("records", {"deal_lines"}), ("deals", set())):
        monkeypatch.setattr(f"{__name__}.modules", lambda room=room: iter([(room, "one.py", path)]))
        assert {table for _, table in upward()} == above
