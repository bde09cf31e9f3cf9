"""The choices of one file, kept under a name for the next file of its kind. Everybody who imports sees them."""

from collections.abc import Mapping, Sequence

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Duplicate, Forbidden, Invalid, NotFound
from crm.foundation.language import tr
from crm.imports.fields import plain
from crm.imports.model import Options, type_of
from crm.store import Reading, Writing


def save_mapping(tx: Writing, kind: str, name: str, options: Options) -> Options:
    """Keep the options under a name; one's own of that name is replaced."""
    tx.require(Permission.IMPORT)
    type_of(kind)
    shown_name = _named(name)
    if shown_name in mappings(tx, kind):
        _refuse_anothers(tx, kind, shown_name)
    # Whether the next file is tried first is for its importer to choose each time.
    saved = options.model_copy(update={"dry_run": False})
    tx.run(
        """
        INSERT INTO base.import_mappings VALUES ($kind, $name, $options, $actor, $now)
        ON CONFLICT (kind, name) DO UPDATE SET options = excluded.options
        """,
        kind=kind,
        name=shown_name,
        options=saved.model_dump_json(exclude_defaults=True),
        actor=tx.actor.id,
        now=tx.now,
    )
    # A mapping is known by kind and name and has no id: its events are the workspace's.
    tx.record("import.mapping_saved", "workspace", 1, kind=kind, name=shown_name)
    return saved


def rename_mapping(tx: Writing, kind: str, name: str, to: str) -> str:
    """Rename a mapping; the new name as it is shown. Duplicate where another has it."""
    tx.require(Permission.IMPORT)
    _refuse_anothers(tx, kind, name)
    shown_name = _named(to)
    if shown_name == name:
        return name
    if shown_name in mappings(tx, kind):
        raise Duplicate(
            tr("There is already a mapping “{name}”.", name=shown_name),
            field="name",
            holder_kind="mapping",
            holder_id=None,
        )
    tx.run(
        "UPDATE base.import_mappings SET name = $to WHERE kind = $kind AND name = $name",
        to=shown_name,
        kind=kind,
        name=name,
    )
    tx.record("import.mapping_renamed", "workspace", 1, kind=kind, changes={"name": [name, shown_name]})
    return shown_name


def delete_mapping(tx: Writing, kind: str, name: str) -> str:
    """Delete a mapping; the name that is free again."""
    tx.require(Permission.IMPORT)
    _refuse_anothers(tx, kind, name)
    tx.run("DELETE FROM base.import_mappings WHERE kind = $kind AND name = $name", kind=kind, name=name)
    tx.record("import.mapping_deleted", "workspace", 1, kind=kind, name=name)
    return name


def keep_values(
    tx: Writing,
    kind: str,
    name: str,
    values: Mapping[str, Mapping[str, str | None]],
    new_values: Mapping[str, Sequence[str]],
) -> Options:
    """Add mapped values to a mapping; its options now."""
    tx.require(Permission.IMPORT)
    _refuse_anothers(tx, kind, name)
    return save_mapping(tx, kind, name, mappings(tx, kind)[name].with_values(values, new_values))


def may_change(tx: Reading, kind: str, name: str) -> bool:
    """Whether the actor may change the mapping: their own, and for administrators every one."""
    rows = tx.rows("SELECT created_by FROM import_mappings WHERE kind = $kind AND name = $name", kind=kind, name=name)
    return bool(rows) and (rows[0]["created_by"] == tx.actor.id or tx.actor.may(Permission.MANAGE_SETTINGS))


def mappings(tx: Reading, kind: str) -> dict[str, Options]:
    """Saved mappings of a kind, by name."""
    rows = tx.rows("SELECT name, options FROM import_mappings WHERE kind = $kind ORDER BY name", kind=kind)
    return {row["name"]: Options.model_validate_json(row["options"]) for row in rows}


def fitting(saved: dict[str, Options], header: list[str]) -> str | None:
    """The name of the mapping that was saved from a file with this very header, in whatever order."""
    words = {plain(name) for name in header}
    return next((name for name, options in saved.items() if {plain(key) for key in options.mapping} == words), None)


def _named(name: str) -> str:
    shown_name = identity.text(name, "name", limit=80)
    if not shown_name:
        raise Invalid(tr("A mapping needs a name."), "name")
    return shown_name


def _refuse_anothers(tx: Reading, kind: str, name: str) -> None:
    """NotFound where there is none of that name; Forbidden where it is another's, for all but administrators."""
    if name not in mappings(tx, kind):
        raise NotFound(tr("mapping"))
    if not may_change(tx, kind, name):
        raise Forbidden(tr("The mapping “{name}” is somebody else's. Save yours under another name.", name=name))
