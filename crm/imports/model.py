"""What an import is: its options, its states, and what it says about a file and its rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field

from crm.foundation.language import tr
from crm.records import registry
from crm.records.declaration import RecordType, Trait
from crm.records.type_words import PluralOf

ATTRIBUTE = "attribute:"
"""Prefix of a mapping target that is a custom attribute: `attribute:product`."""

SKIP = ""
"""Mapping target of a column that is left out."""


def types() -> list[RecordType[Any]]:
    """What files can be imported as."""
    return registry.having(Trait.IMPORT)


def kinds() -> list[str]:
    """As `types`, by the words of addresses, the API and the command line: contacts."""
    return [of.plural for of in types()]


def type_of(word: str) -> RecordType[Any]:
    """The type with this plural, or with this slug where a team made it. Raises Invalid where it cannot be imported."""
    refusal = tr("There is no import of “{plural}”, only of {known}.")
    return registry.by_word(word, trait=Trait.IMPORT, refusal=refusal)


Kind = Annotated[str, PluralOf(Trait.IMPORT)]


class OnDuplicate(StrEnum):
    """What happens to a row whose record is already there. An empty cell never erases anything."""

    SKIP = "skip"
    FILL = "fill"
    OVERWRITE = "overwrite"


class Outcome(StrEnum):
    """What becomes of a row; each row has one. A conflict is refused for what the store holds: the row is about two
    records at once, or about one that its person may not see. Anything else that is refused is rejected."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class Fate(BaseModel, frozen=True):
    """One row with what became, or in a dry run would become, of it. Values are as people read them."""

    line: int
    outcome: Outcome
    id: int | None = None
    """Of the record that it is about; None while it is still to be created, and where it was refused."""
    name: str | None = None
    fields: dict[str, Any] = {}
    """Created, unchanged and skipped: field → what the file gives."""
    changes: dict[str, list[Any]] = {}
    """Updated: field → [before, after], only where they differ."""
    field: str | None = None
    """Conflict and rejected: the field at fault, if one is."""
    reason: str | None = None
    cells: list[str] = []
    """Conflict and rejected: the row as it stands in the file."""


class Fates(BaseModel, frozen=True):
    """A page of rows of one outcome; `total` counts all that were asked for. `kept` is false where the rows have been
    cleaned up since: the counts of the import still hold."""

    items: list[Fate]
    total: int
    kept: bool = True


class UndoPreview(BaseModel, frozen=True):
    """What undoing an import would do now."""

    deleted: int
    """Records that it created and nothing has touched since."""
    restored: int
    """Records that it updated and nothing has touched since: they become what they were."""
    companies: int
    """Companies that it made on the way and nobody else uses."""
    contacts: int = 0
    """As companies."""
    labels: int = 0
    """Labels that it made on the way and no other record has."""
    left: int
    reasons: dict[str, int]
    """Why records would be left as they are → how many, the most first."""


class LeftAlone(BaseModel, frozen=True):
    """A record that undoing an import leaves as it is. `name` is None where the actor may not see it."""

    line: int
    id: int
    kind: str
    name: str | None
    reason: str


class LeftPage(BaseModel, frozen=True):
    items: list[LeftAlone]
    total: int


class BadCell(StrEnum):
    """What becomes of a cell that cannot be read."""

    REJECT = "reject"
    EMPTY = "empty"


class Unread(BaseModel, frozen=True):
    """A cell that was left empty, or read in part, in a row that was not rejected."""

    line: int
    field: str
    reason: str
    cells: list[str]
    """The row as it stands in the file."""


class UnreadPage(BaseModel, frozen=True):
    items: list[Unread]
    total: int


class Options(BaseModel, frozen=True, extra="forbid"):
    """How one file is read and understood; None means: find out, and say what was found."""

    encoding: str | None = None
    """The name of any encoding, as IANA or Python has it: windows-1251. None: a byte-order mark, else UTF-8 where the
    file is that, else a guess; one that is not sure has to be confirmed before the import is applied."""
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    quote: str | None = Field(None, min_length=1, max_length=1)
    sheet: str | None = None
    """Of a workbook: the name of the sheet that is read; None for the first visible one."""
    header_line: int | None = Field(None, ge=1, le=1_000)
    """Line (of a workbook: row) on which the header stands; None for the first that is filled."""
    decimal: Literal[".", ","] | None = None
    date_patterns: dict[str, str] = {}
    """Field → pattern such as %d/%m/%Y; “*” for every field without one of its own."""
    mapping: dict[str, str] = {}
    """Column header → field, `attribute:<key>` or "" to skip; headers not named here are matched by their words."""
    values: dict[str, dict[str, str | None]] = {}
    """Field → text in the file → what is read in its place: “” leaves the cell empty, null rejects the row. Texts are
    compared without case, accents and underscores."""
    new_values: dict[str, list[str]] = {}
    """Field → texts that are added where they do not exist: to the list of an attribute, or as disabled users."""
    constants: dict[str, str] = {}
    """Field → text for every row whose own cell is empty; {column header} stands for that row's cell."""
    bad_cells: dict[str, BadCell] = {}
    """Field → what becomes of a cell that cannot be read: its row is rejected, or it is left empty and listed; “*” for
    every field without a choice of its own."""
    region: str | None = Field(None, pattern="^[A-Z]{2}$")
    """ISO 3166 code, for phones without a country code; None for the workspace's."""
    second: dict[str, str] = {}
    """Field of emails or phones → field for what else its cell holds: further ones, an extension. They are listed
    where there is none."""
    new_attributes: dict[str, str] = {}
    """Key → type of custom attributes to make where they do not exist."""
    new_list_values: bool = False
    """A value that a list does not have is added to the list instead of rejecting its row."""
    on_duplicate: OnDuplicate = OnDuplicate.FILL
    make_companies: bool = False
    make_contacts: bool = False
    """Of orders: a buyer whom no contact is, but who has an identifier, email or phone, becomes one."""
    make_owners: bool = False
    keep_placeholders: bool = False
    """A word for nothing (NULL, n/a, -, #N/A …) is taken as it is written instead of as an empty cell."""
    label_delimiter: Literal[";", ",", "|"] | None = None
    """What stands between several labels in a cell; None for the one that the column uses."""
    leave_unknown: bool = False
    """An owner, company or contact that is not known is left empty instead of rejecting its row."""
    dry_run: bool = False

    def leaves_empty(self, field: str) -> bool:
        """Whether a cell of this field that cannot be read is left empty."""
        return self.bad_cells.get(field, self.bad_cells.get("*")) is BadCell.EMPTY

    def with_values(self, values: Mapping[str, Mapping[str, str | None]], new: Mapping[str, Sequence[str]]) -> Self:
        """The options with further values mapped, and further ones to be added."""
        mapped = {key: {**self.values.get(key, {}), **values.get(key, {})} for key in {**self.values, **values}}
        added = {
            key: list(dict.fromkeys([*self.new_values.get(key, []), *new.get(key, [])]))
            for key in {**self.new_values, **new}
        }
        return self.model_copy(update={"values": mapped, "new_values": added})


class Import(BaseModel, frozen=True):
    id: int
    kind: Kind
    upload_id: int
    file_name: str
    state: Literal["queued", "running", "planned", "done", "failed", "cancelled", "undone"]
    options: Options
    progress: float
    step: str
    total: int
    created: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    """Conflicts included: total = created + updated + unchanged + skipped + rejected."""
    conflicts: int
    message: str | None
    created_by: int
    created_by_name: str
    created_at: datetime
    begun_at: datetime | None
    finished_at: datetime | None
    undo_state: Literal["queued", "running", "failed", "done"] | None
    undo_by: int | None
    undo_ended_at: datetime | None
    undone: dict[str, int]
    """Once it was undone, how many records were `deleted`, `restored` and `left` as they were, and of the companies
    and contacts made on the way, `companies` and `contacts` deleted."""
    header: list[str]
    found: dict[str, Any]
    """What was detected: encoding, delimiter, decimal mark, date patterns, mapping, notices."""

    @property
    def of(self) -> RecordType[Any]:
        return type_of(self.kind)

    @property
    def at_work(self) -> bool:
        return self.state in ("queued", "running") or self.undo_state in ("queued", "running")
