"""Links that a bulk change or an import makes or removes.

A set-based change stays one write and one event in the log, `links.added` or `links.removed`; beside it stands one row
for each link, which the change feed expands to a row for each record on either side.
"""

from crm.records import registry
from crm.store import Writing

ADDED, REMOVED = "links.added", "links.removed"


def last_id(tx: Writing) -> int:
    """The number of the newest link: those that are made from here on have greater ones."""
    return int(tx.value("SELECT coalesce(max(id), 0) FROM base.links"))


def record(tx: Writing, event: str, cause_kind: str, cause_id: int, condition: str, **params: object) -> int:
    """Record the event on what caused it, and keep the links that meet the SQL condition as they are now: call it after
    they are made, and before they are removed. How many; nothing is recorded where there are none."""
    tx.create_temp_table("kept_links", f"SELECT * FROM base.links WHERE {condition}", **params)
    pairs = tx.rows("SELECT object_kind, subject_kind, count(*) AS many FROM kept_links GROUP BY ALL ORDER BY ALL")
    many: int = sum(pair.pop("many") for pair in pairs)
    if many:
        touched = sorted({kind for pair in pairs for kind in pair.values()})
        tx.record(event, cause_kind, cause_id, many=many, touched=touched)
    for pair in pairs:
        _keep(tx, **pair)
    tx.drop("kept_links")
    return many


def _keep(tx: Writing, object_kind: str, subject_kind: str) -> None:
    one, other = registry.get(object_kind), registry.get(subject_kind)
    tx.run(
        f"""
        INSERT INTO base.event_links
        SELECT
            $seq,
            link.id,
            link.object_kind,
            link.object_id,
            {one.title_sql("object")},
            link.subject_kind,
            link.subject_id,
            {other.title_sql("subject")},
            link.link_label_id,
            label.name,
            link.linked_on,
            link.created_by,
            link.created_at,
            link.version
        FROM kept_links AS link
        JOIN base.{one.plural} AS object ON object.id = link.object_id
        JOIN base.{other.plural} AS subject ON subject.id = link.subject_id
        LEFT JOIN base.link_labels AS label ON label.id = link.link_label_id
        WHERE link.object_kind = $object_kind AND link.subject_kind = $subject_kind
        ORDER BY link.id
        """,
        seq=tx.head.seq,
        object_kind=object_kind,
        subject_kind=subject_kind,
    )


def put_back(tx: Writing, cause_kind: str, cause_id: int, ids: str) -> None:
    """Make removed links again, as they were when that was recorded; without a label that is gone."""
    tx.run(
        f"""
        INSERT INTO base.links
        SELECT
            was.link_id,
            was.object_kind,
            was.object_id,
            was.subject_kind,
            was.subject_id,
            label.id,
            was.linked_on,
            was.created_by,
            was.created_at,
            $now,
            was.version
        FROM base.event_links AS was
        JOIN base.events AS event ON event.seq = was.seq
        LEFT JOIN base.link_labels AS label ON label.id = was.link_label_id
        WHERE event.name = '{REMOVED}'
          AND event.subject_kind = $cause_kind
          AND event.subject_id = $cause_id
          AND was.link_id IN ({ids})
        ORDER BY was.link_id
        """,
        cause_kind=cause_kind,
        cause_id=cause_id,
        now=tx.now,
    )
