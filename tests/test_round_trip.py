"""What an export writes, an import of ours reads back exactly: a law over every format that both know."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from crm import companies, contacts, exports
from crm.foundation.access import SYSTEM
from crm.imports import OnDuplicate, Options
from crm.imports.at_store import carry_out
from crm.platform.people import teams
from crm.records import attributes
from crm.records.listing import ListQuery
from crm.store import Reading, Store
from tests.people import Team

ODD = "='+-@\t\r\n;,\"\\|#_x0041 áßİ田🦆"
TEXT = some.text(some.sampled_from(ODD) | some.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAME = TEXT.map(lambda text: f"n{text}".strip(" \t"))
NUMBERS = some.sampled_from(
    [0.0, -0.5, 1.234, 12.345, 123.456, 1234.567, 0.1 + 0.2, 1e-7, 123456789012.25, -1.5, 1000.0]
)

PERSON = some.fixed_dictionaries(
    {
        "name": NAME,
        "labels": some.sets(some.sampled_from(["VIP", "a; b", "c\\", "=x", "\\;", "São"]), max_size=3),
        "identifier": TEXT.map(lambda text: text.strip(" \t")),
        "city": TEXT,
        "country": TEXT,
        "attributes": some.fixed_dictionaries(
            {
                "note": TEXT,
                "score": NUMBERS | some.none(),
                "share": some.sampled_from([12.5, 33.333, 100.0]) | some.none(),
                "fee": some.decimals(-(10**9), 10**9, places=4, allow_nan=False) | some.none(),
                "site": some.sampled_from(["https://mallard.example/?a=1;b='2'", "http://x.example/é"]) | some.none(),
                "since": some.dates(date(1900, 1, 1), date(2200, 12, 31)) | some.none(),
                "agreed": some.booleans() | some.none(),
                "cidade": TEXT,
            }
        ),
    }
)
ATTRIBUTES = {
    "Note": "text",
    "Score": "number",
    "Share": "percent",
    "Fee": "currency",
    "Site": "link",
    "Since": "date",
    "Agreed": "checkbox",
    "Cidade": "text",
}


@pytest.fixture
def shaped(store: Store, team: Team) -> Store:
    """Attributes of every type; two companies of one name; an attribute whose name is a field's."""
    with store.writing(team.ada) as tx:
        for name, type_ in ATTRIBUTES.items():
            attributes.define(tx, model="contact", name=name, type=type_)
        teams.create(tx, "South; East")
        companies.create(tx, name="Aurora", domain="aurora.example")
        companies.create(tx, name="Aurora", domain="other.example")
        companies.create(tx, name="Lanterna, Ltda; “=1”")
    return store


def snapshot(tx: Reading) -> list[dict[str, Any]]:
    rows = tx.rows(
        """
        SELECT
            contact.* EXCLUDE (id, search, created_at, updated_at, version),
            attribute.* EXCLUDE (id),
            (SELECT list_sort(list(name)) FROM contact_labels WHERE contact_id = contact.id) AS labels
        FROM contacts AS contact
        LEFT JOIN contact_attributes AS attribute ON attribute.id = contact.id
        ORDER BY identifier
        """
    )
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def emptied(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        for table in ("contact_labels", "contact_attributes", "contacts"):
            tx.run(f"DELETE FROM base.{table}")


def brought_in(store: Store, file: Path) -> tuple[int, int, int]:
    # A value may be a word that files of others use for nothing, such as (null).
    options = Options(on_duplicate=OnDuplicate.OVERWRITE, keep_placeholders=True)
    done = carry_out(store, "contacts", file, options)
    with store.reading(SYSTEM) as tx:
        rejects = tx.rows("SELECT line, reason FROM base.import_rejects WHERE import_id = $id", id=done.id)
    assert (done.message, rejects) == (None, [])
    return done.created, done.updated, done.unchanged


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=some.lists(PERSON, min_size=1, max_size=6))
def test_contacts_come_back_as_they_were(
    shaped: Store, team: Team, tmp_path: Path, format: str, people: list[dict[str, Any]]
) -> None:
    emptied(shaped)
    with shaped.writing(team.marta) as tx:
        team_id = tx.value("SELECT id FROM teams")
        company_ids = [row["id"] for row in tx.rows("SELECT id FROM companies ORDER BY id")]
        for number, person in enumerate(people):
            kept = {key: value for key, value in person.items() if key != "labels"}
            made = contacts.create(
                tx,
                **{**kept, "identifier": f"{person['identifier']}{number}"},
                email=f"=p{number}@mallard.example",
                phone=f"+55119876543{number:02}",
                company_id=company_ids[number % 3],
                owner_id=team.ids.bob if number % 2 else None,
                team_id=team_id if number % 2 else None,
            )
            contacts.set_labels(tx, made.id, person["labels"])
            if number % 2:
                contacts.block(tx, made.id)
        before = snapshot(tx)
        file = tmp_path / f"contacts.{format}"
        file.write_bytes(exports.export(tx, "contacts", format, ListQuery()))
    assert brought_in(shaped, file) == (0, 0, len(people))
    emptied(shaped)
    assert brought_in(shaped, file) == (len(people), 0, 0)
    with shaped.reading(team.marta) as tx:
        assert snapshot(tx) == before
