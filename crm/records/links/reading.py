"""Reads links: those of a record by the type of what it is linked to, and single ones.

A link is visible where both of its sides are: each query joins the views of both types, and needs no view of links.
"""

from collections.abc import Iterable

from crm.foundation.errors import NotFound, Stale
from crm.foundation.language import tr
from crm.records import registry, subjects
from crm.records.links.model import SUBJECTS, Link, LinkGroup
from crm.store import Reading
from crm.store.kept import kept

SHOWN = 20
"""Links of each type, where nobody asks for more."""


@kept
def of_record(tx: Reading, kind: str, record_id: int, *, limit: int = SHOWN) -> list[LinkGroup]:
    """The contacts and the deals that a custom record is linked to; a type without links is left out. Raises NotFound
    where the actor may not see the record."""
    subjects.require_visible(tx, kind, record_id)
    groups = (_group(tx, kind, subject, subject, _OF_OBJECT, record_id, limit) for subject in SUBJECTS)
    return [group for group in groups if group.total]


@kept
def of_subject(tx: Reading, kind: str, record_id: int, *, limit: int = SHOWN) -> list[LinkGroup]:
    """The custom records that a contact or a deal is linked to, by their type in the team's order; a type without links
    is left out. Raises NotFound where the actor may not see the contact or deal."""
    subjects.require_visible(tx, kind, record_id)
    rows = tx.rows(
        "SELECT DISTINCT object_kind FROM base.links WHERE subject_kind = $kind AND subject_id = $id",
        kind=kind,
        id=record_id,
    )
    return _by_type(tx, (row["object_kind"] for row in rows), kind, _OF_SUBJECT, record_id, limit)


@kept
def of_company(tx: Reading, company_id: int, *, limit: int = SHOWN) -> list[LinkGroup]:
    """The custom records that visible contacts of a company are linked to, as `of_subject`; each link names its
    contact. Raises NotFound where the actor may not see the company."""
    subjects.require_visible(tx, "company", company_id)
    rows = tx.rows(
        f"""
        SELECT DISTINCT link.object_kind
        FROM base.links AS link
        JOIN {registry.get("contact").plural} AS subject ON subject.id = link.subject_id
        WHERE link.subject_kind = 'contact' AND {_OF_COMPANY}
        """,
        id=company_id,
    )
    return _by_type(tx, (row["object_kind"] for row in rows), "contact", _OF_COMPANY, company_id, limit)


@kept
def page(tx: Reading, kind: str, record_id: int, other_kind: str, *, offset: int = 0, limit: int = SHOWN) -> LinkGroup:
    """A page of the links of a custom record, a contact or a deal to the records of one type. Raises NotFound where the
    actor may not see the record."""
    subjects.require_visible(tx, kind, record_id)
    if registry.is_custom(kind):
        return _group(tx, kind, other_kind, other_kind, _OF_OBJECT, record_id, limit, offset)
    return _group(tx, other_kind, kind, other_kind, _OF_SUBJECT, record_id, limit, offset)


def get(tx: Reading, link_id: int, *, version: int | None = None) -> Link:
    """A link. Raises NotFound where the actor does not see both sides, Stale where it was changed after `version`."""
    kinds = tx.rows("SELECT object_kind, subject_kind FROM base.links WHERE id = $id", id=link_id)
    known = [row for row in kinds if row["object_kind"] in registry.custom()]
    links = [link for row in known for link in _found(tx, **row, condition="link.id = $id", record_id=link_id)[1]]
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


def _by_type(
    tx: Reading, kinds: Iterable[str], subject_kind: str, condition: str, record_id: int, limit: int
) -> list[LinkGroup]:
    """A group for each of the custom types, which were asked for first: most have no link, and each is a statement."""
    linked = set(kinds)
    groups = (
        _group(tx, kind, subject_kind, kind, condition, record_id, limit)
        for kind in registry.custom()
        if kind in linked
    )
    return [group for group in groups if group.total]


def _group(
    tx: Reading,
    object_kind: str,
    subject_kind: str,
    kind: str,
    condition: str,
    record_id: int,
    limit: int,
    offset: int = 0,
) -> LinkGroup:
    total, links = _found(tx, object_kind, subject_kind, condition, record_id, limit, offset)
    return LinkGroup(kind=kind, total=total, links=tuple(links))


def _found(
    tx: Reading,
    object_kind: str,
    subject_kind: str,
    condition: str,
    record_id: int,
    limit: int = 1,
    offset: int = 0,
) -> tuple[int, list[Link]]:
    """How many links meet the condition, and a page of them, the latest first."""
    one, other = registry.get(object_kind), registry.get(subject_kind)
    rows = tx.rows(
        f"""
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
            WHERE link.object_kind = $object_kind AND link.subject_kind = $subject_kind AND {condition}
        )
        SELECT *, (SELECT count(*) FROM found) AS total
        FROM found
        ORDER BY linked_on DESC NULLS LAST, id DESC
        LIMIT $limit
        OFFSET $offset
        """,
        object_kind=object_kind,
        subject_kind=subject_kind,
        id=record_id,
        limit=limit,
        offset=offset,
    )
    for row in rows:
        row["object_name"] = row["object_name"] or one.untitled(row["object_id"])
        row["subject_name"] = row["subject_name"] or other.untitled(row["subject_id"])
    return (rows[0]["total"] if rows else 0), [Link(**row) for row in rows]
