"""What the command line says of an import, as options: FIELD=TEXT, FIELD:TEXT=VALUE, a mapping by name or file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.imports import Options
from crm.imports.model import ATTRIBUTE


def mapped(kind: str, mapping: str | None, saved: Callable[[str], dict[str, Options]]) -> Options:
    """The options of a JSON file or of a saved mapping; the defaults where none is named."""
    if mapping is None:
        return Options()
    if Path(mapping).is_file():
        return Options.model_validate_json(Path(mapping).read_text(encoding="utf-8"))
    known = saved(kind)
    if mapping not in known:
        raise Invalid(
            tr(
                "“{mapping}” is neither a file nor a saved mapping of {kinds}: {known}.",
                mapping=mapping,
                kinds=kind,
                known=", ".join(known) or tr("none"),
            )
        )
    return known[mapping]


def pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """{FIELD: TEXT} of FIELD=TEXT."""
    for pair in given or []:
        if "=" not in pair:
            raise Invalid(tr("{option} takes FIELD=TEXT, not “{given}”.", option=option, given=pair))
    return {key.strip(): text for key, text in (pair.split("=", 1) for pair in given or [])}


def mapped_values(given: Sequence[str] | None, rejected: Sequence[str] | None) -> dict[str, dict[str, str | None]]:
    """As `Options.values`, of FIELD:TEXT=VALUE and, for those whose rows are rejected, FIELD:TEXT."""
    found: dict[str, dict[str, str | None]] = {}
    for said, meaning in pairs(given, "--value").items():
        field, text = _field_and_text(said, "--value")
        found.setdefault(field, {})[text] = meaning
    for said in rejected or []:
        field, text = _field_and_text(said, "--reject-value")
        found.setdefault(field, {})[text] = None
    return found


def added_values(given: Sequence[str] | None) -> dict[str, list[str]]:
    """As `Options.new_values`, of FIELD:TEXT."""
    found: dict[str, list[str]] = {}
    for said in given or []:
        field, text = _field_and_text(said, "--add-value")
        found.setdefault(field, []).append(text)
    return found


def _field_and_text(said: str, option: str) -> tuple[str, str]:
    """The two parts of status:delivered, or attribute:plan:gold."""
    prefix = ATTRIBUTE if said.startswith(ATTRIBUTE) else ""
    field, colon, text = said.removeprefix(prefix).partition(":")
    if not (field and colon and text):
        raise Invalid(tr("{option} takes FIELD:TEXT, not “{given}”.", option=option, given=said))
    return prefix + field, text
