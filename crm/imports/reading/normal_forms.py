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
    frame = _trimmed(column).with_columns(lowered=pl.col("trimmed").str.to_lowercase())
    # For a million addresses the expression takes 0.3 s, the library 38 s.
    lowered = pl.col("lowered")
    plain = (
        lowered.str.contains(PLAIN_EMAIL)
        & ~lowered.str.contains("--", literal=True)
        & ~lowered.str.contains(SPECIAL_DOMAIN)
    )
    frame = frame.with_columns(value=pl.when(plain).then(lowered))
    # Capitals before the @-sign are kept; in most files few addresses have any.
    capitals = frame.select((pl.col("value") != pl.col("trimmed")).fill_null(False)).to_series()
    if capitals.any():
        at = pl.col("trimmed").str.split_exact("@", 1).struct
        normal = pl.concat_str(at.field("field_0"), pl.lit("@"), at.field("field_1").str.to_lowercase())
        those = frame.filter(capitals).select(normal).to_series()
        frame = frame.with_columns(frame["value"].scatter(capitals.arg_true(), those))
    return _by_library(frame, identity.email, _no_email())


def _no_email() -> pl.Expr:
    """The refusal of what is most often taken for an address."""
    # The library takes 30 µs to refuse one, and a column that holds no addresses is a million of them.
    text = pl.col("trimmed")
    return pl.coalesce(
        pl.when(text.str.contains(pattern)).then(
            pl.format(tr("“{found}” is not an email address: {error}", found="{}", error=tr(why)), text)
        )
        for pattern, why in NO_EMAILS.items()
    )


def phones(column: pl.Series, region: str) -> pl.DataFrame:
    country = r"(?:\+55 ?)?" if region == "BR" else r"\+55 ?"
    # The expression knows the mobile numbers of one country only; with it a million take 0.4 s, by the library 33 s.
    mobile = pl.col("trimmed").str.contains(f"^{country}{BRAZILIAN_MOBILE}$")
    signs = [" ", "(", ")", ".", "-"]
    digits = pl.col("trimmed").str.replace_many(signs, [""] * len(signs)).str.tail(11)
    frame = _trimmed(column).with_columns(value=pl.when(mobile).then(pl.lit("+55") + digits))
    return _by_library(frame, lambda raw: identity.phone(raw, region))


def domains(column: pl.Series) -> pl.DataFrame:
    return by_value(column, identity.domain)


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
    trimmed = pl.col("trimmed")
    sound = (trimmed.str.len_chars() <= limit) & ~trimmed.str.contains("\0", literal=True)
    frame = _trimmed(column).with_columns(value=pl.when(sound & (trimmed != "")).then(trimmed))
    return _by_library(frame, lambda raw: identity.text(raw, label, limit))


def by_value(column: pl.Series, rule: Callable[[str], object]) -> pl.DataFrame:
    """`value` and `fault` of each cell by a rule of one text, which is called once for each different text."""
    return _by_library(_trimmed(column).with_columns(value=NOTHING), rule)


def _trimmed(column: pl.Series) -> pl.DataFrame:
    """The cells as they are, `raw`, and without the blanks around them, `trimmed`."""
    return pl.DataFrame({"raw": column}).with_columns(trimmed=pl.col("raw").str.strip_chars(identity.BLANKS))


def _by_library(frame: pl.DataFrame, rule: Callable[[str], object], refusal: pl.Expr = NOTHING) -> pl.DataFrame:
    """`value` and `fault` of each cell of a `_trimmed` frame with `value`. Of a filled cell without one, the refusal,
    where that is not null, or else the rule says what it is: once for each different text."""
    rest = frame.filter(pl.col("value").is_null() & (pl.col("trimmed") != "")).select("raw", "trimmed").unique("raw")
    if rest.is_empty():
        return frame.select("value", fault=NOTHING)
    refused = rest.select("raw", slow=NOTHING, fault=refusal).drop_nulls("fault")
    others = rest.join(refused, on="raw", how="anti")["raw"]
    by_rule = pl.DataFrame(_by_rule(others, rule), schema=refused.schema, orient="row")
    joined = frame.select("raw", "value").join(
        pl.concat([refused, by_rule]), on="raw", how="left", maintain_order="left"
    )
    return joined.select(value=pl.coalesce("value", "slow"), fault="fault")


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
"""Latin letters and punctuation, of each of which crm.foundation.identity makes the same wherever it stands."""

_LATIN = [chr(code) for code in (*range(0x250), *range(0x2000, 0x2070), 0x307)]
"""The same, with the dot that İ leaves above its small letter."""

SEARCHED_LATIN = {one: plain for one in _LATIN if one == one.lower() and (plain := identity.searchable(one)) != one}


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
    foreign = others.filter(~pl.col("latin"))["text"].unique()
    # Python folds the few texts of other scripts, each once.
    folds = {text: identity.searchable(text) for text in foreign}
    # One pass instead of four: letter, accents, signs, and what is typed for letters of other alphabets.
    found = others.with_columns(folded=pl.col("lowered").str.replace_many(SEARCHED_LATIN))
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
