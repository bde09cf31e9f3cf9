"""The words for record types: those of the product are translated, those that a team made up are shown as typed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

import pytest

from crm.foundation.access import SYSTEM, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import capitalized, speaking
from crm.records import event_types, field_kinds, registry
from crm.records.declaration import Record, RecordType
from crm.records.fields import Text
from crm.records.filters import Field, FieldSet, FieldType, Measure, Not, Related, Relation, Rule, broken, describe
from crm.records.filters.related import measured_field
from crm.records.kind_names import KindName
from crm.store import Store


class Survey(Record, frozen=True):
    type_name: ClassVar[str] = "NPS survey"
    title_fields: ClassVar[tuple[str, ...]] = ("theme",)
    theme: Annotated[str, Text(label="Wave theme")]


SURVEY = RecordType(
    key="object_7",
    plural="objects_7",
    singular_name="NPS survey",
    plural_name="NPS surveys",
    record=Survey,
    icon=":material/poll:",
    permission=Permission.MANAGE_CONTACTS,
)

WORDS: dict[str, dict[str, tuple[str, str, str, str]]] = {
    "en": {
        "contact": ("contact", "contacts", "a contact", "the same contact"),
        "company": ("company", "companies", "a company", "the same company"),
        "deal": ("deal", "deals", "a deal", "the same deal"),
        "order": ("order", "orders", "an order", "the same order"),
        "product": ("product", "products", "a product", "the same product"),
    },
    "pt_BR": {
        "contact": ("contato", "contatos", "um contato", "o mesmo contato"),
        "company": ("empresa", "empresas", "uma empresa", "a mesma empresa"),
        "deal": ("negócio", "negócios", "um negócio", "o mesmo negócio"),
        "order": ("pedido", "pedidos", "um pedido", "o mesmo pedido"),
        "product": ("produto", "produtos", "um produto", "o mesmo produto"),
    },
}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("key", WORDS["en"])
def test_the_words_for_a_type_of_the_product_are_translated(key: str, language: str) -> None:
    of: RecordType[Any] = registry.get(key)
    with speaking(language):
        assert (of.one, of.many, of.an, of.same) == WORDS[language][key]
        assert (registry.one_of(of.key), registry.many_of(of.plural)) == WORDS[language][key][:2]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("NPS survey", "NPS surveys", "an NPS survey", "the same NPS survey")),
        ("pt_BR", ("NPS survey", "NPS surveys", "um registro de NPS survey", "o mesmo registro de NPS survey")),
    ],
)
def test_a_name_that_a_team_gave_is_shown_as_it_was_typed(language: str, words: tuple[str, ...]) -> None:
    with speaking(language):
        assert (SURVEY.one, SURVEY.many, SURVEY.an, SURVEY.same) == words


@pytest.mark.parametrize(
    ("singular", "plural", "words"),
    [
        ("Course", "Courses", ("course", "courses", "a course")),
        ("Enrolment", "Enrolments", ("enrolment", "enrolments", "an enrolment")),
        ("UN mission", "UN missions", ("UN mission", "UN missions", "a UN mission")),
        ("Épreuve", "Épreuves", ("épreuve", "épreuves", "a épreuve")),
        ("X", "Xs", ("x", "xs", "a x")),
    ],
)
def test_inside_a_sentence_a_given_name_begins_with_a_small_letter_unless_it_is_an_abbreviation(
    singular: str, plural: str, words: tuple[str, ...]
) -> None:
    called = KindName(singular, plural, given=True)
    assert (called.one, called.many, called.an) == words


def test_a_given_name_is_not_translated_although_a_catalogue_has_it() -> None:
    with speaking("pt_BR"):
        assert KindName("Note", "Notes", given=True).one == "note"


@pytest.mark.parametrize(
    ("plural", "stem"),
    [("NPS surveys", "nps-surveys"), ("Matrículas", "matriculas"), ("Q&A / notes", "q-a-notes"), ("課程", "objects_7")],
)
def test_files_are_called_by_the_given_name_in_plain_letters(plural: str, stem: str) -> None:
    assert replace(SURVEY, plural_name=plural).file_stem == stem


def test_a_capital_leaves_the_rest_as_it_is() -> None:
    assert [capitalized(text) for text in ("", "course", "NPS surveys", "an NPS survey", "última")] == [
        *("", "Course", "NPS surveys", "An NPS survey", "Última"),
    ]


@pytest.mark.parametrize(("language", "name"), [("en", "Deal 12"), ("pt_BR", "Negócio 12")])
def test_a_record_without_a_title_is_called_by_its_type_and_number(language: str, name: str) -> None:
    row = {"id": 12, "created_at": datetime.now(UTC), "updated_at": datetime.now(UTC), "version": 1, "theme": ""}
    deal = registry.get("deal")
    with speaking(language):
        assert (Survey(**row).shown_name, SURVEY.name_of(row), SURVEY.untitled(12)) == ("NPS survey 12",) * 3
        untitled = deal.record.model_construct(id=12, **dict.fromkeys(deal.title, ""))
        assert (untitled.shown_name, deal.untitled(12)) == (name, name)


@pytest.mark.parametrize(
    ("language", "refusal"), [("en", "“Wave theme” needs a value."), ("pt_BR", "Falta um valor em “Wave theme”.")]
)
def test_a_missing_value_is_refused_in_the_readers_language(store: Store, language: str, refusal: str) -> None:
    field = SURVEY.fields["theme"]
    with store.reading(SYSTEM) as tx, speaking(language), pytest.raises(Invalid, match=refusal):
        field_kinds.checked(tx, field, "theme", None)


def test_the_word_for_what_is_no_record_type_is_its_key() -> None:
    with speaking("pt_BR"):
        assert (registry.one_of("quick_filter"), registry.many_of("segments")) == ("quick filter", "segmentos")


def test_a_filter_over_the_records_of_a_type_uses_its_name() -> None:
    title = Field("theme", "Theme", FieldType.TEXT, "object_7.theme")
    relation = Relation(
        key="objects_7",
        called=SURVEY.called,
        table="objects_7",
        alias="object_7",
        owner="contact.id",
        child="object_7.contact_id",
        fields={"theme": title},
    )
    fields = FieldSet([], [relation])
    rules = tuple(Rule(field="theme", op="contains", value=value) for value in ("a", "b"))
    assert describe(Related(relation="objects_7", of=rules), fields) == (
        "has an NPS survey where Theme contains “a” and Theme contains “b” (the same NPS survey)"
    )
    assert describe(Not(of=Related(relation="objects_7")), fields) == "has no NPS survey"
    count = Measure(figure="count", op="more_than", value=3)
    assert describe(Related(relation="objects_7", measure=count), fields) == "number of NPS surveys is more than 3"
    assert measured_field(count, relation).label == "Number of NPS surveys"
    gone = Measure(figure="sum", field="hours", op="more_than", value=3)
    assert broken(Related(relation="objects_7", measure=gone), fields) == [
        "The field “hours” of NPS surveys no longer exists."
    ]


def test_events_of_a_type_are_described_in_english_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "custom", lambda: {SURVEY.key: SURVEY})
    with speaking("pt_BR"):
        described = {name: event.description for name, event in event_types.catalog().items()}
    assert described["object_7.created"] == "An NPS survey was made."
    assert described["object_7.changed"] == "Fields of an NPS survey were set."
    assert described["contact.created"] == "A contact was made."
    renamed = replace(SURVEY, singular_name="Poll", plural_name="Polls")
    monkeypatch.setattr(registry, "custom", lambda: {SURVEY.key: renamed})
    assert event_types.catalog()["object_7.created"].description == "A poll was made."
