"""Contacts from a file: by identifier, then email, then phone."""

import polars as pl

from crm.imports.planning import labelled
from crm.imports.planning.attribute_columns import ticks
from crm.imports.planning.columns import Columns
from crm.imports.planning.table import Table, by_key

TABLE = Table(
    noun="contact",
    name="contacts",
    keys={"identifier": "identifier_key", "email": "email_key", "phone": "phone_key"},
    plain=("name", "city", "country", "company_id", "owner_id", "team_id", "blocked"),
    search=("name", "email", "phone", "identifier"),
    shown="coalesce(found.name, found.email, found.phone)",
    finders=(
        by_key("identifier", "contacts", "identifier_key"),
        by_key("email", "contacts", "email_key"),
        by_key("phone", "contacts", "phone_key"),
    ),
    match_on=("identifier_key", "email_key", "phone_key"),
    needs=~pl.all_horizontal(pl.col("name", "email", "phone").is_null()),
    unless="The row has no name, email or phone: one of them is needed.",
    carried=("row.named_company",),
)

KEYS = (("identifier_key", "identifier"), ("email_key", "email"), ("phone_key", "phone"))


def clean(columns: Columns) -> None:
    for key, limit in (("name", 300), ("identifier", 200), ("city", 120), ("country", 120)):
        columns.text(key, limit)
    for key in ("first_name", "last_name"):
        columns.text(key, 150)
    columns.email("email")
    columns.phone("phone")
    columns.text("company", 300)
    columns.text("owner", 200)
    columns.text("team", 200)
    labelled.clean(columns)
    columns.put("blocked", lambda column: ticks(column, columns.mapping.header_of("blocked")))
    columns.clean = columns.clean.with_columns(blocked=pl.col("blocked") == "true")
    columns.clean = columns.clean.with_columns(
        name=pl.coalesce("name", _joined("first_name", "last_name")),
        email_key=email_keys(columns.clean["email"]),
        phone_key="phone",
        identifier_key="identifier",
    ).drop("first_name", "last_name")
    nobody = pl.all_horizontal(pl.col("name", "email", "phone", "identifier").is_null())
    columns.refuse_where(nobody, None, TABLE.unless)


def _joined(first: str, last: str) -> pl.Expr:
    both = pl.concat_str(first, last, separator=" ", ignore_nulls=True)
    return pl.when(both != "").then(both)


def email_keys(emails: pl.Series) -> pl.Series:
    """crm.foundation.identity.email_key of a column: lower case is the fold of ASCII, Python's own for the rest."""
    frame = pl.DataFrame({"email": emails})
    beyond = frame.filter(pl.col("email").str.contains(r"[^\x00-\x7F]"))["email"].unique()
    folds = {email: email.casefold() for email in beyond}
    lowered = pl.col("email").str.to_lowercase()
    return frame.select(pl.col("email").replace_strict(folds, default=lowered) if folds else lowered).to_series()
