"""What the code composes of the names of types and fields is in the catalogues, so that it can be translated."""

from collections.abc import Iterator
from typing import Any

import pytest

from crm.foundation.access import SYSTEM
from crm.foundation.language import keeping
from crm.records import bulk, registry
from crm.records.declaration import RecordType, Trait
from crm.records.fields import Choice, Target
from crm.records.merging import children
from crm.store import Store


@pytest.fixture(scope="module")
def known() -> set[str]:
    return {str(message.id) for message in keeping.template() if isinstance(message.id, str)}


@pytest.mark.parametrize("of", registry.types().values(), ids=lambda of: of.key)
def test_the_names_of_a_type_and_of_its_fields_can_be_translated(of: RecordType[Any], known: set[str]) -> None:
    assert sorted({*_of_type(of), *_of_fields(of)} - known) == []


@pytest.mark.parametrize("of", registry.having(Trait.BULK), ids=lambda of: of.key)
def test_what_is_said_of_a_bulk_change_can_be_translated(of: RecordType[Any], known: set[str]) -> None:
    said = {
        text
        for operation in bulk.operations(of).values()
        for text in (operation.label, operation.done, operation.done_unnamed)
        if text
    }
    taken = {f"Its {field.label.lower()} belongs to another {of.key} now." for field in of.uniques.values()}
    assert sorted((said | (taken if of.has(Trait.BIN) else set())) - known) == []


def test_what_moves_with_a_merge_can_be_translated(store: Store, known: set[str]) -> None:
    with store.reading(SYSTEM) as tx:
        tables = {child.table for of in registry.having(Trait.MERGE) for child in children.children(tx, of.key)}
    assert sorted({table.replace("_", " ") for table in tables} - known) == []


def _of_type(of: RecordType[Any]) -> Iterator[str]:
    yield from (of.one, of.many, of.an, of.same, of.record.__name__)


def _of_fields(of: RecordType[Any]) -> Iterator[str]:
    for field in (*of.fields.values(), *of.import_columns.values()):
        yield field.label
        yield from (text for text in (field.wrong, field.required if field.edited else "") if text)
        yield from [field.unique.taken] if field.unique else ()
        yield from field.values.values() if isinstance(field, Choice) else ()
        yield from [field.to.label] if isinstance(getattr(field, "to", None), Target) else ()
