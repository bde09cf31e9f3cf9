"""Exports of the products that people come from: known by their headers, and imported whole without a click."""

import pytest

from crm import imports
from crm.contacts.declaration import CONTACT
from crm.foundation.tables.read import read
from crm.imports import Options
from crm.imports.mapping.column_mapping import choose
from crm.imports.presets import PRESETS, recognised
from tests.imports.conftest import SAMPLES, counts, rows

PEOPLE = [
    ("Ana Souza", "ana.souza@aurora.example.com", "Aurora Ltda"),
    ("Bruno Lima", "bruno.lima@boreal.example.com", "Boreal SA"),
    ("Clara", "clara@cometa.example.com", None),
]
CONTACTS = {
    "hubspot-contacts-english": "HubSpot contacts",
    "hubspot-contacts-portuguese": "HubSpot contacts",
    "pipedrive-people-portuguese": "Pipedrive contacts",
    "google-contacts-english": "Google contacts",
    "google-contacts-before-2024": "Google contacts",
    "google-contacts-portuguese": "Google contacts",
    "outlook-contacts-english": "Outlook contacts",
    "outlook-contacts-portuguese": "Outlook contacts",
}


def content(name: str) -> bytes:
    return (SAMPLES / f"{name}.csv").read_bytes()


@pytest.mark.parametrize("name", CONTACTS)
def test_contacts_come_whole(store, team, bring, name):
    done = bring(team.marta, "contacts", content(name), make_companies=True)
    assert (done.state, counts(done)) == ("done", (3, 0, 0, 0, 0))
    assert done.found["preset"] == CONTACTS[name]
    found = rows(
        store,
        team.marta,
        """
        SELECT contact.name, email, company.name AS company
        FROM contacts AS contact
        LEFT JOIN companies AS company ON company.id = contact.company_id
        ORDER BY contact.id
        """,
    )
    assert found == PEOPLE


@pytest.mark.parametrize("name", CONTACTS)
def test_the_second_number_stands_in_where_the_first_is_missing(store, team, bring, name):
    bring(team.marta, "contacts", content(name), make_companies=True)
    phones = [phone for (phone,) in rows(store, team.marta, "SELECT phone FROM contacts ORDER BY id")]
    assert phones[0] in ("+551133334401", "+5511987654321")
    assert phones[1:] == ["+5521987654322", None]


def test_of_several_addresses_in_one_cell_the_first_is_taken_and_commas_of_names_stay(store, team, bring):
    done = bring(team.marta, "contacts", content("pipedrive-people-english"), make_companies=True)
    assert counts(done) == (3, 0, 0, 0, 0)
    found = rows(store, team.marta, "SELECT email, phone FROM contacts ORDER BY id")
    assert found[1:] == [("bruno.lima@boreal.example.com", "+5521987654322"), ("clara@cometa.example.com", None)]
    assert ("Aurora, Filhos & Cia",) in rows(store, team.marta, "SELECT name FROM companies")


@pytest.mark.parametrize(
    ("header", "cells", "names"),
    [
        ("First Name,Last Name,E-mail 1 - Value,Labels", "A,,,* myContacts ::: VIP ::: Fair", ["Fair", "VIP"]),
        ("First Name,Last Name,E-mail 1 - Value,Labels", "A,,,* myContacts", []),
        ("Person - Name,Person - Labels", 'A,"Hot lead, Customer"', ["Customer", "Hot lead"]),
        ("Nome,Sobrenome,Endereço de email,Telefone comercial,Categorias", "A,,,,VIP;Feira", ["Feira", "VIP"]),
    ],
)
def test_their_labels_are_labels_here(store, team, bring, header, cells, names):
    done = bring(team.marta, "contacts", f"{header}\n{cells}\n")
    assert counts(done) == (1, 0, 0, 0, 0)
    found = rows(store, team.marta, "SELECT name FROM labels ORDER BY name")
    assert [name for (name,) in found] == names


@pytest.mark.parametrize("product", ["hubspot-companies", "pipedrive-organizations"])
@pytest.mark.parametrize("language", ["english", "portuguese"])
def test_companies_come_whole(store, team, bring, product, language):
    done = bring(team.marta, "companies", content(f"{product}-{language}"))
    assert counts(done) == (2, 0, 0, 0, 0)
    found = rows(store, team.marta, "SELECT name, domain FROM companies ORDER BY id")
    assert found == [("Aurora Ltda", "aurora.example.com"), ("Boreal SA", "boreal.example.com")]


@pytest.mark.parametrize("language", ["english", "portuguese"])
def test_hubspots_deals_stand_in_their_stages(store, team, bring, pipeline, language):
    done = bring(team.marta, "deals", content(f"hubspot-deals-{language}"), make_companies=True)
    assert counts(done) == (2, 0, 0, 0, 0)
    assert _deals(store, team) == [("501", "Proposal", None), ("502", "Won", "2026-03-10")]


@pytest.mark.parametrize("language", ["english", "portuguese"])
def test_pipedrives_won_and_lost_deals_are_won_and_lost_here(store, team, bring, pipeline, language):
    done = bring(team.marta, "deals", content(f"pipedrive-deals-{language}"), make_companies=True)
    assert counts(done) == (3, 0, 0, 0, 0)
    assert _deals(store, team) == [
        ("501", "Proposal", None),
        ("502", "Won", "2026-03-10"),
        ("503", "Lost", "2026-02-10"),
    ]


def _deals(store, team):
    return rows(
        store,
        team.marta,
        """
        SELECT identifier, stage.name, CAST(closed_on AS VARCHAR) AS closed
        FROM deals AS deal
        JOIN stages AS stage ON stage.id = deal.stage_id
        ORDER BY identifier
        """,
    )


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: f"{preset.name} {preset.language} {len(preset.signs)}")
def test_each_is_recognised_by_its_own_signs_and_maps_to_fields_there_are(preset):
    assert recognised(preset.signs) is preset
    found = choose(imports.type_of(preset.kind), list(dict.fromkeys([*preset.signs, *preset.columns])), Options(), [])
    assert {*preset.columns.values()} <= {*found.columns.values()}
    assert set(preset.spare) <= set(preset.columns.values())


def test_an_export_of_another_kind_is_not_taken_for_this_one(store, team, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content("hubspot-deals-english"))
    with store.reading(team.marta) as tx:
        found = imports.preview(tx, read(path, Options()), "contacts", Options())
    assert found.preset.name == "HubSpot deals"
    assert "stage" not in found.columns.values()


def test_what_the_person_said_goes_before_what_the_export_means():
    header = ["Record ID", "First Name", "Last Name", "Email", "Contact owner", "Mobile Phone Number"]
    found = choose(CONTACT, header, Options(mapping={"Record ID": "", "Email": "email"}), [])
    assert found.columns["Record ID"] == ""
    assert found.columns["First Name"] == "first_name"
    assert found.constants == {}
