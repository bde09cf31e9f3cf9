"""How many statements each page sends to the store: a page that costs what it shows sends few, and none twice.

Warm: the session has visited the page, and nothing has changed since. Cold: every table has changed since.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from benchmarks.counting import counted, listed, outdate
from crm.dashboards import saved as dashboards
from crm.dashboards import sources
from crm.dashboards.model import Tile
from crm.dashboards.tiles import Width
from crm.demo import fill
from crm.foundation.access import FOREVER, SYSTEM, Actor
from crm.platform.people import users
from crm.records import bulk
from crm.records.listing import ListQuery
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.warming.routes import ROUTES
from crm.workbench import queries
from crm.workbench.charting import Chart, ChartKind
from tests.pages import open_page, unfold

pytestmark = pytest.mark.usefixtures("framed")

BOUNDS = {
    "day": (0, 14),
    "contacts": (0, 10),
    "companies": (0, 10),
    "orders": (0, 10),
    "customers": (0, 20),
    "pipeline": (0, 10),
    "forecast": (0, 11),
    "backtest": (0, 6),
    "dashboards": (0, 25),
    "what_if": (0, 10),
    "changes": (0, 10),
    "sql": (0, 4),
    "segments": (0, 5),
    "duplicates": (0, 11),
    "bin": (3, 7),
    "catalog": (0, 6),
    "imports": (1, 5),
    "record_types": (1, 8),
    "settings": (1, 6),
    "account": (6, 11),
    "start": (0, 13),
    "deal": (0, 20),
    "contact": (0, 16),
    "company": (0, 17),
    "order": (0, 15),
    "conversion": (0, 36),
}
"""{page: the most that it may send warm, and cold}. What a record is linked to is two of them, however many types a
team has: which have any, and these; planning one for all types takes 3 ms a type (measured).
The deals of a pipeline are read once for its board and for the figures above it."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("demo"), threads=1)
    with pytest.MonkeyPatch.context() as patch:
        for table, count in {"CONTACTS": 200, "COMPANIES": 20, "DEALS": 100, "ORDERS": 200}.items():
            patch.setattr(fill, table, count)
        with store.writing(SYSTEM) as tx:
            fill.fill(tx)
    yield store
    store.close()


def administrator(store: Store) -> Actor:
    """Somebody who may do everything."""
    with store.reading(SYSTEM) as tx:
        someone = tx.value("SELECT id FROM users WHERE role = 'administrator'")
    return users.actor(store, someone, confirmed_until=FOREVER)


def visited(store: Store, page: str) -> AppTest:
    """The page as somebody who may do everything sees it who has been there before."""
    with store.reading(SYSTEM) as tx:
        subject = {
            "deal": "SELECT id FROM deals WHERE status = 'open' AND contact_id IS NOT NULL ORDER BY id LIMIT 1",
            "contact": "SELECT contact_id FROM deals WHERE contact_id IS NOT NULL ORDER BY id LIMIT 1",
            "company": "SELECT company_id FROM contacts WHERE company_id IS NOT NULL ORDER BY id LIMIT 1",
            "order": """
                SELECT purchase.id FROM orders AS purchase JOIN contacts AS contact ON contact.id = purchase.contact_id
                WHERE contact.company_id IS NOT NULL ORDER BY purchase.deal_id IS NULL, purchase.id LIMIT 1
            """,
        }.get(page)
        query = {page: str(tx.value(subject))} if subject else {}
    shown = open_page(store, page, administrator(store), **query).run()
    assert not shown.exception
    return shown


@pytest.mark.parametrize("page", BOUNDS)
def test_a_page_sends_few_statements(demo: Store, page: str) -> None:
    shown = visited(demo, page)
    most_warm, most_cold = BOUNDS[page]
    with counted() as warm:
        shown.run()
    outdate(demo)
    with counted() as cold:
        shown.run()
    assert shown.title
    assert not shown.exception
    assert warm.total() <= most_warm, listed(warm)
    assert cold.total() <= most_cold, listed(cold)


def test_a_dashboard_of_ones_own_sends_few_statements(demo: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its saved query runs once, though each run of the page draws it."""
    monkeypatch.setattr(sources, "KEPT_SECONDS", 10**12)  # it does not end between two runs
    actor = administrator(demo)
    with demo.writing(actor) as tx:
        count = Chart(kind=ChartKind.NUMBER, ys=("n",))
        query = queries.create(tx, name="Contacts", sql="SELECT count(*) AS n FROM contacts", chart=count)
        kinds = {"open_pipeline": None, "win_rate": None, "sql": query.id}
        tiles = tuple(Tile(kind=kind, width=Width.HALF, source_id=source) for kind, source in kinds.items())
        made = dashboards.create(tx, name="Own", tiles=tiles)
    shown = open_page(demo, "dashboards", actor, dashboard=str(made.id)).run()
    with counted() as warm:
        shown.run()
    assert not shown.exception
    assert "## 200" in [each.value for each in shown.markdown]
    assert warm.total() == 0, listed(warm)
    open_query = open_page(demo, "sql", actor, query=str(query.id)).run()
    with counted() as warm:
        open_query.run()
    assert warm.total() == 0, listed(warm)


def test_a_deal_of_a_past_day_sends_few_statements(demo: Store) -> None:
    shown = visited(demo, "deal")
    with demo.reading(SYSTEM) as tx:
        shown.query_params["as_of"] = str(tx.today - timedelta(days=1))
    shown.run()
    assert shown.warning
    with counted() as warm:
        shown.run()
    outdate(demo)
    with counted() as cold:
        shown.run()
    assert not shown.exception
    assert warm.total() == 0, listed(warm)
    assert cold.total() <= 23, listed(cold)


OF_FRAME = {"platform/workspace.py:get", "platform/personal.py:read", "reports/first_steps.py:read"}


def read_ahead(shown: AppTest, path: str) -> None:
    session = {TRUSTED_HEADER.decode(): shown.user["session"]}
    assert TestClient(Starlette(routes=ROUTES), headers=session).get(path).status_code == 204


@pytest.mark.parametrize("page", ["deal", "contact", "company", "order"])
def test_a_page_that_was_read_ahead_sends_no_statement(demo: Store, page: str) -> None:
    shown = visited(demo, page)
    outdate(demo)
    read_ahead(shown, f"/warm/{page}/{shown.query_params[page]}")
    with counted() as after:
        shown.run()
    assert not shown.exception
    assert {each.sender for each in after} <= OF_FRAME, listed(after)


def test_a_drawer_that_was_read_ahead_sends_no_statement(demo: Store) -> None:
    deal_id = visited(demo, "deal").query_params["deal"]
    shown = visited(demo, "pipeline")
    outdate(demo)
    shown.run()
    read_ahead(shown, f"/warm/drawer/{deal_id}")
    shown.query_params["deal"] = deal_id
    with counted() as after:
        shown.run()
    assert not shown.exception
    assert shown.button(key=f"drawer-{deal_id}-save").label == "Save"
    assert after.total() == 0, listed(after)


@pytest.mark.parametrize(
    ("page", "query", "pager"),
    [("contacts", {}, "contacts-page"), ("pipeline", {"show": "table"}, "deals-table-1-page")],
)
def test_another_page_of_a_list_that_was_read_ahead_sends_no_statement(
    demo: Store, page: str, query: dict[str, str], pager: str
) -> None:
    shown = open_page(demo, page, administrator(demo), **query).run()
    outdate(demo)
    shown.run()
    read_ahead(shown, f"/warm/list/{pager}/2")
    shown.query_params["page"] = "2"
    with counted() as after:
        shown.run()
    assert not shown.exception
    assert "51–" in "".join(each.value for each in shown.caption)
    assert after.total() == 0, listed(after)


def test_every_statement_of_a_page_is_counted_with_who_sent_it(demo: Store) -> None:
    shown = visited(demo, "pipeline")
    outdate(demo)
    with counted() as cold:
        shown.run()
    senders = {each.sender for each in cold}
    assert {"deals/board.py:_cards", "platform/personal.py:read"} <= senders


@pytest.mark.parametrize(
    ("page", "key", "reader"),
    [
        ("contacts", "notices-open", "platform/notices.py:of_actor"),
        ("contacts", "contacts-changes", "records/bulk/verbs.py:find"),
        ("pipeline", "views", "deals/saved_views.py:all_of"),
    ],
)
def test_what_a_popover_holds_is_read_only_while_it_is_open(demo: Store, page: str, key: str, reader: str) -> None:
    with demo.reading(SYSTEM) as tx:
        someone = tx.value("SELECT id FROM users WHERE role = 'administrator'")
    with demo.writing(users.actor(demo, someone)) as tx:
        bulk.apply(tx, "contacts", ListQuery(ids=(1,)), bulk.Change(action=bulk.Action.ADD_LABEL, label=key))
    shown = visited(demo, page)
    outdate(demo)
    with counted() as closed:
        shown.run()
    outdate(demo)
    with counted() as opened:
        unfold(shown, key)
    assert reader not in {each.sender for each in closed}
    assert reader in {each.sender for each in opened}
    outdate(demo)
    with counted() as closed_again:
        unfold(shown, key, False)
    assert closed_again.total() == closed.total()
