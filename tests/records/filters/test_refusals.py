from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from crm.foundation.errors import Invalid
from crm.records.filters import (
    All,
    Any_,
    Field,
    FieldSet,
    FieldType,
    Filter,
    Measure,
    Not,
    Operator,
    Related,
    Relation,
    Rule,
    broken,
    compile_filter,
    describe,
    parse,
)
from crm.records.kind_names import KindName

FIELDS = FieldSet(
    (
        Field("city", "City", FieldType.TEXT, "city"),
        Field("seats", "Seats", FieldType.NUMBER, "seats"),
        Field("created_at", "Created", FieldType.MOMENT, "created_at"),
        Field("blocked", "Blocked", FieldType.CHECKBOX, "blocked"),
        Field("owner_id", "Owner", FieldType.REFERENCE, "owner_id", options={1: "Ana", 2: "Bob"}),
    )
)


def compiled(asked: Filter) -> str:
    return compile_filter(asked, FIELDS, today=date(2026, 11, 22), time_zone="America/Sao_Paulo").sql


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(Invalid, match="no field “password_hash”") as refusal:
        compiled(Not(of=Rule(field="password_hash", op="is", value="x")))
    assert refusal.value.field == "password_hash"


def test_an_operator_that_the_field_does_not_understand_is_named_with_those_it_does() -> None:
    with pytest.raises(Invalid, match="“Seats” does not understand “contains”"):
        compiled(Rule(field="seats", op="contains", value="1"))


@pytest.mark.parametrize(
    ("field", "op", "value"),
    [
        ("seats", "is", "many"),
        ("seats", "is", True),
        ("seats", "is", float("nan")),
        ("seats", "is", float("inf")),
        ("seats", "more_than", 10**19),
        ("seats", "is", None),
        ("seats", "between", (1,)),
        ("seats", "between", 1),
        ("city", "is", ""),
        ("city", "is", 5),
        ("city", "contains", "a\0b"),
        ("city", "contains", "x" * 501),
        ("city", "one_of", ()),
        ("city", "one_of", ("x",) * 201),
        ("created_at", "after", "yesterday"),
        ("created_at", "after", "0001-01-01"),
        ("created_at", "in_last_days", 0),
        ("created_at", "in_last_days", True),
        ("created_at", "in_next_days", 10**9),
        ("created_at", "more_than_days_ago", 0),
        ("created_at", "in_this", "decade"),
        ("created_at", "in_this", 3),
        ("blocked", "is", "yes"),
        ("owner_id", "is", "1"),
        ("owner_id", "is", 2**63),
        ("owner_id", "is", -1),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_refused_by_the_fields_name(field: str, op: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        compiled(Rule(field=field, op=op, value=value))
    assert refusal.value.field == field


def test_what_a_person_gives_is_never_in_the_sql() -> None:
    sql = compiled(Rule(field="city", op="contains", value="'; DROP TABLE base.contacts; --"))
    assert "DROP" not in sql


def test_a_boundary_of_a_day_is_midnight_of_the_workspace() -> None:
    asked = Rule(field="created_at", op="is", value="2026-11-22")
    params = compile_filter(asked, FIELDS, today=date(2026, 11, 22), time_zone="America/Sao_Paulo").params
    assert [str(value) for value in params.values()] == ["2026-11-22 03:00:00+00:00", "2026-11-23 03:00:00+00:00"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '{"kind": "rule"}',
        '{"kind": "rule", "field": "city", "op": "=", "value": "x"}',
        '{"kind": "rule", "field": "city", "op": "is", "value": {"a": 1}}',
        '{"kind": "rule", "field": "city", "op": "is", "value": "x", "sql": "1=1"}',
        '{"kind": "some", "of": []}',
        '{"kind":"not","of":' * 9 + '{"kind":"all","of":[]}' + "}" * 9,
        '{"kind":"not","of":' * 900,
        '{"kind":"all","of":[' + ",".join(['{"kind":"all","of":[]}'] * 101) + "]}",
        '{"kind":"rule","field":"city","op":"is","value":"' + "x" * 20_000 + '"}',
    ],
)
def test_a_text_that_makes_no_filter_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse(text)
    assert refusal.value.field == "filter"


def test_no_text_is_no_filter() -> None:
    assert parse("") is None
    assert parse(None) is None


def test_a_filter_reads_as_a_sentence() -> None:
    asked = All(
        of=(
            Rule(field="city", op="is", value="Recife"),
            Any_(
                of=(Rule(field="owner_id", op="one_of", value=(1, 9)), Rule(field="seats", op="between", value=(1, 5)))
            ),
            Not(of=Rule(field="created_at", op="in_last_days", value=7)),
            Rule(field="blocked", op="is", value=False),
            Rule(field="gone", op="is_empty"),
        )
    )
    assert describe(asked, FIELDS) == (
        "City is “Recife” and (Owner is one of Ana, 9 (no longer exists) or Seats is between 1 and 5)"
        " and not (Created is in the last 7 days) and Blocked is no and “gone” (no longer exists)"
    )


def test_no_filter_is_everything() -> None:
    assert describe(None, FIELDS) == "Everything"


DEALS = Relation(
    key="deals",
    called=KindName("deal", "deals"),
    table="deals",
    alias="deal",
    owner="contact.id",
    child="deal.contact_id",
    fields={
        "value": Field("value", "Value", FieldType.MONEY, "deal.value", currency="deal.currency"),
        "status": Field("status", "Status", FieldType.CHOICE, "deal.status", options={"open": "Open", "won": "Won"}),
        "closed_on": Field("closed_on", "Closed", FieldType.DATE, "deal.closed_on"),
        "label": Field("label", "Label", FieldType.REFERENCE, "label_id", "deal.id IN (SELECT 1 WHERE {condition})"),
        "seats": Field("seats", "Seats", FieldType.NUMBER, "a_seats", "deal.id IN (SELECT 1 WHERE {condition})"),
    },
)
COMPANY = replace(DEALS, key="company", called=KindName("company", "companies"), single=True)
RELATED = FieldSet(FIELDS.values(), (DEALS, COMPANY))
OPEN = Rule(field="status", op="is", value="open")


def counted(op: Operator, value: object = 0, **particulars: Any) -> Related:
    return Related(relation="deals", measure=Measure(**{"figure": "count", "op": op, "value": value, **particulars}))


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Related(relation="orders"), "no “orders” to filter by"),
        (Related(relation="deals", of=(Related(relation="company"),)), "no “company” to filter by"),
        (Related(relation="deals", of=(Rule(field="city", op="is", value="x"),)), "no field “city”"),
        (Related(relation="company", measure=Measure(figure="count", op="is", value=1)), "cannot be counted"),
        (counted("contains"), "does not understand “contains”"),
        (counted("more_than", "x"), "is not a number"),
        (counted("more_than", figure="sum"), "no field “”"),
        (counted("more_than", figure="sum", field="status", currency="BRL"), "“Status” has no sum"),
        (counted("more_than", figure="sum", field="closed_on"), "“Closed” has no sum"),
        (counted("more_than", figure="first", field="value", currency="BRL"), "“Value” has no first"),
        (counted("more_than", figure="sum", field="seats"), "“Seats” has no sum"),
        (counted("more_than", figure="sum", field="value"), "needs the currency it is in"),
        (counted("more_than", figure="sum", field="value", currency="XXQ"), "not a currency"),
        (counted("after", "2026-01-01", figure="last", field="closed_on", currency="BRL"), "takes no currency"),
    ],
)
def test_a_condition_on_relatives_that_makes_no_sense_is_refused(asked: Related, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        compile_filter(asked, RELATED, today=date(2026, 11, 22), time_zone="UTC")


def test_a_value_that_is_no_longer_to_be_chosen_is_refused_and_told() -> None:
    asked = All(
        of=(
            Rule(field="owner_id", op="one_of", value=(1, 9)),
            Not(of=Rule(field="floor", op="is_empty")),
            Related(relation="deals", of=(Any_(of=(Rule(field="status", op="is_not", value="lost"), OPEN)),)),
            Related(relation="deals", measure=Measure(figure="last", field="paid_on", op="is_empty")),
            Related(relation="orders"),
        )
    )
    assert broken(asked, RELATED) == [
        "“Owner” no longer has the value “9”.",
        "The field “floor” no longer exists.",
        "“Status” no longer has the value “lost”.",
        "The field “paid_on” of deals no longer exists.",
        "“orders” can no longer be filtered by.",
    ]
    with pytest.raises(Invalid, match="“Owner” no longer has the value “9”"):
        compile_filter(asked, RELATED, today=date(2026, 11, 22), time_zone="UTC")


def test_nothing_is_broken_where_all_is_there() -> None:
    assert broken(All(of=(OPEN, Rule(field="owner_id", op="is", value=1))), FieldSet(DEALS.fields.values())) == [
        "The field “owner_id” no longer exists."
    ]
    assert broken(Related(relation="deals", of=(OPEN,)), RELATED) == []
    assert broken(None, RELATED) == []


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (Related(relation="deals"), "has a deal"),
        (Not(of=Related(relation="deals", of=(OPEN,))), "has no deal where Status is Open"),
        (
            Related(relation="deals", of=(OPEN, Rule(field="value", op="more_than", value=5))),
            "has a deal where Status is Open and Value is more than 5 (the same deal)",
        ),
        (counted("at_least", 3, currency=None), "number of deals is at least 3"),
        (
            Related(
                relation="deals",
                of=(OPEN,),
                measure=Measure(figure="sum", field="value", currency="BRL", op="more_than", value="100"),
            ),
            "sum of Value in BRL of deals where Status is Open is more than 100",
        ),
        (
            counted("more_than_days_ago", 90, figure="last", field="closed_on"),
            "last Closed of deals is more than 90 days ago",
        ),
        (Related(relation="orders"), "has a “orders” (no longer exists)"),
        (Rule(field="created_at", op="in_previous", value="quarter"), "Created is in the previous quarter"),
        (Rule(field="created_at", op="in_next", value="day"), "Created is tomorrow"),
        (Rule(field="created_at", op="more_than_days_ahead", value=1), "Created is more than 1 day ahead"),
        (Rule(field="city", op="ends_with", value="x"), "City ends with “x”"),
    ],
)
def test_conditions_on_relatives_and_spans_read_as_sentences(asked: Filter, sentence: str) -> None:
    assert describe(asked, RELATED) == sentence


@pytest.mark.parametrize(
    "text", ['{"field": "city", "op": "is", "value": "Recife"}', '{"kind": "all", "of": [{"kind": "rul"}]}']
)
def test_a_part_that_does_not_say_what_it_is_is_refused_in_plain_words(text):
    with pytest.raises(Invalid, match="Each part of a filter needs its “kind”: rule"):
        parse(text)
