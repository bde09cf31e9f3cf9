"""Tables and columns that hold a record's children, or may name a person: found in the database catalog, so that a new
table is covered without a line here."""

from dataclasses import dataclass
from typing import NamedTuple

from crm.records import registry
from crm.records.declaration import Trait
from crm.records.merging.children import pair_of
from crm.store import Reading, Row

PAPERS = {"quotes": ("contact_id", "company_id")}
"""Tables that are no record type, whose rows go on without the record that goes, and the columns that name one. They
have no history of their own: nothing is recorded of them."""

OWN_WAY = {
    "events": "the log is chained: see log.py",
    "contacts": "the record itself, and those of others who may bear the same name",
    "import_rejects": "a row of a file goes whole: see imported.py",
    "idempotency_keys": "a stored answer goes whole",
    "notices": "a notice goes whole",
    "mails": "a mail goes whole",
    "mail_attachments": "an attachment goes with its mail",
}
"""{table with a treatment of its own: which}."""

NOBODYS = {
    "erasures": "receipts hold numbers alone",
    "forecast_backtests": "figures of a pipeline and of the people who work here",
    "grants": "permissions",
    "health_evaluations": "figures of a pipeline",
    "laid_views": "the views' fingerprint",
    "migrations": "the product's own",
    "modules": "switches",
    "sessions": "of the people who work here",
    "targets": "amounts of those who work here",
    "tokens": "of the people who work here",
    "users": "the people who work here",
    "webhook_secrets": "keys of programs",
}
"""{table without text about customers: why}."""

ONE_OF_A_KIND = {
    "close_reasons": ("name",),
    "labels": ("name", "name_key"),
    "link_labels": ("name",),
    "teams": ("name",),
}
"""Texts of which no two may be alike, with the keys that are made of them, beside those that a record type declares:
what two persons' words were taken out of stays apart by the record's number."""

ALIKE_ARE_ONE = {"attribute_values": ("attribute_id", "name"), "import_mappings": ("kind", "name")}
"""Tables whose rows are what they are called, and are known by it elsewhere: those that come to be called alike are
one."""

THEIRS = "IN (SELECT unnest($ids::BIGINT[]))"
_MERGES = f"subject_kind = $kind AND (survivor_id {THEIRS} OR absorbed_id {THEIRS})"
_PAIR = f"subject_kind = $kind AND (left_id {THEIRS} OR right_id {THEIRS})"

BY_OTHER_NAMES = {
    "merge_rows": f"merge_id IN (SELECT id FROM base.merges WHERE {_MERGES})",
    "merges": _MERGES,  # those taken back too: their images hold what the records were
    "duplicates": _PAIR,
    "distinct_pairs": _PAIR,
}
"""{table: condition} of tables whose rows are deleted with a record though no column is named after it. In order: the
first reads the second."""


def unlinked(kind: str) -> dict[str, str]:
    """Tables whose rows go on without a record of this kind that goes → the column that names it: other record types
    that point here, and papers."""
    types = {
        of.plural: field.column
        for of in registry.types().values()
        for field in of.references.values()
        if field.to == kind
    }
    return types | {table: f"{kind}_id" for table, columns in PAPERS.items() if f"{kind}_id" in columns}


def unique_texts(table: str) -> tuple[str, ...]:
    """As `ONE_OF_A_KIND`, of any table."""
    of = next((of for of in registry.types().values() if of.plural == table), None)
    declared = () if of is None else [(key.column, key.unique.column) for key in of.uniques.values() if key.unique]
    return (*ONE_OF_A_KIND.get(table, ()), *(column for pair in declared for column in pair))


@dataclass(frozen=True)
class Text:
    """A column with text that people wrote; `many` for a list of texts."""

    table: str
    column: str
    many: bool

    @property
    def value(self) -> str:
        """The column as one text."""
        return f"array_to_string({self.column}, chr(10))" if self.many else self.column


class FieldOf(NamedTuple):
    """A field of a record type, with `attribute:` before the key of an attribute."""

    kind: str
    key: str


def field_of(text: Text) -> FieldOf | None:
    """The field of a record that a column holds; None where it is of something else."""
    for of in registry.types().values():
        if text.table == of.plural:
            key = next((key for key, one in of.edited.items() if one.column == text.column), None)
            return FieldOf(of.key, key) if key else None
        if text.table == f"{of.key}_attributes" and text.column.startswith("a_"):
            return FieldOf(of.key, f"attribute:{text.column.removeprefix('a_')}")
    return None


def own(tx: Reading, kind: str) -> dict[str, str]:
    """Tables with rows that go with records of a kind, and the condition on $ids and $kind that tells which."""
    rest = {
        table: condition
        for table, condition in children(tx, kind).items()
        if table not in unlinked(kind) and table not in OWN_WAY
    }
    has_attributes = registry.get(kind).has(Trait.ATTRIBUTES)
    attributes = {f"{kind}_attributes": f"$kind <> '' AND id {THEIRS}"} if has_attributes else {}
    return BY_OTHER_NAMES | attributes | rest


def children(tx: Reading, kind: str) -> dict[str, str]:
    """Tables whose rows name a record of a kind, in `<kind>_id` or in the pair `subject_kind`, `subject_id`; for a
    custom record also in `object_kind`, `object_id`."""
    pair = pair_of(kind)
    rows = tx.rows(
        """
        SELECT
            table_name,
            list_contains(list(column_name), $column) AS by_id,
            list_contains(list(column_name), $pair || '_kind') AND list_contains(list(column_name), $pair || '_id')
                AS by_pair
        FROM duckdb_columns()
        WHERE schema_name = 'base'
        GROUP BY table_name
        HAVING by_id
            OR by_pair
            OR (list_contains(list(column_name), 'subject_kind') AND list_contains(list(column_name), 'subject_id'))
        ORDER BY table_name
        """,
        column=f"{kind}_id",
        pair=pair,
    )

    def condition(row: Row) -> str:
        if row["by_id"]:
            return f"$kind <> '' AND {kind}_id {THEIRS}"
        named = pair if row["by_pair"] else "subject"
        return f"{named}_kind = $kind AND {named}_id {THEIRS}"

    return {row["table_name"]: condition(row) for row in rows}


def texts(tx: Reading) -> list[Text]:
    """Every text column that may name the person: all but those restricted to given words by a CHECK."""
    rows = tx.rows(
        """
        SELECT column_name, table_name, data_type
        FROM duckdb_columns()
        WHERE schema_name = 'base' AND NOT internal AND data_type IN ('VARCHAR', 'JSON', 'VARCHAR[]')
            AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE schema_name = 'base')
            AND NOT EXISTS (
                FROM duckdb_constraints() AS given
                WHERE given.schema_name = 'base'
                    AND given.table_name = duckdb_columns.table_name
                    AND given.constraint_type = 'CHECK'
                    AND given.constraint_column_names = [column_name]
                    AND contains(given.expression, ' IN (')
            )
        ORDER BY table_name, column_index
        """
    )
    return [
        Text(row["table_name"], row["column_name"], row["data_type"] == "VARCHAR[]")
        for row in rows
        if row["table_name"] not in OWN_WAY and row["table_name"] not in NOBODYS
    ]
