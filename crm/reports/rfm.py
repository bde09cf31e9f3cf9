"""RFM as a grid: customers by how recently and how often they bought, in fifths, as a contact's page has them.

Source: Arthur M. Hughes, *Strategic Database Marketing* (1994). A customer's group is 1 + ⌊5 × b / n⌋, b of the n
customers having less: equal customers are in the same group, and 5 is the best.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel

from crm.store import Reading

GROUPS = range(1, 6)
FEWEST = 5
"""Below this many customers fifths say little."""


def _group(measure: str) -> str:
    # rank() counts the customers with less, and one.
    return f"least(5, 1 + 5 * (rank() OVER (ORDER BY {measure}) - 1) // count(*) OVER ())"


SCORED = f"""
    SELECT
        customer_id,
        first_on,
        last_on,
        orders,
        spent,
        {_group("last_on")} AS recency,
        {_group("orders")} AS frequency,
        {_group("spent")} AS monetary
    FROM temp.customer_figures
"""
"""SQL: the customers within `customers.purchases`, with their groups."""


class GridCell(BaseModel, frozen=True):
    """The customers of one group of recency and one of frequency, and what sets them apart."""

    recency: int
    frequency: int
    customers: int
    revenue: Decimal
    first_on: date
    last_on: date
    """The earliest and the latest last order among them."""
    fewest: int
    most: int
    """Of orders."""


class Grid(BaseModel, frozen=True):
    cells: tuple[GridCell, ...] = ()
    """Those with customers, by recency, then frequency."""

    @property
    def customers(self) -> int:
        return sum(cell.customers for cell in self.cells)

    def at(self, recency: int, frequency: int) -> GridCell | None:
        return next((each for each in self.cells if (each.recency, each.frequency) == (recency, frequency)), None)

    def days_of(self, recency: int) -> tuple[date, date] | None:
        """The first and the last day of the last orders in a group of recency; None where it is empty."""
        cells = [cell for cell in self.cells if cell.recency == recency]
        return (min(cell.first_on for cell in cells), max(cell.last_on for cell in cells)) if cells else None

    def orders_of(self, frequency: int) -> tuple[int, int] | None:
        """The fewest and the most orders in a group of frequency; None where it is empty."""
        cells = [cell for cell in self.cells if cell.frequency == frequency]
        return (min(cell.fewest for cell in cells), max(cell.most for cell in cells)) if cells else None


def grid(tx: Reading) -> Grid:
    """The grid of the customers within `customers.purchases`."""
    found = tx.rows(
        f"""
        SELECT
            recency,
            frequency,
            count(*) AS customers,
            sum(spent) AS revenue,
            min(last_on) AS first_on,
            max(last_on) AS last_on,
            min(orders) AS fewest,
            max(orders) AS most
        FROM ({SCORED})
        GROUP BY recency, frequency
        ORDER BY recency, frequency
        """
    )
    return Grid(cells=tuple(GridCell(**row) for row in found))
