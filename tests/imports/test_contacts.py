"""Contacts from files: matched by identifier, email and phone, each row with exactly one outcome."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import contacts, imports
from crm.records import validation
from crm.records.history import history
from crm.verify import verify
from tests.imports.conftest import counts, reasons, rows

FILE = """Nome,E-mail,Telefone,Identificador,Cidade
Ana Souza,Ana@Example.com,(11) 98765-4321,C-1,Recife
Bob,bob@example.com,,C-2,
"""


def test_new_contacts_are_stored_as_a_person_would_have_typed_them(store, team, bring):
    done = bring(team.marta, "contacts", FILE)
    assert (done.state, counts(done)) == ("done", (2, 0, 0, 0, 0))
    with store.reading(team.marta) as tx:
        ana = contacts.get(tx, 1)
        search = tx.value("SELECT search FROM contacts WHERE id = 1")
    assert (ana.name, ana.email, ana.phone, ana.identifier, ana.city) == (
        "Ana Souza",
        "Ana@example.com",
        "+5511987654321",
        "C-1",
        "Recife",
    )
    assert search == validation.search_text(contacts.CONTACT, ana.model_dump())


def test_an_imported_contact_can_be_edited_afterwards(store, team, bring):
    bring(team.marta, "contacts", FILE)
    with store.writing(team.marta) as tx:
        assert contacts.edit(tx, 1, city="Olinda", version=1).city == "Olinda"


def test_the_same_file_again_changes_nothing(store, team, bring):
    bring(team.marta, "contacts", FILE)
    again = bring(team.marta, "contacts", FILE, on_duplicate="overwrite")
    assert counts(again) == (0, 0, 2, 0, 0)
    assert rows(store, team.marta, "SELECT DISTINCT version FROM contacts") == [(1,)]


def test_skip_leaves_what_is_there(store, team, bring):
    bring(team.marta, "contacts", FILE)
    again = bring(team.marta, "contacts", "identifier,city\nC-1,Olinda\nC-9,x\n", on_duplicate="skip")
    assert counts(again) == (0, 0, 0, 1, 1)


def test_fill_writes_only_what_is_empty(store, team, bring):
    bring(team.marta, "contacts", FILE)
    again = bring(team.marta, "contacts", "email,name,city,phone\nBOB@example.com,Robert,Porto,(21) 98888-7777\n")
    assert counts(again) == (0, 1, 0, 0, 0)
    assert rows(store, team.marta, "SELECT name, city, phone, version FROM contacts WHERE id = 2") == [
        ("Bob", "Porto", "+5521988887777", 2)
    ]


def test_overwrite_writes_what_the_file_says_and_never_erases(store, team, bring):
    bring(team.marta, "contacts", FILE)
    bring(team.marta, "contacts", "identifier,name,email,city\nC-1,Ana S.,new@example.com,\n", on_duplicate="overwrite")
    assert rows(store, team.marta, "SELECT name, email, city FROM contacts WHERE id = 1") == [
        ("Ana S.", "new@example.com", "Recife")
    ]
    freed = bring(team.marta, "contacts", "name,email\nAnother,ana@example.com\n")
    assert counts(freed) == (1, 0, 0, 0, 0)


def test_an_update_keeps_what_it_replaced_and_stands_in_the_timeline(store, team, bring):
    bring(team.marta, "contacts", FILE)
    bring(team.marta, "contacts", "identifier,city\nC-1,Olinda\n", on_duplicate="overwrite")
    with store.reading(team.marta) as tx:
        newest = history(tx, "contact", 1)[0]
    assert newest.name == "contact.changed"
    before = newest.payload["before"]
    assert (json.loads(before) if isinstance(before, str) else before) == {"city": "Recife"}


def test_a_row_about_two_contacts_is_refused_and_names_both(store, team, bring):
    bring(team.marta, "contacts", FILE)
    again = bring(team.marta, "contacts", "email,identifier\nbob@example.com,C-1\n")
    assert reasons(store, team.marta, again) == [
        (2, "The row is about several records: Ana Souza (1) by its identifier, Bob (2) by its email.")
    ]


def test_two_rows_about_one_contact_the_second_is_refused(store, team, bring):
    bring(team.marta, "contacts", FILE)
    again = bring(team.marta, "contacts", "email,phone,city\nana@example.com,,a\n,(11) 98765-4321,b\n")
    assert reasons(store, team.marta, again) == [(3, "The row is about the same record as line 2.")]


def test_doubles_inside_the_file_are_refused_by_the_line_they_repeat(store, team, bring):
    done = bring(
        team.marta,
        "contacts",
        "name,email,phone\nA,a@x.com,\nB,A@X.com,(11) 98765-4321\nC,c@x.com,11987654321\nD,c@x.com,\n",
    )
    assert counts(done) == (2, 0, 0, 0, 2)
    assert reasons(store, team.marta, done) == [
        (3, "The email “a@x.com” is already on line 2 of this file."),
        (5, "The email “c@x.com” is already on line 4 of this file."),
    ]


def test_each_bad_row_says_why(store, team, bring):
    done = bring(
        team.marta,
        "contacts",
        "name,email,phone,company\nA,nope,,\nB,,12,\n,,,Aurora\nC,c@x.com,,Nobody Ltd\nD,d@x.com,,\nE,e@x.com\n",
    )
    assert counts(done) == (1, 0, 0, 0, 5)
    said = dict(reasons(store, team.marta, done))
    assert "not an email address" in said[2]
    assert "not a phone number" in said[3]
    assert said[4] == "The row has no name, email or phone: one of them is needed."
    assert said[5] == "No company is called “Nobody Ltd”."
    assert said[7] == "The row has 2 cells where the header has 4."


def test_an_identifier_alone_finds_a_contact_and_makes_none(store, team, bring):
    bring(team.marta, "contacts", FILE)
    done = bring(team.marta, "contacts", "identifier,city\nC-2,Porto\nC-99,Porto\n")
    assert counts(done) == (0, 1, 0, 0, 1)


def test_accents_tell_people_apart_and_case_does_not(store, team, bring):
    done = bring(team.marta, "contacts", "name,email\nMüller,müller@x.com\nMuller,muller@x.com\nM,MULLER@x.com\n")
    assert counts(done) == (2, 0, 0, 0, 1)


def test_apostrophes_and_markup_are_kept_as_typed(store, team, bring):
    bring(team.marta, "contacts", 'name,city\n"D\'Ávila, <b>O’Neil</b>",=1+1\n')
    assert rows(store, team.marta, "SELECT name, city FROM contacts") == [("D'Ávila, <b>O’Neil</b>", "=1+1")]


def test_a_first_and_a_last_name_are_one_name(store, team, bring):
    bring(team.marta, "contacts", "First Name,Last Name,Email\nAna,Souza,\nBob,,\n,,c@x.com\n")
    assert rows(store, team.marta, "SELECT name FROM contacts ORDER BY id") == [("Ana Souza",), ("Bob",), (None,)]


def test_companies_are_made_once_when_asked(store, team, bring):
    done = bring(team.marta, "contacts", "name,company\nA,Aurora\nB,AURORA\nC,Boreal\n", make_companies=True)
    assert (counts(done), done.found["made"]) == ((3, 0, 0, 0, 0), {"companies": 2})
    assert rows(store, team.marta, "SELECT count(DISTINCT company_id), count(company_id) FROM contacts") == [(2, 3)]


def test_attributes_are_filled_and_made(store, team, bring):
    done = bring(
        team.ada,
        "contacts",
        'name,Plano,Desde,Pontos,Ativo\nA,pro,31/12/2025,"1.234,5",sim\nB,,,,\nC,free,nunca,x,talvez\n',
        mapping={key: f"attribute:{key.lower()}" for key in ("Plano", "Desde", "Pontos", "Ativo")},
        new_attributes={"Plano": "text", "Desde": "date", "Pontos": "number", "Ativo": "checkbox"},
    )
    assert counts(done) == (2, 0, 0, 0, 1)
    with store.reading(team.ada) as tx:
        found = contacts.get(tx, 1).attributes
    assert (found["plano"], str(found["desde"]), found["pontos"], found["ativo"]) == ("pro", "2025-12-31", 1234.5, True)
    again = bring(team.ada, "contacts", "name,phone\nZ,\n")
    assert again.created == 1
    assert verify(store) == []


def test_a_dry_run_writes_nothing_and_its_figures_come_true(store, team, bring):
    bring(team.marta, "contacts", FILE)
    content = "identifier,name,city,plan\nC-1,Ana,Olinda,pro\nC-2,,,\nC-3,New,,free\nC-4,,,\n"
    options = {
        "on_duplicate": "overwrite",
        "mapping": {"plan": "attribute:plan"},
        "new_attributes": {"Plan": "text"},
    }
    planned = bring(team.ada, "contacts", content, dry_run=True, **options)
    assert (planned.state, rows(store, team.ada, "SELECT count(*) FROM contacts")) == ("planned", [(2,)])
    with store.reading(team.ada) as tx:
        [updated] = imports.outcomes(tx, planned.id, "updated").items
    assert updated.changes["city"] == ["Recife", "Olinda"]
    with store.writing(team.ada) as tx:
        imports.apply(tx, planned.id)
    from tests.imports.conftest import finished

    done = finished(store, team.ada, planned.id)
    assert done.state == "done"
    assert counts(done) == counts(planned) == (1, 1, 1, 0, 1)


def test_repaired_rejects_can_be_imported(store, team, bring):
    done = bring(team.marta, "contacts", "name;email\nA;a@x.com\n=B;nope\nC;c@x.com;extra\n")
    with store.reading(team.marta) as tx:
        rejected = imports.rejected_csv(tx, done.id).decode("utf-8-sig")
    repaired = rejected.replace("nope", "b@x.com").replace(",extra", "")
    again = bring(team.marta, "contacts", repaired)
    assert counts(again) == (2, 0, 0, 0, 0)
    assert rows(store, team.marta, "SELECT name FROM contacts ORDER BY id") == [("A",), ("=B",), ("C",)]


NAMES = st.sampled_from(["", "Ana", "Bob", " "])
EMAILS = st.sampled_from(["", "a@x.com", "A@x.com", "b@x.com", "nope", "c@x.com"])
PHONES = st.sampled_from(["", "11987654321", "(11) 98765-4321", "21988887777", "12"])
KEYS = st.sampled_from(["", "1", "2", "3"])
ROW = st.tuples(NAMES, EMAILS, PHONES, KEYS, st.sampled_from(["", "Recife", "Porto", 'a "b', "x,y"]))
FILES = st.lists(ROW, min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(FILES, FILES, st.sampled_from(["skip", "fill", "overwrite"]))
def test_every_row_has_one_outcome_and_the_counts_are_those_of_the_store(store, team, bring, first, second, choice):
    def text(records) -> str:
        return "name,email,phone,identifier,city\n" + "".join(",".join(record) + "\n" for record in records)

    before = dict(rows(store, team.marta, "SELECT id, version FROM contacts"))
    bring(team.marta, "contacts", text(first))
    middle = dict(rows(store, team.marta, "SELECT id, version FROM contacts"))
    planned = bring(team.marta, "contacts", text(second), on_duplicate=choice, dry_run=True)
    done = bring(team.marta, "contacts", text(second), on_duplicate=choice)
    after = dict(rows(store, team.marta, "SELECT id, version FROM contacts"))
    assert before.keys() <= middle.keys()
    assert counts(done) == counts(planned)
    assert done.total == sum(any(cell.strip() for cell in record) for record in second)
    assert done.created == len(after) - len(middle)
    assert done.updated == sum(after[key] != version for key, version in middle.items())
    assert done.rejected == len(reasons(store, team.marta, done))
