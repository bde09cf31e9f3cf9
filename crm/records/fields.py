"""The classes of fields that a record declares: `name: Annotated[str, Text(limit=300)]`.

`field_kinds` says how values of each kind are checked, stored and filtered; the screens decide how they are drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from crm.foundation.access import Module
from crm.foundation.language import later, tr
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
    """A unique value. `column` stores its normal form and is UNIQUE in the table."""

    column: str
    form: Callable[[Mapping[str, Any]], str | None] | None = None
    """Computes the normal form from the record's fields; None for that of its kind of field, mostly the value
    itself."""
    taken: str = later("The {label} {value} already belongs to {holder}.")
    """The error message. `{holder}` names the other record only to those who may see it; fields are available by
    key."""
    reads: tuple[str, ...] = ()
    """The fields that `form` reads, where that is not only this one."""


@dataclass(frozen=True)
class Sort:
    """A sort of the list by this field, called by the field's key without `_id`. `sql` is needed where it is not the
    column itself, or in lower case for text."""

    sql: str = ""
    module: Module | None = None


@dataclass(frozen=True, kw_only=True)
class Field:
    """A declared field. In its SQL, `{record}` stands for the record's alias."""

    kind: ClassVar[FieldKind]

    label: str = ""
    """Its name for people; made from the key if empty: Owner for owner_id."""
    column: str = ""
    """The column's name, if not the field's."""
    read: str = ""
    """SQL that filters and sorts read, if not the column."""
    write: str = ""
    """SQL that an edit writes into the column, if not the value; `{value}` stands for the value."""
    required: str = ""
    """The error message for a missing value, as `missing` shows it. Made from the label if the Python type does not
    allow None."""
    unique: Unique | None = None
    searched: bool = False
    """Whether the search box searches it."""
    sort: Sort | None = None
    filtered: bool = True
    edited: bool = True
    """Whether create and edit accept it; if not, special verbs or the store itself write it."""
    merged: bool = False
    """Whether a merge chooses its value although edits do not accept it."""
    module: Module | None = None
    """The module that the field needs; it does not exist while that is off."""
    headers: tuple[str, ...] = ()
    """Header words in files, in addition to the label. Imports accept fields that edits accept or that have header
    words."""
    example: str = ""
    """An example value for import templates and the API's description."""
    exported: bool = True
    """Whether exports have it as a column, as long as its module is on."""
    header: str = ""
    """The column's header in exports, if not the label: a header word that imports know."""
    described: str = ""
    """Its description in the API, where its name is not enough."""
    default: Any = None
    """The default of a new record: a value, or a function of the transaction."""
    wrong: str = ""
    """The error message for an invalid value, if its kind's own is not enough; `{value}` stands for the value."""

    @property
    def word(self) -> str:
        """The label inside a sentence, translated; an abbreviation keeps its capitals."""
        label = tr(self.label)
        return label if label.isupper() else label.lower()

    @property
    def missing(self) -> str:
        """The error message for a missing value, translated."""
        return tr(self.required, label=tr(self.label))


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    kind = FieldKind.TEXT
    limit: int = 500
    pattern: str = ""
    """A regular expression that the whole text must match."""
    hint: str = ""
    """The pattern in words, for people."""


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
    share: bool = False
    """It is one of a whole: between 0 and 100."""


@dataclass(frozen=True, kw_only=True)
class Money(Field):
    kind = FieldKind.MONEY
    currency: str = "currency"
    """The field with its currency, to whose minor unit it is rounded."""


def _workspace_currency(tx: Reading) -> str:
    return tx.actor.currency


@dataclass(frozen=True, kw_only=True)
class Currency(Field):
    """An ISO 4217 code; by default the workspace's currency."""

    kind = FieldKind.CURRENCY
    default: Any = _workspace_currency


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
    """{stored value: its name for people}."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further words by which files call a value: folded, without punctuation."""
    former: Mapping[str, str] = field(default_factory=dict)
    """{former name of a value: its current one}, which saved filters may still use."""
    near: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Words of other systems that come near a value: proposed to a person who imports, never taken by themselves."""


@dataclass(frozen=True)
class Target:
    """The target of a reference: a view whose column `name` is shown to people."""

    label: str
    """Its name in an error message: There is no such team."""
    view: str
    name: str = "name"
    condition: str = ""
    """SQL condition on new values."""
    key: str = ""
    """The column that distinguishes rows of one name, if names are not unique."""


Options = Callable[[Reading], Mapping[Any, str]]
"""Reads the options of a field: {value: its name for people}."""


@dataclass(frozen=True, kw_only=True)
class Reference(Field):
    """The id of another record: of a registered type, given by its key, or of a `Target` that is no record type."""

    kind = FieldKind.REFERENCE
    to: str | Target = ""
    shown_with: bool = False
    """Whether everybody who sees this record sees the other's name. It is then read from the base table, which saves
    the view's check of privacy."""
    options: Options | None = None
    """The options, where there are few."""


@dataclass(frozen=True, kw_only=True)
class Person(Reference):
    """A user: whose record it is, unless it is declared with other header words."""

    to: str | Target = Target(later("active user"), "users", condition="active", key="email")
    options: Options | None = options.people
    headers: tuple[str, ...] = (
        "owner", "contact owner", "deal owner", "company owner", "account owner", "lead owner", "opportunity owner",
        "record owner", "owner name", "owner email", "assigned to", "sales agent", "sales person", "salesperson",
        "sales rep",
        "account manager", "responsavel", "dono",
        "proprietario", "vendedor",
    )  # fmt: skip
    example: str = "ana@example.com"


@dataclass(frozen=True, kw_only=True)
class Team(Reference):
    to: str | Target = Target(later("team"), "teams")
    options: Options | None = options.teams
    headers: tuple[str, ...] = ("team", "team name", "hubspot team", "sales team", "equipe", "time")


@dataclass(frozen=True)
class NameOf:
    """The name of the record that another field refers to; None where the actor may not see that."""

    field: str


@dataclass(frozen=True)
class CountOf:
    """The number of visible records of a type that refer to this one."""

    table: str
    by: str


@dataclass(frozen=True)
class LabelNames:
    """The names of the record's labels."""


@dataclass(frozen=True)
class AttributeValues:
    """The values of custom attributes: {key: value}."""
