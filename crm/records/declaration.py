"""The declaration of a record type: what lists, forms, imports, exports, merges and the API need to know of it."""

import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Protocol, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from crm.foundation import identity
from crm.foundation.access import Actor, Module, Permission, Role
from crm.foundation.language import ENGLISH, capitalized, later, speaking, tr
from crm.records.fields import AttributeValues, CountOf, Field, LabelNames, Moment, Money, NameOf, Reference, Sort
from crm.records.kind_names import KindName

if TYPE_CHECKING:
    from crm.records import listing
    from crm.records.bulk.model import Action
    from crm.records.bulk.operation import BulkOperation
    from crm.records.filter_context import FilterContext
    from crm.records.filters import Clause, Relation
    from crm.records.filters import Field as FilterField
    from crm.store import Reading, Row, Writing


NEEDED = later("“{label}” needs a value.")
"""The refusal where a field that a team named is left empty."""


class Record(BaseModel, frozen=True):
    """The fields of every record. A type's own class adds its fields, each annotated with its kind."""

    title_fields: ClassVar[tuple[str, ...]] = ("name",)
    """The record's title is the first of these fields that is not empty."""
    type_name: ClassVar[str] = ""
    """`RecordType.singular_name` of its type."""

    id: int
    created_at: Annotated[datetime, Moment(label=later("Created"), sort=Sort())]
    updated_at: Annotated[datetime, Moment(label=later("Updated"), sort=Sort())]
    version: int
    """Counts the record's changes: an edit names the one it has seen."""

    @property
    def shown_name(self) -> str:
        """The record's title."""
        named = (getattr(self, key) for key in self.title_fields)
        return next(
            (str(value) for value in named if value), _untitled(self.type_name or tr(type(self).__name__), self.id)
        )


R = TypeVar("R", bound=Record)


class Trait(Enum):
    """Features that any type can have without code of its own."""

    NOTES = auto()
    FILES = auto()
    LABELS = auto()
    ATTRIBUTES = auto()
    CHECKLISTS = auto()
    BIN = auto()
    MERGE = auto()
    BULK = auto()
    IMPORT = auto()
    EXPORT = auto()
    SEGMENTS = auto()


@dataclass(frozen=True)
class HasMany:
    """Records of another type that refer to this one: `HasMany("deals", by="contact_id")`."""

    plural: str
    by: str
    through: str = ""
    """The plural of a third type, where the link goes through its records; `by` is then a field of these."""


@dataclass(frozen=True)
class BelongsTo:
    """The record that a field of this type refers to, offered as a relation in filters."""

    by: str


@dataclass(frozen=True)
class Changeable:
    """The rule by which an actor with the permission may change some visible records and not others."""

    may: Callable[[Actor, Any], bool]
    foreign: str
    """SQL condition on the base table: the actor may not change the record. Used for actors who do not see
    everything."""
    because: str


@dataclass(frozen=True)
class Hooks(Generic[R]):
    """The special behaviour of a type on create and edit."""

    before_write: "Callable[[Writing, R | None, dict[str, Any], Mapping[str, Any]], Mapping[str, Any]] | None" = None
    """Before the write: adjust dependent fields in place; returns further columns of a new record. The last argument
    holds the values of `extra_arguments`."""
    refuse: "Callable[[Reading, R | None, Mapping[str, Any]], None] | None" = None
    """A rule over several fields."""
    after: "Callable[[Writing, R | None, R], None] | None" = None
    """After the write of one record: versions, sums."""
    after_set: "Callable[[Writing, str], None] | None" = None
    """As `after`, for the records whose ids the query selects: for imports and bulk changes, and for the bin."""
    after_child: "Callable[[Writing, Trait, int, bool], None] | None" = None
    """After a note or a file of the record with this id was added (True) or removed."""


class DuplicateRules(Protocol):
    """The rules by which two records of a type may be duplicates: a module of the type's package. Its constants are
    SQL and weights; `candidates` finds the records that one record is compared with."""

    COLUMNS: str
    LIMITS: Mapping[str, int]
    ALIKE: float
    BLOCKS: str
    MEASURES: str
    SCORE: str
    REASONS: Mapping[str, str]

    def prepared(self, source: str) -> str: ...
    def candidates(self, tx: "Reading", record: Any, /) -> list[int]: ...


# Hashed by identity: a type is a cache key (`lists.source`), and its mappings have no hash.
@dataclass(frozen=True, eq=False, kw_only=True)
class RecordType(Generic[R]):
    key: str
    """The type's name in events, URLs and the API: company."""
    plural: str
    """The plural in lists and the API, and the name of its table and its visible view: companies."""
    record: type[R]
    icon: str
    permission: Permission
    """The permission to change records."""
    module: Module | None = None
    singular_name: str = ""
    """The name that a team gave the type; such names are not translated. Where it is empty, the name is the key."""
    plural_name: str = ""
    """As `singular_name`, of several."""
    alias: str = ""
    """The alias of its rows in SQL; by default the key, which must not be a word of SQL."""
    traits: frozenset[Trait] = frozenset()
    links: tuple[HasMany | BelongsTo, ...] = ()
    """Its relations, in the order in which filters offer them."""
    hooks: Hooks[R] = Hooks()
    changeable: Changeable | None = None
    duplicate_rules: DuplicateRules | None = None
    owned_by_default: frozenset[Role] = frozenset({Role.REP})
    """Roles that own their new records by default."""
    extra_arguments: Mapping[str, Any] = field(default_factory=dict)
    """{further argument of `create`, for `Hooks.before_write`: its Python type}."""
    about_new: str = ""
    """What a new record needs, and its defaults: for the API's description."""
    about_edit: str = ""
    """As `about_new`, for an edit."""
    logged: tuple[str, ...] = ()
    """Fields that the event of a new record holds in addition to those that `create` takes."""
    hidden: frozenset[str] = frozenset()
    """References that are read as None where the actor may not see the other record. Edits leave them as they are."""
    change_event: Callable[[R, R], str] | None = None
    """The name of the event of an edit, where that is not `<key>.changed`."""
    sorts: "Mapping[str, listing.Sort]" = field(default_factory=dict)
    """Sorts in addition to those by fields."""
    default_sort: str = "-created_at"
    filters: "Callable[[FilterContext], Iterable[FilterField]] | None" = None
    """Filter fields in addition to its fields, labels and attributes."""
    related_filters: "Callable[[FilterContext], Iterable[FilterField]] | None" = None
    """As `filters`, over related records: not offered where this type is itself a relation."""
    relations: "Callable[[FilterContext], Iterable[Relation]] | None" = None
    """Relations in addition to `links`."""
    complete: "Callable[[Reading, list[Row]], None] | None" = None
    """Completes rows of visible records with values that neither columns nor declared fields give."""
    searched: "Callable[[str], Clause] | None" = None
    """The condition of the search box, where it searches more than the record's own search text."""
    bulk_operations: "Callable[[RecordType[R]], Mapping[Action, BulkOperation]] | None" = None
    """Bulk operations in addition to those of its traits and its owner."""
    described_by: tuple[str, ...] = ()
    """Fields that tell a record from another of the same title, where records are picked or found."""
    custom: bool = False
    """Whether a team made it, without code."""
    slug: str = ""
    """The name of a custom type in addresses and bodies of the API, which take its plural and its key, too."""
    own_views: tuple[str, ...] = ()
    """The SQL of its visible views, with their privacy rules, where `crm/store/views` has none of them."""
    columns: tuple[str, ...] = ()
    """Fields in the order of files' columns, where the record has another; the rest follows."""
    surest_keys: tuple[str, ...] = ()
    """Unique fields, the most reliable first, where the record has another order; the rest follows. Of several taken
    keys the first is refused."""
    found_by_name: bool | None = None
    """How files refer to it. True: by name, and by key only where names are ambiguous. None: by key first, by name
    where no key matches. False: by key only."""
    personal: bool = False
    """Whether its records are people: exporting a list of them requires a confirmed identity."""
    import_columns: Mapping[str, Field] = field(default_factory=dict)
    """What files say in columns that are no fields: a first name, the day on which a deal closed."""
    import_order: tuple[str, ...] = ()
    """Fields (without `_id`) and further columns in the order of templates; what is not named here follows."""

    @cached_property
    def fields(self) -> dict[str, Field]:
        """{key: declared field}, each with label, column and error message filled in."""
        found = {}
        own = self.record.model_fields
        for key, info in sorted(own.items(), key=lambda item: item[0] in Record.model_fields):  # what all have, last
            for declared in info.metadata:
                if isinstance(declared, Field):
                    found[key] = self._completed(key, declared, _takes_none(info.annotation))
        return found

    @cached_property
    def edited(self) -> dict[str, Field]:
        """The fields that create and edit take."""
        return {key: declared for key, declared in self.fields.items() if declared.edited}

    @cached_property
    def merged(self) -> dict[str, Field]:
        """The fields that a merge chooses between."""
        return {key: declared for key, declared in self.fields.items() if declared.edited or declared.merged}

    @cached_property
    def uniques(self) -> dict[str, Field]:
        return {key: declared for key, declared in self.fields.items() if declared.unique}

    @cached_property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the unique keys."""
        return tuple(declared.unique.column for declared in self.fields.values() if declared.unique)

    @cached_property
    def references(self) -> dict[str, Reference]:
        return {key: declared for key, declared in self.fields.items() if isinstance(declared, Reference)}

    @cached_property
    def amounts(self) -> dict[str, Money]:
        return {key: declared for key, declared in self.fields.items() if isinstance(declared, Money)}

    @cached_property
    def names(self) -> dict[str, str]:
        """{field of a name: field of the id that it names}."""
        return {key: name_of.field for key, name_of in self._annotated(NameOf)}

    @cached_property
    def name_fields(self) -> dict[str, str]:
        """{field of an id: field of its name}."""
        return {key: name for name, key in self.names.items()}

    @cached_property
    def counts(self) -> dict[str, CountOf]:
        return dict(self._annotated(CountOf))

    @cached_property
    def labels_field(self) -> str | None:
        return next((key for key, _ in self._annotated(LabelNames)), None)

    @cached_property
    def attributes_field(self) -> str | None:
        return next((key for key, _ in self._annotated(AttributeValues)), None)

    @property
    def row(self) -> str:
        """The alias of its rows in SQL."""
        return self.alias or self.key

    @property
    def searched_fields(self) -> list[str]:
        return [key for key, declared in self.fields.items() if declared.searched]

    def has(self, trait: Trait) -> bool:
        return trait in self.traits

    @property
    def title(self) -> tuple[str, ...]:
        return self.record.title_fields

    def name_of(self, row: Mapping[str, Any]) -> str:
        """The title of a stored row, as `Record.shown_name`."""
        return next((str(row[key]) for key in self.title if row[key]), self.untitled(row["id"]))

    def untitled(self, record_id: int) -> str:
        """What stands for the title of a record that has none: Contact 12."""
        return _untitled(self.one, record_id)

    def title_sql(self, alias: str = "") -> str:
        columns = [f"{alias}.{key}" if alias else key for key in self.title]
        return columns[0] if len(columns) == 1 else f"coalesce({', '.join(columns)})"

    @cached_property
    def called(self) -> KindName:
        """Its name for people."""
        if self.singular_name:
            return KindName(self.singular_name, self.plural_name, given=True)
        return KindName(self.key.replace("_", " "), self.plural.replace("_", " "))

    @property
    def one(self) -> str:
        return self.called.one

    @property
    def many(self) -> str:
        return self.called.many

    @property
    def an(self) -> str:
        return self.called.an

    @property
    def same(self) -> str:
        return self.called.same

    @property
    def file_stem(self) -> str:
        """What its files are called, without their ending: contacts, nps-surveys."""
        return re.sub(r"[^a-z0-9]+", "-", identity.searchable(self.called.plural)).strip("-") or self.plural

    def short_key(self, key: str) -> str:
        """The word for a field in addresses, files and preferences: `owner` for the reference owner_id, while an
        external_id that refers to no record keeps its name."""
        return key.removesuffix("_id") if key in self.references else key

    def sql(self, key: str, alias: str = "") -> str:
        """The SQL expression by which filters, sorts and exports read a field."""
        declared = self.fields[key]
        alias = alias or self.row
        return declared.read.format(record=alias) if declared.read else f"{alias}.{declared.column}"

    def is_on(self, actor: Actor) -> bool:
        return self.module is None or actor.has(self.module)

    def _annotated(self, kind: type[Any]) -> list[tuple[str, Any]]:
        return [
            (key, annotation)
            for key, info in self.record.model_fields.items()
            for annotation in info.metadata
            if isinstance(annotation, kind)
        ]

    def _completed(self, key: str, declared: Field, takes_none: bool) -> Field:
        stem = key.removesuffix("_id") if isinstance(declared, Reference) else key
        label = declared.label or stem.replace("_", " ").capitalize()
        required = declared.required or ("" if takes_none else self._missing(label))
        return replace(declared, label=label, column=declared.column or key, required=required)

    def _missing(self, label: str) -> str:
        if self.called.given:
            return NEEDED
        with speaking(ENGLISH):
            return f"{capitalized(self.an)} needs a {label.lower()}."


def _untitled(type_name: str, record_id: int) -> str:
    return f"{capitalized(type_name)} {record_id}"


def _takes_none(annotation: Any) -> bool:
    # Optional[X] and X | None have different origins at run time.
    if get_origin(annotation) in (Union, types.UnionType):
        return type(None) in get_args(annotation)
    return annotation is None
