"""Companies from files: by domain, or by name where there is no domain to tell by."""

from tests.imports.conftest import counts, reasons, rows


def test_a_company_is_found_by_domain_and_then_by_name(store, team, bring):
    bring(team.marta, "companies", "name,website\nAurora,https://www.Aurora.example.com/about\nBoreal,\n")
    assert rows(store, team.marta, "SELECT domain FROM companies WHERE id = 1") == [("aurora.example.com",)]
    again = bring(
        team.marta,
        "companies",
        "name,domain,description\nAurora SA,aurora.example.com,x\n"
        "BOREAL,boreal.example.com,y\nAurora,other.example.com,z\n",
    )
    assert counts(again) == (1, 2, 0, 0, 0)
    assert rows(store, team.marta, "SELECT name, domain FROM companies ORDER BY id") == [
        ("Aurora", "aurora.example.com"),
        ("Boreal", "boreal.example.com"),
        ("Aurora", "other.example.com"),
    ]


def test_a_name_that_two_companies_have_is_refused(store, team, bring):
    bring(team.marta, "companies", "name,domain\nAurora,a.example.com\nAurora,b.example.com\n")
    again = bring(team.marta, "companies", "name,description\nAurora,x\n")
    assert "several records" in reasons(store, team.marta, again)[0][1]


def test_a_name_twice_in_a_file_is_one_company(store, team, bring):
    done = bring(team.marta, "companies", "name\nAurora\nAURORA\n")
    assert counts(done) == (1, 0, 0, 0, 1)
