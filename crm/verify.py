"""`crm verify`: is the log unbroken, does every reference lead somewhere, is every key held once, do all rules hold?"""

from crm.dashboards import data_rules as of_dashboards
from crm.deals import data_rules as of_deals
from crm.foundation.access import SYSTEM
from crm.imports import data_rules as of_imports
from crm.orders import data_rules as of_orders
from crm.pipelines import data_rules as of_pipelines
from crm.platform.rates import data_rules as of_rates
from crm.records import data_rules, registry
from crm.records.checklists import data_rules as of_checklists
from crm.reports import data_rules as of_reports
from crm.store import Store
from crm.store.verify import chain_faults, doubles, lost_lookups, orphans, rule_breaks


def verify(store: Store) -> list[str]:
    """Every problem as a sentence; empty where the store is sound. Reads everything, changes nothing."""
    with store.reading(SYSTEM) as tx:
        types = registry.types_in(tx.rows, deleted=True)
        return [
            *chain_faults(tx),
            *orphans(tx, data_rules.references(tx, types)),
            *doubles(tx, data_rules.keys(tx, types)),
            *rule_breaks(tx, {**OF_ROOMS, **data_rules.rules(types)}),
            *data_rules.column_faults(tx, types),
            *lost_lookups(tx, ("users", *(one.plural for one in types))),
        ]


OF_ROOMS = (
    of_rates.RULES
    | of_pipelines.RULES
    | of_deals.RULES
    | of_checklists.RULES
    | of_orders.RULES
    | of_imports.RULES
    | of_reports.RULES
    | of_dashboards.RULES
)
