"""Customers in figures, and the people behind a cell of their pictures."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from crm.api.callers import Calling, needs
from crm.foundation.access import Module
from crm.reports import customer_people, customers
from crm.reports import query as report_query
from crm.reports.customer_people import Cell, People
from crm.reports.customers import Bucket, Cohort, Customers, OrdersConverted, Part, SecondOrder
from crm.reports.periods import Grain, Period
from crm.reports.query import CustomerFilters
from crm.reports.rfm import GridCell
from crm.store import Reading

router = APIRouter(prefix="/reports/customers", tags=["reports"], dependencies=[Depends(needs(Module.ORDERS))])


class CustomersQuery(BaseModel):
    """Left out, nothing is narrowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: str = Field("contacts", max_length=20, description="Who counts as a customer: `contacts` or `companies`.")
    segment: str = Field("", max_length=20, description="A segment of these.")
    owner: str = Field("", max_length=20, description="A user's id, of the customers; 0 for those without an owner.")
    team: str = Field("", max_length=20)
    label: str = Field("", max_length=20, description="A label's id, of contacts.")
    source: str = Field("", max_length=500, description="Of the orders: `manual`, `webhook`, `api` and so on.")
    period: str = Field(
        "",
        max_length=50,
        description="Two days, the second not included, or a name such as this-quarter or last-12-months.",
        examples=["2026-01-01/2027-01-01"],
    )
    by: str = Field("month", max_length=20, description="`month` or `quarter`.")
    currency: str = Field(
        "",
        max_length=10,
        description="Orders in it alone. Left out: all of them, converted into the workspace's at dated rates.",
    )

    def filters(self, tx: Reading) -> CustomerFilters:
        return report_query.parse_customers(self.model_dump(), tx.today)


class PeopleQuery(CustomersQuery):
    """A cell of the report asked for in the same way."""

    cell: str = Field(max_length=100, examples=["rfm:5:1", "cohort:2026-01-01:3"])
    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=10_000_000)


class CustomerMonth(BaseModel):
    """Purchases of a month or quarter: customers' first orders, their later ones, and those of nobody, whose contact is
    none, in the bin or hidden."""

    period: Period
    new: Part
    returning: Part
    nobody: Part

    @classmethod
    def of(cls, bucket: Bucket) -> "CustomerMonth":
        return cls(period=bucket.period, new=bucket.new, returning=bucket.returning, nobody=bucket.nobody)


class CustomerCohortCell(BaseModel):
    """`share` of the cohort's customers bought in the month or quarter of this number; `kept` is its revenue against
    that of number 0. Not `over`: the current one, which may still grow."""

    number: int
    customers: int
    share: float | None
    revenue: Decimal
    kept: float | None
    over: bool


class CustomerCohort(BaseModel):
    period: Period
    customers: int
    cells: list[CustomerCohortCell]

    @classmethod
    def of(cls, cohort: Cohort) -> "CustomerCohort":
        return cls(
            period=cohort.period,
            customers=cohort.customers,
            cells=[
                CustomerCohortCell(**dict(cell), share=cohort.share(cell.number), kept=cohort.kept(cell.number))
                for cell in cohort.cells
            ],
        )


class CustomersShown(BaseModel):
    """Orders as they stand today. Counts hold every currency; amounts are in `currency`, of orders in others converted
    at the rates of their days; `left_out` counts those without a rate. `ended` orders were cancelled, failed or
    refunded, `future` ones are dated after today: neither are purchases."""

    currency: str
    period: Period
    grain: Grain
    customers: int
    repeaters: int
    repeat_rate: float | None
    orders_per_customer: float | None
    average_order: Decimal | None
    total: Part
    nobody: Part
    second_order: SecondOrder
    buckets: list[CustomerMonth]
    cohorts: list[CustomerCohort]
    rfm: list[GridCell]
    converted: list[OrdersConverted]
    left_out: dict[str, int]
    ended: int
    future: int

    @classmethod
    def of(cls, report: Customers) -> "CustomersShown":
        return cls(
            currency=report.currency,
            period=report.period,
            grain=report.grain,
            customers=report.customers,
            repeaters=report.repeaters,
            repeat_rate=report.repeat_rate,
            orders_per_customer=report.per_customer,
            average_order=report.average,
            total=report.total,
            nobody=report.nobody,
            second_order=report.second,
            buckets=[CustomerMonth.of(bucket) for bucket in report.buckets],
            cohorts=[CustomerCohort.of(cohort) for cohort in report.cohorts],
            rfm=list(report.grid.cells),
            converted=list(report.converted),
            left_out=report.left_out,
            ended=report.ended,
            future=report.future,
        )


@router.get("")
def get_customers(caller: Calling, query: Annotated[CustomersQuery, Query()]) -> CustomersShown:
    """How many customers buy again and when, what new and returning ones bring, cohorts by the first order, and
    RFM."""
    with caller.reading() as tx:
        return CustomersShown.of(customers.report(tx, **dict(query.filters(tx))))


@router.get("/people")
def list_customers_of_cell(caller: Calling, query: Annotated[PeopleQuery, Query()]) -> People:
    """The customers behind one cell: `rfm:`, a group of recency, `:` and one of frequency; or `cohort:`, the first day
    of a cohort, `:` and the number of months or quarters after it. The largest amounts first."""
    with caller.reading() as tx:
        return customer_people.people(
            tx, **dict(query.filters(tx)), cell=Cell.parse(query.cell), limit=query.limit, offset=query.offset
        )
