"""Options for choosing people, teams and labels: {id: name}."""

from crm.platform.people import users
from crm.store import Reading
from crm.store.kept import kept


@kept
def people(tx: Reading) -> dict[int, str]:
    """All users, including inactive ones, who may still own records."""
    return {person.id: person.name for person in users.everyone(tx)}


@kept
def teams(tx: Reading) -> dict[int, str]:
    return {row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM teams ORDER BY name")}


@kept
def labels(tx: Reading) -> dict[int, str]:
    return {row["id"]: row["name"] for row in tx.rows("SELECT id, name FROM labels ORDER BY name_key")}
