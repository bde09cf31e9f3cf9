"""Dashboards of one's own: tiles in an order, with filters for all of them, for oneself, a team or everybody.

Whoever opens a shared dashboard sees in it the figures that they may see.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ValidationError

from crm.dashboards.model import FILTERS, PERIOD, Tile
from crm.dashboards.tiles import OF_SOURCES, TYPES
from crm.foundation import bounds, identity
from crm.foundation.access import Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records.edits import refuse_stale
from crm.records.sharing import as_shared
from crm.reports import query
from crm.reports.scope import require_crm
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

KIND = "dashboard"
MOST = 50
"""Of one person."""
MOST_TILES = 24
SETTABLE = ("name", "tiles", "filters", "shared", "team_id")


def _parsed(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


class Dashboard(BaseModel, frozen=True):
    id: int
    name: str
    tiles: Annotated[tuple[Tile, ...], BeforeValidator(_parsed)]
    filters: Annotated[dict[str, str], BeforeValidator(_parsed)]
    """The words of an address, see crm/reports/query.py."""
    user_id: int
    """Its owner: who made it."""
    user_name: str
    shared: bool
    """With everybody."""
    team_id: int | None
    """The team that it is shared with, where that is not everybody."""
    team_name: str | None
    created_at: datetime
    updated_at: datetime
    version: int


@kept
def all_of(tx: Reading) -> list[Dashboard]:
    """The actor's own dashboards and those that are shared with them, by name."""
    require_crm(tx)
    return [_of(row) for row in tx.rows("SELECT * FROM dashboards ORDER BY lower(name), id")]


def get(tx: Reading, dashboard_id: int, *, version: int | None = None) -> Dashboard:
    """A dashboard. Raises NotFound where it is neither the actor's nor shared with them, Stale where `version` is not
    the current one."""
    found = next((each for each in all_of(tx) if each.id == dashboard_id), None)
    if found is None:
        raise NotFound(tr("dashboard"))
    refuse_stale(tx, KIND, found, found.name, version)
    return found


def create(
    tx: Writing,
    *,
    name: str,
    tiles: tuple[Tile, ...] = (),
    filters: Mapping[str, str] | None = None,
    shared: bool = False,
    team_id: int | None = None,
) -> Dashboard:
    """Make a dashboard of the actor's. Raises Invalid for a name that is taken, tiles that are none, and filters that
    make no sense."""
    require_crm(tx)
    given = {"name": name, "tiles": tiles, "filters": filters or {}, "shared": shared, "team_id": team_id}
    columns = _columns(_checked(tx, given, None))
    if tx.value("SELECT count(*) FROM base.dashboards WHERE user_id = $me", me=tx.actor.id) >= MOST:
        raise Invalid(tr("You have {most} dashboards, as many as there may be. Delete one.", most=MOST), "name")
    dashboard_id = tx.insert(
        """
        INSERT INTO base.dashboards (name, tiles, filters, shared, team_id, user_id, created_at, updated_at)
        VALUES ($name, $tiles, $filters, $shared, $team_id, $me, $now, $now)
        RETURNING id
        """,
        **columns,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record(f"{KIND}.created", KIND, dashboard_id, **columns)
    return get(tx, dashboard_id)


def edit(tx: Writing, /, dashboard_id: int, *, version: int | None = None, **changes: Any) -> Dashboard:
    """Set some fields of a dashboard. Only its owner may."""
    before = get(tx, dashboard_id, version=version)
    if before.user_id != tx.actor.id:
        raise Forbidden(
            tr(
                "“{name}” belongs to {person}. Duplicate it to have one of your own.",
                name=before.name,
                person=before.user_name,
            )
        )
    if unknown := changes.keys() - set(SETTABLE):
        raise Invalid(tr("A dashboard has no field “{field}”.", field=min(unknown)), min(unknown))
    current = {name: getattr(before, name) for name in SETTABLE}
    old, new = _columns(current), _columns(_checked(tx, {**current, **as_shared(changes)}, before))
    differing = {name: value for name, value in new.items() if old[name] != value}
    if not differing:
        return before
    tx.run(
        f"""
        UPDATE base.dashboards SET
            {", ".join(f"{name} = ${name}" for name in differing)},
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **differing,
        now=tx.now,
        id=dashboard_id,
    )
    changed = {name: [old[name], value] for name, value in differing.items()}
    tx.record(f"{KIND}.changed", KIND, dashboard_id, changes=changed)
    return get(tx, dashboard_id)


def duplicate(tx: Writing, dashboard_id: int) -> Dashboard:
    """Copy a dashboard to an unshared one of the actor's."""
    found = get(tx, dashboard_id)
    return create(tx, name=free_name(tx, found.name), tiles=found.tiles, filters=found.filters)


def delete(tx: Writing, dashboard_id: int, *, version: int | None = None) -> None:
    """Delete a dashboard, and the schedules by which it is mailed. Its owner may, and an administrator where it is
    shared."""
    found = get(tx, dashboard_id, version=version)
    if found.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run(
        """
        DELETE FROM base.dashboard_recipients
        WHERE dashboard_schedule_id IN (SELECT id FROM base.dashboard_schedules WHERE dashboard_id = $id)
        """,
        id=dashboard_id,
    )
    tx.run("DELETE FROM base.dashboard_schedules WHERE dashboard_id = $id", id=dashboard_id)
    tx.run("DELETE FROM base.dashboards WHERE id = $id", id=dashboard_id)
    tx.record(f"{KIND}.deleted", KIND, dashboard_id, name=found.name)


def free_name(tx: Reading, name: str) -> str:
    """The name, with a number where the actor has a dashboard of that name."""
    # Cut, so that the number fits into the 80 characters of a name.
    names = [name, *(f"{name[:70]} ({number})" for number in range(2, MOST + 3))]
    return next(each for each in names if not _taken(tx, each, None))


def _of(row: Row) -> Dashboard:
    return Dashboard(**row)


def _checked(tx: Reading, given: Mapping[str, Any], before: Dashboard | None) -> dict[str, Any]:
    name = identity.text(given["name"], later("name"), limit=80)
    if not name:
        raise Invalid(tr("A dashboard needs a name."), "name")
    if _taken(tx, name, before):
        raise Invalid(tr("You have a dashboard called “{name}” already.", name=name), "name")
    return {
        "name": name,
        "tiles": _checked_tiles(given["tiles"] or ()),
        "filters": _checked_filters(tx, given["filters"] or {}),
        "shared": bool(given["shared"]),
        "team_id": _checked_team(tx, given, before),
    }


def _checked_tiles(given: tuple[Any, ...]) -> tuple[Tile, ...]:
    if len(given) > MOST_TILES:
        raise Invalid(tr("A dashboard has at most {most} tiles.", most=MOST_TILES), "tiles")
    try:
        tiles = tuple(Tile.model_validate(each) if isinstance(each, Mapping) else each for each in given)
    except ValidationError:
        raise Invalid(tr("A tile has a kind, a width, a title and a source_id."), "tiles") from None
    for tile in tiles:
        if tile.kind not in TYPES:
            kinds = ", ".join(TYPES)
            raise Invalid(
                tr("There is no tile “{kind}”, only {kinds}.", kind=bounds.shown(tile.kind), kinds=kinds), "tiles"
            )
        if (tile.source_id is not None) != (tile.kind in OF_SOURCES):
            raise Invalid(tr("A tile of a segment or a saved query names it by source_id, and no other does."), "tiles")
    return tuple(
        tile.model_copy(update={"title": identity.text(tile.title, later("title"), limit=80) or ""}) for tile in tiles
    )


def _checked_filters(tx: Reading, given: Mapping[str, str]) -> dict[str, str]:
    filters = {name: value for name, value in given.items() if value}
    if unknown := filters.keys() - set(FILTERS):
        raise Invalid(tr("A dashboard has no filter “{name}”.", name=bounds.shown(min(unknown))), "filters")
    query.parse(filters, tx.today, period=PERIOD)
    return filters


def _checked_team(tx: Reading, given: Mapping[str, Any], before: Dashboard | None) -> int | None:
    team_id: int | None = given["team_id"]
    if team_id is None:
        return None
    if given["shared"]:
        raise Invalid(tr("Share it with one team or with everybody, not with both."), "team_id")
    kept_so = before is not None and before.team_id == team_id  # its owner may have left the team since
    if not kept_so and team_id not in tx.actor.team_ids:
        raise Invalid(tr("Share it with a team that you are in."), "team_id")
    return team_id


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as columns of the table."""
    return {
        **{name: fields[name] for name in ("name", "shared", "team_id")},
        "tiles": json.dumps([tile.model_dump(mode="json") for tile in fields["tiles"]], ensure_ascii=False),
        "filters": json.dumps(fields["filters"], ensure_ascii=False),
    }


def _taken(tx: Reading, name: str, before: Dashboard | None) -> bool:
    found = tx.rows(
        "SELECT name FROM base.dashboards WHERE user_id = $me AND id <> $own",
        me=tx.actor.id,
        own=before.id if before else 0,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)
