"""The Maven CRM data set, through `crm import` with saved mappings, and the figures that the reports must then show.

    python -m benchmarks.maven [--data ../shared/data/maven]

Prints each figure beside what it must be, and how long each step took; exit code 1 where one differs.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from crm import imports, pipelines
from crm.foundation.access import SYSTEM, Actor, Role
from crm.imports import Options
from crm.platform.people import users
from crm.reports import closings, conversion, forecast
from crm.reports.conversion import Measure
from crm.reports.periods import Grain, Period
from crm.store import Reading, Store
from crm.verify import verify

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "maven"
PERIOD = Period(first=date(2016, 10, 1), end=date(2018, 1, 1))
"""Of every opening and closing in the file."""
EVER = date(2040, 1, 1)

COMPANIES = Options(
    mapping={
        "account": "name",
        "sector": "attribute:sector",
        "office_location": "attribute:office_location",
        "year_established": "attribute:year_established",
        "revenue": "attribute:revenue",
        "employees": "attribute:employees",
        "subsidiary_of": "",
    },
    new_attributes={
        "sector": "text",
        "office_location": "text",
        "year_established": "number",
        "revenue": "number",
        "employees": "number",
    },
)
DEALS = Options(
    mapping={
        "opportunity_id": "identifier",
        "sales_agent": "owner",
        "product": "attribute:product",
        "account": "company",
        "deal_stage": "stage",
        "engage_date": "created",
        "close_date": "closed",
        "close_value": "value",
    },
    constants={
        "title": "{product} for {account}|{product}",
        "pipeline": "Maven",
        "currency": "USD",
        "last_open_stage": "Engaging",
    },
    date_patterns={"created": "%m/%d/%Y", "closed": "%m/%d/%Y"},
    new_attributes={"product": "text"},
    make_owners=True,
)


@dataclass(frozen=True)
class Golden:
    """One figure: as found, and as it must be."""

    name: str
    found: object
    expected: object

    @property
    def holds(self) -> bool:
        return self.found == self.expected


def bring_in(folder: Path, data: Path) -> list[float]:
    """A store in `folder` with both files imported by `crm import`; the seconds that each took."""
    with opened(folder) as store, store.writing(SYSTEM) as tx:
        pipelines.create(tx, "Maven", ["Prospecting", "Engaging"])
        imports.save_mapping(tx, "companies", "Maven accounts", COMPANIES)
        imports.save_mapping(tx, "deals", "Maven pipeline", DEALS)
    return [
        _import(folder, "companies", data / "maven_accounts.csv", "Maven accounts"),
        _import(folder, "deals", data / "maven_sales_pipeline.csv", "Maven pipeline"),
    ]


def _import(folder: Path, kind: str, file: Path, mapping: str) -> float:
    started = time.perf_counter()
    crm = [sys.executable, "-c", "from crm.cli import main; main()"]
    subprocess.run([*crm, "import", kind, str(file), "--map", mapping, "--store", str(folder)], check=True)
    return time.perf_counter() - started


@contextmanager
def opened(folder: Path) -> Iterator[Store]:
    store = Store(folder)
    try:
        yield store
    finally:
        store.close()


def reader(store: Store) -> Actor:
    """Marta, a manager: days are those of the workspace's clock, where the product's own actor has none."""
    with store.writing(SYSTEM) as tx:
        found = tx.value("SELECT id FROM base.users WHERE email_key = 'marta@mallard.test.example.com'")
        if found is None:
            found = users.add(tx, email="marta@mallard.test.example.com", name="Marta", role=Role.MANAGER).id
    return users.actor(store, found)


def golden(tx: Reading) -> list[Golden]:
    """Every figure that the data set's own counts decide."""
    closed = closings.report(tx, period=PERIOD, grain=Grain.QUARTER, currency="USD")
    ahead = forecast.report(tx, period=PERIOD, grain=Grain.QUARTER, currency="USD")
    pipeline = pipelines.all_of(tx)[0]
    dated = conversion.report(tx, pipeline_id=pipeline.id, period=PERIOD)
    # A deal without an engage date opened when it was imported.
    everything = conversion.report(tx, pipeline_id=pipeline.id, period=Period(first=PERIOD.first, end=EVER))
    prospecting, engaging, won = everything.steps
    return [
        Golden("won deals", closed.rate.won.count, 4238),
        Golden("won value", closed.rate.won.value, Decimal(10_005_534)),
        Golden("won in the forecast", ahead.won.value, Decimal(10_005_534)),
        Golden("lost deals", closed.rate.lost.count, 2473),
        Golden("lost value", closed.rate.lost.value, Decimal(0)),
        Golden("open deals", ahead.undated.count, 2089),
        Golden("win rate by count, %", round(100 * (closed.rate.by_count or 0), 2), 63.15),
        Golden("win rate by value", closed.rate.by_value, None),
        Golden("mean days, engage to won", round(closed.cycle.mean or 0, 2), 51.78),
        Golden("median days, engage to won", closed.cycle.median, 57.0),
        Golden("longest days, engage to won", closed.cycle.longest, 138),
        Golden("rows that became deals", everything.entered, 8800),
        Golden("prospecting deals", prospecting.snapshot, 500),
        Golden("engaging deals", engaging.snapshot, 1589),
        Golden("reached Engaging", engaging.reached, 8300),
        Golden("of those lost", engaging.dropped, 2473),
        Golden("of those undecided", engaging.undecided, 1589),
        Golden("reached Won", won.reached, 4238),
        Golden("won deals behind the figure", _drilled_down(tx, everything, won.stage_id), (4238, Decimal(10_005_534))),
        Golden("arrived by engage date", dated.entered, 8300),
        Golden("won of those, by quarter of arrival", sum(cohort.won for cohort in dated.cohorts), 4238),
        Golden("deals without a company", tx.value("SELECT count(*) FROM deals WHERE company_id IS NULL"), 1425),
        Golden("deals of GTXPro", tx.value("SELECT count(*) FROM deal_attributes WHERE a_product = 'GTXPro'"), 1480),
        Golden("companies", tx.value("SELECT count(*) FROM companies"), 85),
    ]


def _drilled_down(tx: Reading, funnel: conversion.Conversion, stage_id: int) -> tuple[int, Decimal]:
    cell = conversion.Cell(measure=Measure.REACHED, stage_id=stage_id)
    found = conversion.drill_down(tx, funnel, cell, limit=1)
    return found.count, found.sums[0].value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    data = parser.parse_args().data
    if not data.is_dir():
        print(f"There is no folder {data}.")
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "store"
        companies, deals = bring_in(folder, data)
        print(f"crm import companies {companies:.1f} s, deals {deals:.1f} s, each a process of its own")
        with opened(folder) as store:
            started = time.perf_counter()
            with store.reading(reader(store)) as tx:
                figures = golden(tx)
            print(f"all reports {time.perf_counter() - started:.2f} s")
            problems = verify(store)
    for figure in figures:
        print(f"{'ok ' if figure.holds else 'NOT'} {figure.name}: {figure.found}, must be {figure.expected}")
    print("\n".join(problems) or "the store is sound")
    return 0 if all(figure.holds for figure in figures) and not problems else 1


if __name__ == "__main__":
    sys.exit(main())
