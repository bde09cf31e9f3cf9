"""Saved views: named queries of a pipeline with their layout, which a person can return to and share.

Whoever opens a shared view sees only the deals that they may see; “mine” means their own.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator

from crm import deals, pipelines
from crm.deals import DEAL, pipeline_query
from crm.foundation import bounds
from crm.foundation.access import Module
from crm.foundation.errors import Invalid, NotFound
from crm.foundation.language import later, tr
from crm.platform import preferences
from crm.records import filters, listing, lists, saved_queries
from crm.records.filters import Filter
from crm.records.saved_queries import SavedQuery, SavedQueryType
from crm.store import Reading, Writing
from crm.store.kept import kept

Kind = Literal["board", "table", "calendar"]
KINDS: tuple[Kind, ...] = get_args(Kind)

EVERYBODY, ME = "everybody", "me"
DEFAULT = "pipeline-view"
"""The preference that holds the id of the page's initial view."""

MOST_COLUMNS = 60


def _of_table(columns: Any) -> Any:
    return json.loads(columns) if isinstance(columns, str) else columns


class SavedView(SavedQuery, frozen=True):
    pipeline_id: int
    kind: Kind
    owner: str
    """everybody, me, or a user's id."""
    period: str
    """A named period of crm/deals/pipeline_query.py; empty for any time."""
    sort: str
    columns: Annotated[tuple[str, ...], BeforeValidator(_of_table)]
    """Keys of the table's columns; empty for each person's own choice."""


@kept
def all_of(tx: Reading, pipeline_id: int | None = None) -> list[SavedView]:
    """The actor's own and the shared views, by name; optionally of one pipeline."""
    rows = tx.rows(
        """
        SELECT *
        FROM saved_views
        WHERE pipeline_id = coalesce($pipeline_id, pipeline_id)
        ORDER BY lower(name), id
        """,
        pipeline_id=pipeline_id,
    )
    return [saved_queries.from_row(QUERY_TYPE, row) for row in rows]


def get(tx: Reading, view_id: int, *, version: int | None = None) -> SavedView:
    """A view. Raises NotFound where it is neither the actor's nor shared, Stale where `version` is not the current
    one."""
    return saved_queries.get(tx, QUERY_TYPE, view_id, version=version)


@kept
def broken(tx: Reading, view: SavedView) -> list[str]:
    """The faults of a view's query, a sentence each: a field, value, stage or person that no longer exists."""
    gone = [] if any(each.id == view.pipeline_id for each in pipelines.all_of(tx)) else [tr("Its pipeline is gone.")]
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
    """Create a view for the actor. Raises Invalid for a wrong query, or where the actor has as many views as the
    workspace allows."""
    given = {
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
    }
    return saved_queries.create(tx, QUERY_TYPE, given)


def edit(tx: Writing, /, view_id: int, *, version: int | None = None, **changes: Any) -> SavedView:
    """Set some fields of a view. Only its owner may; raises Stale where it changed after `version`."""
    return saved_queries.edit(tx, QUERY_TYPE, get(tx, view_id, version=version), changes)


def duplicate(tx: Writing, view_id: int, *, name: str | None = None) -> SavedView:
    """Copy a view to an unshared one of the actor's."""
    return saved_queries.duplicate(tx, QUERY_TYPE, get(tx, view_id), name)


def delete(tx: Writing, view_id: int, *, version: int | None = None) -> None:
    """Delete a view. Its owner may, and an administrator where it is shared."""
    saved_queries.delete(tx, QUERY_TYPE, get(tx, view_id, version=version))


@kept
def default(tx: Reading) -> SavedView | None:
    """The actor's initial view; None where none was chosen, or it no longer exists."""
    view_id = preferences.get(tx, DEFAULT)
    found = tx.rows("SELECT * FROM saved_views WHERE id = $id", id=view_id) if isinstance(view_id, int) else []
    return saved_queries.from_row(QUERY_TYPE, found[0]) if found else None


def open_with(tx: Writing, view_id: int | None) -> None:
    """Set the actor's initial view, or none. It is a preference, so no event is recorded."""
    if view_id is None:
        preferences.forget(tx, DEFAULT)
    else:
        preferences.put(tx, DEFAULT, get(tx, view_id).id)


def _checked(tx: Reading, fields: Mapping[str, Any], own: SavedView | None) -> dict[str, Any]:
    if not tx.actor.has(Module.CRM):
        raise NotFound(tr("view"))
    view = saved_queries.checked(
        tx, QUERY_TYPE, lists.source(DEAL), {**fields, "columns": tuple(fields["columns"] or ())}, own
    )
    if view["kind"] not in KINDS:
        raise Invalid(tr("There is no view “{kind}”: {kinds}.", kind=view["kind"], kinds=", ".join(KINDS)), "kind")
    _check_words(tx, view)
    # Of a new one only: a view whose pipeline is gone can still be renamed or given another one.
    if own is None or own.pipeline_id != view["pipeline_id"]:
        pipelines.get(tx, view["pipeline_id"])
    return view


def _check_words(tx: Reading, view: Mapping[str, Any]) -> None:
    pipeline_query.period(view["period"], tx.today)
    owner = view["owner"]
    if owner not in (EVERYBODY, ME) and not tx.rows("SELECT id FROM users WHERE id = $id", id=bounds.whole(owner)):
        raise Invalid(
            tr("“{owner}” is nobody: give {everybody}, {me} or a user's id.", owner=owner, everybody=EVERYBODY, me=ME),
            "owner",
        )
    sorts = listing.sorts(tx, lists.source(DEAL))
    if view["sort"] and view["sort"].removeprefix("-") not in sorts:
        raise Invalid(
            tr("Deals cannot be sorted by “{sort}”, only by {sorts}.", sort=view["sort"], sorts=", ".join(sorts)),
            "sort",
        )
    if len(view["columns"]) > MOST_COLUMNS or any(len(key) > 120 for key in view["columns"]):
        raise Invalid(tr("A view takes at most {most} columns.", most=MOST_COLUMNS), "columns")


QUERY_TYPE = SavedQueryType(
    record=SavedView,
    table="saved_views",
    limit="saved_view_limit",
    when_full=later("Delete one first."),
    label=later("view"),
    kind="saved_view",
    place="pipeline_id",
    settable=("pipeline_id", "kind", "name", "filter", "search", "owner", "period", "sort", "columns", "shared"),
    checked=_checked,
)
