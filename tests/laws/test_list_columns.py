"""The list of every record type offers each declared field as a column and each declared sort, without a line in
`crm/ui`: a field that it forgets fails here by its name."""

from typing import Any

from crm.records import lists, registry
from crm.records.declaration import RecordType
from crm.records.listing import ListQuery
from crm.store import Store
from crm.ui.lists import cells, wording
from crm.ui.lists.layout import ListLayout, Shown
from tests.laws.samples import Samples
from tests.people import Team


def test_every_field_is_a_column_that_shows_what_the_record_holds(
    store: Store, team: Team, of: RecordType[Any], samples: Samples, apart: dict[str, Any]
) -> None:
    with store.writing(team.ada) as tx:
        made = registry.room(of.key).create(tx, **samples.record(0), **apart)
    with store.reading(team.ada) as tx:
        columns = {column.key: column for column in cells.every(tx, ListLayout(of))}
        (row,) = [row for row in lists.find(tx, of, ListQuery()).items if row["id"] == made.id]
    for key, field in of.fields.items():
        column = columns.get(of.short_key(key))
        assert column, f"{of.key}.{key} is no column"
        assert column.label == field.label
        if key in of.edited:
            assert column.read(row) not in (None, "", "–"), f"{of.key}.{key} is shown as nothing"


def test_every_sort_is_offered_and_every_word_that_is_offered_sorts(
    store: Store, team: Team, of: RecordType[Any]
) -> None:
    with store.reading(team.ada) as tx:
        offered = wording.sorts(tx, ListLayout(of))
        declared = {of.short_key(key) for key, field in of.fields.items() if field.sort}
        assert declared == {word.removeprefix("-") for word in offered}
        for word in offered:
            lists.find(tx, of, ListQuery(sort=word))


def test_what_a_layout_does_not_name_comes_last_and_hidden(store: Store, team: Team, of: RecordType[Any]) -> None:
    with store.reading(team.ada) as tx:
        columns = cells.every(tx, ListLayout(of, columns=(Shown(of.title[0], "Called"),)))
    assert (columns[0].label, columns[0].at_first) == ("Called", True)
    assert not any(column.at_first for column in columns[1:] if not column.key.startswith("attribute:"))
    assert {of.short_key(key) for key in of.fields} <= {column.key for column in columns}
