"""Links of the records in a file to what its rows name: of custom records to a contact or a deal, of contacts and deals
to custom records, several in a cell. A link that is there already stays as it is."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import polars as pl

from crm.foundation.language import later
from crm.imports.applying.matching import Matched
from crm.imports.fields import LINKED_DAY, LINKED_LABEL, LINKED_TO, linked_key
from crm.imports.model import OnDuplicate
from crm.records import registry
from crm.records.declaration import RecordType
from crm.records.links import SUBJECTS
from crm.records.links.relations import linked_types
from crm.store import Reading, Writing

LINKS = later("links")
"""Among the counts of what is made on the way."""


class _Wanted(NamedTuple):
    """The links to records of one type that rows ask for: `near`, the row's own record (NULL where that is new), `far`,
    `link_label_id` and `linked_on`."""

    to: RecordType[Any]
    pairs: pl.DataFrame


def count(tx: Reading, of: RecordType[Any], matched: Matched, choice: OnDuplicate) -> int:
    """How many links the rows will make. Raises Forbidden where the actor may not make them."""
    new = matched.new.with_columns(near=pl.lit(None, pl.Int64))
    many = 0
    for wanted in (*_wanted(of, new), *_wanted(of, _of_known(matched, choice))):
        subject = wanted.to if of.custom else of
        tx.require(subject.permission)
        tx.bulk("wanted_links", wanted.pairs)
        many += int(tx.value(f"SELECT count(*) FROM ({_missing('wanted_links', of, wanted.to)})"))
        tx.drop("wanted_links")
    return many


def write(tx: Writing, of: RecordType[Any], new: pl.DataFrame, matched: Matched, choice: OnDuplicate) -> None:
    """Link the new records, and those that the rows are about unless these are skipped, to what the rows name."""
    near, far = ("object", "subject") if of.custom else ("subject", "object")
    of_new = new.with_columns(near=pl.col("id")) if new.height else new
    for wanted in (*_wanted(of, of_new), *_wanted(of, _of_known(matched, choice))):
        # Not ON CONFLICT: over a key of four columns it takes a millisecond a row (measured).
        tx.insert_frame(
            wanted.pairs,
            f"""
            INSERT INTO base.links (
                {near}_kind, {near}_id, {far}_kind, {far}_id, link_label_id, linked_on, created_by, created_at,
                updated_at
            )
            SELECT $near, row.near, $far, row.far, row.link_label_id, row.linked_on, $me, $now, $now
            FROM ({_missing("frame", of, wanted.to)}) AS row
            ORDER BY row.near, row.far
            """,
            near=of.key,
            far=wanted.to.key,
            me=tx.actor.id,
            now=tx.now,
        )


def _missing(table: str, of: RecordType[Any], to: RecordType[Any]) -> str:
    """SQL of the rows of the table whose link is not there."""
    near, far = ("object", "subject") if of.custom else ("subject", "object")
    return f"""
        SELECT *
        FROM {table} AS wanted
        ANTI JOIN (
            SELECT {near}_id AS near, {far}_id AS far
            FROM base.links
            WHERE {near}_kind = '{of.key}' AND {far}_kind = '{to.key}'
        ) AS held ON held.near = wanted.near AND held.far = wanted.far
    """


def _of_known(matched: Matched, choice: OnDuplicate) -> pl.DataFrame:
    if choice is OnDuplicate.SKIP or not matched.known.height:
        return pl.DataFrame()
    return matched.known.with_columns(near=pl.col("target"))


def _wanted(of: RecordType[Any], rows: pl.DataFrame) -> Iterator[_Wanted]:
    for to in linked_types(of) if rows.height else ():
        named, label, day = _columns(of, to)
        if named not in rows.columns:
            continue
        pairs = rows.select("near", far=named, link_label_id=label, linked_on=day).drop_nulls("far")
        if not of.custom:
            pairs = pairs.explode("far").drop_nulls("far")
        if pairs.height:
            yield _Wanted(to, pairs)


def _columns(of: RecordType[Any], to: RecordType[Any]) -> tuple[str, str, str]:
    """The columns of the record or the records that a row names, of the label and of the day of their links."""
    if of.custom:
        return f"linked_{to.key}_id", "link_label_id", "linked_on"
    return f"{linked_key(to, LINKED_TO)}_ids", f"{linked_key(to, LINKED_LABEL)}_id", linked_key(to, LINKED_DAY)


def may_link(of: RecordType[Any]) -> bool:
    """Whether records of the type can be linked."""
    return of.custom or (of.key in SUBJECTS and bool(registry.custom()))
