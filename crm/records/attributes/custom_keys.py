"""The keys of the fields of custom types. Each is a column of the type's own table and a field of its records, so words
that mean something to SQL or to a record are completed: Order becomes order_field."""

from crm.records.attributes.definitions import key_of as plain_key_of
from crm.records.attributes.types import AttributeType
from crm.records.declaration import Record

MOST = 100
"""The most fields of a custom type."""

COLUMNS = (
    *("id", "key_1", "key_2", "key_3", "key_4", "key_5", "external_id", "owner_id", "team_id", "currency", "search"),
    *("created_at", "updated_at", "deleted_at", "version"),
)
"""What the table of each custom type has beside its fields."""

STANDARD = {
    *("id", "external_id", "owner", "team", "currency", "labels", "version"),
    *("created", "created_at", "updated", "updated_at", "deleted_at"),
}
"""The names of what every custom record has."""

_SQL = frozenset({
    *("all", "analyse", "analyze", "and", "anti", "any", "array", "as", "asc"),
    *("asof", "asymmetric", "at", "authorization", "binary", "both", "by", "case", "cast"),
    *("check", "collate", "collation", "column", "columns", "concurrently", "constraint", "create", "cross"),
    *("default", "deferrable", "desc", "describe", "distinct", "do", "else", "end", "except"),
    *("false", "fetch", "for", "foreign", "freeze", "from", "full", "generated", "glob"),
    *("group", "having", "ilike", "in", "initially", "inner", "intersect", "into", "is"),
    *("isnull", "join", "lambda", "lateral", "leading", "left", "like", "limit", "map"),
    *("natural", "not", "notnull", "null", "offset", "on", "only", "or", "order"),
    *("outer", "overlaps", "pivot", "pivot_longer", "pivot_wider", "placing", "positional", "primary", "qualify"),
    *("references", "returning", "right", "select", "semi", "show", "similar", "some", "struct"),
    *("summarize", "symmetric", "table", "tablesample", "then", "to", "trailing", "true", "try_cast"),
    *("tuple", "union", "unique", "unpack", "unpivot", "using", "variadic", "verbose", "when"),
    *("where", "window", "with"),
})  # fmt: skip
"""Words that are no names in the engine's SQL."""

_BESIDE_FIELDS = frozenset({
    *("now", "search", "kind", "shown_name", "deleted", "field", "link_label", "linked_on"),
    *("owner_name", "team_name"),
})  # fmt: skip
"""Names that statements, filters and records use beside those of fields."""


def key_of(name: str, type: AttributeType, field: str = "name") -> str:
    """The stable key of a field: `teacher_id` for the person Teacher. Raises Invalid where none can be made."""
    stem = plain_key_of(name, field)
    if stem in _SQL | _BESIDE_FIELDS or stem[0].isdigit() or hasattr(Record, stem) or _ends_as_a_column(stem):
        stem = f"{stem}_field" if not stem[0].isdigit() else f"field_{stem}"
    return f"{stem[:47]}_id" if type is AttributeType.PERSON else stem


def _ends_as_a_column(stem: str) -> bool:
    """Whether it looks like a key column (`code_key`), a deleted field's (`d_12`) or a reference (`deal_id`)."""
    head, _, number = stem.partition("_")
    return stem.endswith(("_id", "_key")) or (head in ("d", "key") and number.isdigit())
