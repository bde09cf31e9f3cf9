"""Imports as they happen: a file is uploaded, begun, and worked off."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crm import imports, pipelines, worker
from crm.foundation.access import Actor, Permission
from crm.foundation.tables.model import DEFAULT_LIMITS, TableLimits
from crm.foundation.tables.read import Sheet, read
from crm.imports import Import, Options
from crm.platform import files
from crm.platform.people import users
from crm.store import Store
from tests.people import Team

Bring = Callable[..., Import]


@pytest.fixture
def begin(store: Store) -> Bring:
    """Begin an import of a text by an actor, and leave it queued. Options as keywords."""

    def bring(actor: Actor, kind: str, content: str | bytes, **options: object) -> Import:
        raw = content.encode() if isinstance(content, str) else content
        sha256, size = files.keep(store, [raw], 2**30)
        with store.writing(actor) as tx:
            upload = files.register(tx, sha256=sha256, file_name=f"{kind}.csv", size=size)
            return imports.begin(tx, kind, upload.id, Options(**options))

    return bring


@pytest.fixture
def bring(store: Store, begin: Bring) -> Bring:
    """Begin an import and carry it out."""

    def whole(actor: Actor, kind: str, content: str | bytes, **options: object) -> Import:
        begun = begin(actor, kind, content, **options)
        return finished(store, actor, begun.id)

    return whole


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Sheet]:
    """Read a file of this content. Options as keywords."""

    def of(content: bytes, limits: TableLimits = DEFAULT_LIMITS, **options: object) -> Sheet:
        path = tmp_path / "file"
        path.write_bytes(content)
        return read(path, Options(**options), limits=limits)

    return of


def cells(found: Sheet) -> list[tuple[str, ...]]:
    """The cells of each row, without its line."""
    return found.rows.drop("line").rows()


def finished(store: Store, actor: Actor, import_id: int) -> Import:
    while worker.work_one(store):
        pass
    with store.reading(actor) as tx:
        return imports.get(tx, import_id)


def counts(found: Import) -> tuple[int, int, int, int, int]:
    """created, updated, unchanged, skipped, rejected: they sum up to what was read."""
    parts = (found.created, found.updated, found.unchanged, found.skipped, found.rejected)
    assert sum(parts) == found.total, found
    return parts


def reasons(store: Store, actor: Actor, found: Import) -> list[tuple[int, str]]:
    with store.reading(actor) as tx:
        return [(row["line"], row["reason"]) for row in imports.rejected(tx, found.id)]


def rows(store: Store, actor: Actor, sql: str) -> list[tuple[object, ...]]:
    with store.reading(actor) as tx:
        return [tuple(row.values()) for row in tx.rows(sql)]


@pytest.fixture
def pipeline(store: Store, team: Team) -> pipelines.Pipeline:
    with store.writing(team.ada) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Proposal"])


@pytest.fixture
def importer(store: Store, team: Team) -> Callable[[], Actor]:
    """Ana, a rep under owner-based privacy who may import."""
    from crm.platform import workspace

    with store.writing(team.ada) as tx:
        workspace.change(tx, owner_privacy=True)
        tx.run(
            "INSERT INTO base.grants VALUES ($user, $permission)",
            user=team.ids.ana,
            permission=Permission.IMPORT.value,
        )
    return lambda: users.actor(store, team.ids.ana)


SAMPLES = Path(__file__).resolve().parents[2] / "data" / "samples"
