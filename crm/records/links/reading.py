"""Reads links: those of a record by the type of what it is linked to, and single ones.

A link is visible where both of its sides are: each query joins the views of both types, and needs no view of links.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal, TypeAlias

from crm.foundation.errors import NotFound, Stale
from crm.foundation.language import tr
from crm.records import registry, subjects
from crm.records.links.model import SUBJECTS, Link, LinkGroup
from crm.store import Reading, Row
from crm.store.kept import kept

SHOWN = 20
"""Links of each type, where nobody asks for more."""


@kept
def of_record(tx: Reading, kind: str, record_id: int, *, limit: int = SHOWN) -> list[LinkGroup]:
    """The contacts and the deals that a custom record is linked to; a type without links is left out. Raises NotFound
    where the actor may not see the record."""
    subjects.require_visible(tx, kind, record_id)
    return _groups(tx, [(kind, subject) for subject in SUBJECTS], "subject_kind", _OF_OBJECT, record_id, limit)


@kept
def of_subject(tx: Reading, kind: str, record_id: int, *, limit: int = SHOWN) -> list[LinkGroup]:
    """The custom records that a contact or a deal is linked to, by their type in the team's order; a type without links
    is left out. Raises NotFound where the actor may not see the contact or deal."""
    linked = f"SELECT list(DISTINCT object_kind) FROM base.links WHERE subject_kind = '{kind}' AND subject_id = $id"
    return _by_type(tx, _kinds(tx, kind, record_id, linked), kind, _OF_SUBJECT, record_id, limit)


@kept
def of_company(tx: Reading, company_id: int, *, limit: int = SHOWN) -> list[LinkGroup]:
    """The custom records that visible contacts of a company are linked to, as `of_subject`; each link names its
    contact. Raises NotFound where the actor may not see the company."""
    linked = f"""
        SELECT list(DISTINCT link.object_kind)
        FROM base.links AS link
        JOIN {subjects.view("contact")} AS subject ON subject.id = link.subject_id
        WHERE link.subject_kind = 'contact' AND {_OF_COMPANY}
    """
    return _by_type(tx, _kinds(tx, "company", company_id, linked), "contact", _OF_COMPANY, company_id, limit)


@kept
def page(tx: Reading, kind: str, record_id: int, other_kind: str, *, offset: int = 0, limit: int = SHOWN) -> LinkGroup:
    """A page of the links of a custom record, a contact or a deal to the records of one type. Raises NotFound where the
    actor may not see the record."""
    subjects.require_visible(tx, kind, record_id)
    is_object = registry.is_custom(kind)
    pair = (kind, other_kind) if is_object else (other_kind, kind)
    total, found = _found(tx, [pair], _OF_OBJECT if is_object else _OF_SUBJECT, record_id, limit, offset)[pair]
    return LinkGroup(kind=other_kind, total=total, links=tuple(found))


def get(tx: Reading, link_id: int, *, version: int | None = None) -> Link:
    """A link. Raises NotFound where the actor does not see both sides, Stale where it was changed after `version`."""
    kinds = tx.rows("SELECT object_kind, subject_kind FROM base.links WHERE id = $id", id=link_id)
    known = [(row["object_kind"], row["subject_kind"]) for row in kinds if row["object_kind"] in registry.custom()]
    links = [link for _, found in _found(tx, known, "link.id = $id", link_id).values() for link in found]
    if not links:
        raise NotFound(tr("link between records"))
    if version is not None and version != links[0].version:
        raise Stale(
            tr("Somebody changed this link since you opened it. Look at it, then try again."),
            known_version=version,
            current=links[0].model_dump(mode="json"),
        )
    return links[0]


def find(tx: Reading, object_kind: str, object_id: int, subject_kind: str, subject_id: int) -> int | None:
    """The id of the link between two records that the actor is known to see; None where there is none."""
    found: int | None = tx.value(
        """
        SELECT id
        FROM base.links
        WHERE object_kind = $object_kind
          AND object_id = $object_id
          AND subject_kind = $subject_kind
          AND subject_id = $subject_id
        """,
        object_kind=object_kind,
        object_id=object_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )
    return found


_OF_OBJECT = "link.object_id = $id"
_OF_SUBJECT = "link.subject_id = $id"
_OF_COMPANY = "subject.company_id = $id"


def _kinds(tx: Reading, kind: str, record_id: int, linked: str) -> list[str]:
    """The types that a record is linked to, by a query of their list; and whether the actor sees it, in one statement.
    Raises NotFound where they do not."""
    found = tx.row(
        f"SELECT EXISTS (FROM {subjects.view(kind)} WHERE id = $id) AS seen, ({linked}) AS kinds", id=record_id
    )
    if not found["seen"]:
        raise NotFound(registry.get(kind).one)
    return found["kinds"] or []


Pair: TypeAlias = tuple[str, str]
"""The types of an object and a subject."""


def _by_type(
    tx: Reading, kinds: Collection[str], subject_kind: str, condition: str, record_id: int, limit: int
) -> list[LinkGroup]:
    """A group for each of the custom types, which were asked for first: most have no link, and planning the join of a
    type takes 3 ms, asking 0.7 (measured)."""
    pairs = [(kind, subject_kind) for kind in registry.custom() if kind in kinds]
    return _groups(tx, pairs, "object_kind", condition, record_id, limit)


def _groups(
    tx: Reading,
    pairs: Sequence[Pair],
    far: Literal["object_kind", "subject_kind"],
    condition: str,
    record_id: int,
    limit: int,
) -> list[LinkGroup]:
    """A group for each of the pairs that has links; `far` is the side of what the record is linked to."""
    found = _found(tx, pairs, condition, record_id, limit)
    return [
        LinkGroup(kind=getattr(links[0], far), total=total, links=tuple(links))
        for total, links in found.values()
        if total
    ]


def _found(
    tx: Reading, pairs: Sequence[Pair], condition: str, record_id: int, limit: int = 1, offset: int = 0
) -> dict[Pair, tuple[int, list[Link]]]:
    """How many links of each pair meet the condition, and a page of them, the latest first: all by one statement."""
    if not pairs:
        return {}
    selected = " UNION ALL ".join(f"SELECT * FROM ({_sql(*pair, condition)})" for pair in pairs)
    found: dict[Pair, tuple[int, list[Link]]] = {pair: (0, []) for pair in pairs}
    for row in sorted(tx.rows(selected, id=record_id, limit=limit, offset=offset), key=_place, reverse=True):
        pair = (row["object_kind"], row["subject_kind"])
        one, other = map(registry.get, pair)
        row["object_name"] = row["object_name"] or one.untitled(row["object_id"])
        row["subject_name"] = row["subject_name"] or other.untitled(row["subject_id"])
        found[pair] = (row["total"], [*found[pair][1], Link(**row)])
    return found


def _place(row: Row) -> tuple[bool, date, int]:
    """Sorts as `_sql` does, whose parts come in no order."""
    return row["linked_on"] is not None, row["linked_on"] or date.min, row["id"]


def _sql(object_kind: str, subject_kind: str, condition: str) -> str:
    one, other = registry.get(object_kind), registry.get(subject_kind)
    return f"""
        WITH found AS MATERIALIZED (
            SELECT
                link.*,
                label.name AS label,
                {one.title_sql("object")} AS object_name,
                {other.title_sql("subject")} AS subject_name
            FROM base.links AS link
            JOIN {one.plural} AS object ON object.id = link.object_id
            JOIN {other.plural} AS subject ON subject.id = link.subject_id
            LEFT JOIN base.link_labels AS label ON label.id = link.link_label_id
            WHERE link.object_kind = '{one.key}' AND link.subject_kind = '{other.key}' AND {condition}
        )
        SELECT *, (SELECT count(*) FROM found) AS total
        FROM found
        ORDER BY linked_on DESC NULLS LAST, id DESC
        LIMIT $limit
        OFFSET $offset
    """
