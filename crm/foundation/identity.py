"""Normal forms of names, emails, phones and domains, for one value; those of whole columns are in
crm/imports/reading/normal_forms.py.

Exact keys are folded in case but never in accents (Müller is not Muller); accents are folded only where people search.
"""

import re
import unicodedata

import idna
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr

_FAULTS_OF_EMAILS = (
    later("An email address must have an @-sign."),
    later("There must be something before the @-sign."),
    later("There must be something after the @-sign."),
    later("There can't be anything after the email address."),
    later("The part after the @-sign is not valid. It should have a period."),
    later("The part after the @-sign is not valid. It is not within a valid top-level domain."),
    later("The part after the @-sign is a special-use or reserved name that cannot be used with email."),
    later("An email address cannot end with a period."),
    later("An email address cannot start with a period."),
    later("An email address cannot have a period immediately before the @-sign."),
    later("An email address cannot have a period immediately after the @-sign."),
    later("An email address cannot have two periods in a row."),
)
"""What the email-validator library says of most addresses that are none."""

BLANKS = " \t"
"""The characters that are trimmed. Everything else that a person typed is kept."""


def text(value: str | None, field: str, limit: int = 500) -> str | None:
    """The text, trimmed; None where empty. Raises Invalid beyond `limit` characters, and for NUL and lone surrogates,
    which neither the store nor an export can hold."""
    if value is None:
        return None
    if "\0" in value:
        raise Invalid(tr("The {field} holds a NUL character. Remove it.", field=tr(field)), field)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            tr(
                "The {field} holds half a character at place {place}. Remove it.",
                field=tr(field),
                place=error.start + 1,
            ),
            field,
        ) from None
    found = value.strip(BLANKS)
    if len(found) > limit:
        raise Invalid(
            tr(
                "The {field} has {count:,} characters; the limit is {limit:,}.",
                field=tr(field),
                count=len(found),
                limit=limit,
            ),
            field,
        )
    return found or None


def email(value: str | None) -> str | None:
    """The address as the email-validator library normalises it (domain in lower case, Unicode NFC), without DNS."""
    found = text(value, later("email"))
    if found is None:
        return None
    try:
        # No DNS look-up: the product calls out to the internet only where an administrator configured it.
        return validate_email(found, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid(
            tr("“{found}” is not an email address: {error}", found=found, error=tr(str(error))), "email"
        ) from None


def email_key(normal: str | None) -> str | None:
    return normal.casefold() if normal else None


def phone(value: str | None, region: str) -> str | None:
    """The number in E.164, such as +5511987654321. Without a country code it is read as one of `region` (ISO 3166)."""
    found = text(value, later("phone"))
    if found is None:
        return None
    try:
        number = phonenumbers.parse(found, region)
    except phonenumbers.NumberParseException:
        message = tr("“{found}” is not a phone number. Write it as +55 11 98765-4321.", found=found)
        raise Invalid(message, "phone") from None
    if not phonenumbers.is_valid_number(number):
        raise Invalid(
            tr(
                "“{found}” is not a phone number that exists in {region} or by its country code.",
                found=found,
                region=region,
            ),
            "phone",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def domain(value: str | None) -> str | None:
    """The host alone, in lower case and IDNA 2008 ASCII form: https://www.Bücher.de/x becomes xn--bcher-kva.de."""
    found = text(value, later("domain"))
    if found is None:
        return None
    host = found.split("://", 1)[-1].split("/", 1)[0].split("?", 1)[0].rsplit("@", 1)[-1].split(":", 1)[0].rstrip(".")
    host = host.removeprefix("www.").removeprefix("WWW.")
    try:
        ascii_form = idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        raise Invalid(tr("“{found}” is not a domain. Write it as example.com.", found=found), "domain") from None
    if "." not in ascii_form:
        raise Invalid(tr("“{found}” is not a domain. Write it as example.com.", found=found), "domain")
    return ascii_form


def search_text(*parts: str | None) -> str:
    """The text that a search looks in: the parts as `searchable` folds them, one a line."""
    return searchable("\n".join(part for part in parts if part))


LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
"""What people type for letters that are no plain letter with an accent."""

ROMANIZED = {
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "і": "i",
    "ї": "yi",
    "є": "ye",
    "ґ": "g",
    "ђ": "dj",
    "ј": "j",
    "љ": "lj",
    "њ": "nj",
    "ћ": "c",
    **dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)),
    "θ": "th",
    "χ": "ch",
    "ψ": "ps",
}
"""How Cyrillic and Greek letters are written in Latin ones."""

APOSTROPHES = "'’‘‛ʼ´`′"
HYPHENS = "-‐‑‒–—−"

SPACES = "[\\s\u00a0\u2000-\u200b\u202f\u3000]+"

_SIGNS = APOSTROPHES + HYPHENS
_PLAIN_SIGNS = "'" * len(APOSTROPHES) + "-" * len(HYPHENS)
_NAMED = str.maketrans(_SIGNS, _PLAIN_SIGNS)
_SEARCHED = str.maketrans({**LETTERS, **dict.fromkeys(APOSTROPHES + HYPHENS, "")})


def searchable(value: str) -> str:
    """The text as searches compare it: folded, with plain letters alone, and without apostrophes and hyphens, which
    people leave out or type in other forms. A test holds it equal to `searchable_sql`, for scripts that both know."""
    return folded(value).translate(_SEARCHED)


def searchable_sql(text: str) -> str:
    """`searchable` of an SQL expression."""
    single = {letter: plain for letter, plain in LETTERS.items() if len(plain) == 1}
    dropped = (APOSTROPHES + HYPHENS).replace("'", "''")
    found = f"translate(strip_accents(lower({text})), '{''.join(single)}{dropped}', '{''.join(single.values())}')"
    for letter, plain in LETTERS.items():
        if letter not in single:
            found = f"replace({found}, '{letter}', '{plain}')"
    return found


def name_key(name: str) -> str:
    """What two spellings of one name share: case, spaces, and the forms of apostrophes and hyphens aside. Accents tell
    names apart. A test holds it equal to `name_key_sql`."""
    return re.sub(SPACES, " ", name.lower().translate(_NAMED)).strip()


def name_key_sql(text: str) -> str:
    """`name_key` of an SQL expression."""
    signs, plain = (part.replace("'", "''") for part in (_SIGNS, _PLAIN_SIGNS))
    return f"trim(regexp_replace(translate(lower({text}), '{signs}', '{plain}'), '{SPACES}', ' ', 'g'))"


def romanized(value: str) -> str:
    """The text in letters a to z and digits, to be read by programs: Курс becomes kurs. Letters of scripts that are not
    in the table are called by the last word of their name in Unicode: ka for カ, 8bfe for 课."""
    found: list[str] = []
    for letter in unicodedata.normalize("NFC", folded(value)):
        if letter in ROMANIZED or letter in LETTERS:
            found.append(ROMANIZED.get(letter, LETTERS.get(letter, "")))
        elif letter.isascii() or not (letter.isalnum() or unicodedata.category(letter).startswith("M")):
            found.append(letter)
        else:
            *_, last = re.split("[ -]", unicodedata.name(letter, "").lower())
            # Ideographs are called by number: apart, else two of them would be one word.
            found.append(f"_{last}_" if "ideograph" in unicodedata.name(letter, "").lower() else last)
    return "".join(found)


def folded(value: str) -> str:
    """The text in lower case and without accents."""
    decomposed = unicodedata.normalize("NFD", value.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
