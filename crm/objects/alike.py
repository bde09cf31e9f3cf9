"""Finds custom records that may be the same: by the field that names them, and by their unique fields, of which two may
differ only in case, punctuation or leading zeros."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from crm.foundation import identity
from crm.store import Reading

ALIKE = 0.93
MOST_CANDIDATES = 5_000


@dataclass(frozen=True)
class Rules:
    """The `DuplicateRules` of a custom type."""

    primary: str
    codes: tuple[str, ...]
    """The unique fields of the team's own."""
    table: str

    ALIKE = ALIKE
    LIMITS: ClassVar[Mapping[str, int]] = {"name": 20, "code": 20, "alike": 60}
    SCORE = """
        greatest(
            CASE WHEN same_name THEN 90 WHEN alike THEN 65 ELSE 0 END,
            CASE WHEN code THEN 92 ELSE 0 END
        )
    """
    REASONS: ClassVar[Mapping[str, str]] = {"name": "same_name", "similar_name": "alike", "code": "code"}
    BLOCKS = """
        SELECT 'name' AS kind, name AS block, id, name FROM prepared WHERE name <> ''
        UNION ALL
        SELECT 'code', code, id, name FROM (SELECT id, name, unnest(codes) AS code FROM prepared) WHERE code <> ''
        UNION ALL
        SELECT 'alike', left(name, 5), id, name FROM prepared WHERE length(name) >= 5
    """
    MEASURES = f"""
        one.name = two.name AND one.name <> '' AS same_name,
        one.name <> two.name AND jaro_winkler_similarity(one.name, two.name) >= {ALIKE} AS alike,
        list_has_any(one.codes, two.codes) AS code
    """

    @property
    def COLUMNS(self) -> str:  # noqa: N802
        """The columns that `prepared` reads."""
        return f"id, {self.primary}, [{', '.join((*self.codes, 'external_id'))}]"

    def prepared(self, source: str) -> str:
        """SQL with one row per record of `source`: name and codes as they are compared."""
        return f"""
            SELECT
                id,
                trim(regexp_replace(strip_accents(lower(coalesce(shown, ''))), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'))
                    AS name,
                list_filter(
                    list_transform(codes, LAMBDA code: {_code_sql("code")}), LAMBDA code: coalesce(code, '') <> ''
                ) AS codes
            FROM ({source}) AS given (id, shown, codes)
        """

    def candidates(self, tx: Reading, record: Any, /) -> list[int]:
        """Ids of records in a block with it, or nearly."""
        name = identity.searchable(record.shown_name)[:5]
        codes = [str(getattr(record, key)) for key in (*self.codes, "external_id") if getattr(record, key)]
        like = [f"{_code_sql(f'{key}')} IN (SELECT {_code_sql('code')} FROM (SELECT unnest($codes::VARCHAR[]) AS code))"
                for key in (*self.codes, "external_id")]  # fmt: skip
        rows = tx.rows(
            f"""
            SELECT id
            FROM {self.table}
            WHERE id <> $id AND (starts_with(search, $name) OR {" OR ".join(like)})
            LIMIT $most
            """,
            id=record.id,
            name=name,
            codes=codes,
            most=MOST_CANDIDATES,
        )
        return [row["id"] for row in rows]


def _code_sql(text: str) -> str:
    """A code without case, punctuation and leading zeros."""
    return f"ltrim(regexp_replace(lower({text}), '[^\\p{{L}}\\p{{N}}]+', '', 'g'), '0')"
