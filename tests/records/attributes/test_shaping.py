"""Renaming, ordering and patterns."""

import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm import contacts
from crm.foundation.clock import now
from crm.foundation.errors import Duplicate, Forbidden, Invalid, NotFound, Stale
from crm.records import attributes
from crm.records.attributes import Definition, patterns
from crm.records.attributes.rules import fitting, fitting_column
from crm.records.history import history
from crm.store import Store
from tests.people import Team


@pytest.fixture
def plate(store: Store, team: Team) -> Definition:
    with store.writing(team.ada) as tx:
        return attributes.define(
            tx, model="contact", name="Plate", type="text", pattern="[A-Z]{3}-[0-9]+", hint="Three letters, a dash."
        )


def test_a_new_name_keeps_the_key_and_the_data(store: Store, team: Team, plate: Definition) -> None:
    with store.writing(team.ada) as tx:
        made = contacts.create(tx, name="Ana", attributes={"plate": "ABC-1"})
        renamed = attributes.rename(tx, plate.id, " Number  plate ")
    assert (renamed.name, renamed.key, renamed.version) == ("Number  plate", "plate", plate.version + 1)
    with store.reading(team.ada) as tx:
        assert contacts.get(tx, made.id).attributes == {"plate": "ABC-1"}
        assert history(tx, "attribute", plate.id)[0].payload["changes"] == {"name": ["Plate", "Number  plate"]}


@pytest.mark.parametrize("name", ["", "E-mail"[:1] + "mail", "SIZE", "x" * 81])
def test_a_name_that_is_empty_standard_or_taken_is_refused(
    store: Store, team: Team, plate: Definition, name: str
) -> None:
    with store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="Size", type="text")
    with pytest.raises(Invalid), store.writing(team.ada) as tx:
        attributes.rename(tx, plate.id, name)
    with store.reading(team.ada) as tx:
        assert attributes.get(tx, plate.id) == plate


def test_a_name_that_another_was_given_is_taken_for_new_ones_too(store: Store, team: Team, plate: Definition) -> None:
    with store.writing(team.ada) as tx:
        attributes.rename(tx, plate.id, "Weight")
    for name, refusal in (("Plate", Duplicate), ("weight", Invalid)):
        with pytest.raises(refusal), store.writing(team.ada) as tx:
            attributes.define(tx, model="contact", name=name, type="text")


def test_a_change_after_somebody_elses_is_stale(store: Store, team: Team, plate: Definition) -> None:
    with store.writing(team.ada) as tx:
        attributes.rename(tx, plate.id, "First")
    with pytest.raises(Stale), store.writing(team.ada) as tx:
        attributes.rename(tx, plate.id, "Second", version=plate.version)


def test_attributes_are_put_in_order_whole_or_not_at_all(store: Store, team: Team, plate: Definition) -> None:
    with store.writing(team.ada) as tx:
        size = attributes.define(tx, model="contact", name="Size", type="text")
        attributes.define(tx, model="deal", name="Floor", type="text")
        assert [one.key for one in attributes.reorder(tx, "contact", [size.id, plate.id])] == ["size", "plate"]
        last = attributes.define(tx, model="contact", name="Last", type="text")
        assert [one.key for one in attributes.definitions(tx, "contact")] == ["size", "plate", "last"]
    for order in ([size.id], [size.id, plate.id, plate.id], [size.id, plate.id, last.id, 99]):
        with pytest.raises(Invalid, match="changed meanwhile"), store.writing(team.ada) as tx:
            attributes.reorder(tx, "contact", order)


def test_a_text_must_match_the_whole_pattern_and_is_told_in_words(store: Store, team: Team, plate: Definition) -> None:
    for wrong in ("ABC", "xABC-1", "ABC-1x", "abc-1"):
        with (
            pytest.raises(Invalid, match="does not fit “Plate”: Three letters, a dash") as refusal,
            store.writing(team.ana) as tx,
        ):
            contacts.create(tx, name="Ana", attributes={"plate": wrong})
        assert refusal.value.field == "attribute:plate"
    with store.writing(team.ana) as tx:
        assert contacts.create(tx, name="Ana", attributes={"plate": " ABC-1 "}).attributes == {"plate": "ABC-1"}
        assert contacts.create(tx, name="Bia", attributes={"plate": ""}).attributes == {}


def test_a_new_pattern_leaves_values_and_says_how_many_do_not_fit(store: Store, team: Team, plate: Definition) -> None:
    with store.writing(team.ada) as tx:
        made = contacts.create(tx, name="Ana", attributes={"plate": "ABC-1"})
        contacts.create(tx, name="Bia", attributes={"plate": "ABC-22"})
        assert attributes.misfits(tx, plate.id, "[A-Z]+-[0-9]{2}") == 1
        assert attributes.misfits(tx, plate.id, None) == 0
        attributes.set_pattern(tx, plate.id, "[A-Z]+-[0-9]{2}", None)
        edited = contacts.edit(tx, made.id, city="Recife")
        assert edited.attributes == {"plate": "ABC-1"}
        attributes.set_pattern(tx, plate.id, None, None)
        assert contacts.edit(tx, made.id, attributes={"plate": "any"}).attributes == {"plate": "any"}


@pytest.mark.parametrize("pattern", ["[", "(", "a)(b", "(?=a)b", r"(a)\1", "a{2", "x" * 301, "((a{99}){99}){99}"])
def test_what_is_no_pattern_is_refused(store: Store, team: Team, pattern: str) -> None:
    with pytest.raises(Invalid) as refusal, store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="X", type="text", pattern=pattern)
    assert refusal.value.field == "pattern"


def test_only_texts_and_links_take_a_pattern(store: Store, team: Team) -> None:
    with pytest.raises(Invalid, match="Only texts and links"), store.writing(team.ada) as tx:
        attributes.define(tx, model="contact", name="X", type="number", pattern="1+")


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*a){40}", "(?:a?){300}a{300}", "(x+x+)+y"])
def test_a_hostile_pattern_does_not_hang(pattern: str) -> None:
    began = time.monotonic()
    checked = patterns.checked(pattern)
    assert checked
    patterns.fits(checked, "a" * 4_999 + "!")
    patterns.fits(checked, "x" * 5_000)
    assert time.monotonic() - began < 2


LIST = Definition(
    id=1, model="contact", key="size", name="Size", type="list", position=1, created_at=now(),
    values=("Small", "ÇÃO", "large", "Large"),
)  # fmt: skip
TEXT = LIST.model_copy(update={"type": attributes.AttributeType.TEXT, "pattern": "[a-zç]+|(?i)small"})


@given(
    st.sampled_from([LIST, TEXT]),
    st.lists(st.none() | st.sampled_from(["Small", "small", "LARGE", "ção", "Ção", "x\ny"]) | st.text(min_size=1)),
)
def test_a_whole_column_is_checked_as_its_values_are_one_by_one(
    definition: Definition, cells: list[str | None]
) -> None:
    column = fitting_column(definition, pl.Series(cells, dtype=pl.String))
    assert list(column.iter_rows()) == [_one_by_one(definition, cell) for cell in cells]


def _one_by_one(definition: Definition, cell: str | None) -> tuple[str | None, str | None]:
    try:
        return fitting(definition, cell), None
    except Invalid as refusal:
        return None, str(refusal)


@pytest.mark.parametrize("name", ["marta", "ana", "rui", "vera"])
def test_only_administrators_shape_attributes(store: Store, team: Team, plate: Definition, name: str) -> None:
    shaping = (
        lambda tx: attributes.rename(tx, plate.id, "X"),
        lambda tx: attributes.set_pattern(tx, plate.id, None, None),
        lambda tx: attributes.reorder(tx, "contact", [plate.id]),
        lambda tx: attributes.delete(tx, plate.id),
        lambda tx: attributes.restore(tx, plate.id),
        lambda tx: attributes.discard(tx, plate.id),
        attributes.purge,
        lambda tx: attributes.preview(tx, plate.id, "link"),
        lambda tx: attributes.convert(tx, plate.id, "link"),
        lambda tx: attributes.rename_value(tx, 1, "X"),
        lambda tx: attributes.delete_value(tx, 1),
        lambda tx: attributes.reorder_values(tx, plate.id, []),
    )
    for verb in shaping:
        with pytest.raises(Forbidden), store.writing(getattr(team, name)) as tx:
            verb(tx)


def test_an_attribute_that_is_not_there_is_not_found(store: Store, team: Team) -> None:
    with pytest.raises(NotFound), store.writing(team.ada) as tx:
        attributes.rename(tx, 7, "X")
