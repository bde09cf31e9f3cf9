"""A filter of many conditions on what is dear to work out: worked out once, and not without end."""

from collections.abc import Iterator

import pytest

from crm import contacts
from crm.foundation.errors import Invalid
from crm.records import filtering
from crm.records.filters import All, Any_, Filter, Not, Related, Rule, compile_filter
from crm.records.filters.compile import MOST_ELSEWHERE
from crm.records.listing import ListQuery
from crm.store import Reading, Store
from tests.people import Team


def lately(many: int) -> tuple[Filter, ...]:
    return tuple(Rule(field="last_activity_at", op="in_last_days", value=days + 1) for days in range(many))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is laid beside a question, in order."""
    seen: list[str] = []
    create = Reading.create_temp_table
    monkeypatch.setattr(
        Reading, "create_temp_table", lambda tx, name, query, **params: (seen.append(name), create(tx, name, query))[1]
    )
    return seen


def test_last_activity_is_worked_out_once_however_many_ask(store: Store, team: Team, looks: list[str]) -> None:
    with store.writing(team.ana) as tx:
        contacts.edit(tx, contacts.create(tx, name="Zoe").id, city="Recife")
        contacts.create(tx, name="Never touched")
    asked = Any_(of=(*lately(20), Not(of=All(of=lately(10)))))
    with store.reading(team.ana) as tx:
        found = contacts.find(tx, ListQuery(filter=asked, within=ListQuery(filter=All(of=lately(5)))))
        sql = compile_filter(asked, contacts.fields(tx, asked), today=tx.today, time_zone="UTC").sql
    assert [row["name"] for row in found.items] == ["Zoe"]
    assert looks == ["contact_activity_now"]
    assert " contact_activity " not in sql


def test_the_builder_counts_all_its_lines_over_one_look(store: Store, team: Team, looks: list[str]) -> None:
    with store.writing(team.ana) as tx:
        contacts.edit(tx, contacts.create(tx, name="Zoe").id, city="Recife")
    with store.reading(team.ana) as tx:
        known = filtering.fields_of(tx, "contacts")
        assert looks == []
        assert filtering.counts(tx, known, [All(of=()), *lately(5)]) == [1] * 6
    assert looks == ["contact_activity_now"]


LABELLED = Rule(field="label", op="is_empty")
DEALS = Related(relation="deals")


@pytest.fixture
def tx(store: Store, team: Team) -> Iterator[Reading]:
    with store.reading(team.ana) as tx:
        yield tx


@pytest.mark.parametrize("line", [LABELLED, DEALS, *lately(1)])
def test_conditions_on_other_tables_are_bounded(tx: Reading, line: Filter) -> None:
    assert contacts.count(tx, ListQuery(filter=Any_(of=(line,) * MOST_ELSEWHERE))) == 0
    with pytest.raises(Invalid, match=rf"has {MOST_ELSEWHERE + 1} conditions on .*; the limit is {MOST_ELSEWHERE}"):
        contacts.count(tx, ListQuery(filter=Any_(of=(line,) * (MOST_ELSEWHERE + 1))))


def test_conditions_on_the_record_itself_are_not_among_them(tx: Reading) -> None:
    named = Rule(field="name", op="contains", value="x")
    assert contacts.count(tx, ListQuery(filter=Any_(of=(named,) * 98))) == 0


def test_conditions_of_a_related_record_are_counted_with_the_rest(tx: Reading) -> None:
    labelled = Related(relation="deals", of=(LABELLED,))  # two look-ups: the deals, and the labels of each
    with pytest.raises(Invalid, match="has 42 conditions"):
        contacts.count(tx, ListQuery(filter=Any_(of=(labelled,) * 21)))
