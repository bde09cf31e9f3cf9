"""What may be chosen where it is few: people, teams, labels, stages, reasons. Each as {id: name}."""

from crm import labels as all_labels
from crm import users
from crm.filters import Field, FieldType
from crm.pipelines import all_of
from crm.store import Reading


def people(tx: Reading) -> dict[int, str]:
    """Everybody, those too who left: records may still be theirs."""
    return {person.id: person.name for person in users.everyone(tx)}


def owner(tx: Reading, of: str) -> Field:
    return Field("owner_id", "Owner", FieldType.REFERENCE, f"{of}.owner_id", options=people(tx))


def team(tx: Reading, of: str) -> Field:
    teams = {row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM teams ORDER BY name")}
    return Field("team_id", "Team", FieldType.REFERENCE, f"{of}.team_id", options=teams)


def labels(tx: Reading) -> dict[int, str]:
    return {label.id: label.name for label in all_labels.all_of(tx)}


def pipelines(tx: Reading) -> tuple[dict[int, str], dict[int, str]]:
    """The pipelines, and their stages with the pipeline's name before theirs."""
    found = all_of(tx)
    stages = {stage.id: f"{pipeline.name}: {stage.name}" for pipeline in found for stage in pipeline.stages}
    return {pipeline.id: pipeline.name for pipeline in found}, stages


def close_reasons(tx: Reading) -> dict[int, str]:
    rows = tx.rows("SELECT id, kind, name FROM close_reasons ORDER BY kind, position")
    return {row["id"]: f"{row['kind'].title()}: {row['name']}" for row in rows}
