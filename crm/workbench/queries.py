"""Saved queries: SQL under a name, with its parameters and its chart, for oneself, a team or everybody who may run SQL.

Whoever runs a shared query runs it as themselves: it shows them what they may see, whoever wrote it.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ValidationError

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records.edits import refuse_stale
from crm.records.sharing import as_shared
from crm.store import Reading, Writing
from crm.store.kept import kept
from crm.workbench import charting, parameters
from crm.workbench.charting import Chart
from crm.workbench.limits import LONGEST
from crm.workbench.parameters import Parameter

KIND = "sql_query"
MOST = 200
"""Of one person."""
SETTABLE = ("name", "description", "sql", "parameters", "chart", "shared", "team_id")


def parsed(stored: Any) -> Any:
    return json.loads(stored) if isinstance(stored, str) else stored


def as_json(given: Iterable[Parameter]) -> str:
    """Parameters as they are stored, and `parsed` reads them."""
    return json.dumps([one.model_dump(mode="json") for one in given])


class SavedSql(BaseModel, frozen=True):
    id: int
    name: str
    description: str
    sql: str
    parameters: Annotated[tuple[Parameter, ...], BeforeValidator(parsed)]
    """Those that it names, each with the value that it has where a run gives none."""
    chart: Annotated[Chart, BeforeValidator(charting.parsed)]
    user_id: int
    """Its owner: who made it."""
    user_name: str
    shared: bool
    """With everybody who may run SQL."""
    team_id: int | None
    """The team that it is shared with, where that is not everybody."""
    team_name: str | None
    created_at: datetime
    updated_at: datetime
    version: int


@kept
def all_of(tx: Reading) -> list[SavedSql]:
    """The actor's own and the shared queries, by name."""
    tx.require(Permission.RUN_SQL)
    return [SavedSql(**row) for row in tx.rows("SELECT * FROM sql_queries ORDER BY lower(name), id")]


def get(tx: Reading, query_id: int, *, version: int | None = None) -> SavedSql:
    """A query. Raises NotFound where it is neither the actor's nor shared with them, Stale where `version` is not the
    current one."""
    tx.require(Permission.RUN_SQL)
    found = next((each for each in all_of(tx) if each.id == query_id), None)
    if found is None:
        raise NotFound(tr("saved query"))
    refuse_stale(tx, KIND, found, found.name, version)
    return found


def create(
    tx: Writing,
    *,
    name: str,
    sql: str,
    description: str = "",
    parameters: tuple[Parameter, ...] = (),
    chart: Chart = charting.NOTHING_DRAWN,
    shared: bool = False,
    team_id: int | None = None,
) -> SavedSql:
    """Save a query of the actor's. It need not be one that runs: it may be half written."""
    tx.require(Permission.RUN_SQL)
    given = {
        "name": name,
        "description": description,
        "sql": sql,
        "parameters": parameters,
        "chart": chart,
        "shared": shared,
        "team_id": team_id,
    }
    columns = _columns(_checked(tx, given, None))
    if tx.value("SELECT count(*) FROM base.sql_queries WHERE user_id = $me", me=tx.actor.id) >= MOST:
        raise Invalid(tr("You have {most} saved queries, as many as there may be. Delete one.", most=MOST), "name")
    query_id = tx.insert(
        """
        INSERT INTO base.sql_queries
            (name, description, text, parameters, chart, shared, team_id, user_id, created_at, updated_at)
        VALUES ($name, $description, $text, $parameters, $chart, $shared, $team_id, $me, $now, $now)
        RETURNING id
        """,
        **columns,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record(f"{KIND}.created", KIND, query_id, **columns)
    return get(tx, query_id)


def edit(tx: Writing, /, query_id: int, *, version: int | None = None, **changes: Any) -> SavedSql:
    """Set some fields of a query. Only its owner may."""
    before = get(tx, query_id, version=version)
    if before.user_id != tx.actor.id:
        raise Forbidden(
            tr(
                "“{name}” belongs to {person}. Duplicate it to have one of your own.",
                name=before.name,
                person=before.user_name,
            )
        )
    current = {name: getattr(before, name) for name in SETTABLE}
    if unknown := changes.keys() - current.keys():
        raise Invalid(tr("A saved query has no field “{field}”.", field=min(unknown)), min(unknown))
    old, new = _columns(current), _columns(_checked(tx, {**current, **as_shared(changes)}, before))
    differing = {name: value for name, value in new.items() if old[name] != value}
    if not differing:
        return before
    tx.run(
        f"""
        UPDATE base.sql_queries SET
            {", ".join(f"{name} = ${name}" for name in differing)},
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **differing,
        now=tx.now,
        id=query_id,
    )
    changed = {name: [old[name], value] for name, value in differing.items()}
    tx.record(f"{KIND}.changed", KIND, query_id, changes=changed)
    return get(tx, query_id)


def duplicate(tx: Writing, query_id: int) -> SavedSql:
    """Copy a query to an unshared one of the actor's."""
    query = get(tx, query_id)
    # Cut, so that the number fits into the 80 characters of a name.
    names = [query.name, *(f"{query.name[:70]} ({number})" for number in range(2, MOST + 3))]
    free = next(name for name in names if not _taken(tx, name, None))
    return create(
        tx,
        name=free,
        description=query.description,
        sql=query.sql,
        parameters=query.parameters,
        chart=query.chart,
    )


def delete(tx: Writing, query_id: int, *, version: int | None = None) -> None:
    """Delete a query. Its owner may, and an administrator where it is shared."""
    query = get(tx, query_id, version=version)
    if query.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run("DELETE FROM base.sql_queries WHERE id = $id", id=query_id)
    tx.record(f"{KIND}.deleted", KIND, query_id, name=query.name)


def _checked(tx: Reading, given: Mapping[str, Any], before: SavedSql | None) -> dict[str, Any]:
    """The fields in their stored form. Raises Invalid."""
    name = identity.text(given["name"], later("name"), limit=80)
    if not name:
        raise Invalid(tr("A saved query needs a name."), "name")
    if _taken(tx, name, before):
        raise Invalid(tr("You have a saved query called “{name}” already.", name=name), "name")
    sql = identity.text(given["sql"], later("query"), limit=LONGEST)
    if not sql:
        raise Invalid(tr("A saved query needs its SQL."), "sql")
    return {
        "name": name,
        "description": identity.text(given["description"], later("description"), limit=2_000) or "",
        "sql": sql,
        "parameters": _checked_parameters(given["parameters"] or ()),
        "chart": charting.checked(charting.parsed(given["chart"])),
        "shared": bool(given["shared"]),
        "team_id": _checked_team(tx, given, before),
    }


def _checked_team(tx: Reading, given: Mapping[str, Any], before: SavedSql | None) -> int | None:
    team_id: int | None = given["team_id"]
    if team_id is None:
        return None
    if given["shared"]:
        raise Invalid(tr("Share it with one team or with everybody, not with both."), "team_id")
    kept = before is not None and before.team_id == team_id  # its owner may have left the team since
    if not kept and team_id not in tx.actor.team_ids:
        raise Invalid(tr("Share it with a team that you are in."), "team_id")
    return team_id


def _checked_parameters(given: tuple[Any, ...]) -> tuple[Parameter, ...]:
    try:
        found = tuple(Parameter.model_validate(one) if isinstance(one, Mapping) else one for one in given)
    except ValidationError:
        raise Invalid(tr("A parameter has a name, a type and a value."), "parameters") from None
    if len({one.name for one in found}) < len(found):
        raise Invalid(tr("Two parameters have the same name."), "parameters")
    parameters.checked({one.name: (one.type, one.value) for one in found})
    return found


def _columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as columns of the table."""
    given = as_json(fields["parameters"])
    own = {name: fields[name] for name in ("name", "description", "shared", "team_id")}
    return {**own, "text": fields["sql"], "parameters": given, "chart": fields["chart"].model_dump_json()}


def _taken(tx: Reading, name: str, before: SavedSql | None) -> bool:
    found = tx.rows(
        "SELECT name FROM base.sql_queries WHERE user_id = $me AND id <> $own",
        me=tx.actor.id,
        own=before.id if before else 0,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)
