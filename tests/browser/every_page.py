"""Every page of the product, and a small company that they show."""

from crm import catalog, companies, contacts, deals, orders, pipelines
from crm.foundation.access import SYSTEM, Module
from crm.platform import workspace
from crm.records import checklists, notes
from crm.store import Store
from tests.people import find

PAGES = {
    "day": "",
    "pipeline": "",
    "pipeline?view=table": "",
    "pipeline?view=calendar": "",
    "contacts": "",
    "companies": "",
    "orders": "",
    "catalog": "",
    "duplicates": "",
    "segments": "",
    "bin": "",
    "dashboards": "",
    "forecast": "",
    "backtest": "",
    "what_if": "",
    "changes": "",
    "conversion": "",
    "customers": "",
    "sql": "",
    "imports": "",
    "imports?new=contacts": "",
    "settings": "",
    "settings?section=Workspace": "",
    "account": "",
    "deal": "deal",
    "contact": "contact",
    "company": "company",
    "order": "order",
    "contacts?new=1": "",
    "pipeline?new=1": "",
}
"""{address: the record that it shows, if any}."""


def fill(store: Store) -> dict[str, int]:
    """Records of each type, one of them in the bin; the ids of those that have pages, by type."""
    people = find(store)
    with store.writing(SYSTEM) as tx:
        for module in (Module.ORDERS, Module.CATALOG):
            workspace.switch(tx, module, True)
        sales = pipelines.create(tx, "Vendas", ["Lead", "Visita"])
        company = companies.create(tx, name="Lumen", domain="lumen.example")
        contact = contacts.create(tx, name="Lia", email="lia@lumen.example", phone="+5511987654321")
        order = orders.create(tx, title="Lamp", value=250, contact_id=contact.id)
        catalog.create(tx, sku="L-1", name="Lamp")
        made = [
            deals.create(
                tx,
                title=title,
                pipeline_id=sales.id,
                value=1200,
                owner_id=people.ada,
                contact_id=contact.id,
                company_id=company.id,
                expected_close=tx.today,
            )
            for title in ("Lumen 1", "Lumen 2", "Lumen 3")
        ]
        steps = checklists.add(tx, made[0].id, "Lia")
        checklists.add_item(tx, steps.id, "Lia", due_on=tx.today)
        notes.add(tx, "deal", made[0].id, "**Lia**")
        deals.win(tx, made[1].id)
        contacts.delete(tx, contacts.create(tx, name="Lua").id)
    return {"deal": made[0].id, "contact": contact.id, "company": company.id, "order": order.id}


def address_of(page: str, ids: dict[str, int]) -> str:
    record = PAGES[page]
    return f"/{page}?{record}={ids[record]}" if record else f"/{page}"
