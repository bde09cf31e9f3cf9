"""The walk through a parsed query: it allows what its lists name and refuses everything else.

The engine's own parser gives the tree (`json_serialize_sql`), so a comment, an odd space or a letter of another script
means to the walk what it means to the engine. A kind of node, a shape of one, or a function that no list here names is
refused, so that what a later engine adds is closed until somebody opens it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.workbench.child.functions import CALLED, TABLE

Node = dict[str, Any]
Scope = frozenset[str]

UNKNOWN_PLACE = 2**63
"""Places of nodes that the parser made up are beyond it."""

QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"})

SOURCES = frozenset({"BASE_TABLE", "JOIN", "SUBQUERY", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION", "PIVOT"})

MODIFIERS = frozenset({"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"})

ORDERS = frozenset({"ORDER_DEFAULT", "ASCENDING", "DESCENDING"})

_WINDOWS = """
AGGREGATE RANK RANK_DENSE NTILE PERCENT_RANK CUME_DIST ROW_NUMBER FIRST_VALUE LAST_VALUE LEAD LAG NTH_VALUE FILL
"""
_COMPARISONS = """
EQUAL NOTEQUAL LESSTHAN GREATERTHAN LESSTHANOREQUALTO GREATERTHANOREQUALTO DISTINCT_FROM NOT_DISTINCT_FROM
"""
_OPERATORS = """
OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE OPERATOR_NULLIF OPERATOR_TRY COMPARE_IN
COMPARE_NOT_IN ARRAY_EXTRACT ARRAY_SLICE ARRAY_CONSTRUCTOR STRUCT_EXTRACT GROUPING_FUNCTION
"""

EXPRESSIONS: Mapping[str, frozenset[str]] = {
    "CONSTANT": frozenset({"VALUE_CONSTANT"}),
    "COLUMN_REF": frozenset({"COLUMN_REF"}),
    "FUNCTION": frozenset({"FUNCTION"}),
    "WINDOW": frozenset(f"WINDOW_{kind}" for kind in _WINDOWS.split()),
    "COMPARISON": frozenset(f"COMPARE_{kind}" for kind in _COMPARISONS.split()),
    "CONJUNCTION": frozenset({"CONJUNCTION_AND", "CONJUNCTION_OR"}),
    "BETWEEN": frozenset({"COMPARE_BETWEEN"}),
    "OPERATOR": frozenset(_OPERATORS.split()),
    "CASE": frozenset({"CASE_EXPR"}),
    "CAST": frozenset({"OPERATOR_CAST"}),
    "TYPE": frozenset({"TYPE"}),
    "COLLATE": frozenset({"COLLATE"}),
    "LAMBDA": frozenset({"LAMBDA"}),
    "STAR": frozenset({"STAR"}),
    "SUBQUERY": frozenset({"SUBQUERY"}),
    "PARAMETER": frozenset({"VALUE_PARAMETER"}),
    "POSITIONAL_REFERENCE": frozenset({"POSITIONAL_REFERENCE"}),
}
"""{class of an expression: its types}."""

SHAPES = tuple(
    frozenset(keys.split())
    for keys in (
        "named_param_map node",
        "kind text",
        "map",
        "path",
        "expression name",
        "then_expr when_expr",
        "key value",
        "aliases key_targets materialized payload_aggregates query_node",
        "is_percentage method repeatable sample_rate sample_size seed",
        "is_null type value",
        "id type_info",
        "entries pivot_enum pivot_expressions unpivot_names",
        "alias star_expr values",
        "column table",
        "catalog column schema table",
    )
)
"""The parts of a tree that have no type: the keys of each."""


class Refused(Exception):
    """The query may not run. `code` says why, `text` what it is about, `place` where it stands: bytes from the start of
    the text, None where that is not known."""

    def __init__(self, code: str, text: str = "", place: int | None = None) -> None:
        super().__init__(code, text, place)
        self.code = code
        self.text = text
        self.place = place


@dataclass
class Reads:
    """What a query names."""

    views: set[str] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    """In lower case, of whichever view; too many do no harm."""
    all_columns: bool = False
    """Whether it may read columns that it does not name: by a star, say."""
    parameters: set[str] = field(default_factory=set)
    places: dict[str, int] = field(default_factory=dict)
    """{name of a column or function: where it stands first}."""


def walk(statements: Sequence[Node], views: frozenset[str]) -> Reads:
    """What the one statement reads. Raises Refused for whatever is not allowed; `views` are in lower case."""
    if len(statements) != 1:
        raise Refused("statements")
    found = _Walk(views)
    found.visit(statements[0], frozenset())
    if found.row_names & found.values:
        found.reads.all_columns = True  # the name of a table where a value stands is its whole row
    return found.reads


class _Walk:
    def __init__(self, views: frozenset[str]) -> None:
        self.views = views
        self.reads = Reads()
        self.row_names: set[str] = set()
        """Names that mean a row where a value stands: of tables, and the aliases given to them."""
        self.values: set[str] = set()
        """The last names of references: `name` of `contacts.name`, which is no row."""

    def visit(self, node: Any, scope: Scope) -> None:
        """`scope`: the names of the common table expressions that hold here."""
        if isinstance(node, list):
            for each in node:
                self.visit(each, scope)
        elif isinstance(node, dict):
            self._visit_node(node, scope)

    def _visit_node(self, node: Node, scope: Scope) -> None:
        kind = node.get("type")
        if "class" in node:
            self._expression(node, scope)
        elif not isinstance(kind, str):
            if frozenset(node) not in SHAPES:
                raise Refused("construct", ", ".join(sorted(node))[:80])
            self._children(node, scope)
        elif kind in QUERIES:
            self._query(node, scope)
        elif kind in SOURCES:
            self._source(node, scope)
        elif kind in MODIFIERS or kind in ORDERS:
            self._children(node, scope)
        else:
            raise Refused("construct", kind, _place(node))

    def _children(self, node: Node, scope: Scope, *, without: Sequence[str] = ()) -> None:
        for key, value in node.items():
            if key not in without:
                self.visit(value, scope)

    def _query(self, node: Node, scope: Scope) -> None:
        if node["type"] == "RECURSIVE_CTE_NODE":
            scope |= {node["cte_name"].lower()}
        for entry in node["cte_map"]["map"]:
            # Its own name holds inside of a recursive one alone, which adds it itself.
            self.visit(entry["value"], scope)
            scope |= {entry["key"].lower()}
            self.row_names.add(entry["key"].lower())
        self._children(node, scope, without=("cte_map",))

    def _source(self, node: Node, scope: Scope) -> None:
        kind = node["type"]
        if node.get("alias"):
            self.row_names.add(node["alias"].lower())
        if node.get("column_name_alias"):
            self.reads.all_columns = True  # they are named by their order
        if kind == "BASE_TABLE":
            self._table(node, scope)
        elif kind == "TABLE_FUNCTION":
            self._call(node["function"], TABLE)
            self._children(node["function"], scope)
            self._children(node, scope, without=("function",))
            return
        elif kind == "JOIN":
            if node["ref_type"] == "NATURAL":
                self.reads.all_columns = True
            self.reads.columns.update(name.lower() for name in node["using_columns"])
        elif kind == "PIVOT":
            self.reads.all_columns = True  # what it does not name, it groups by
            if any(pivot["pivot_enum"] for pivot in node["pivots"]):
                raise Refused("construct", "PIVOT … IN type")
        self._children(node, scope)

    def _table(self, node: Node, scope: Scope) -> None:
        name = node["table_name"].lower()
        path = node["qualified_name"]["path"]
        if node["schema_name"] or node["catalog_name"] or len(path) != 1:
            raise Refused("schema", ".".join(map(str, path)), _place(node))
        if node["at_clause"] is not None:
            raise Refused("construct", "AT", _place(node))
        self.row_names.add(name)
        if name in scope:
            return
        if name not in self.views:
            raise Refused("table", node["table_name"], _place(node))
        self.reads.views.add(name)

    def _expression(self, node: Node, scope: Scope) -> None:
        kind = node["class"]
        if node["type"] not in EXPRESSIONS.get(kind, ()):
            raise Refused("construct", f"{kind} {node['type']}", _place(node))
        match kind:
            case "CONSTANT":
                return  # a value, whose parts are the query's own
            case "FUNCTION" | "WINDOW":
                self._call(node, CALLED)
            case "COLUMN_REF":
                self._column(node)
            case "STAR" | "POSITIONAL_REFERENCE":
                self.reads.all_columns = True
            case "PARAMETER":
                self._parameter(node)
            case "TYPE":
                if node["catalog"] or node["schema"] or len(node["qualified_name"]["path"]) != 1:
                    raise Refused("schema", ".".join(map(str, node["qualified_name"]["path"])), _place(node))
        self._children(node, scope)

    def _call(self, node: Node, allowed: frozenset[str]) -> None:
        name = node["function_name"].lower()
        if node["catalog"] or node["schema"] or len(node["qualified_name"]["path"]) != 1 or name not in allowed:
            raise Refused("function", ".".join(map(str, node["qualified_name"]["path"])), _place(node))
        self._note(name, node)

    def _column(self, node: Node) -> None:
        self.values.add(node["column_names"][-1].lower())
        for name in node["column_names"]:
            self.reads.columns.add(name.lower())
            self._note(name.lower(), node)

    def _parameter(self, node: Node) -> None:
        name = node["identifier"]
        if name.isdigit():
            raise Refused("unnamed parameter", name, _place(node))
        self.reads.parameters.add(name)

    def _note(self, name: str, node: Node) -> None:
        place = _place(node)
        if place is not None:
            self.reads.places.setdefault(name, place)


def _place(node: Node) -> int | None:
    place = node.get("query_location")
    return place if isinstance(place, int) and place < UNKNOWN_PLACE else None
