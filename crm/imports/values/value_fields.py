"""The fields whose values are few: a choice, a list, a checkbox, a user, a stage; what each takes and reads."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.foundation import identity
from crm.foundation.access import Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.imports.fields import Target, targets
from crm.imports.hooks import hooks_of
from crm.imports.model import ATTRIBUTE
from crm.imports.planning.cleaning import choice
from crm.records.attributes import AttributeType, Definition
from crm.records.attributes.types import tick_of
from crm.records.declaration import RecordType
from crm.records.fields import Checkbox, Choice, Person, Reference
from crm.records.fields import Target as OtherEnd
from crm.store import Reading

TICKS = {"yes": later("Yes"), "no": later("No")}


@dataclass(frozen=True)
class ValueField:
    key: str
    """The target: status, owner, attribute:plan."""
    label: str
    values: Mapping[str, str]
    """{what a file may say: its name for people}, in the field's order."""
    read: Callable[[str], str | None]
    """The name of the value that a text of a file means; None where it means none."""
    near: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    new: bool = False
    """Whether the actor may add values to it by an import."""
    is_person: bool = False
    is_named_by_us: bool = False
    """Whether the names of its values are the product's own, which are translated where they are shown."""

    def shown(self, name: str) -> str:
        """The name of a value as people read it."""
        return tr(name) if self.is_named_by_us else name


def value_fields(tx: Reading, of: RecordType[Any], definitions: Iterable[Definition]) -> dict[str, ValueField]:
    """The type's fields of few values, by their targets."""
    own = (_of_target(tx, of, each) for each in targets(of, tx.actor.modules))
    custom = (_of_attribute(each) for each in definitions)
    return {each.key: each for each in (*own, *custom) if each}


def _of_target(tx: Reading, of: RecordType[Any], target: Target) -> ValueField | None:
    key, label, declared = target.key, tr(target.label), target.field
    if isinstance(declared, Choice):
        values, near = declared.values, declared.near
        return ValueField(key, label, values, lambda text: _chosen(declared, text), near, is_named_by_us=True)
    if isinstance(declared, Checkbox):
        return ValueField(key, label, TICKS, _ticked, is_named_by_us=True)
    if isinstance(declared, Person):
        return _of_people(tx, key, label)
    if isinstance(declared, Reference) and isinstance(declared.to, OtherEnd):
        return _of_names(tx, key, label, declared.to, hooks_of(of).known_words.get(key, frozenset()))
    return None


def _of_attribute(definition: Definition) -> ValueField | None:
    key, label = ATTRIBUTE + definition.key, definition.name
    if definition.type is AttributeType.CHECKBOX:
        return ValueField(key, label, TICKS, _ticked, is_named_by_us=True)
    if definition.type is not AttributeType.LIST:
        return None
    names = {name.casefold(): name for name in reversed(definition.values)}
    values = {name: name for name in definition.values}
    return ValueField(key, label, values, lambda text: names.get(text.casefold()), new=True)


def _chosen(of: Choice, text: str) -> str | None:
    try:
        return of.values[choice(of, text)]
    except Invalid:
        return None


def _ticked(text: str) -> str | None:
    found = tick_of(text)
    return None if isinstance(found, str) else TICKS["yes" if found else "no"]


def _of_people(tx: Reading, key: str, label: str) -> ValueField:
    people = tx.rows("SELECT name, email FROM users ORDER BY active DESC, name, email")
    values = {person["email"]: person["name"] for person in people}

    def read(text: str) -> str | None:
        named = [one for one in people if text.lower() in (one["name"].lower(), one["email"].lower())]
        return named[0]["name"] if len(named) == 1 else None

    return ValueField(key, label, values, read, new=tx.actor.may(Permission.MANAGE_SETTINGS), is_person=True)


def _of_names(tx: Reading, key: str, label: str, to: OtherEnd, words: frozenset[str]) -> ValueField:
    rows = tx.rows(f"SELECT {to.name} AS name FROM {to.view} GROUP BY ALL ORDER BY min(id)")
    values = {row["name"]: row["name"] for row in rows}
    names = {name.casefold(): name for name in values}
    return ValueField(
        key,
        label,
        values,
        lambda text: names.get(text.casefold()) or (text if identity.folded(text.strip()) in words else None),
    )
