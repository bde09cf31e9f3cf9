"""The reasons of pairs in words. A score is 50 to 99; evidence against lowers it."""

from collections.abc import Mapping

from crm.foundation.language import later, tr
from crm.records import registry

_REASONS = {
    "contact": {
        "email": later("The emails differ only in dots or a +tag"),
        "phone": later("The phones end in the same eight digits"),
        "identifier": later("The identifiers differ only in case, punctuation or leading zeros"),
        "name": later("The names are the same, accents and order of words aside"),
        "similar_name": later("The names are alike"),
        "company": later("They work at the same company"),
        "domain": later("Their emails are of the same domain"),
        "city": later("They live in the same city"),
    },
    "company": {
        "name": later("The names are the same, accents and case aside"),
        "legal_form": later("The names differ only in the legal form"),
        "similar_name": later("The names are alike"),
        "domain": later("The domains differ only before or after the same name"),
    },
}
_OF_CUSTOM = {
    "name": later("The names are the same, accents and case aside"),
    "similar_name": later("The names are alike"),
    "code": later("A unique field differs only in case, punctuation or leading zeros"),
}
"""Of every type that a team made."""
AGAINST = {
    "other_identifier": later("But their identifiers differ"),
    "other_email": later("But they have two addresses at one domain"),
    "other_phone": later("But their phones differ"),
    "other_domain": later("But their domains differ"),
}
SHORT = {
    "email": later("Email"),
    "phone": later("Phone"),
    "identifier": later("Identifier"),
    "name": later("Same name"),
    "similar_name": later("Similar name"),
    "company": later("Company"),
    "domain": later("Domain"),
    "city": later("City"),
    "legal_form": later("Legal form"),
    "code": later("Unique field"),
    "other_identifier": later("Other identifier"),
    "other_email": later("Two addresses"),
    "other_phone": later("Other phone"),
    "other_domain": later("Other domain"),
}


def reasons(kind: str) -> Mapping[str, str]:
    """{reason of pairs of this kind: its sentence}; `tr` shows it."""
    return _OF_CUSTOM if registry.is_custom(kind) else _REASONS[kind]


def sentence(kind: str, reason: str) -> str:
    return tr(reasons(kind).get(reason) or AGAINST[reason])
