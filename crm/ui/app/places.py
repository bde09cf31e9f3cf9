"""The pages of the product: each with its address, its section of the sidebar and what is needed to open it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, urlsplit

import streamlit as st

from crm.foundation.access import Actor, Module, Permission
from crm.foundation.language import capitalized, later, tr
from crm.records import registry
from crm.ui import record_links, words
from crm.ui.lists import layout, list_page
from crm.ui.records import declared_page


@dataclass(frozen=True)
class Place:
    name: str
    """Of its script in pages/, and its address."""
    title: str
    icon: str
    help: str = ""
    module: Module | None = None
    permission: Permission | None = None
    hidden: bool = False
    """Reached by links alone, not from the sidebar."""
    draw: Callable[[], None] | None = None
    """Draws the page where it has no script."""

    @property
    def shown_title(self) -> str:
        """The title in the reader's language; a record type, whose page has no script, says it so itself."""
        return self.title if self.draw else tr(self.title)

    @property
    def source(self) -> str | Callable[[], None]:
        """What `st.Page` takes."""
        return self.draw or f"pages/{self.name}.py"

    @property
    def target(self) -> str | st.Page:
        """What `st.page_link` and `st.switch_page` take."""
        return record_links.page(self.name)

    def open_to(self, actor: Actor) -> bool:
        has_module = self.module is None or actor.has(self.module)
        return has_module and (self.permission is None or actor.may(self.permission))


START = Place(
    "start",
    later("Start"),
    "flag",
    later("The first steps: people, pipelines, data."),
    permission=Permission.MANAGE_SETTINGS,
)

TODAY = (
    Place("day", later("My day"), "today", later("What is due, closing soon or left alone too long."), Module.CRM),
)

RECORDS = (
    Place("pipeline", later("Pipeline"), "view_kanban", later("Deals by stage. Drag a card to move it."), Module.CRM),
    Place("contacts", later("Contacts"), "contacts", later("Everyone you deal with: search, filter, edit.")),
    Place(
        "companies", later("Companies"), "apartment", later("The organisations behind the contacts."), Module.COMPANIES
    ),
    Place(
        "orders", later("Orders"), "receipt_long", later("What customers bought, and what it comes to."), Module.ORDERS
    ),
    Place("catalog", later("Catalog"), "inventory_2", later("What is sold, at which price."), Module.CATALOG),
    Place("contact", later("Contact"), "person", hidden=True),
    Place("company", later("Company"), "apartment", module=Module.COMPANIES, hidden=True),
    Place("deal", later("Deal"), "handshake", module=Module.CRM, hidden=True),
    Place("order", later("Order"), "receipt_long", module=Module.ORDERS, hidden=True),
)
"""The lists and records of types that have scripts of their own."""

TOOLS = (
    Place(
        "duplicates",
        later("Duplicates"),
        "join_inner",
        later("Records that may be the same: compare and merge."),
        permission=Permission.MANAGE_CONTACTS,
    ),
    Place(
        "segments", later("Segments"), "donut_small", later("Filters kept under a name, each with its count of now.")
    ),
    Place(
        "bin",
        later("Bin"),
        "delete",
        later("What was deleted in the last 30 days, and the way back."),
        permission=Permission.MANAGE_CONTACTS,
    ),
)

INSIGHT = (
    Place(
        "dashboards",
        later("Dashboards"),
        "dashboard",
        later("Sales at a glance, and dashboards of your own."),
        Module.CRM,
    ),
    Place("forecast", later("Forecast"), "monitoring", later("What the open deals will bring, and when."), Module.CRM),
    Place("what_if", later("What if"), "experiment", later("The forecast under other assumptions."), Module.CRM),
    Place("backtest", later("Back-test"), "fact_check", later("What past forecasts were worth."), Module.CRM),
    Place("changes", later("What changed"), "waterfall_chart", later("Why the pipeline grew or shrank."), Module.CRM),
    Place(
        "conversion", later("Conversion"), "filter_alt", later("How many deals pass each stage; win rates."), Module.CRM
    ),
    Place("customers", later("Customers"), "groups", later("Who buys again, and what they bring."), Module.ORDERS),
    Place(
        "sql",
        later("SQL"),
        "terminal",
        later("Ask anything of what you may see, and keep the question."),
        permission=Permission.RUN_SQL,
    ),
)

ADMIN = (
    Place(
        "imports", later("Imports"), "upload_file", later("Bring in CSV and Excel files."), permission=Permission.IMPORT
    ),
    Place(
        "record_types",
        later("Record types"),
        "category",
        later("Types of record of your own, and their fields."),
        Module.OBJECTS,
        Permission.MANAGE_OBJECTS,
    ),
    Place(
        "settings",
        later("Settings"),
        "settings",
        later("People, modules, workspace."),
        permission=Permission.MANAGE_SETTINGS,
    ),
    Place("account", later("Account"), "account_circle", hidden=True),
)


def sections() -> dict[str, tuple[Place, ...]]:
    """{section of the sidebar: its places}; `tr` shows their names."""
    return {
        later("Today"): TODAY,
        later("Sales"): (*RECORDS, *_of_types(), *TOOLS),
        later("Reports"): INSIGHT,
        later("Admin"): ADMIN,
    }


def _of_types() -> Iterator[Place]:
    """The list and the record page of each registered type, where `pages/` has no script for it."""
    for of in registry.types().values():
        icon = of.icon.removeprefix(":material/").removesuffix(":")
        if not record_links.has_script(record_links.list_page(of)):
            draw = partial(list_page.show, layout.declared(of))
            about = tr("All {kinds}: search, filter, edit.", kinds=of.many)
            yield Place(of.plural, capitalized(of.many), icon, about, of.module, draw=draw)
        if not record_links.has_script(record_links.record_page(of)):
            draw = partial(declared_page.show, of)
            yield Place(of.key, capitalized(of.one), icon, module=of.module, hidden=True, draw=draw)


def of_actor(actor: Actor, *, starting: bool) -> dict[str, list[st.Page]]:
    """What `st.navigation` takes: the sections with the pages that this actor may open. `starting`: the workspace still
    waits for its first steps."""
    every = sections()
    open_places = {section: [place for place in places if place.open_to(actor)] for section, places in every.items()}
    if starting:
        open_places = {"": [START], **open_places}
    home = next(place for places in open_places.values() for place in places if not place.hidden)
    pages = {section and tr(section): [_page(place) for place in places] for section, places in open_places.items()}
    # Streamlit serves its default page at “/” alone: a page that sends on leaves each of the others its own address.
    entrance = st.Page(lambda: _enter(home), title=home.shown_title, url_path="home", default=True, visibility="hidden")
    shut = [_shut(place, actor) for places in every.values() for place in places if not place.open_to(actor)]
    return {"": [entrance, *pages.pop("", []), *shut], **pages}


def is_entrance(page: st.Page) -> bool:
    """Whether it is the page at “/”, which draws nothing and sends on to the first page of the sidebar."""
    return page.url_path == ""


def _shut(place: Place, actor: Actor) -> st.Page:
    """The page that says why, at the address of one that this actor may not open: others share links to it."""

    def explain() -> None:
        st.title(place.shown_title, anchor=False)
        if place.module and not actor.has(place.module) and actor.may(Permission.MANAGE_SETTINGS):
            st.info(tr("This page belongs to a module that is switched off."), icon=":material/lock:")
            modules = {"section": "Modules"}
            st.page_link(
                "pages/settings.py",
                label=tr("Settings › Modules"),
                icon=":material/settings:",
                query_params=modules,
            )
            return
        st.info(tr("This page is switched off, or not for your role. Ask an administrator."), icon=":material/lock:")

    return st.Page(explain, title=place.shown_title, url_path=place.name, visibility="hidden")


def _enter(home: Place) -> None:
    st.switch_page(home.target, query_params=st.query_params.to_dict())


def of_name(name: str) -> Place | None:
    return next((place for places in sections().values() for place in places if place.name == name), None)


def link(actor: Actor, path: str, label: str) -> None:
    """Draw a link to a path of this product such as /imports?import=3; the label alone where the actor may not go
    there."""
    parts = urlsplit(path)
    place = of_name(parts.path.removeprefix("/"))
    if place is None or not place.open_to(actor):
        st.markdown(words.plain(label))
        return
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    st.page_link(place.target, label=words.plain(label), query_params=query)


def _page(place: Place) -> st.Page:
    return st.Page(
        place.source,
        title=place.shown_title,
        icon=f":material/{place.icon}:",
        url_path=place.name,
        visibility="hidden" if place.hidden else "visible",
        help=tr(place.help) if place.help else None,
    )
