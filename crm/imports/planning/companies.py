"""Companies from a file: by domain; by name where the row or the stored company has no domain."""

import polars as pl

from crm.imports.planning.columns import Columns
from crm.imports.planning.table import Table, by_key

TABLE = Table(
    noun="company",
    name="companies",
    keys={"domain": "domain_key"},
    plain=("name", "description", "owner_id", "team_id"),
    search=("name", "domain"),
    shown="found.name",
    finders=(
        by_key("domain", "companies", "domain_key"),
        ("name", "companies", "lower(found.name) = row.name_key AND (row.domain_key IS NULL OR found.domain IS NULL)"),
    ),
    match_on=("domain_key", "name_key"),
    needs=pl.col("name").is_not_null(),
    unless="The row has no name: a company needs one.",
)

KEYS = (("domain_key", "domain"), ("lone_name", "name"))


def clean(columns: Columns) -> None:
    columns.text("name", 300)
    columns.domain("domain")
    columns.text("description", 5_000)
    columns.text("owner", 200)
    columns.text("team", 200)
    columns.clean = columns.clean.with_columns(domain_key="domain", name_key=pl.col("name").str.to_lowercase())
    columns.clean = columns.clean.with_columns(lone_name=pl.when(pl.col("domain").is_null()).then("name_key"))
    nobody = pl.all_horizontal(pl.col("name", "domain").is_null())
    columns.refuse_where(nobody, "name", TABLE.unless)
