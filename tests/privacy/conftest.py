"""A person who is everywhere, and the ways to look for them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from crm import companies, contacts, deals, imports, pipelines, worker
from crm.contacts import Contact
from crm.foundation.access import SYSTEM
from crm.imports import Options
from crm.platform import files
from crm.privacy import erasing
from crm.privacy.erasing import Erasure
from crm.records import attachments, notes
from crm.records import attributes as custom
from crm.records.attributes import AttributeType
from crm.store import Store
from tests.people import Team

NAME = "Zqcanária Prado"
EMAIL = "zqcanary@example.com"
PHONE = "+5511987654321"
TRACES = ("zqcanary", "zqcanária", "zqcanaria", "987654321", "98765-4321")
"""None of these may be left anywhere, in any case of letters."""

CSV = f"""name,email,phone,city
Rui Alves,rui@other.com,,Recife
{NAME},{EMAIL},(11) 98765-4321,Zqcanaryville
{NAME},no address,,Zqcanaryville
"""


@dataclass(frozen=True)
class World:
    """Lia is the one to be erased, Rui the one beside her."""

    lia: Contact
    rui: Contact
    deal_id: int
    company_id: int


@pytest.fixture
def world(store: Store, team: Team) -> World:
    """A person in every place that the product has for one."""
    _import(store, team, CSV.encode())
    with store.writing(team.ada) as tx:
        custom.define(tx, model="contact", name="Nickname", type=AttributeType.TEXT)
        pipeline = pipelines.create(tx, "Sales", ["Lead", "Offer"])
        lia = contacts.get(tx, tx.value("SELECT id FROM contacts WHERE email = $email", email=EMAIL))
        rui = contacts.get(tx, tx.value("SELECT id FROM contacts WHERE email = 'rui@other.com'"))
        company = companies.create(tx, name="Casa", description=f"{NAME} introduced us; ask {EMAIL.upper()}.")
        lia = contacts.edit(
            tx,
            lia.id,
            company_id=company.id,
            city="Zqcanarytown",
            identifier="ZQCANARY-77",
            attributes={"nickname": "Zqcanary!"},
        )
        contacts.set_labels(tx, lia.id, ["vip"])
        deal = deals.create(
            tx,
            title=f"Chairs for {NAME}",
            pipeline_id=pipeline.id,
            value=1200,
            currency="BRL",
            contact_id=lia.id,
            company_id=company.id,
        )
        contacts.edit(tx, rui.id, attributes={"nickname": f"cousin of {NAME.lower()}"})
        notes.add(tx, "contact", lia.id, f"# {NAME}\nlikes *zqcanary* yellow")
        notes.add(tx, "deal", deal.id, f"Call 11 98765-4321 or (011) 98765 4321,\n{NAME}")
    _attach(store, team, "contact", lia.id, b"zqcanary in a file", "zqcanary.txt")
    _attach(store, team, "contact", rui.id, b"name only: rui", "rui.txt")
    with store.reading(team.ada) as tx:
        return World(contacts.get(tx, lia.id), contacts.get(tx, rui.id), deal.id, company.id)


@pytest.fixture
def erase(store: Store, team: Team) -> Callable[[int], Erasure]:
    """Erase a contact and wait until it is out of the bytes."""

    def whole(contact_id: int) -> Erasure:
        with store.writing(team.ada) as tx:
            begun = erasing.begin(tx, contact_id, sure=erasing.SURE)
        while worker.work_one(store):
            pass
        with store.reading(team.ada) as tx:
            return erasing.get(tx, begun.id)

    return whole


def _import(store: Store, team: Team, content: bytes) -> None:
    sha256, size = files.keep(store, [content], 2**30)
    with store.writing(team.ada) as tx:
        upload = files.register(tx, sha256=sha256, file_name="zqcanary list.csv", size=size)
        imports.begin(tx, "contacts", upload.id, Options())
    while worker.work_one(store):
        pass


def _attach(store: Store, team: Team, kind: str, record_id: int, content: bytes, file_name: str) -> None:
    sha256, size = files.keep(store, [content], 2**30)
    with store.writing(team.ada) as tx:
        attachments.attach(tx, kind, record_id, sha256=sha256, file_name=file_name, size=size, media_type="text/plain")


def in_the_tables(store: Store) -> list[str]:
    """`table.column: text` of every text in the database in which a trace is left."""
    with store.reading(SYSTEM) as tx:
        columns = tx.rows(
            """
            SELECT table_name, column_name
            FROM duckdb_columns()
            WHERE schema_name = 'base' AND data_type IN ('VARCHAR', 'JSON', 'VARCHAR[]')
            ORDER BY ALL
            """
        )
        found = [
            (f"{row['table_name']}.{row['column_name']}", str(text["text"]))
            for row in columns
            for text in tx.rows(f"SELECT {row['column_name']} AS text FROM base.{row['table_name']}")
        ]
    return [f"{where}: {text}" for where, text in found if any(trace in text.lower() for trace in TRACES)]


def in_the_bytes(folder: Path) -> list[str]:
    """The files in which a trace is left, in any encoding that the product writes or reads."""
    wanted = [trace.encode(how) for trace in TRACES for how in ("utf-8", "utf-16-le", "cp1252")]
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(trace in path.read_bytes().lower() for trace in wanted)
    )
