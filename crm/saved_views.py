"""Saved views: how somebody looks at a pipeline, under a name, to come back to and to share.

A view is one person's, who may share it. Whoever opens it sees the deals that they may see, no others; “mine” in it
is whoever looks.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_args

from pydantic import BaseModel

from crm import deals, filters, identity, listing, pipelines, preferences
from crm.access import Module, Permission
from crm.changes import refuse_stale
from crm.deals import looking
from crm.deals.listing import SOURCE
from crm.errors import Forbidden, Invalid, NotFound
from crm.filters import Filter
from crm.listing import Asked
from crm.store import Reading, Row, Writing

Kind = Literal["board", "table", "calendar"]
KINDS: tuple[Kind, ...] = get_args(Kind)

EVERYBODY, ME = "everybody", "me"
DEFAULT = "pipeline-view"
"""The preference that names the view which the page opens with."""

MOST_COLUMNS = 60


class SavedView(BaseModel, frozen=True):
    id: int
    pipeline_id: int
    kind: Kind
    name: str
    filter: Filter | None
    search: str
    owner: str
    """everybody, me, or a user's id."""
    period: str
    """A word of crm/deals/looking.py; empty for any time."""
    sort: str
    columns: tuple[str, ...]
    """Keys of columns of the table; empty for those that each person chose."""
    user_id: int
    """Whose it is: who made it."""
    user_name: str
    shared: bool
    created_at: datetime
    updated_at: datetime
    version: int


WRITABLE = ("pipeline_id", "kind", "name", "filter", "search", "owner", "period", "sort", "columns", "shared")


def all_of(tx: Reading, pipeline_id: int | None = None) -> list[SavedView]:
    """The actor's own and those shared with everybody, by name; of one pipeline, if one is named."""
    rows = tx.rows(
        """
        SELECT *
        FROM saved_views
        WHERE pipeline_id = coalesce($pipeline_id, pipeline_id)
        ORDER BY lower(name), id
        """,
        pipeline_id=pipeline_id,
    )
    return [_view(row) for row in rows]


def get(tx: Reading, view_id: int, *, version: int | None = None) -> SavedView:
    """NotFound where it is neither the actor's nor shared, Stale where `version` is not its current one."""
    found = tx.rows("SELECT * FROM saved_views WHERE id = $id", id=view_id)
    if not found:
        raise NotFound("view")
    view = _view(found[0])
    refuse_stale(tx, "saved_view", view, view.name, version)
    return view


def broken(tx: Reading, view: SavedView) -> list[str]:
    """What is wrong with its criteria, a sentence each: a field, value, stage or person that is gone."""
    gone = [] if any(one.id == view.pipeline_id for one in pipelines.all_of(tx)) else ["Its pipeline is gone."]
    return [*gone, *filters.broken(view.filter, deals.fields(tx))]


def create(
    tx: Writing,
    *,
    pipeline_id: int,
    name: str,
    kind: str = "board",
    filter: Filter | None = None,
    search: str = "",
    owner: str = EVERYBODY,
    period: str = "",
    sort: str = "",
    columns: tuple[str, ...] = (),
    shared: bool = False,
) -> SavedView:
    """A view of the actor's. Invalid where its criteria make no sense, or where the actor has as many as the
    workspace allows."""
    fields = _checked(
        tx,
        {
            "pipeline_id": pipeline_id,
            "name": name,
            "kind": kind,
            "filter": filter,
            "search": search,
            "owner": owner,
            "period": period,
            "sort": sort,
            "columns": columns,
            "shared": shared,
        },
    )
    limit = int(tx.value("SELECT saved_view_limit FROM workspace"))
    if tx.value("SELECT count(*) FROM base.saved_views WHERE user_id = $me", me=tx.actor.id) >= limit:
        raise Invalid(f"You have {limit:,} views, as many as the workspace allows. Delete one first.", "name")
    view_id = tx.insert(
        """
        INSERT INTO base.saved_views (
            pipeline_id, kind, name, filter, search, owner, period, sort, columns, shared, user_id, created_at,
            updated_at
        )
        VALUES (
            $pipeline_id, $kind, $name, $filter, $search, $owner, $period, $sort, $columns, $shared, $me, $now, $now
        )
        RETURNING id
        """,
        **_columns(fields),
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record("saved_view.created", "saved_view", view_id, **_columns(fields))
    return get(tx, view_id)


def edit(tx: Writing, view_id: int, *, version: int | None = None, **changes: Any) -> SavedView:
    """Set some of its fields. Only the owner may; Stale where it changed after `version`."""
    before = get(tx, view_id, version=version)
    if before.user_id != tx.actor.id:
        raise Forbidden(f"“{before.name}” belongs to {before.user_name}. Duplicate it to have one of your own.")
    unknown = changes.keys() - set(WRITABLE)
    if unknown:
        raise Invalid(f"A view has no field “{min(unknown)}” that can be set.", min(unknown))
    known = {name: getattr(before, name) for name in WRITABLE}
    fields, was = _columns(_checked(tx, known | changes, own=before)), _columns(known)
    if fields == was:
        return before
    tx.run(
        """
        UPDATE base.saved_views SET
            pipeline_id = $pipeline_id,
            kind = $kind,
            name = $name,
            filter = $filter,
            search = $search,
            owner = $owner,
            period = $period,
            sort = $sort,
            columns = $columns,
            shared = $shared,
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **fields,
        now=tx.now,
        id=view_id,
    )
    differing = {name: [was[name], value] for name, value in fields.items() if was[name] != value}
    tx.record("saved_view.changed", "saved_view", view_id, changes=differing)
    return get(tx, view_id)


def duplicate(tx: Writing, view_id: int, *, name: str | None = None) -> SavedView:
    """A view of the actor's own with the same criteria, shared with nobody."""
    found = get(tx, view_id)
    same = {field: getattr(found, field) for field in WRITABLE}
    return create(tx, **{**same, "name": name or _free_name(tx, found), "shared": False})


def delete(tx: Writing, view_id: int, *, version: int | None = None) -> None:
    """Its owner's to do; an administrator's too, where it is shared. The deals stay as they are."""
    view = get(tx, view_id, version=version)
    if view.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run("DELETE FROM base.saved_views WHERE id = $id", id=view_id)
    tx.record("saved_view.deleted", "saved_view", view_id, name=view.name)


def default(tx: Reading) -> SavedView | None:
    """The view that the actor's page opens with; None where none was chosen, or where it is gone."""
    view_id = preferences.get(tx, DEFAULT)
    found = tx.rows("SELECT * FROM saved_views WHERE id = $id", id=view_id) if isinstance(view_id, int) else []
    return _view(found[0]) if found else None


def open_with(tx: Writing, view_id: int | None) -> None:
    """Make this view, or none, the one that the actor's page opens with. It is theirs alone, and no affair of the
    log."""
    if view_id is None:
        preferences.forget(tx, DEFAULT)
    else:
        preferences.put(tx, DEFAULT, get(tx, view_id).id)


def _view(row: Row) -> SavedView:
    parsed = {"filter": filters.parse(row["filter"]), "columns": tuple(json.loads(row["columns"]))}
    return SavedView(**{**row, **parsed})


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {**fields, "filter": filters.dump(fields["filter"]), "columns": json.dumps(list(fields["columns"]))}


def _checked(tx: Reading, fields: Mapping[str, Any], *, own: SavedView | None = None) -> dict[str, Any]:
    """The fields as they are kept. A criterion that broke since it was saved is no reason to refuse a new name."""
    if not tx.actor.has(Module.CRM):
        raise NotFound("view")
    kept = {**fields, "search": (fields["search"] or "").strip(), "columns": tuple(fields["columns"] or ())}
    name = identity.text(fields["name"], "name", limit=80)
    if not name:
        raise Invalid("A view needs a name.", "name")
    if _taken(tx, fields["pipeline_id"], name, own):
        raise Invalid(f"You have a view called “{name}” already.", "name")
    if kept["kind"] not in KINDS:
        raise Invalid(f"There is no view “{kept['kind']}”: {', '.join(KINDS)}.", "kind")
    _check_words(tx, kept)
    if own is None or own.pipeline_id != kept["pipeline_id"]:
        pipelines.get(tx, kept["pipeline_id"])
    if own is None or (own.filter, own.search) != (kept["filter"], kept["search"]):
        listing.wanted(tx, SOURCE, Asked(filter=kept["filter"], search=kept["search"]))
    return kept | {"name": name}


def _check_words(tx: Reading, kept: Mapping[str, Any]) -> None:
    looking.period(kept["period"], tx.today)
    owner = kept["owner"]
    if owner not in (EVERYBODY, ME) and not (
        owner.isascii() and owner.isdigit() and tx.rows("SELECT id FROM users WHERE id = $id", id=int(owner[:18]))
    ):
        raise Invalid(f"“{owner}” is nobody: give {EVERYBODY}, {ME} or a user's id.", "owner")
    if kept["sort"] and kept["sort"].removeprefix("-") not in SOURCE.sorts:
        raise Invalid(f"Deals cannot be sorted by “{kept['sort']}”, only by {', '.join(SOURCE.sorts)}.", "sort")
    if len(kept["columns"]) > MOST_COLUMNS or any(len(key) > 120 for key in kept["columns"]):
        raise Invalid(f"A view takes at most {MOST_COLUMNS} columns.", "columns")


def _taken(tx: Reading, pipeline_id: int, name: str, own: SavedView | None = None) -> bool:
    found = tx.rows(
        "SELECT name FROM base.saved_views WHERE user_id = $me AND pipeline_id = $pipeline AND id <> $own",
        me=tx.actor.id,
        pipeline=pipeline_id,
        own=own.id if own else 0,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)


def _free_name(tx: Reading, view: SavedView) -> str:
    names = [view.name, *(f"{view.name[:70]} ({number})" for number in range(2, 1_000))]
    return next(name for name in names if not _taken(tx, view.pipeline_id, name))
