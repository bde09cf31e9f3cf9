"""Finds which tables a statement reads or writes, and what it reads of the actor; once for each text."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

MAX_TEXTS = 4000

_COMMENTS_AND_TEXTS = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_TARGET = re.compile(
    r"\b(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO|TRUNCATE(?:\s+TABLE)?)\s+"
    r"(?!SET\b)(?:(\w+)\.)?(\w+)",
    re.IGNORECASE,
)
_NO_WRITE = re.compile(
    r"\s*(?:SELECT|FROM|WITH|EXPLAIN|CREATE\s+OR\s+REPLACE\s+TEMP\s+TABLE|DROP\s+TABLE\s+IF\s+EXISTS\s+temp\.)\b",
    re.IGNORECASE,
)
_TEMP_TABLE = re.compile(r"\s*CREATE\s+OR\s+REPLACE\s+TEMP\s+TABLE\s+\w+\s+AS\b", re.IGNORECASE)
_VARIABLE = re.compile(r"getvariable\('(\w+)'\)(?!\s+IS\s+NOT\s+NULL)", re.IGNORECASE)
"""A variable whose value counts; that there is one at all holds for everybody who reads."""

_OF_ACTOR = {"actor_id": "id", "team_ids": "team_ids", "modules": "modules"}
"""The variables of a cursor, and the fields of the actor that they are set from."""

_SCHEMA = frozenset({"sees_everything"})


@dataclass(frozen=True)
class Sources:
    """What the result of a statement depends on, apart from its parameters."""

    tables: frozenset[str] = frozenset()
    """Tables of schema `base`, those behind views included."""
    facets: frozenset[str] = frozenset()
    """Fields of the actor."""
    others: frozenset[str] = frozenset()
    """Tables that belong to the unit of work: temporary ones and frames."""
    known: bool = True
    """False where the statement cannot be analysed."""

    def __or__(self, more: "Sources") -> "Sources":
        return Sources(
            self.tables | more.tables, self.facets | more.facets, self.others | more.others, self.known and more.known
        )


@dataclass(frozen=True)
class _Named:
    """The tables and views that a text names itself: (schema or "", name)."""

    names: frozenset[tuple[str, str]]
    queries: frozenset[str]
    """Names of common table expressions."""
    facets: frozenset[str]


_NAMED: dict[str, _Named | None] = {}
"""What each text names. It follows from the text alone: neither a change of tables and views nor another store makes it
anything else, while parsing all views takes 90 ms (measured)."""


class Analysis:
    """The sources of the statements of one store. `connect` gives a cursor of its own for each call."""

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._connect = connect
        self._guard = threading.Lock()
        self._reads: dict[tuple[str, str], Sources] = {}
        self._writes: dict[str, frozenset[str] | None] = {}
        self._views: dict[tuple[str, str], Sources] = {}

    def forget(self) -> None:
        """Forget everything: tables or views have changed."""
        with self._guard:
            self._reads.clear()
            self._views.clear()

    def reads(self, sql: str, schema: str) -> Sources:
        """What a statement reads. `schema` is the one in which names without a schema are looked up."""
        found = self._reads.get((sql, schema))
        if found is None:
            with self._guard:
                found = self._find_reads(sql, schema)
                if len(self._reads) >= MAX_TEXTS:
                    self._reads.clear()
                self._reads[sql, schema] = found
        return found

    def writes(self, sql: str) -> frozenset[str] | None:
        """The tables that a statement writes to, without their schema; None where it may be any, or their columns."""
        try:
            return self._writes[sql]
        except KeyError:
            pass
        found = written_tables(sql)
        if len(self._writes) >= MAX_TEXTS:
            self._writes.clear()
        self._writes[sql] = found
        return found

    def _find_reads(self, sql: str, schema: str) -> Sources:
        if not self._views:
            self._load_views()
        named = self._named(_TEMP_TABLE.sub("", sql, count=1))
        if named is None:
            return Sources(known=False)
        found = Sources(facets=named.facets)
        for of_schema, name in named.names:
            view = self._views.get((of_schema or schema, name))
            if view is not None:
                # Also where a common table expression has the name of a view: it holds only in a part of the text.
                found |= view
                if not of_schema:
                    # Which schema a name without one belongs to depends on whether the actor sees everything.
                    found |= Sources(facets=_SCHEMA)
            elif of_schema == "base":
                found |= Sources(tables=frozenset({name}))
            elif of_schema or name not in named.queries:
                found |= Sources(others=frozenset({name}))
        return found

    def _load_views(self) -> None:
        with self._connect() as cursor:
            rows = cursor.execute(
                "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal"
            ).fetchall()
        named = {(schema, name): self._named(_query_of(sql)) for schema, name, sql in rows}

        def resolve(key: tuple[str, str]) -> Sources:
            if key in self._views:
                return self._views[key]
            own = named[key]
            found = Sources(known=False) if own is None else Sources(facets=own.facets)
            for schema, name in own.names if own else ():
                inner = (schema or key[0], name)
                if inner in named:
                    found |= resolve(inner)
                elif schema:
                    found |= Sources(tables=frozenset({name}))
            self._views[key] = found
            return found

        for key in named:
            resolve(key)

    def _named(self, sql: str) -> _Named | None:
        try:
            return _NAMED[sql]
        except KeyError:
            pass
        found = self._find_named(sql)
        if len(_NAMED) >= MAX_TEXTS:
            _NAMED.clear()
        _NAMED[sql] = found
        return found

    def _find_named(self, sql: str) -> _Named | None:
        with self._connect() as cursor:
            text = cursor.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchall()[0][0]
        tree = json.loads(text)
        if tree.get("error"):
            return None
        names: set[tuple[str, str]] = set()
        queries: set[str] = set()
        _walk(tree, names, queries)
        facets = frozenset(_OF_ACTOR[variable] for variable in _VARIABLE.findall(sql))
        return _Named(frozenset(names), frozenset(queries), facets)


def written_tables(sql: str) -> frozenset[str] | None:
    """The tables that a statement names as the target of a write, None where it may write to any."""
    # The engine serializes only queries, so the targets are found by their keywords. One too many does no harm.
    text = _COMMENTS_AND_TEXTS.sub(" ", sql)
    targets = _TARGET.findall(text)
    if targets or _NO_WRITE.match(text):
        return frozenset(name.lower() for schema, name in targets if schema.lower() != "temp")
    return None


def _query_of(view: str) -> str:
    return view[view.upper().index(" AS ") + 4 :].rstrip().rstrip(";")


def _walk(node: Any, names: set[tuple[str, str]], queries: set[str]) -> None:
    """Collect the tables that a serialized query names, and the names of its common table expressions."""
    if isinstance(node, list):
        for each in node:
            _walk(each, names, queries)
    elif isinstance(node, dict):
        if node.get("type") == "BASE_TABLE":
            names.add((node.get("schema_name") or node.get("catalog_name") or "", node["table_name"]))
        if "cte_map" in node:
            queries.update(each["key"] for each in node["cte_map"].get("map", []))
        for each in node.values():
            _walk(each, names, queries)
