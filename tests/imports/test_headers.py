"""The columns of a file are known by their headers: exact names first, words of other products, and words in humps."""

import pytest

from crm import imports
from crm.imports import Options
from crm.imports.mapping.column_mapping import choose
from tests.imports.conftest import counts, rows

CASES = {
    "Salesforce contacts": (
        "contacts",
        {
            "Contact ID": "identifier",
            "First Name": "first_name",
            "Last Name": "last_name",
            "Account Name": "company",
            "Email": "email",
            "Phone": "phone",
            "Mailing City": "city",
            "Mailing Country": "country",
            "Contact Owner": "owner",
        },
    ),
    "Salesforce API": (
        "contacts",
        {"Id": "identifier", "FirstName": "first_name", "LastName": "last_name", "MailingCity": "city"},
    ),
    "Salesforce opportunities": (
        "deals",
        {
            "Opportunity ID": "identifier",
            "Opportunity Name": "title",
            "Stage": "stage",
            "Amount": "value",
            "Opportunity Currency": "currency",
            "Close Date": "closed",
            "Created Date": "created",
            "Opportunity Owner": "owner",
            "Account Name": "company",
            "Lead Source": "source",
        },
    ),
    "Zoho deals": (
        "deals",
        {
            "Record Id": "identifier",
            "Deal Name": "title",
            "Closing Date": "closed",
            "Deal Owner": "owner",
            "Stage": "stage",
            "Amount": "value",
            "Contact Name": "contact",
            "Account Name": "company",
            "Created Time": "created",
            "Reason For Loss": "close_reason",
            "Tag": "labels",
        },
    ),
    "Odoo contacts": (
        "contacts",
        {
            "display_name": "name",
            "email": "email",
            "phone": "phone",
            "city": "city",
            "country_id": "country",
            "parent_id": "company",
            "Salesperson": "owner",
            "category_id": "labels",
        },
    ),
    "Odoo opportunities": (
        "deals",
        {
            "Opportunity": "title",
            "Salesperson": "owner",
            "Sales Team": "team",
            "Expected Revenue": "value",
            "Expected Closing": "expected_close",
            "Stage": "stage",
            "Created on": "created",
        },
    ),
    "Krayin leads": (
        "deals",
        {
            "Title": "title",
            "Lead Value": "value",
            "Person": "contact",
            "Sales Person": "owner",
            "Expected Close Date": "expected_close",
            "Created At": "created",
            "Lost Reason": "close_reason",
            "Stage": "stage",
            "Source": "source",
        },
    ),
    "Northwind customers": (
        "contacts",
        {
            "CustomerID": "identifier",
            "CompanyName": "company",
            "ContactName": "name",
            "City": "city",
            "Country": "country",
            "Phone": "phone",
        },
    ),
    "Northwind orders": (
        "orders",
        {"OrderID": "external_id", "CustomerID": "contact_identifier", "OrderDate": "ordered_on"},
    ),
    "a shop": (
        "orders",
        {
            "order_id": "external_id",
            "customer_id": "contact_identifier",
            "customer_email": "contact_email",
            "order_status": "status",
            "order_purchase_timestamp": "ordered_on",
            "price": "value",
        },
    ),
    "Chatwoot": ("contacts", {"id": "", "name": "name", "identifier": "identifier", "email": "email"}),
    "humps": (
        "contacts",
        {
            "firstName": "first_name",
            "lastName": "last_name",
            "phoneNumber": "phone",
            "companyName": "company",
            "eMail": "email",
            "WhatsApp": "",
        },
    ),
}


@pytest.mark.parametrize("product", CASES)
def test_columns_are_known_by_the_words_of_many_products(product):
    kind, expected = CASES[product]
    assert choose(imports.type_of(kind), list(expected), Options(), []).columns == expected


def test_an_exact_name_wins_over_a_synonym_wherever_it_stands(store, team, bring):
    done = bring(team.marta, "contacts", "id,name,identifier,email\n7,Ana Lima,C-7,ana@seven.example\n")
    assert counts(done) == (1, 0, 0, 0, 0)
    assert rows(store, team.marta, "SELECT name, identifier FROM contacts") == [("Ana Lima", "C-7")]


def test_a_file_of_people_whose_headers_are_in_humps_comes_whole_and_an_empty_owner_is_nobody(store, team, bring):
    content = (
        "firstName,lastName,email,phoneNumber,companyName,Mailing City,Account Owner\r\n"
        "Ana,Lima,ana@one.example,+5511987650001,Aurora,Recife,\r\n"
    )
    assert counts(bring(team.marta, "contacts", content, make_companies=True)) == (1, 0, 0, 0, 0)
    assert rows(
        store,
        team.marta,
        """
        SELECT
            contacts.name, contacts.email, contacts.phone, companies.name AS company, contacts.city, contacts.owner_id
        FROM contacts
        JOIN companies ON companies.id = contacts.company_id
        """,
    ) == [("Ana Lima", "ana@one.example", "+5511987650001", "Aurora", "Recife", None)]


def test_a_file_of_a_program_with_humps_and_moments_comes_whole(store, team, bring, pipeline):
    content = (
        "dealTitle,stageName,dealValue,closeDate\n"
        "Lamp,Won,10,2026-09-03 23:14:00 -0300\n"
        "Desk,Won,20,2026-09-05 10:00:00 UTC\n"
    )
    assert counts(bring(team.marta, "deals", content)) == (2, 0, 0, 0, 0)
    found = rows(store, team.marta, "SELECT title, CAST(closed_on AS VARCHAR) FROM deals ORDER BY title DESC")
    assert found == [("Lamp", "2026-09-03"), ("Desk", "2026-09-05")]
