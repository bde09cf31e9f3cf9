"""What an import of a type offers people to choose, said of the type."""

from typing import Any

from crm.foundation.language import tr
from crm.imports.fields import all_targets, made_by_name
from crm.imports.hooks import hooks_of
from crm.imports.planning.cleaning import unique_targets
from crm.records.declaration import RecordType
from crm.records.fields import Person


def found_by(of: RecordType[Any]) -> str:
    """The sentence that says how a row finds the record that it is about."""
    labels = [tr(one.label).lower() for one in unique_targets(of)]
    by_hand = hooks_of(of).found_by
    if by_hand:
        return tr(by_hand)
    if not labels:
        return tr("Every row becomes a record of its own.")
    return tr("Found by {fields}.", fields=tr(", then ").join(labels))


def makes(of: RecordType[Any]) -> frozenset[str]:
    """The options under which an import makes the records that its rows point to."""
    found = set(hooks_of(of).makes)
    if made_by_name(of):
        found.add("make_companies")
    if any(isinstance(one.field, Person) for one in all_targets(of).values()):
        found.add("make_owners")
    return frozenset(found)
