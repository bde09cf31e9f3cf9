"""Finds the rows that a statement writes or reads, where its text proves that they all have one key.

    UPDATE base.deals SET rank = $rank WHERE id = $id               writes rows of deals with the key $id
    SELECT * FROM deals AS deal WHERE deal.id = $id                 reads no others

Whatever is not recognised writes and reads whole tables, so that a text which this does not know keeps nothing too
long. Both texts are looked at once.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

KEYS = {
    "attachments": "subject_id",
    "checklist_items": "deal_id",
    "checklists": "deal_id",
    "companies": "id",
    "contact_labels": "contact_id",
    "contacts": "id",
    "deal_activity": "deal_id",
    "deal_followers": "deal_id",
    "deal_labels": "deal_id",
    "deal_lines": "deal_id",
    "deal_versions": "deal_id",
    "deals": "id",
    "links": "subject_id",
    "notes": "subject_id",
    "preferences": "user_id",
    "stage_events": "deal_id",
}
"""{table: the column by which its rows are told apart, a BIGINT}. Neither side has to name it: it then means all
rows."""

_COMMENTS_AND_TEXTS = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_UNREADABLE = re.compile(r"""["\x00;]|\$\$|/\*|\be'|\bCOLUMNS\b""", re.IGNORECASE)
"""What could hide a part of the text from the patterns below."""
_GROUP = re.compile(r"\(([^()]*)\)")
_PLACE = "\x00(\\d+)\x00"
"""Of what stood in parentheses."""
_UPDATE = re.compile(r"UPDATE base\.(\w+)(?: AS (\w+))? SET (.+?) WHERE (.+)", re.IGNORECASE)
_DELETE = re.compile(r"DELETE FROM base\.(\w+)(?: AS (\w+))? WHERE (.+)", re.IGNORECASE)
_INSERT = re.compile(
    rf"INSERT INTO base\.(\w+) {_PLACE} (?:VALUES {_PLACE}|SELECT (.+?) FROM (.+?))(?: RETURNING (.+))?",
    re.IGNORECASE,
)
_MORE_ROWS = re.compile(r"\b(?:UNION|EXCEPT|INTERSECT|ON CONFLICT)\b", re.IGNORECASE)
_NOT_ONE_CONDITION = re.compile(r"\b(?:FROM|WHERE|USING|OR|BETWEEN|CASE)\b", re.IGNORECASE)
_ASSIGNED = re.compile(r"(\w+) =")
_PARAMETER = re.compile(r"\$(\w+)")


RETURNED = ""
"""In place of a parameter: the id that an INSERT of one row returns."""


@dataclass(frozen=True)
class Rows:
    """The rows of a table whose key is the value of a parameter."""

    table: str
    parameter: str


def written(sql: str) -> Rows | None:
    """The rows that a statement inserts, changes or deletes, which have the same key before and after; None where the
    text does not prove it."""
    if _UNREADABLE.search(sql):
        return None
    text, groups = _without_groups(" ".join(_COMMENTS_AND_TEXTS.sub(" ", sql).split()))
    if found := _UPDATE.fullmatch(text):
        table, alias, assignments, condition = found.groups()
        key = KEYS.get(table.lower())
        if key is None or not _leaves(key, assignments):
            return None
        return _meets(table, alias, key, condition)
    if found := _DELETE.fullmatch(text):
        table, alias, condition = found.groups()
        key = KEYS.get(table.lower())
        return _meets(table, alias, key, condition) if key else None
    if (found := _INSERT.fullmatch(text)) and not _MORE_ROWS.search(text):
        table, columns, values, selected, _, returned = found.groups()
        if KEYS.get(table.lower()) == "id" and values and (returned or "").lower() == "id":
            return Rows(table.lower(), RETURNED)
        return _inserted(table.lower(), groups[int(columns)], selected or groups[int(values)])
    return None


def _without_groups(text: str) -> tuple[str, list[str]]:
    """A text whose parentheses are replaced by places, and what stood in them."""
    groups: list[str] = []

    def replace(found: re.Match[str]) -> str:
        groups.append(found[1])
        return f" \x00{len(groups) - 1}\x00"

    while True:
        text, many = _GROUP.subn(replace, text)
        if not many:
            return " ".join(text.split()), groups


def _leaves(key: str, assignments: str) -> bool:
    """Whether the assignments of an UPDATE leave the key as it is."""
    if _NOT_ONE_CONDITION.search(re.sub(r"\bCASE\b.*?\bEND\b", " ", assignments, flags=re.IGNORECASE)):
        return False
    for each in assignments.split(","):
        assigned = _ASSIGNED.match(each.strip())
        if assigned is None or assigned[1].lower() == key:
            return False
    return True


def _meets(table: str, alias: str | None, key: str, condition: str) -> Rows | None:
    condition = re.split(r" RETURNING\b", condition, maxsplit=1, flags=re.IGNORECASE)[0]
    if _NOT_ONE_CONDITION.search(condition):
        return None
    named = re.compile(rf"(?:(?:{alias or table})\.)?{key} = \$(\w+)", re.IGNORECASE)
    for each in re.split(r"\bAND\b", condition, flags=re.IGNORECASE):
        if found := named.fullmatch(each.strip()):
            return Rows(table.lower(), found[1])
    return None


def _inserted(table: str, columns: str, values: str) -> Rows | None:
    names, items = ([each.strip().lower() for each in part.split(",")] for part in (columns, values))
    key = KEYS.get(table)
    if key not in names or len(names) != len(items) or any(each.endswith("*") for each in items):
        return None
    found = _PARAMETER.fullmatch(values.split(",")[names.index(key)].strip())
    return Rows(table, found[1]) if found else None


Equalities = frozenset[tuple[str, str]]
"""Columns of a table of a query that equal parameters."""


def equalities(select: dict[str, Any]) -> dict[int, Equalities]:
    """{id() of a table in the FROM of a serialized SELECT: what a row of it must meet, or the result is the same
    without the row}.

    A condition of WHERE removes whatever a row of another key has brought, and so does one of the join that the row
    stands at the right of. Beyond inner and outer joins (by position, by the nearest) a row that is removed later may
    have displaced another: they tell nothing.
    """
    tables = _joined(select.get("from_table"))
    if tables is None:
        return {}
    found: dict[int, set[tuple[str, str]]] = {id(each): set() for each in tables}
    conditions = [(each, tables) for each in _conjuncts(select.get("where_clause"))]
    right_sides = [(right, each) for right, on in _right_sides(select["from_table"]) for each in _conjuncts(on)]
    conditions += [(each, [right]) for right, each in right_sides]
    for condition, those in conditions:
        if (equal := _equality(condition)) is None:
            continue
        *qualifier, column = equal[0]
        for table in those:
            if qualifier == [_name(table)] if qualifier else table is select["from_table"]:
                found[id(table)].add((column, equal[1]))
    named = {_name(table): id(table) for table in tables}
    for right, condition in reversed(right_sides):  # the innermost join first
        # What is joined to rows of one key by an equality has the same key, or is joined to none of them.
        for own, (other, column) in _joined_columns(condition, right):
            if other in named and len(named) == len(tables):
                equal_to = [parameter for known, parameter in found[named[other]] if known == column]
                found[id(right)].update((own, parameter) for parameter in equal_to)
    return {table: frozenset(pairs) for table, pairs in found.items()}


def _joined(node: Any) -> list[dict[str, Any]] | None:
    """The tables of a FROM, None where it has other joins than inner and outer ones."""
    if node is None:
        return []
    if node["type"] == "BASE_TABLE":
        return None if node.get("sample") or node.get("at_clause") or node.get("column_name_alias") else [node]
    if node["type"] != "JOIN":
        return [] if node["type"] in ("SUBQUERY", "EMPTY") and not node.get("sample") else None
    if node["ref_type"] not in ("REGULAR", "CROSS") or node["join_type"] not in ("INNER", "LEFT", "RIGHT", "FULL"):
        return None
    left, right = _joined(node["left"]), _joined(node["right"])
    return None if left is None or right is None else left + right


def _right_sides(node: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """The tables that are the right side of a join which keeps no row of theirs by itself, and its condition."""
    if node["type"] != "JOIN":
        return
    if node["right"]["type"] == "BASE_TABLE" and node["join_type"] in ("INNER", "LEFT"):
        yield node["right"], node["condition"]
    yield from _right_sides(node["left"])
    yield from _right_sides(node["right"])


def _conjuncts(condition: Any) -> Iterator[dict[str, Any]]:
    if condition is None:
        return
    if condition["type"] == "CONJUNCTION_AND":
        for each in condition["children"]:
            yield from _conjuncts(each)
    else:
        yield condition


def _equality(condition: dict[str, Any]) -> tuple[list[str], str] | None:
    """The column, perhaps with its table, and the parameter that it has to equal."""
    if condition["type"] != "COMPARE_EQUAL":
        return None
    left, right = condition["left"], condition["right"]
    if left["type"] != "COLUMN_REF":
        left, right = right, left
    if left["type"] != "COLUMN_REF" or right["type"] != "VALUE_PARAMETER" or len(left["column_names"]) > 2:
        return None
    return [name.lower() for name in left["column_names"]], right["identifier"]


def _joined_columns(condition: dict[str, Any], right: dict[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """A column of the table at the right of a join that has to equal one of another table, and that one."""
    if condition["type"] != "COMPARE_EQUAL":
        return
    sides = condition["left"], condition["right"]
    if any(side["type"] != "COLUMN_REF" or len(side["column_names"]) != 2 for side in sides):
        return
    left, other = ([name.lower() for name in side["column_names"]] for side in sides)
    for (of, own), (table, column) in ((left, other), (other, left)):
        if of == _name(right) != table:
            yield own, (table, column)


def _name(table: dict[str, Any]) -> str:
    return str(table["alias"] or table["table_name"]).lower()


def keyed_tables(tree: dict[str, Any]) -> dict[int, str]:
    """{id() of a table of a view: its key}, for tables of `base` of which each row of the view is made by one row, with
    the same key under the same name. A row of the view then depends on no row of another key.
    """
    [statement] = tree["statements"]
    select = statement["node"]
    if select["type"] != "SELECT_NODE" or any(select.get(part) for part in _WHOLE_PARTS) or _has_window(select):
        return {}
    if select["aggregate_handling"] != "STANDARD_HANDLING":
        return {}
    tables = _joined(select["from_table"])
    if tables is None:
        return {}
    found = {}
    for table in tables:
        key = KEYS.get(table["table_name"].lower()) if table["schema_name"] == "base" else None
        givers = [each for each in select["select_list"] if key and _may_give(each, key)]
        if key and len(givers) == 1 and _gives(givers[0], key, table, alone=table is select["from_table"]):
            found[id(table)] = key
    return found


_WHOLE_PARTS = ("modifiers", "group_expressions", "group_sets", "having", "sample", "qualify")


def _has_window(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_has_window, node))
    if isinstance(node, dict):
        return node.get("class") == "WINDOW" or any(map(_has_window, node.values()))
    return False


def _may_give(item: dict[str, Any], key: str) -> bool:
    """Whether an item of a SELECT may be, or hold, a column of this name."""
    if item["type"] == "STAR":
        return key not in [str(each).lower() for each in item["exclude_list"]]
    name = item["alias"] or (item["column_names"][-1] if item["type"] == "COLUMN_REF" else "")
    return bool(name.lower() == key)


def _gives(item: dict[str, Any], key: str, table: dict[str, Any], *, alone: bool) -> bool:
    """Whether an item of a SELECT is, or holds, the key of this table, as it is stored."""
    if item["type"] == "STAR":
        changed = any(item[part] for part in ("replace_list", "rename_list", "qualified_exclude_list", "columns"))
        of = item["relation_name"].lower()
        return not changed and (of == _name(table) if of else alone)
    if item["type"] != "COLUMN_REF":
        return False
    *qualifier, column = (name.lower() for name in item["column_names"])
    return column == key and (qualifier == [_name(table)] if qualifier else alone)
