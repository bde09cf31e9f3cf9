"""Labels: short words that people put on records, created when first used."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Duplicate, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records import event_records, registry
from crm.records.declaration import RecordType, Trait
from crm.store import Reading, Writing
from crm.store.events import changed
from crm.store.kept import kept

COLOURS = ("blue", "green", "orange", "violet", "red", "gray")

Uses = dict[str, int]
"""{plural of a type: number of its records with a label}."""


class Label(BaseModel, frozen=True):
    id: int
    name: str
    colour: str


@kept
def all_of(tx: Reading) -> list[Label]:
    return [Label(**row) for row in tx.rows("SELECT id, name, colour FROM labels ORDER BY name_key")]


def last_id(tx: Reading) -> int:
    """The id of the newest label; 0 where there is none."""
    return int(tx.value("SELECT coalesce(max(id), 0) FROM base.labels"))


def after(tx: Reading, label_id: int) -> list[int]:
    """The ids of the labels that are newer than this one."""
    return [row["id"] for row in tx.rows("SELECT id FROM base.labels WHERE id > $id ORDER BY id", id=label_id)]


def get(tx: Reading, label_id: int) -> Label:
    found = tx.rows("SELECT id, name, colour FROM labels WHERE id = $id", id=label_id)
    if not found:
        raise NotFound(tr("label"))
    return Label(**found[0])


def types_with_labels() -> list[RecordType[Any]]:
    """The types whose records can have labels: in `base.<key>_labels`, by `<key>_id`."""
    return registry.having(Trait.LABELS)


def uses(tx: Reading) -> dict[int, Uses]:
    """{label id: number of visible records with it by type}. Labels without records are left out."""
    found: dict[int, Uses] = {}
    for of in types_with_labels():
        for row in tx.rows(f"SELECT label_id, count(*) AS many FROM {of.key}_labels GROUP BY label_id"):
            found.setdefault(row["label_id"], {})[of.plural] = row["many"]
    return found


_AMONG = "IN (SELECT unnest($ids::BIGINT[]))"

NAMES = "list(label.name ORDER BY label.name_key)"
"""SQL of the names of the labels that `link` reads."""


def link(kind: str) -> str:
    """SQL of the labels on records of this type, by `<kind>_id`. `base.`: the view would check privacy again for every
    record, which the caller is known to see."""
    return f"base.{kind}_labels AS link JOIN base.labels AS label ON label.id = link.label_id"


def on(tx: Reading, kind: str, ids: Iterable[int]) -> dict[int, list[Label]]:
    """{id: its labels, by name}, for records that the actor is known to see. Records without labels are left out."""
    listed = list(ids)
    # A list of one is planned as a join, which takes longer than the read.
    which, given = ("= $id", {"id": listed[0]}) if len(listed) == 1 else (_AMONG, {"ids": listed})
    rows = tx.rows(
        f"""
        SELECT link.{kind}_id AS id, label.id AS label_id, label.name, label.colour, label.name_key
        FROM {link(kind)}
        WHERE link.{kind}_id {which}
        """,
        **given,
    )
    # Sorted here: the engine takes longer to plan a sort of a few rows than to read them.
    rows.sort(key=itemgetter("name_key"))
    found: dict[int, list[Label]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(Label(id=row["label_id"], name=row["name"], colour=row["colour"]))
    return found


def lists_sql(kind: str, ids: str) -> str:
    """SQL with one row for each of the records that has labels: record_id and labels, a list of structs by name. `ids`
    is a query of ids from a visible view."""
    return f"""
        SELECT
            link.{kind}_id AS record_id,
            list({{'id': label.id, 'name': label.name, 'colour': label.colour}} ORDER BY label.name_key) AS labels
        FROM {link(kind)}
        WHERE link.{kind}_id IN ({ids})
        GROUP BY link.{kind}_id
    """


def put(tx: Writing, kind: str, record_id: int, labels: Iterable[Label]) -> None:
    """Set the labels of a record to exactly these; the caller checks permissions."""
    tx.run(f"DELETE FROM base.{kind}_labels WHERE {kind}_id = $id", id=record_id)
    # DISTINCT: “VIP” and “vip” are one label, and both may have been given.
    tx.run(
        f"INSERT INTO base.{kind}_labels SELECT DISTINCT $id, unnest($label_ids::BIGINT[])",
        id=record_id,
        label_ids=[label.id for label in labels],
    )


def create(tx: Writing, name: str, *, colour: str | None = None) -> Label:
    """Create a label; the default colour is the next in turn. Raises Duplicate where the name exists."""
    tx.require(Permission.MANAGE_CONTACTS)
    checked = _checked(name)
    _refuse_taken(tx, checked)
    label = _insert(tx, checked, _colour(colour) if colour else None)
    tx.record("label.created", "label", label.id, name=label.name, colour=label.colour)
    return label


def change(tx: Writing, label_id: int, *, name: str | None = None, colour: str | None = None) -> Label:
    """Change a label's name or colour, for every record that has it. Raises Duplicate where another label has the name:
    merge the two instead."""
    tx.require(Permission.MANAGE_SETTINGS)
    before = get(tx, label_id)
    after = Label(
        id=label_id,
        name=before.name if name is None else _checked(name),
        colour=before.colour if colour is None else _colour(colour),
    )
    if after == before:
        return before
    _refuse_taken(tx, after.name, own_id=label_id)
    tx.run(
        "UPDATE base.labels SET name = $name, name_key = $key, colour = $colour WHERE id = $id",
        **after.model_dump(),
        key=after.name.casefold(),
    )
    tx.record("label.changed", "label", label_id, changes=changed(before.model_dump(), after.model_dump()))
    return after


def merge(tx: Writing, label_id: int, *, into: int) -> Label:
    """Replace a label by another one on every record, deleted ones included, and delete it."""
    tx.require(Permission.MANAGE_SETTINGS)
    before, target = get(tx, label_id), get(tx, into)
    if label_id == into:
        raise Invalid(tr("A label cannot be merged with itself. Choose another one."), "into")
    _note_labelled(tx, label_id)
    for kind in (of.key for of in types_with_labels()):
        # A record may have both labels already.
        tx.run(
            f"""
            INSERT INTO base.{kind}_labels
            SELECT {kind}_id, $into FROM base.{kind}_labels WHERE label_id = $id
            ON CONFLICT DO NOTHING
            """,
            id=label_id,
            into=into,
        )
    moved = _drop(tx, label_id)
    tx.record("label.merged", "label", into, name=before.name, into=target.name, **moved)
    _keep_relabelled(tx)
    return target


def delete(tx: Writing, label_id: int) -> Uses:
    """Delete a label and remove it from every record; from how many. Filters that use it are shown as broken."""
    tx.require(Permission.MANAGE_SETTINGS)
    before = get(tx, label_id)
    _note_labelled(tx, label_id)
    removed_from = _drop(tx, label_id)
    tx.record("label.deleted", "label", label_id, name=before.name, **removed_from)
    _keep_relabelled(tx)
    return removed_from


def _drop(tx: Writing, label_id: int) -> Uses:
    """Remove the label from every record and delete it; from how many."""
    removed = {
        of.plural: tx.run(f"DELETE FROM base.{of.key}_labels WHERE label_id = $id", id=label_id)
        for of in types_with_labels()
    }
    tx.run("DELETE FROM base.labels WHERE id = $id", id=label_id)
    return removed


def _note_labelled(tx: Writing, label_id: int) -> None:
    """`labelled`: the records with the label, and all labels that they have now."""
    those = " UNION ALL ".join(
        f"SELECT '{of.key}' AS kind, {of.key}_id AS id FROM base.{of.key}_labels WHERE label_id = $id"
        for of in types_with_labels()
    )
    tx.create_temp_table("labelled", _names(f"({those})"), id=label_id)


def _keep_relabelled(tx: Writing) -> None:
    """What the labels of the records in `labelled` have become, once the change is made and recorded."""
    event_records.keep(
        tx,
        f"""
        SELECT kind, id, kind || '.labelled', json_object('labels', json_array(labelled.names, relabelled.names))
        FROM labelled
        JOIN ({_names("labelled")}) AS relabelled USING (kind, id)
        """,
    )
    tx.drop("labelled")


def _names(records: str) -> str:
    """SQL of `kind`, `id` and the names of the labels of these records, those without any included."""
    links = " UNION ALL ".join(
        f"SELECT '{of.key}' AS kind, {of.key}_id AS id, label_id FROM base.{of.key}_labels"
        for of in types_with_labels()
    )
    return f"""
        SELECT
            record.kind,
            record.id,
            coalesce(list(label.name ORDER BY label.name_key) FILTER (label.id IS NOT NULL), []) AS names
        FROM {records} AS record
        LEFT JOIN ({links}) AS link USING (kind, id)
        LEFT JOIN base.labels AS label ON label.id = link.label_id
        GROUP BY record.kind, record.id
    """


def get_or_create(tx: Writing, names: Iterable[str]) -> list[Label]:
    """The labels of these names, compared without case; missing ones are created."""
    return [_find_or_insert(tx, name) for name in dict.fromkeys(_checked(name) for name in names)]


def _checked(name: str) -> str:
    found = identity.text(name, later("label"), limit=40)
    if not found:
        raise Invalid(tr("A label needs a name."), "labels")
    return found


def _colour(colour: str) -> str:
    if colour not in COLOURS:
        raise Invalid(
            tr("There is no colour “{colour}”: {colours}.", colour=colour, colours=", ".join(COLOURS)), "colour"
        )
    return colour


def _refuse_taken(tx: Reading, name: str, *, own_id: int | None = None) -> None:
    holder = tx.rows("SELECT id, name FROM labels WHERE name_key = $key", key=name.casefold())
    if holder and holder[0]["id"] != own_id:
        raise Duplicate(
            tr("There is a label “{name}” already.", name=holder[0]["name"]),
            field="name",
            holder_kind="label",
            holder_id=holder[0]["id"],
        )


def _find_or_insert(tx: Writing, name: str) -> Label:
    found = tx.rows("SELECT id, name, colour FROM labels WHERE name_key = $key", key=name.casefold())
    return Label(**found[0]) if found else _insert(tx, name, None)


def _insert(tx: Writing, name: str, colour: str | None) -> Label:
    chosen = colour or COLOURS[int(tx.value("SELECT count(*) FROM labels")) % len(COLOURS)]
    label_id = tx.insert(
        "INSERT INTO base.labels (name, name_key, colour) VALUES ($name, $key, $colour) RETURNING id",
        name=name,
        key=name.casefold(),
        colour=chosen,
    )
    return Label(id=label_id, name=name, colour=chosen)
