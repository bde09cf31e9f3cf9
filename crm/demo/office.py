"""What people of the demo have done with their records: segments, views of deals, notices, an import of leads with
rejected rows, and a scan for duplicates."""

import csv
import tempfile
from pathlib import Path

from crm import imports, objects
from crm.deals import saved_views
from crm.demo.people import one_of_each_role
from crm.foundation.access import SYSTEM, Actor, Role, Source
from crm.foundation.language import later, tr
from crm.imports.at_store import carry_out
from crm.imports.model import Options
from crm.platform import notices
from crm.platform.people import users
from crm.records import attributes, duplicates, links, registry, segments
from crm.records.duplicates import run as duplicate_run
from crm.records.filters import All, Filter, Related, Rule
from crm.store import Reading, Store

LEADS, DAMAGED, DUPLICATES = 30, 4, 8
"""Rows of the imported file; of these, such with an address or phone that is none, and people who are there already."""

FILE = later("leads of the spring fair.csv")
FIRST = ("Helena", "Tomás", "Ruth", "Jonas", "Camila", "Noor", "Piotr", "Ingrid", "Davi", "Amara", "Léa")
LAST = (
    "Prado",
    "Vieira",
    "Adler",
    "Berg",
    "Rocha",
    "Haddad",
    "Lis",
    "Novak",
    "Sato",
    "Okafor",
    "Dubois",
    "Reis",
    "Moss",
)
"""Of other lengths, so that no name comes twice."""


def _segments(tx: Reading) -> dict[str, dict[str, Filter]]:
    """{plural: {name: filter}}."""
    course = objects.types(tx)[0]
    level = attributes.definitions(tx, course.kind)[1]
    student = links.labels(tx, course.kind)[0]
    return {
        "contacts": {
            tr("Beginner students"): Related(
                relation=registry.get(course.kind).plural,
                of=(
                    Rule(field=level.key, op="is", value=level.values[0]),
                    Rule(field="link_label", op="is", value=student.name),
                ),
            ),
            tr("São Paulo, with an open deal"): All(
                of=(
                    Rule(field="city", op="is", value="São Paulo"),
                    Related(relation="deals", of=(Rule(field="status", op="is", value="open"),)),
                )
            ),
            tr("Without a company"): Rule(field="company.name", op="is_empty"),
        },
        "companies": {
            tr("Met through a colleague"): Rule(field="description", op="contains", value=tr("colleague")),
        },
    }


def furnish(store: Store) -> None:
    """Add all of it to a store that was just filled; the same records make the same."""
    with store.reading(SYSTEM) as tx:
        accounts = {account.role: account.user_id for account in one_of_each_role(tx)}
    marta = users.actor(store, accounts[Role.MANAGER], Source.COMMAND_LINE)
    rep = users.actor(store, accounts[Role.REP], Source.COMMAND_LINE)
    _save_queries(store, marta, rep)
    _import_leads(store)
    _find_duplicates(store)
    _leave_notices(store, list(accounts.values()))


def _save_queries(store: Store, manager: Actor, rep: Actor) -> None:
    with store.writing(manager) as tx:
        for kind, found in _segments(tx).items():
            for name, rule in found.items():
                segments.create(tx, kind=kind, name=name, filter=rule, shared=True)
        for row in tx.rows("SELECT id FROM pipelines ORDER BY id LIMIT 2"):
            late = Rule(field="health", op="is", value="stalled")
            saved_views.create(tx, pipeline_id=row["id"], name=tr("Stalled"), kind="table", filter=late, shared=True)
    with store.writing(rep) as tx:
        first = tx.value("SELECT min(id) FROM pipelines")
        saved_views.create(tx, pipeline_id=first, name=tr("My deals"), owner="me")


def _import_leads(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        known = tx.rows(
            """
            SELECT contact.name, company.name AS company
            FROM contacts AS contact JOIN companies AS company ON company.id = contact.company_id
            ORDER BY contact.id
            LIMIT $many
            """,
            many=DUPLICATES,
        )
    rows = [(person["name"], f"lead{n}@fair.example", "", person["company"]) for n, person in enumerate(known)]
    for n in range(len(rows), LEADS):
        name = f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]}"
        wrong = n >= LEADS - DAMAGED
        email, phone = f"lead{n}{' at ' if wrong and n % 2 else '@'}fair.example", "12" if wrong and not n % 2 else ""
        rows.append((name, email, phone, ""))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / tr(FILE)
        with path.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows([("Name", "Email", "Phone", "Company"), *rows])
        carry_out(store, "contacts", path, Options())


def _find_duplicates(store: Store) -> None:
    for kind in ("contact", "company"):
        with store.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
            begun = duplicates.scan(tx, kind)
        duplicate_run.run(store, begun.id)


def _leave_notices(store: Store, people: list[int]) -> None:
    with store.writing(SYSTEM.through(Source.COMMAND_LINE)) as tx:
        done = imports.latest(tx, 1)[0]
        for user_id in people:
            notices.leave(
                tx,
                user_id,
                tr(
                    "{file}: {created:,} contacts created, {rejected:,} rows rejected",
                    file=tr(FILE),
                    created=done.created,
                    rejected=done.rejected,
                ),
                f"/imports?import={done.id}",
            )
            for deal in _stalled(tx, user_id):
                notices.leave(
                    tx, user_id, tr("{deal} came to a standstill", deal=deal["title"]), f"/deal?deal={deal['id']}"
                )


def _stalled(tx: Reading, user_id: int) -> list[dict[str, object]]:
    """The open deals of a person that were longest untouched."""
    return tx.rows(
        """
        SELECT id, title
        FROM deals
        WHERE owner_id = $user_id AND status = 'open'
        ORDER BY updated_at, id
        LIMIT 2
        """,
        user_id=user_id,
    )
