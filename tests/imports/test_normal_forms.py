"""Whole columns have the normal form that one value has: the fast way and the library never disagree."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.imports.reading import normal_forms

LOCAL = st.text("abAZ09.+-_é'ß ", min_size=1, max_size=12)
HOST = st.lists(st.text("abZ09-é", min_size=1, max_size=8), min_size=1, max_size=4).map(".".join)
TOP = st.sampled_from(["com", "com.br", "test", "local", "museum", "x", "invalid", "c1", "xn--p1ai", "COM", ""])
EMAILS = st.one_of(
    st.builds("{}@{}.{}".format, LOCAL, HOST, TOP),
    st.text("a@. \tB", max_size=12),
    st.builds("a@{}".format, HOST),
    st.text("aZ0@.+-_", max_size=20),
)
PHONES = st.one_of(
    st.from_regex(r"(\+55 ?)?\(?[0-9]{2}\)? ?9?[0-9]{4}[ .-]?[0-9]{4}", fullmatch=True),
    st.from_regex(r" ?\+?[0-9 ()./x-]{1,18}", fullmatch=True),
    st.text("+0123456789 ()-abc", max_size=16),
)


def one_by_one(values: list[str], rule) -> list[str | None]:
    def asked(value: str) -> str | None:
        try:
            return rule(value)
        except Invalid:
            return None

    return [asked(value) for value in values]


def refusals(values: list[str], rule) -> list[str | None]:
    def refusal(value: str) -> str | None:
        try:
            rule(value)
        except Invalid as refused:
            return str(refused)
        return None

    return [refusal(value) for value in values]


@settings(max_examples=300, deadline=None)
@given(st.lists(EMAILS, max_size=30))
@example(
    ["ana", " ana.souza ", "a@@b", "a@b@c.com", "ana@x.com@", "1@b@@", "ana+1@x@y@z", "a.b@@c", ".a", "a{}", "{}@b"]
)
@example(["x" * 600, "a@" + "b" * 30 + "@c", "a" * 65 + "@@b", "a@b@" + "c." * 30, "Ana@B@c", "root", "ADMIN@@x"])
@example(["Ana@EXAMPLE.com", "a--b@x.com", "a@x--y.com", "-a@x.com", "a..b@x.com", "a@-x.com", "x@y.c", "é@x.com"])
def test_emails(values):
    found = normal_forms.emails(pl.Series(values, dtype=pl.String))
    assert found["value"].to_list() == one_by_one(values, identity.email)
    assert found["fault"].to_list() == refusals(values, identity.email)
    keys = normal_forms.email_keys(found["value"]).to_list()
    assert keys == [identity.email_key(value) for value in found["value"]]


@settings(max_examples=400, deadline=None)
@given(st.lists(PHONES, max_size=30), st.sampled_from(["BR", "PT", "US"]))
@example(
    ["(11) 98765-4321", "11987654321", "+55 11 98765 4321", "+5511 3333-4444", "011 98765-4321", "(20) 98765-4321"],
    "BR",
)
def test_phones(values, region):
    found = normal_forms.phones(pl.Series(values, dtype=pl.String), region)
    assert found["value"].to_list() == one_by_one(values, lambda value: identity.phone(value, region))


def test_every_brazilian_area_and_first_digit_is_as_the_library_has_it():
    values = [f"({area:02d}) 9{first}765-4321" for area in range(100) for first in range(10)]
    found = normal_forms.phones(pl.Series(values), "BR")
    assert found["value"].to_list() == one_by_one(values, lambda value: identity.phone(value, "BR"))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=30))
def test_texts(values):
    found = normal_forms.texts(pl.Series(values, dtype=pl.String), "name", 10)
    assert found["value"].to_list() == one_by_one(values, lambda value: identity.text(value, "name", 10))
    refused = found["fault"].is_not_null().to_list()
    assert refused == ["\0" in value or len(value.strip(" \t")) > 10 for value in values]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=12)), st.text(max_size=8)), max_size=30))
@example([("Ἀθήνα", "İstanbul"), ("Đặng", "한국어"), ("Ñandú", "ﬁ")])
def test_what_a_search_looks_in(values):
    rows = pl.DataFrame(values, schema={"a": pl.String, "b": pl.String}, orient="row")
    filled = rows.with_columns(pl.when(pl.col(key) != "").then(key).alias(key) for key in ("a", "b"))
    assert normal_forms.search_texts(filled, ["a", "b"]).to_list() == [
        identity.search_text(a, b) for a, b in filled.iter_rows()
    ]


@pytest.mark.parametrize("text", ["https://www.Bücher.de/x", "ana@Example.com", "nope", " acme.com "])
def test_domains(text):
    found = normal_forms.domains(pl.Series([text, "", None]))
    assert found["value"].to_list() == [*one_by_one([text], identity.domain), None, None]
