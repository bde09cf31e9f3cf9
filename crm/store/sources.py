"""Finds which tables a statement reads or writes, and what it reads of the actor; once for each text."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from crm.store import row_keys
from crm.store.row_keys import KEYS, Equalities, Rows

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
    rows: frozenset[Rows] = frozenset()
    """Of further tables of `base`."""

    def __or__(self, more: "Sources") -> "Sources":
        return Sources(
            self.tables | more.tables,
            self.facets | more.facets,
            self.others | more.others,
            self.known and more.known,
            self.rows | more.rows,
        )


@dataclass(frozen=True)
class Written:
    """What a statement writes to."""

    tables: frozenset[str]
    """Without their schema."""
    rows: Rows | None = None
    """Where they are the only ones of its one table."""


@dataclass(frozen=True)
class _Name:
    """A table or view where a text names it."""

    schema: str
    """Empty where the text says none."""
    name: str
    equal: Equalities = frozenset()
    """What its rows must meet to count for the result."""
    key: str | None = None
    """In the text of a view: the column by which each row of the view comes from one row of this table."""


@dataclass(frozen=True)
class _Named:
    """The tables and views that a text names itself."""

    names: tuple[_Name, ...]
    queries: frozenset[str]
    """Names of common table expressions."""
    facets: frozenset[str]


@dataclass(frozen=True)
class _View:
    sources: Sources
    keyed: dict[str, tuple[str, Sources]]
    """{column: the table of which its rows with one value of this column are the rows with the same key, and what they
    depend on beside it}."""

    def read_by(self, equal: Equalities) -> Sources:
        """What the rows of it depend on that meet these."""
        for column, parameter in sorted(equal):
            if column in self.keyed:
                table, others = self.keyed[column]
                return others | Sources(rows=frozenset({Rows(table, parameter)}))
        return self.sources


_NAMED: dict[str, _Named | None] = {}
"""What each text names. It follows from the text alone: neither a change of tables and views nor another store makes it
anything else, while parsing all views takes 90 ms (measured)."""


class Analysis:
    """The sources of the statements of one store. `connect` gives a cursor of its own for each call."""

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._connect = connect
        self._guard = threading.Lock()
        self._reads: dict[tuple[str, str], Sources] = {}
        self._writes: dict[str, Written | None] = {}
        self._views: dict[tuple[str, str], _View] = {}

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

    def writes(self, sql: str) -> Written | None:
        """What a statement writes to; None where it may be any table, or their columns."""
        try:
            return self._writes[sql]
        except KeyError:
            pass
        tables = written_tables(sql)
        # A statement that the patterns of `row_keys` match has one target.
        found = None if tables is None else Written(tables, row_keys.written(sql))
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
        for each in named.names:
            view = self._views.get((each.schema or schema, each.name))
            if view is not None:
                # Also where a common table expression has the name of a view: it holds only in a part of the text.
                found |= view.read_by(each.equal)
                if not each.schema:
                    # Which schema a name without one belongs to depends on whether the actor sees everything.
                    found |= Sources(facets=_SCHEMA)
            elif each.schema == "base":
                found |= _of_table(each)
            elif each.schema or each.name not in named.queries:
                found |= Sources(others=frozenset({each.name}))
        return found

    def _load_views(self) -> None:
        with self._connect() as cursor:
            rows = cursor.execute(
                "SELECT schema_name, view_name, sql FROM duckdb_views() WHERE NOT internal"
            ).fetchall()
        named = {(schema, name): self._named(_query_of(sql)) for schema, name, sql in rows}

        def resolve(key: tuple[str, str]) -> Sources:
            if key in self._views:
                return self._views[key].sources
            own = named[key]
            if own is None:
                self._views[key] = _View(Sources(known=False), {})
                return self._views[key].sources
            parts = []
            for each in own.names:
                inner = (each.schema or key[0], each.name)
                if inner in named:
                    parts.append(resolve(inner))
                else:
                    parts.append(Sources(tables=frozenset({each.name} if each.schema else ())))
            of_actor = Sources(facets=own.facets)
            keyed = {
                each.key: (each.name, _union([of_actor, *parts[:place], *parts[place + 1 :]]))
                for place, each in enumerate(own.names)
                if each.key
            }
            self._views[key] = _View(_union([of_actor, *parts]), keyed)
            return self._views[key].sources

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
        found = _Found([], set(), row_keys.keyed_tables(tree), {})
        _walk(tree, found)
        facets = frozenset(_OF_ACTOR[variable] for variable in _VARIABLE.findall(sql))
        return _Named(tuple(dict.fromkeys(found.names)), frozenset(found.queries), facets)


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


@dataclass(frozen=True)
class _Found:
    """What a walk through a serialized query has come upon."""

    names: list[_Name]
    queries: set[str]
    keys: dict[int, str]
    equal: dict[int, Equalities]


def _walk(node: Any, found: _Found) -> None:
    """Collect the tables that a serialized query names, and the names of its common table expressions."""
    if isinstance(node, list):
        for each in node:
            _walk(each, found)
    elif isinstance(node, dict):
        if node.get("type") == "SELECT_NODE":
            found.equal.update(row_keys.equalities(node))
        if node.get("type") == "BASE_TABLE":
            schema, name = node.get("schema_name") or node.get("catalog_name") or "", node["table_name"]
            equal = found.equal.get(id(node), frozenset())
            found.names.append(_Name(schema, name, equal, found.keys.get(id(node))))
        if "cte_map" in node:
            found.queries.update(each["key"] for each in node["cte_map"].get("map", []))
        for each in node.values():
            _walk(each, found)


def _of_table(named: _Name) -> Sources:
    for column, parameter in sorted(named.equal):
        if column == KEYS.get(named.name):
            return Sources(rows=frozenset({Rows(named.name, parameter)}))
    return Sources(tables=frozenset({named.name}))


def _union(parts: list[Sources]) -> Sources:
    found = Sources()
    for each in parts:
        found |= each
    return found
