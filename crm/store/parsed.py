"""Keeps the parsed statements of texts, so that each text is parsed once."""

import duckdb

MAX_TEXTS = 500
LONGEST = 20_000
"""Characters. A parsed statement takes some 15 bytes for each of its text; a longer one is parsed anew."""


class Parsed:
    """The parsed statements of one store's texts.

    Parsing is a tenth of what a page's statements cost (measured). The engine copies a statement that it runs, so
    several threads may run the same one.
    """

    def __init__(self) -> None:
        self._found: dict[str, duckdb.Statement] = {}

    def statement(self, cursor: duckdb.DuckDBPyConnection, sql: str) -> duckdb.Statement | str:
        """What to run for a text: its statement, or itself where it is too long or more than one statement. Raises
        duckdb.Error for a text that is no SQL."""
        found = self._found.get(sql)
        if found is not None:
            return found
        if len(sql) > LONGEST:
            return sql
        statements = cursor.extract_statements(sql)
        if len(statements) != 1:
            return sql
        if len(self._found) >= MAX_TEXTS:
            self._found.clear()
        self._found[sql] = statements[0]
        return statements[0]
