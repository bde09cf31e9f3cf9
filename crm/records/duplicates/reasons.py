"""The reasons of pairs in words. A score is 50 to 99; evidence against lowers it."""

REASONS = {
    "contact": {
        "email": "The emails differ only in dots or a +tag",
        "phone": "The phones end in the same eight digits",
        "identifier": "The identifiers differ only in case, punctuation or leading zeros",
        "name": "The names are the same, accents and order of words aside",
        "similar_name": "The names are alike",
        "company": "They work at the same company",
        "domain": "Their emails are of the same domain",
        "city": "They live in the same city",
    },
    "company": {
        "name": "The names are the same, accents and case aside",
        "legal_form": "The names differ only in the legal form",
        "similar_name": "The names are alike",
        "domain": "The domains differ only before or after the same name",
    },
}
AGAINST = {
    "other_identifier": "But their identifiers differ",
    "other_email": "But they have two addresses at one domain",
    "other_phone": "But their phones differ",
    "other_domain": "But their domains differ",
}
SHORT = {
    "email": "Email",
    "phone": "Phone",
    "identifier": "Identifier",
    "name": "Same name",
    "similar_name": "Similar name",
    "company": "Company",
    "domain": "Domain",
    "city": "City",
    "legal_form": "Legal form",
    "other_identifier": "Other identifier",
    "other_email": "Two addresses",
    "other_phone": "Other phone",
    "other_domain": "Other domain",
}


def sentence(kind: str, reason: str) -> str:
    return REASONS[kind].get(reason) or AGAINST[reason]
