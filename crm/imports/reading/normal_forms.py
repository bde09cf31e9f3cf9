"""Normal forms of whole columns: a strict expression first, the library only for the unique rest.

Each gives two columns, `<name>` (the normal form) and `<name>_fault` (why there is none). Equal, row for row, to
crm.foundation.identity by a permanent property test.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import polars as pl

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.records.fields import FieldKind

PLAIN_EMAIL = (
    r"^[a-z0-9_+\-]{1,30}(?:\.[a-z0-9_+\-]{1,16}){0,2}@"
    r"(?:[a-z0-9](?:[a-z0-9\-]{0,30}[a-z0-9])?\.){1,4}[a-z]{2,18}$"
)
"""Addresses that the library takes as they are: ASCII, short, no quoting. `--` (punycode) goes to the library."""

NO_EMAILS = {
    r"^[a-zA-Z0-9_+.\-]{1,60}$": "An email address must have an @-sign.",
    r"^[a-z0-9_+\-]{1,30}@[a-zA-Z0-9.\-]{0,40}@[a-zA-Z0-9.\-@]{0,40}$": (
        "The part after the @-sign contains invalid characters: '@'."
    ),
}
"""What is most often taken for an address → what the library says of it."""

SPECIAL_DOMAIN = r"\.(?:arpa|invalid|local|localhost|onion|test)$"
"""Top-level domains that the library refuses."""

BRAZILIAN_AREAS = "1[1-9]|2[12478]|3[1-578]|4[1-9]|5[1345]|6[1-9]|7[134579]|8[1-9]|9[1-9]"
"""Area codes in use."""

BRAZILIAN_MOBILE = rf"\(?(?:{BRAZILIAN_AREAS})\)? ?9[6-9][0-9]{{3}}[ \-.]?[0-9]{{4}}"
"""A mobile number as people write it, without the country's code."""


NOTHING = pl.lit(None, pl.String)


def emails(column: pl.Series) -> pl.DataFrame:
    """`value` and `fault` for each cell; empty cells have neither."""
    trimmed = pl.col("raw").str.strip_chars(identity.BLANKS)
    lowered = trimmed.str.to_lowercase()
    # For a million addresses the expression takes 2.7 s, the library 38 s.
    at = trimmed.str.split_exact("@", 1).struct
    plain = (
        lowered.str.contains(PLAIN_EMAIL)
        & ~lowered.str.contains("--", literal=True)
        & ~lowered.str.contains(SPECIAL_DOMAIN)
    )
    normal = pl.concat_str(at.field("field_0"), pl.lit("@"), at.field("field_1").str.to_lowercase())
    # The library takes 30 µs to refuse one, and a file that names no addresses holds a million.
    fault = pl.coalesce(
        pl.when(trimmed.str.contains(one)).then(_no_email(trimmed, why)) for one, why in NO_EMAILS.items()
    )
    return _by_library(column, pl.when(plain).then(normal), identity.email, pl.when(~plain).then(fault))


def _no_email(text: pl.Expr, why: str) -> pl.Expr:
    return pl.format(tr("“{found}” is not an email address: {error}", found="{}", error=tr(why)), text)


def phones(column: pl.Series, region: str) -> pl.DataFrame:
    country = r"(?:\+55 ?)?" if region == "BR" else r"\+55 ?"
    # The expression knows the mobile numbers of one country only; with it a million take 0.5 s, by the library 33 s.
    mobile = pl.col("raw").str.contains(rf"^[ \t]*{country}{BRAZILIAN_MOBILE}[ \t]*$")
    signs = [*identity.BLANKS, "(", ")", ".", "-"]
    digits = pl.col("raw").str.replace_many(signs, [""] * len(signs)).str.tail(11)
    fast = pl.when(mobile).then(pl.lit("+55") + digits)
    return _by_library(column, fast, lambda raw: identity.phone(raw, region))


def domains(column: pl.Series) -> pl.DataFrame:
    return _by_library(column, pl.lit(None, pl.String), identity.domain)


def of_kind(kind: FieldKind, column: pl.Series, region: str) -> pl.Series:
    """The normal forms of the cells that are values of this kind; nothing for the others."""
    match kind:
        case FieldKind.EMAIL:
            return emails(column)["value"]
        case FieldKind.PHONE:
            return phones(column, region)["value"]
        case FieldKind.DOMAIN:
            return domains(column)["value"]
        case _:
            return column


def texts(column: pl.Series, label: str, limit: int = 500) -> pl.DataFrame:
    trimmed = pl.col("raw").str.strip_chars(identity.BLANKS)
    sound = (trimmed.str.len_chars() <= limit) & ~trimmed.str.contains("\0", literal=True)
    return _by_library(column, pl.when(sound).then(trimmed), lambda raw: identity.text(raw, label, limit))


def by_value(column: pl.Series, rule: Callable[[str], object]) -> pl.DataFrame:
    """`value` and `fault` of each cell by a rule of one text, which is called once for each different text."""
    return _by_library(column, pl.lit(None, pl.String), rule)


def _by_library(
    column: pl.Series, fast: pl.Expr, rule: Callable[[str], object], refused: pl.Expr = NOTHING
) -> pl.DataFrame:
    """`value` and `fault` of each cell: by the expressions for value and fault, by the rule where both are null."""
    frame = pl.DataFrame({"raw": column}).with_columns(
        value=fast, refused=refused, empty=pl.col("raw").str.strip_chars(identity.BLANKS).fill_null("") == ""
    )
    filled = pl.when(~pl.col("empty"))
    frame = frame.with_columns(value=filled.then("value"), refused=filled.then("refused"))
    rest = frame.filter(pl.col("value").is_null() & pl.col("refused").is_null() & ~pl.col("empty"))["raw"].unique()
    if rest.is_empty():
        return frame.select("value", fault="refused")
    found = pl.DataFrame(
        _by_rule(rest, rule), schema={"raw": pl.String, "slow": pl.String, "fault": pl.String}, orient="row"
    )
    joined = frame.join(found, on="raw", how="left", maintain_order="left")
    return joined.select(value=pl.coalesce("value", "slow"), fault=pl.coalesce("refused", "fault"))


def _by_rule(values: Iterable[str], rule: Callable[[str], object]) -> list[tuple[str, str | None, str | None]]:
    found: list[tuple[str, str | None, str | None]] = []
    for raw in values:
        try:
            value = rule(raw)
        except Invalid as refusal:
            found.append((raw, None, str(refusal)))
        else:
            found.append((raw, None if value is None else str(value), None))
    return found


def name_keys(name: pl.Expr) -> pl.Expr:
    """crm.foundation.identity.name_key of whole columns."""
    plain = name.str.to_lowercase().str.replace_all(f"[{re.escape(identity.APOSTROPHES)}]", "'")
    return (
        plain.str.replace_all(f"[{re.escape(identity.HYPHENS)}]", "-")
        .str.replace_all(identity.SPACES, " ")
        .str.strip_chars(" ")
    )


LATIN = r"^[\x00-\x{024F}\x{2000}-\x{206F}]*$"
"""Letters whose accents Unicode's own decomposition takes off as crm.foundation.identity does, and punctuation."""

JOINING = f"[{re.escape(identity.APOSTROPHES + identity.HYPHENS)}]"


def search_texts(rows: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """crm.foundation.identity.search_text of whole columns."""
    if not columns:
        return pl.repeat("", rows.height, eager=True)
    # Each column by itself: the names of a file have accents, and few of its emails and phones.
    folded = pl.DataFrame({column: _searchable(rows[column]) for column in columns})
    return folded.select(pl.concat_str(columns, separator="\n", ignore_nulls=True)).to_series()


def _searchable(texts: pl.Series) -> pl.Series:
    """crm.foundation.identity.searchable of a whole column."""
    frame = pl.DataFrame({"text": texts}).with_columns(lowered=pl.col("text").str.to_lowercase())
    ascii_only = (frame["text"].str.len_bytes() == frame["text"].str.len_chars()).fill_null(True)
    plain = frame["lowered"].str.replace_all(r"['`-]", "")
    # Most columns are ASCII alone, where this is all that folding does.
    if ascii_only.all():
        return plain
    others = frame.filter(~ascii_only).select("text", "lowered", latin=pl.col("text").str.contains(LATIN))
    bare = pl.col("lowered").str.normalize("NFD").str.replace_all(r"[\x{0300}-\x{036F}]", "")
    bare = bare.str.replace_all(JOINING, "").str.replace_many(identity.LETTERS)
    foreign = others.filter(~pl.col("latin"))["text"].unique()
    # Python folds the few texts of other scripts, each once.
    folds = {text: identity.searchable(text) for text in foreign}
    found = others.with_columns(folded=bare)
    if folds:
        found = found.with_columns(folded=pl.when("latin").then("folded").otherwise(pl.col("text").replace(folds)))
    return plain.scatter(ascii_only.not_().arg_true(), found["folded"])


def email_keys(emails: pl.Series) -> pl.Series:
    """crm.foundation.identity.email_key of a column: lower case is the fold of ASCII, Python's own for the rest."""
    frame = pl.DataFrame({"email": emails})
    beyond = frame.filter(pl.col("email").str.contains(r"[^\x00-\x7F]"))["email"].unique()
    folds = {email: email.casefold() for email in beyond}
    lowered = pl.col("email").str.to_lowercase()
    return frame.select(pl.col("email").replace_strict(folds, default=lowered) if folds else lowered).to_series()
