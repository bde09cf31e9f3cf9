"""Fills an empty store with demo data, in one transaction."""

import random
from zoneinfo import ZoneInfo

from crm import pipelines
from crm.deals import activity
from crm.demo import wares
from crm.demo.checklists import write_checklists
from crm.demo.customers import Crowd
from crm.demo.goals import write_targets
from crm.demo.opportunities import MARKETS, Sales
from crm.demo.people import hire
from crm.demo.purchases import Purchases
from crm.demo.rates import write_rates
from crm.demo.school import write_school
from crm.demo.write import (
    name_reasons,
    write_arrivals,
    write_companies,
    write_contacts,
    write_deals,
    write_labels,
    write_orders,
    write_versions,
)
from crm.foundation.access import Module, Permission
from crm.foundation.errors import Invalid
from crm.foundation.language import tr
from crm.platform import workspace
from crm.store import Reading, Writing

CONTACTS, COMPANIES, DEALS, ORDERS = 5_000, 400, 1_500, 6_000


def is_demo(tx: Reading) -> bool:
    return bool(tx.value("SELECT count(*) FROM base.events WHERE name = 'demo.filled'"))


def fill(tx: Writing, *, seed: int = 1, times: int = 1) -> None:
    """Make people, customers, two years of deals and orders up to last midnight, and a school of the team's own
    making, the modules of all these switched on.

    The same seed on the same day makes the same records. `times` multiplies customers, deals and orders, not
    people.
    """
    tx.require(Permission.MANAGE_SETTINGS)
    if tx.value("SELECT EXISTS (FROM base.users) OR EXISTS (FROM base.contacts) OR EXISTS (FROM base.pipelines)"):
        raise Invalid(tr("This store already holds records. The demo goes into an empty one."))
    chance = random.Random(seed)  # noqa: S311 — looks, not secrets
    local = tx.now.astimezone(ZoneInfo(workspace.get(tx).time_zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    # All draw from one generator, in this order: in another one the same seed would make other records.
    reps = hire(tx, chance)
    crowd = Crowd(chance, reps, midnight)
    companies = crowd.companies(_ids(tx, "company_ids", COMPANIES * times))
    contacts = crowd.contacts(_ids(tx, "contact_ids", CONTACTS * times), companies)
    made = {market.template: pipelines.create_from_template(tx, market.template) for market in MARKETS}
    sales = Sales(chance, reps, companies, contacts, made, midnight)
    deals = sales.deals(_ids(tx, "deal_ids", DEALS * times))
    write_companies(tx, companies)
    write_contacts(tx, contacts)
    write_labels(tx, chance, contacts)
    name_reasons(tx)
    write_deals(tx, [deal for deal, _ in deals])
    wares.write_lines(tx, seed, [deal for deal, _ in deals], wares.write_catalog(tx))
    # After the lines: versions and closings hold the value of the deal, which the lines decide.
    write_versions(tx)
    write_arrivals(tx, deals)
    write_targets(tx)
    activity.refill(tx)
    write_checklists(tx, seed, [deal for deal, _ in deals], midnight)
    wares.write_quotes(tx)
    workspace.switch(tx, Module.ORDERS, True)
    write_orders(tx, Purchases(chance, contacts, midnight).orders(_ids(tx, "order_ids", ORDERS * times), deals))
    write_rates(tx, seed, midnight)
    write_school(tx, seed, contacts, [deal for deal, _ in deals], reps, midnight)
    tx.record("demo.filled", "workspace", 1, seed=seed, contacts=len(contacts), deals=len(deals))


def _ids(tx: Writing, sequence: str, count: int) -> list[int]:
    rows = tx.rows(f"SELECT nextval('base.{sequence}') AS id FROM range($count)", count=count)
    return [row["id"] for row in rows]
