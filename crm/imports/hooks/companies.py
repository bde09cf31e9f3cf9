"""Companies from a file: by domain; by name where the row or the stored company has no domain."""

import polars as pl

from crm.foundation import identity
from crm.foundation.language import later, tr
from crm.imports.planning.columns import Columns
from crm.imports.planning.import_hooks import ImportHooks
from crm.imports.reading.normal_forms import name_keys

STORED_NAME = identity.name_key_sql("found.name")
NAMELESS = later("The row has no name: a company needs one.")


def clean(columns: Columns) -> None:
    columns.clean = columns.clean.with_columns(name_key=name_keys(pl.col("name")))
    # Of two rows of one name only those without a domain repeat each other: two companies may share a name.
    columns.clean = columns.clean.with_columns(lone_name=pl.when(pl.col("domain").is_null()).then("name_key"))
    columns.refuse_where(pl.all_horizontal(pl.col("name", "domain").is_null()), "name", tr(NAMELESS))


HOOKS = ImportHooks(
    key="company",
    clean=clean,
    keys=(("lone_name", "name"),),
    finders=((later("name"), f"{STORED_NAME} = row.name_key AND (row.domain_key IS NULL OR found.domain IS NULL)"),),
    match_on=("name_key",),
    found_by=later("Found by domain, or by name where one of the two has no domain."),
    needs=pl.col("name").is_not_null(),
    unless=NAMELESS,
)
