"""Contacts from a file: a name may stand in two columns, and one of name, email and phone is needed."""

import polars as pl

from crm.foundation.language import later, tr
from crm.imports.planning.columns import Columns
from crm.imports.planning.import_hooks import ImportHooks

NOBODY = later("The row has no name, email or phone: one of them is needed.")


def clean(columns: Columns) -> None:
    columns.clean = columns.clean.with_columns(name=pl.coalesce("name", _joined("first_name", "last_name"))).drop(
        "first_name", "last_name"
    )
    nobody = pl.all_horizontal(pl.col("name", "email", "phone", "identifier").is_null())
    columns.refuse_where(nobody, None, tr(NOBODY))


def _joined(first: str, last: str) -> pl.Expr:
    both = pl.concat_str(first, last, separator=" ", ignore_nulls=True)
    return pl.when(both != "").then(both)


HOOKS = ImportHooks(
    key="contact",
    clean=clean,
    needs=~pl.all_horizontal(pl.col("name", "email", "phone").is_null()),
    unless=NOBODY,
)
