"""Finds the texts of other records that name a person."""

from crm.privacy.erasing import places
from crm.privacy.erasing.places import Text
from crm.privacy.erasing.terms import Terms
from crm.store import Reading


def columns(tx: Reading, terms: Terms) -> list[Text]:
    """The columns that may name the person, by one cheap scan of each table: the costly patterns are then matched on
    these columns only."""
    if not terms:
        return []
    by_table: dict[str, list[Text]] = {}
    for text in places.texts(tx):
        by_table.setdefault(text.table, []).append(text)
    found: list[Text] = []
    for table, texts in by_table.items():
        looks = ", ".join(f"coalesce(bool_or({terms.likely(text.value)}), false)" for text in texts)
        likely = tx.value(f"SELECT [{looks}] FROM base.{table}", **terms.parts)
        found += [text for text, is_likely in zip(texts, likely, strict=True) if is_likely]
    return found


def count(tx: Reading, terms: Terms, kind: str, ids: tuple[int, ...]) -> dict[str, int]:
    """{table: number of rows that name the person}, without their own rows."""
    held: dict[str, list[str]] = {}
    for text in columns(tx, terms):
        held.setdefault(text.table, []).append(terms.holding(text.value))
    own = places.own(tx, kind)
    nobodys = "$kind = '' AND len($ids::BIGINT[]) = 0"
    counted = {
        table: int(
            tx.value(
                f"""
                SELECT count(*) FROM base.{table}
                WHERE ({" OR ".join(conditions)}) AND NOT ({own.get(table, nobodys)})
                """,
                **terms.params,
                kind=kind,
                ids=list(ids),
            )
        )
        for table, conditions in held.items()
    }
    return {table: rows for table, rows in counted.items() if rows}
