"""Labels: short words that people put on contacts, made as they are first used."""

from collections.abc import Iterable

from pydantic import BaseModel

from crm import identity
from crm.errors import Invalid
from crm.store import Reading, Writing

COLOURS = ("blue", "green", "orange", "violet", "red", "gray")


class Label(BaseModel, frozen=True):
    id: int
    name: str
    colour: str


def all_of(tx: Reading) -> list[Label]:
    return [Label(**row) for row in tx.rows("SELECT id, name, colour FROM labels ORDER BY name_key")]


def of_contact(tx: Reading, contact_id: int) -> list[Label]:
    found = tx.rows(
        """
        SELECT label_id AS id, name, colour
        FROM contact_labels
        WHERE contact_id = $contact_id
        ORDER BY lower(name)
        """,
        contact_id=contact_id,
    )
    return [Label(**row) for row in found]


def made(tx: Writing, names: Iterable[str]) -> list[Label]:
    """The labels of these names, those that do not exist yet made now. A name is compared without regard to case."""
    return [_found_or_made(tx, name) for name in dict.fromkeys(_checked(name) for name in names)]


def _checked(name: str) -> str:
    found = identity.text(name, "label", limit=40)
    if not found:
        raise Invalid("A label needs a name.", "labels")
    return found


def _found_or_made(tx: Writing, name: str) -> Label:
    found = tx.rows("SELECT id, name, colour FROM labels WHERE name_key = $key", key=name.casefold())
    if found:
        return Label(**found[0])
    colour = COLOURS[int(tx.value("SELECT count(*) FROM labels")) % len(COLOURS)]
    label_id = tx.insert(
        "INSERT INTO base.labels (name, name_key, colour) VALUES ($name, $key, $colour) RETURNING id",
        name=name,
        key=name.casefold(),
        colour=colour,
    )
    return Label(id=label_id, name=name, colour=colour)
