"""Which deals segments and list attributes select. Neither has a history: reports of any day ask for them as they stand
now."""

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records import attributes, listing, segments
from crm.records.attributes import AttributeType, Definition
from crm.records.segments import Segment
from crm.store import Reading
from crm.store.kept import kept

HOLDERS = {"deals": "id", "contacts": "contact_id", "companies": "company_id"}
"""{kind of a segment: the column of a deal that tells whether it counts to the segment}."""


def choosable(tx: Reading) -> list[Segment]:
    """The segments that deals can be asked by: of deals, of their contacts, of their companies."""
    return [segment for segment in segments.of_kind(tx) if segment.kind in HOLDERS]


def list_attributes(tx: Reading) -> list[Definition]:
    """The attributes of deals that have a list of values."""
    return [each for each in attributes.definitions(tx, "deal") if each.type is AttributeType.LIST]


def attribute(tx: Reading, key: str) -> Definition:
    """Raises Invalid where deals have no list attribute of that key."""
    for each in list_attributes(tx):
        if each.key == key:
            return each
    known = ", ".join(each.key for each in list_attributes(tx)) or "–"
    raise Invalid(
        tr("Deals have no list attribute “{key}”. Their list attributes: {known}.", key=key, known=known), "attribute"
    )


@kept
def of_segment(tx: Reading, segment_id: int) -> tuple[int, ...]:
    """The ids of the visible deals of a segment, or whose contact or company is one of its records. Raises NotFound
    where the actor sees no such segment, Invalid where it is of something else."""
    segment = segments.get(tx, segment_id)
    if segment.kind not in HOLDERS:
        raise Invalid(tr("“{name}” is no segment of deals, contacts or companies.", name=segment.name), "segment")
    source = segments.source(tx, segment.kind)
    where = listing.condition(tx, source, segments.list_query(segment))
    found = tx.rows(
        f"""
        SELECT id
        FROM deals
        WHERE {HOLDERS[segment.kind]} IN (
            SELECT {source.alias}.id FROM {source.table} AS {source.alias} WHERE {where.sql}
        )
        """,
        **where.params,
    )
    return tuple(row["id"] for row in found)


@kept
def selected(tx: Reading, segment_ids: tuple[int, ...], values: tuple[tuple[str, str], ...]) -> tuple[int, ...]:
    """The ids of the visible deals that are in every one of the segments and have every one of the attributes' values;
    an empty value asks for those without one."""
    ids = {row["id"] for row in tx.rows("SELECT id FROM past_deals")} if not segment_ids else None
    for segment_id in segment_ids:
        members = set(of_segment(tx, segment_id))
        ids = members if ids is None else ids & members
    for key, value in values:
        column = attribute(tx, key).column
        having = {
            row["id"]
            for row in tx.rows(
                f"SELECT id FROM deal_attributes WHERE {column} IS NOT NULL AND $value IN ('', {column})", value=value
            )
        }
        ids = (ids or set()) & having if value else (ids or set()) - having
    return tuple(sorted(ids or ()))
