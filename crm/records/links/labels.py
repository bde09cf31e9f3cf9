"""The labels that links to the records of a custom type may have, in the team's order: student, guardian."""

from collections.abc import Sequence

from crm.foundation import identity
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records import registry
from crm.records.links.model import LinkLabel
from crm.store import Reading, Writing
from crm.store.kept import kept

MOST = 50


@kept
def labels(tx: Reading, kind: str) -> list[LinkLabel]:
    """The labels of a custom type, in order."""
    rows = tx.rows(
        "SELECT * EXCLUDE (created_at) FROM link_labels WHERE object_kind = $kind ORDER BY position, id", kind=kind
    )
    return [LinkLabel(**row) for row in rows]


def former_names(tx: Reading, kind: str) -> dict[str, str]:
    """{former name: current name} of a type's labels, without names that another label has now."""
    known = labels(tx, kind)
    names = {label.name for label in known}
    return {former: label.name for label in known for former in label.former if former not in names}


def get_label(tx: Reading, label_id: int) -> LinkLabel:
    rows = tx.rows("SELECT * EXCLUDE (created_at) FROM link_labels WHERE id = $id", id=label_id)
    if not rows or rows[0]["object_kind"] not in registry.custom():
        raise NotFound(tr("label"))
    return LinkLabel(**rows[0])


def label_called(tx: Reading, kind: str, name: str, *, field: str = "label") -> LinkLabel:
    """The label of a type with this name, case aside. Raises Invalid for this field, which names those that there
    are."""
    known = labels(tx, kind)
    found = next((label for label in known if label.name.casefold() == name.strip().casefold()), None)
    if found is None:
        kinds = registry.get(kind).many
        raise Invalid(
            tr("Links to {records} have no label “{label}”, only {labels}.", records=kinds, label=name,
               labels=", ".join(f"“{label.name}”" for label in known))
            if known
            else tr("Links to {records} have no labels yet.", records=kinds),
            field,
        )  # fmt: skip
    return found


def uses(tx: Reading, label_id: int) -> int:
    """How many links have the label, those of records that the actor does not see and of the bin included."""
    return int(tx.value("SELECT count(*) FROM base.links WHERE link_label_id = $id", id=label_id))


def add_label(tx: Writing, kind: str, name: str) -> LinkLabel:
    """Add a label, last in order. Raises Duplicate where the type has one of this name."""
    _require(tx, kind)
    checked = _checked(name)
    existing = labels(tx, kind)
    if len(existing) >= MOST:
        raise Invalid(tr("There can be at most {most} labels.", most=MOST), "name")
    _refuse_taken(existing, checked)
    label_id = tx.insert(
        """
        INSERT INTO base.link_labels (object_kind, name, position, created_at)
        VALUES ($kind, $name, $position, $now)
        RETURNING id
        """,
        kind=kind,
        name=checked,
        position=max((label.position for label in existing), default=0) + 1,
        now=tx.now,
    )
    tx.record("link_label.added", "object_type", registry.type_id_of(kind), name=checked)
    return get_label(tx, label_id)


def rename_label(tx: Writing, label_id: int, name: str) -> LinkLabel:
    """Rename a label, for every link that has it."""
    before = get_label(tx, label_id)
    _require(tx, before.object_kind)
    checked = _checked(name)
    if checked == before.name:
        return before
    _refuse_taken([one for one in labels(tx, before.object_kind) if one.id != label_id], checked)
    tx.run(
        "UPDATE base.link_labels SET name = $name, former = $former WHERE id = $id",
        id=label_id,
        name=checked,
        former=[*before.former, before.name],
    )
    tx.record(
        "link_label.renamed",
        "object_type",
        registry.type_id_of(before.object_kind),
        name=before.name,
        changes={"name": [before.name, checked]},
    )
    return get_label(tx, label_id)


def delete_label(tx: Writing, label_id: int, *, into: int | None = None) -> int:
    """Delete a label. The links that have it stay, with the label `into` in its place, or without one; how many.
    Filters that use it ask for that one, too, or are shown as broken."""
    before = get_label(tx, label_id)
    _require(tx, before.object_kind)
    heir = get_label(tx, into) if into is not None else None
    if heir and (heir.id == label_id or heir.object_kind != before.object_kind):
        raise Invalid(tr("Choose another label of the same type."), "into")
    links = tx.run(
        """
        UPDATE base.links SET link_label_id = $into, updated_at = $now, version = version + 1
        WHERE link_label_id = $id
        """,
        id=label_id,
        into=into,
        now=tx.now,
    )
    tx.run("DELETE FROM base.link_labels WHERE id = $id", id=label_id)
    if heir:
        tx.run(
            "UPDATE base.link_labels SET former = $former WHERE id = $id",
            id=heir.id,
            former=[*heir.former, *before.former, before.name],
        )
    tx.record(
        "link_label.deleted",
        "object_type",
        registry.type_id_of(before.object_kind),
        name=before.name,
        into=heir.name if heir else None,
        links=links,
    )
    return links


def reorder_labels(tx: Writing, kind: str, label_ids: Sequence[int]) -> list[LinkLabel]:
    """Put the labels of a type in this order; each must be listed once."""
    _require(tx, kind)
    if sorted(label_ids) != sorted(label.id for label in labels(tx, kind)):
        raise Invalid(tr("The labels have changed meanwhile. Look at them again, then put them in order."), "order")
    order = list(label_ids)
    tx.run(
        "UPDATE base.link_labels SET position = list_position($order, id) WHERE object_kind = $kind",
        order=order,
        kind=kind,
    )
    tx.record("link_label.reordered", "object_type", registry.type_id_of(kind), order=order)
    return labels(tx, kind)


def _require(tx: Writing, kind: str) -> None:
    tx.require(Permission.MANAGE_OBJECTS, Module.OBJECTS)
    if kind not in registry.custom():
        raise NotFound(tr("type of record"))


def _checked(name: str) -> str:
    found = identity.text(name, later("label"), limit=40)
    if not found:
        raise Invalid(tr("A label needs a name."), "name")
    return found


def _refuse_taken(existing: Sequence[LinkLabel], name: str) -> None:
    holder = next((label for label in existing if label.name.casefold() == name.casefold()), None)
    if holder:
        raise Duplicate(
            tr("There is a label “{name}” already.", name=holder.name),
            field="name",
            holder_kind="link_label",
            holder_id=holder.id,
        )
