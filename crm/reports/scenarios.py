"""Saved scenarios: assumptions under a name, for oneself or for everybody, to lay over any forecast.

Whoever opens a shared scenario sees in it what they may see: what it assumes of deals hidden from them is left out.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crm.foundation import bounds, identity
from crm.foundation.access import Permission
from crm.foundation.errors import Forbidden, Invalid, NotFound
from crm.foundation.language import later, tr
from crm.records.edits import refuse_stale
from crm.reports import assumptions as assumed
from crm.reports.assumptions import Assumptions
from crm.reports.scope import require_crm
from crm.store import Reading, Row, Writing
from crm.store.kept import kept

KIND = "scenario"
MOST = 100
"""Of one person."""
MOST_COMPARED = 3
SETTABLE = ("name", "assumptions", "shared")


class Scenario(BaseModel, frozen=True):
    """`hidden` counts the deals that it assumes something of and that are gone, or not the reader's to see."""

    id: int
    name: str
    assumptions: Assumptions
    hidden: int
    user_id: int
    """Its owner: who made it."""
    user_name: str
    shared: bool
    created_at: datetime
    updated_at: datetime
    version: int


@kept
def all_of(tx: Reading) -> list[Scenario]:
    """The actor's own and the shared scenarios, by name."""
    require_crm(tx)
    return _read(tx, tx.rows("SELECT * FROM forecast_scenarios ORDER BY lower(name), id"))


def get(tx: Reading, scenario_id: int, *, version: int | None = None) -> Scenario:
    """A scenario. Raises NotFound where it is neither the actor's nor shared, Stale where `version` is not the current
    one."""
    found = next((scenario for scenario in all_of(tx) if scenario.id == scenario_id), None)
    if found is None:
        raise NotFound(tr("scenario"))
    refuse_stale(tx, KIND, found, found.name, version)
    return found


def named(tx: Reading, ids: str) -> list[Scenario]:
    """The scenarios of a list such as 3,7, in its order. Raises Invalid for what is none, or for too many."""
    numbers = [bounds.whole(part) for part in ids.split(",") if part]
    if None in numbers or not numbers:
        raise Invalid(tr("“{value}” is no list of scenarios. Write it as 3,7.", value=bounds.shown(ids)), "scenario")
    if len(numbers) > MOST_COMPARED:
        raise Invalid(tr("At most {most} scenarios are compared.", most=MOST_COMPARED), "scenario")
    return [get(tx, number) for number in dict.fromkeys(numbers) if number is not None]


def create(tx: Writing, *, name: str, assumptions: Assumptions, shared: bool = False) -> Scenario:
    """Save assumptions of the actor's under a name. Raises Invalid for what cannot be assumed."""
    require_crm(tx)
    columns = _columns(tx, {"name": name, "assumptions": assumptions, "shared": shared}, None)
    if tx.value("SELECT count(*) FROM base.forecast_scenarios WHERE user_id = $me", me=tx.actor.id) >= MOST:
        raise Invalid(tr("You have {most} scenarios, as many as there may be. Delete one.", most=MOST), "name")
    scenario_id = tx.insert(
        """
        INSERT INTO base.forecast_scenarios (name, assumptions, shared, user_id, created_at, updated_at)
        VALUES ($name, $assumptions, $shared, $me, $now, $now)
        RETURNING id
        """,
        **columns,
        me=tx.actor.id,
        now=tx.now,
    )
    tx.record(f"{KIND}.created", KIND, scenario_id, **columns)
    return get(tx, scenario_id)


def edit(tx: Writing, /, scenario_id: int, *, version: int | None = None, **changes: Any) -> Scenario:
    """Set some fields of a scenario. Only its owner may."""
    require_crm(tx)
    before = get(tx, scenario_id, version=version)
    if before.user_id != tx.actor.id:
        raise Forbidden(
            tr(
                "“{name}” belongs to {person}. Save it under a name of your own.",
                name=before.name,
                person=before.user_name,
            )
        )
    if unknown := changes.keys() - set(SETTABLE):
        raise Invalid(tr("A scenario has no field “{field}”.", field=min(unknown)), min(unknown))
    old = tx.rows("SELECT name, assumptions, shared FROM base.forecast_scenarios WHERE id = $id", id=scenario_id)[0]
    # What is not given stays as it is stored, with the deals in it that were hidden meanwhile.
    new = old | _columns(tx, changes, before)
    differing = {name: value for name, value in new.items() if old[name] != value}
    if not differing:
        return before
    tx.run(
        f"""
        UPDATE base.forecast_scenarios SET
            {", ".join(f"{name} = ${name}" for name in differing)},
            updated_at = $now,
            version = version + 1
        WHERE id = $id
        """,
        **differing,
        now=tx.now,
        id=scenario_id,
    )
    tx.record(
        f"{KIND}.changed", KIND, scenario_id, changes={name: [old[name], value] for name, value in differing.items()}
    )
    return get(tx, scenario_id)


def delete(tx: Writing, scenario_id: int, *, version: int | None = None) -> None:
    """Delete a scenario. Its owner may, and an administrator where it is shared."""
    require_crm(tx)
    scenario = get(tx, scenario_id, version=version)
    if scenario.user_id != tx.actor.id:
        tx.require(Permission.MANAGE_SETTINGS)
    tx.run("DELETE FROM base.forecast_scenarios WHERE id = $id", id=scenario_id)
    tx.record(f"{KIND}.deleted", KIND, scenario_id, name=scenario.name)


def _read(tx: Reading, rows: list[Row]) -> list[Scenario]:
    stored = [Assumptions.model_validate_json(row["assumptions"]) for row in rows]
    visible = assumed.visible_ids(tx, (one.deal_id for given in stored for one in given.deals))
    found = []
    for row, given in zip(rows, stored, strict=True):
        seen = given.model_copy(update={"deals": tuple(one for one in given.deals if one.deal_id in visible)})
        hidden = len(given.deals) - len(seen.deals)
        found.append(Scenario(**{**row, "assumptions": seen, "hidden": hidden}))
    return found


def _columns(tx: Reading, given: Mapping[str, Any], before: Scenario | None) -> dict[str, Any]:
    """The given fields as columns of the table. Raises Invalid."""
    found: dict[str, Any] = {}
    if "name" in given:
        name = identity.text(given["name"], later("name"), limit=80)
        if not name:
            raise Invalid(tr("A scenario needs a name."), "name")
        if _taken(tx, name, before):
            raise Invalid(tr("You have a scenario called “{name}” already.", name=name), "name")
        found["name"] = name
    if "assumptions" in given:
        try:
            checked = assumed.checked(tx, given["assumptions"])
        except Invalid as fault:
            raise Invalid(str(fault), f"assumptions.{fault.field}") from None
        if not checked.causes:
            raise Invalid(tr("A scenario needs something that is assumed."), "assumptions")
        found["assumptions"] = json.dumps(checked.model_dump(mode="json", exclude_defaults=True))
    if "shared" in given:
        found["shared"] = bool(given["shared"])
    return found


def _taken(tx: Reading, name: str, before: Scenario | None) -> bool:
    found = tx.rows(
        "SELECT name FROM base.forecast_scenarios WHERE user_id = $me AND id <> $own",
        me=tx.actor.id,
        own=before.id if before else 0,
    )
    return any(row["name"].casefold() == name.casefold() for row in found)
