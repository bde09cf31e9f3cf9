"""A column of a file is read as create and edit read one value, whatever the kind of field."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.contacts.declaration import CONTACT
from crm.foundation.errors import Invalid
from crm.imports.fields import Target
from crm.imports.mapping.column_mapping import Mapping
from crm.imports.model import OnDuplicate, Options
from crm.imports.planning import written
from crm.imports.planning.cleaning import KEYS, NORMAL_FORMS, choice, clean, key_column
from crm.imports.planning.columns import CleaningContext, Columns
from crm.imports.planning.import_hooks import NONE
from crm.records import field_kinds
from crm.records.fields import Choice, Currency, Domain, Email, FieldKind, Link, LongText, Phone, Text, Unique
from tests.laws.visit.declaration import VISIT

TODAY = date(2026, 11, 29)
SEEN = SimpleNamespace(actor=SimpleNamespace(region="BR"))
FIELDS = [
    Text(label="Name", limit=20),
    LongText(label="Note", limit=40),
    Email(label="Email"),
    Phone(label="Phone"),
    Domain(label="Site"),
    Link(label="Page"),
    Currency(label="Currency"),
    Email(label="Work email", wrong="“{value}” is no address at work."),
]
CELLS = st.lists(
    st.text(max_size=50)
    | st.sampled_from(
        [
            "Ana",
            " Ana ",
            "a\0b",
            "x" * 21,
            "a@x.com",
            "A@X.COM",
            "a@",
            "11 98765-4321",
            "12",
            "acme.com",
            "XYZ",
            "brl",
            "https://a.com/x",
            "http://A.com",
            "ftp:x",
            "BRL",
            "é@exämple.com",
            "ÀÉ@x.com",
        ]
    ),
    min_size=1,
    max_size=8,
)


def columns_of(cells: dict[str, list[str]], **options: object) -> Columns:
    frame = pl.DataFrame({"line": range(2, 2 + len(next(iter(cells.values())))), **cells})
    context = CleaningContext("BR", "BRL", TODAY, "America/Sao_Paulo", [])
    return Columns(frame, Mapping({key: key for key in cells}, {}, []), Options(**options), context)


def one_value(field, text):
    try:
        return field_kinds.checked(SEEN, field, "field", text), None
    except Invalid as refusal:
        return None, str(refusal)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.label)
@given(cells=CELLS)
def test_a_column_is_read_as_one_value_is(field, cells):
    columns = columns_of({"visit": cells})
    found = NORMAL_FORMS[field.kind](pl.Series(cells), field, columns, field.label.lower())
    for text, value, fault in zip(cells, found["value"], found["fault"], strict=True):
        wanted, refusal = one_value(field, text)
        if not text.strip(" \t"):
            assert (value, fault) == (None, None)
            continue
        assert value == wanted, text
        assert (fault is None) == (refusal is None), text


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.label)
@given(cells=CELLS)
def test_a_key_is_made_as_that_of_one_value(field, cells):
    values = [value for text in cells if (value := one_value(field, text)[0])]
    target = Target("field", field.__class__(label="x", unique=Unique("field_key")), "field")
    keys = key_column(target, pl.DataFrame({"field": values}, schema={"field": pl.String})).to_list()
    assert keys == [field_kinds.KINDS[field.kind].key(value) for value in values]


def test_every_kind_of_field_that_edits_take_can_be_read():
    apart = {FieldKind.DATE, FieldKind.MONEY, FieldKind.MOMENT}
    assert NORMAL_FORMS.keys() == set(FieldKind) - apart
    assert KEYS.keys() <= set(FieldKind)


def test_a_field_refuses_in_its_own_words():
    field = Email(label="Work email", wrong="“{value}” is no address at work.")
    columns = columns_of({"work": ["here", "a@x.com"]})
    clean(columns, replace(VISIT, import_columns={"work": field}))
    _, faults = columns.split()
    assert faults.rows() == [(2, "work", "“here” is no address at work.")]


@pytest.mark.parametrize(
    ("word", "value"), [("glad", "glad"), ("GLAD", "glad"), ("Joyful", "glad"), ("so-so", "so_so")]
)
def test_a_choice_is_known_by_its_value_its_name_and_its_words(word, value):
    mood = Choice(label="Mood", values={"glad": "Joyful", "so_so": "Neither"})
    assert choice(mood, word) == value


def test_a_choice_that_is_none_names_those_that_there_are():
    with pytest.raises(Invalid, match="“blue” is not a mood: Glad, Cross"):
        choice(VISIT.fields["mood"], "blue")


@pytest.mark.parametrize(
    ("choice_of", "sql"),
    [
        (OnDuplicate.OVERWRITE, "(row.price IS NOT NULL OR was.price IS NULL)"),
        (OnDuplicate.FILL, "was.price IS NULL AND (row.price IS NOT NULL)"),
    ],
)
def test_a_currency_changes_with_its_amount_or_not_at_all(choice_of, sql):
    assert sql in written.new_value(VISIT, NONE, "currency", choice_of)
    assert "price" not in written.new_value(VISIT, NONE, "mood", choice_of)


def test_the_columns_that_an_import_writes_end_with_the_unique_ones():
    assert written.columns(CONTACT, NONE)[-3:] == ["identifier", "email", "phone"]
    assert list(written.keys(CONTACT)) == ["identifier", "email", "phone"]
