"""The fields of a record, as the record's own class declares them: `name: Annotated[str, Text(limit=300)]`.

A field says what it is; how values of its kind are checked, stored and filtered stands in `field_kinds`, how they are
drawn is the screens' own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from crm.foundation.access import Module
from crm.records import options
from crm.store import Reading


class FieldKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long text"
    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"
    LINK = "link"
    NUMBER = "number"
    MONEY = "money"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    MOMENT = "moment"
    CHECKBOX = "checkbox"
    CHOICE = "choice"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Unique:
    """A value that only one record may have. `column` holds its normal form, UNIQUE in the table."""

    column: str
    form: Callable[[Mapping[str, Any]], str | None] | None = None
    """The normal form from the record's fields; None: that of its kind of field, mostly the value itself."""
    taken: str = "The {label} {value} already belongs to {holder}."
    """The refusal. `holder` names the other record only to those who may see it; fields stand under their keys."""
    reads: tuple[str, ...] = ()
    """The fields that `form` is made from, where that is not this one alone."""


@dataclass(frozen=True)
class Sort:
    """A sort of the list by this field. `sql` where that is not the column in lower case or as it is."""

    sql: str = ""
    key: str = ""
    """Its word in addresses and in the API; the field's own where empty."""
    module: Module | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. In SQL of ours, `{record}` stands for the record's alias."""

    kind: ClassVar[FieldKind]

    label: str = ""
    """What people call it; made from the key where empty: Owner, of owner_id."""
    column: str = ""
    """Where its column has another name than the field."""
    read: str = ""
    """SQL of what filters and sorts see, where that is not the column."""
    write: str = ""
    """SQL of what an edit puts into the column, where that is not the value: `{value}` stands for it."""
    required: str = ""
    """The refusal where it would be empty. Made from the label where the Python type takes no None."""
    unique: Unique | None = None
    searched: bool = False
    """Whether the search box looks in it."""
    sort: Sort | None = None
    filtered: bool = True
    edited: bool = True
    """Whether create and edit take it; if not, verbs of the type write it, or nothing but the store does."""
    merged: bool = False
    """Whether a merge chooses it although edits do not take it."""
    module: Module | None = None
    """Without it, the field is not there."""
    headers: tuple[str, ...] = ()
    """Words by which files call it, beside its label. Imports take the fields that edits take, or that have some."""
    example: str = ""
    """What a template of an import shows, and the description of the API."""
    exported: bool = True
    """Whether it is a column of files; its module hides it there too."""
    header: str = ""
    """What the column is called, where that is not the label: a word that imports know."""
    described: str = ""
    """What the description of the API says of it, where its name says too little."""
    default: Any = None
    """What a new record has where it names none: a value, or a function of the transaction."""
    wrong: str = ""
    """The refusal of a value that does not fit, where that of its kind says too little: `{value}` stands for it."""


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    kind = FieldKind.TEXT
    limit: int = 500


@dataclass(frozen=True, kw_only=True)
class LongText(Text):
    kind = FieldKind.LONG_TEXT
    limit: int = 5_000


@dataclass(frozen=True, kw_only=True)
class Email(Text):
    kind = FieldKind.EMAIL


@dataclass(frozen=True, kw_only=True)
class Phone(Text):
    kind = FieldKind.PHONE


@dataclass(frozen=True, kw_only=True)
class Domain(Text):
    kind = FieldKind.DOMAIN


@dataclass(frozen=True, kw_only=True)
class Link(Text):
    kind = FieldKind.LINK
    limit: int = 2_000


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    kind = FieldKind.NUMBER


@dataclass(frozen=True, kw_only=True)
class Percent(Field):
    kind = FieldKind.PERCENT


@dataclass(frozen=True, kw_only=True)
class Money(Field):
    kind = FieldKind.MONEY
    currency: str = "currency"
    """The field that holds its currency, to whose minor unit it is rounded."""


def _of_workspace(tx: Reading) -> str:
    return tx.actor.currency


@dataclass(frozen=True, kw_only=True)
class Currency(Field):
    """An ISO 4217 code; the workspace's where a new record names none."""

    kind = FieldKind.CURRENCY
    default: Any = _of_workspace


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    kind = FieldKind.DATE


@dataclass(frozen=True, kw_only=True)
class Moment(Field):
    kind = FieldKind.MOMENT
    edited: bool = False


@dataclass(frozen=True, kw_only=True)
class Checkbox(Field):
    kind = FieldKind.CHECKBOX


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    kind = FieldKind.CHOICE
    values: Mapping[str, str] = field(default_factory=dict)
    """Each value as it is stored, and what people call it."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further words by which files call a value: folded, without punctuation."""


@dataclass(frozen=True)
class Target:
    """The other end of a reference: a view whose column `name` is what people read."""

    called: str
    """In a refusal: There is no such team."""
    view: str
    name: str = "name"
    sought: str = ""
    """SQL that narrows what a new value may be."""
    key: str = ""
    """The column that tells those of one name apart, where names are not unique."""


Options = Callable[[Reading], Mapping[Any, str]]
"""What can be chosen, and what people call it."""


@dataclass(frozen=True, kw_only=True)
class Reference(Field):
    """The id of another record: of a registered type, by its key, or of something that is no type."""

    kind = FieldKind.REFERENCE
    to: str | Target = ""
    shown_with: bool = False
    """Whoever sees this record sees the name of the other: it is read without the other's privacy, which its view would
    work out once more."""
    options: Options | None = None
    """Where there are few to choose from."""


@dataclass(frozen=True, kw_only=True)
class Person(Reference):
    """A user: whose record it is, unless it is declared with other header words."""

    to: str | Target = Target("active user", "users", sought="active", key="email")
    options: Options | None = options.people
    headers: tuple[str, ...] = (
        "owner", "contact owner", "deal owner", "company owner", "assigned to", "sales agent", "responsavel", "dono",
        "proprietario", "vendedor",
    )  # fmt: skip
    example: str = "ana@example.com"


@dataclass(frozen=True, kw_only=True)
class Team(Reference):
    to: str | Target = Target("team", "teams")
    options: Options | None = options.teams
    headers: tuple[str, ...] = ("team", "team name", "hubspot team", "equipe", "time")


@dataclass(frozen=True)
class NameOf:
    """The name of the record that another field points to, read beside it; None where the actor may not see that."""

    field: str


@dataclass(frozen=True)
class CountOf:
    """How many visible records of a type point here by a field of theirs."""

    table: str
    by: str


@dataclass(frozen=True)
class LabelNames:
    """The names of the record's labels."""


@dataclass(frozen=True)
class AttributeValues:
    """The values of custom attributes by key."""
