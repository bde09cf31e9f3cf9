"""What cells mean: words for nothing, several labels in one cell, names that differ in signs alone."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import companies, imports
from crm.foundation import identity
from crm.imports.reading import normal_forms, placeholders
from tests.imports.conftest import counts, finished, reasons, rows

PEOPLE = (
    "name,email,company\nAna,ana@n.example,NULL\nBob,bob@n.example,n/a\nLia,lia@n.example,-\nEva,eva@n.example,#N/D\n"
)


def names(store, team, table: str) -> list[str]:
    return [str(name) for (name,) in rows(store, team.marta, f"SELECT name FROM {table} ORDER BY name")]


def test_words_for_nothing_are_read_as_nothing_and_told(store, team, bring):
    done = bring(team.marta, "contacts", PEOPLE, make_companies=True)
    assert (counts(done), done.found["made"]) == ((4, 0, 0, 0, 0), {})
    assert names(store, team, "companies") == []
    told = [notice for notice in done.found["notices"] if "read as nothing" in notice]
    assert len(told) == 1
    assert all(f"“{word}”" in told[0] for word in ("NULL", "n/a", "-", "#N/D"))
    assert "in 4 cells are read as nothing" in told[0]


def test_words_for_nothing_are_told_in_the_same_order_each_time():
    """The most frequent first, and among equals by the alphabet: the same file says the same."""
    words = ["NULL", "n/a", "-", "#N/D"]
    told = {
        tuple(placeholders.notices([placeholders.found_in(pl.Series(order * 2 + ["-"]))]))
        for order in (words, words[::-1])
    }
    assert [notice.partition(" in ")[0] for (notice,) in told] == ["“-”, “#N/D”, “NULL”, “n/a”"]


def test_the_notice_can_be_overruled(store, team, bring):
    done = bring(team.marta, "contacts", PEOPLE, make_companies=True, keep_placeholders=True)
    assert names(store, team, "companies") == ["#N/D", "-", "NULL", "n/a"]
    assert not any("read as nothing" in notice for notice in done.found["notices"])


BLANK = st.text("\u00a0\u2003\x1f\x85 \t\n", max_size=2)
WORD = st.sampled_from(sorted(placeholders.WORDS)).flatmap(
    lambda word: st.sampled_from([word, word.upper(), word.title(), word + ".", word[1:], f"x{word}"])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.builds("{}{}{}".format, BLANK, WORD, BLANK), st.text(max_size=6)), max_size=20))
def test_words_for_nothing_are_found_whatever_case_and_blanks(cells):
    fitting = [cell for cell in cells if len(cell.encode()) <= placeholders.LONGEST]
    expected = Counter(cell for cell in fitting if cell.strip().lower() in placeholders.WORDS)
    assert placeholders.found_in(pl.Series(cells, dtype=pl.String)) == expected


def test_words_that_may_be_names_are_kept_and_columns_that_are_left_out_are_not_told(store, team, bring):
    done = bring(team.marta, "contacts", "name,country,nothing\nNa,NA,NULL\n")
    assert done.found["notices"] == []
    assert rows(store, team.marta, "SELECT name, country FROM contacts") == [("Na", "NA")]
    assert all(word == word.lower() and len(word.encode()) <= placeholders.LONGEST for word in placeholders.WORDS)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["VIP; News", "a,b"], {"VIP", "News", "a,b"}),
        (["VIP|News", "a,b"], {"VIP", "News", "a,b"}),
        (["VIP,News", "late"], {"VIP", "News", "late"}),
        (["VIP", "late"], {"VIP", "late"}),
    ],
)
def test_labels_are_taken_apart_at_the_delimiter_that_the_file_uses_for_them(store, team, bring, cells, expected):
    lines = "".join(f'P{number};"{cell}"\n' for number, cell in enumerate(cells))
    done = bring(team.marta, "contacts", "name;labels\n" + lines, delimiter=";")
    assert counts(done) == (len(cells), 0, 0, 0, 0)
    assert set(names(store, team, "labels")) == expected
    assert any("Labels are split at" in notice for notice in done.found["notices"]) is (
        not any(";" in cell for cell in cells) and len(expected) > 2
    )


def test_a_label_with_a_comma_stays_one_where_it_is_known_or_the_delimiter_is_chosen(store, team, bring):
    bring(team.marta, "contacts", 'name,labels\nAna,"Foo, Inc"\n', label_delimiter=";")
    bring(team.marta, "contacts", 'name,labels\nBob,"foo, inc"\nEva,"VIP,foo"\n')
    assert names(store, team, "labels") == ["Foo, Inc", "VIP", "foo"]


def test_labels_that_an_import_made_go_with_its_undo_unless_another_record_has_them(store, team, bring):
    bring(team.marta, "contacts", "name,identifier,labels\nAna,1,Old\n")
    done = bring(team.marta, "contacts", "name,identifier,labels\nAna,1,Shared\nBob,2,Mine;Shared\nEva,3,Old\n")
    bring(team.marta, "contacts", "name,identifier,labels\nLia,4,Shared\n")
    with store.reading(team.marta) as tx:
        assert imports.undo_preview(tx, done.id).labels == 1
    with store.writing(team.marta) as tx:
        imports.undo(tx, done.id)
    found = finished(store, team.marta, done.id)
    assert found.undo_state == "done", found.message
    assert (found.undone["labels"], found.undone["deleted"], found.undone["left"]) == (1, 2, 0)
    assert names(store, team, "labels") == ["Old", "Shared"]


SPELLINGS = [
    ("Sant'Ana", "Sant’Ana"),
    ("Duplo Teste", "Duplo  Teste"),
    ("Duplo Teste", "duplo\u00a0teste "),
    ("Rio-Sul", "Rio‑Sul"),
    ("D´Ávila", "D'ávila"),
]


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_names_that_differ_in_spaces_and_signs_alone_are_one_company(store, team, bring, one, other):
    done = bring(team.marta, "contacts", f'name,company\nAna,{one}\nBob,"{other}"\n', make_companies=True)
    assert done.found["made"] == {"companies": 1}
    assert bring(team.marta, "contacts", f'name,company\nEva,"{other}"\n').rejected == 0
    assert bring(team.marta, "companies", f'name,description\n"{other}",Parts\n').updated == 1
    assert len(names(store, team, "companies")) == 1


def test_accents_and_the_signs_themselves_tell_companies_apart(store, team, bring):
    with store.writing(team.marta) as tx:
        companies.create(tx, name="Sant'Ana")
    bring(team.marta, "contacts", "name,company\nAna,Santana\nBob,Sant'Aná\n", make_companies=True)
    assert len(names(store, team, "companies")) == 3


KEYED = st.text("aÁß '’‑-\u00a0\t—", max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYED)
def test_columns_sql_and_single_names_have_one_key(store, team, name):
    column = pl.DataFrame({"n": [name]}).select(normal_forms.name_keys(pl.col("n"))).item()
    assert column == identity.name_key(name)
    with store.reading(team.ada) as tx:
        assert tx.value(f"SELECT {identity.name_key_sql('$name')}", name=name) == column


def test_a_code_that_a_spreadsheet_shortened_is_refused_and_a_text_is_not(store, team, bring):
    done = bring(
        team.marta,
        "contacts",
        'name,identifier,phone,city\nAna,5.51199E+12,,\nBob,,"5,51199E+12",\nEva,12E4,,1E+10\n',
    )
    assert counts(done) == (1, 0, 0, 0, 2)
    assert [line for line, _ in reasons(store, team.marta, done)] == [2, 3]
    assert "shortened by a spreadsheet" in reasons(store, team.marta, done)[0][1]
