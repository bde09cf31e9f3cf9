"""Changing the type of an attribute: what the preview says is what happens."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import contacts
from crm.foundation.errors import Invalid, Stale
from crm.records import attributes
from crm.records.attributes import AttributeType
from crm.records.attributes.reading import read_column, read_text
from crm.store import Store
from tests.people import Team

CASES: list[tuple[str, Any, str, Any]] = [
    ("text", "12.5", "number", 12.5),
    ("text", " 1.234,50 ", "number", 1234.5),
    ("text", "1,234.50", "currency", Decimal("1234.50")),
    ("text", "R$ 3,5", "currency", Decimal("3.50")),
    ("text", "12,5%", "percent", 12.5),
    ("text", "1,234", "number", None),  # a thousand, or a little more than one?
    ("text", "1.234.567", "number", 1234567.0),
    ("text", "many", "number", None),
    ("text", "1e400", "number", None),
    ("text", "2026-12-31", "date", date(2026, 12, 31)),
    ("text", "2026-12-31T10:00:00Z", "date", date(2026, 12, 31)),
    ("text", "31/12/2026", "date", None),
    ("text", "Sim", "checkbox", True),
    ("text", "0", "checkbox", False),
    ("text", "perhaps", "checkbox", None),
    ("text", "Gold", "list", "Gold"),
    ("text", "x" * 201, "list", None),
    ("text", "https://example.com", "link", "https://example.com"),
    ("text", "example.com", "link", None),
    ("number", 12.0, "text", "12"),
    ("number", 0.1, "text", "0.1"),
    ("number", 12.5, "currency", Decimal("12.50")),
    ("number", 1, "checkbox", True),
    ("number", 5, "date", None),
    ("number", 7.5, "list", "7.5"),
    ("currency", "12.50", "text", "12.5"),
    ("currency", "100", "number", 100.0),
    ("date", "2026-12-31", "text", "2026-12-31"),
    ("checkbox", True, "text", "yes"),
    ("checkbox", False, "list", "no"),
    ("link", "https://example.com/?a=1", "text", "https://example.com/?a=1"),
    ("percent", 12.5, "number", 12.5),
]


@pytest.mark.parametrize(("type", "before", "to", "after"), CASES)
def test_each_value_becomes_what_the_preview_says(
    store: Store, team: Team, type: str, before: Any, to: str, after: Any
) -> None:
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Thing", type=type)
        lia = contacts.create(tx, name="Lia", attributes={"thing": before})
        rui = contacts.create(tx, name="Rui")
        seen = attributes.preview(tx, made.id, to)
    converts = after is not None
    assert (seen.converts, seen.fails) == (converts, not converts)
    with store.writing(team.ada) as tx:
        assert attributes.convert(tx, made.id, to, empty_rest=True).type == to
        assert contacts.get(tx, lia.id).attributes == ({"thing": after} if converts else {})
        assert contacts.get(tx, rui.id) == rui


def test_what_would_be_lost_is_shown_and_must_be_agreed_to(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Age", type="text", pattern=".+", hint="any")
        for name, age in (("A", "30"), ("B", "30"), ("C", "old"), ("D", "31"), ("E", None)):
            contacts.create(tx, name=name, attributes={"age": age})
        seen = attributes.preview(tx, made.id, "number")
    assert (seen.converts, seen.fails) == (3, 1)
    assert [(one.before, one.after, one.records) for one in seen.converted] == [("30", "30", 2), ("31", "31", 1)]
    assert [(one.before, one.records) for one in seen.unconverted] == [("old", 1)]
    assert "“old” is not a number" in seen.unconverted[0].reason
    with pytest.raises(Invalid, match="1 values of “Age” would not convert"), store.writing(team.ada) as tx:
        attributes.convert(tx, made.id, "number")
    with store.writing(team.ada) as tx:
        after = attributes.convert(tx, made.id, "number", empty_rest=True)
        assert (after.key, after.pattern, after.hint, after.position) == ("age", None, None, made.position)
    with pytest.raises(Stale), store.writing(team.ada) as tx:
        attributes.convert(tx, made.id, "text", version=made.version)


def test_what_was_there_before_can_be_brought_back(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Age", type="text")
        lia = contacts.create(tx, name="Lia", attributes={"age": "old"})
        attributes.convert(tx, made.id, "number", empty_rest=True)
        former = attributes.deleted(tx, "contact")[0]
        assert (former.name, former.type) == ("Age (as text)", "text")
        back = attributes.restore(tx, former.id)
        assert (back.name, back.key) == ("Age (as text)", "age_2")
        assert contacts.get(tx, lia.id).attributes == {"age_2": "old"}


def test_a_text_made_a_list_offers_what_records_hold(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Tier", type="text")
        for tier in ("Gold", "silver", "Gold"):
            contacts.create(tx, name=tier, attributes={"tier": tier})
        assert attributes.preview(tx, made.id, "list").new_values == ("Gold", "silver")
        assert attributes.convert(tx, made.id, "list").values == ("Gold", "silver")
        back = attributes.convert(tx, made.id, "text")
        assert back.values == ()
        assert attributes.definitions(tx, "contact") == [back]


def test_a_text_of_too_many_values_makes_no_list(store: Store, team: Team) -> None:
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Tier", type="text")
        tx.run(
            """
            INSERT INTO base.contacts (name, search, created_at, updated_at)
            SELECT 'C' || n, 'c' || n, $now, $now FROM range(501) AS numbers(n)
            """,
            now=tx.now,
        )
        tx.run("INSERT INTO base.contact_attributes (id, a_tier) SELECT id, name FROM base.contacts")
        for work in (attributes.preview, attributes.convert):
            with pytest.raises(Invalid, match="at most 500 values, not 501"):
                work(tx, made.id, "list")


@pytest.mark.parametrize("to", ["text", "rainbow"])
def test_the_same_type_and_an_unknown_one_are_refused(store: Store, team: Team, to: str) -> None:
    with store.writing(team.ada) as tx:
        made = attributes.define(tx, model="contact", name="Tier", type=AttributeType.TEXT)
        with pytest.raises(Invalid):
            attributes.preview(tx, made.id, to)


PLAIN_TEXTS = st.one_of(
    st.integers(-(10**16), 10**16).map(str),
    st.decimals(-(10**15), 10**15, places=4).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(str),
    st.dates().map(str),
    st.text(max_size=12),
)


@settings(max_examples=30)
@given(texts=st.lists(PLAIN_TEXTS, min_size=1, max_size=20, unique=True), to=st.sampled_from(attributes.PLAIN))
def test_many_values_are_read_as_each_alone_would_be(texts: list[str], to: AttributeType) -> None:
    read = read_column(to, pl.DataFrame({"text": texts, "records": [1] * len(texts)}), "Thing")
    for text, _, value, fault in read.iter_rows():
        assert (value, fault) == read_text(to, text, "Thing")
