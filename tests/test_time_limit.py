"""How the shells say that a question takes too long: pages, API, files, and what has rules of its own."""

from collections.abc import Callable
from types import ModuleType

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from crm import contacts, deals, pipelines
from crm.api.app import api
from crm.foundation.errors import TooSlow
from crm.foundation.settings import Settings
from crm.platform import process
from crm.records import listing, segments
from crm.records.filters import Rule, dump
from crm.reports import conversion, forecast
from crm.store import Reading, Store
from crm.store.kept import kept
from tests.pages import open_page
from tests.people import Team
from tests.store.test_reads_that_last import SPENT
from tests.ui.test_contact_pages import button, said


def too_slow(*_: object, **__: object) -> None:
    raise TooSlow(10)


def test_a_page_says_so_in_the_list_s_place(store: Store, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "find", too_slow)
    page = open_page(store, "contacts", team.ana)
    assert not page.exception
    assert "longer than the 10 seconds" in said(page)
    assert page.title[0].value == "Contacts"


def test_a_list_that_took_too_long_keeps_what_narrows_it(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "find", too_slow)
    asked = dump(Rule(field="city", op="is", value="Recife"))
    page = open_page(store, "contacts", team.ana, filter=asked)
    assert len(page.error) == 1
    assert "City is “Recife”" in said(page)
    button(page, "Clear").click().run()
    assert "filter" not in page.query_params


@pytest.mark.parametrize(("name", "report"), [("forecast", forecast), ("conversion", conversion)])
def test_a_report_that_took_too_long_keeps_what_narrows_it(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch, name: str, report: ModuleType
) -> None:
    with store.writing(team.ada) as tx:
        pipelines.create_from_template(tx, "b2b_sales")
    monkeypatch.setattr(report, "report", too_slow)
    page = open_page(store, name, team.marta)
    assert "longer than the 10 seconds" in page.error[0].value
    assert page.title[0].value == name.capitalize()
    assert any(box.key == f"{name}-period" for box in page.selectbox)


@pytest.mark.parametrize("query", [{}, {"filter": dump(Rule(field="title", op="is", value="Chairs"))}])
@pytest.mark.parametrize("show", ["board", "calendar"])
def test_a_pipeline_that_took_too_long_says_so_once(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch, show: str, query: dict[str, str]
) -> None:
    with store.writing(team.ada) as tx:
        pipelines.create_from_template(tx, "b2b_sales")
    for name in (show, "figures"):
        monkeypatch.setattr(deals, name, too_slow)
    page = open_page(store, "pipeline", team.marta, show=show, **query)
    assert not page.exception
    [told] = page.error
    assert "longer than the 10 seconds" in told.value
    assert ("take too long to add up" in said(page)) == (show == "board")


def test_segments_that_take_too_long_to_count_can_yet_be_opened(
    store: Store, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writing(team.ana) as tx:
        segments.create(tx, kind="contacts", name="Dear", filter=Rule(field="city", op="is", value="Recife"))
    monkeypatch.setattr(segments, "counts", too_slow)
    page = open_page(store, "segments", team.ana)
    assert not page.exception
    assert any("too slow to count" in link.label for link in page.get("page_link"))


def test_what_took_too_long_is_not_tried_again_by_every_rerun(store: Store, team: Team) -> None:
    asked: list[int] = []

    @kept
    def dear(tx: Reading) -> None:
        asked.append(tx.value("SELECT count(*) FROM contacts"))
        too_slow()

    for actor in (team.ada, team.marta):
        with pytest.raises(TooSlow), store.reading(actor, seconds=3) as tx:
            dear(tx)
    assert asked == [0]


def test_the_limit_of_a_served_product_is_its_setting(store: Store, team: Team) -> None:
    process.use(store, read_limit=Settings(read_limit_seconds=7).read_limit_seconds)
    with process.reading(team.ana) as tx:
        assert tx.value("SELECT current_setting('max_execution_time')") == 7000


class TestByProgram:
    @pytest.fixture
    def ask(self, store: Store, team: Team) -> Callable[[str], Response]:
        from crm.platform.people import tokens
        from crm.platform.people.tokens import Scope

        with store.writing(team.ana) as tx:
            contacts.create(tx, name="Zoe")
            text = tokens.issue(tx, name="Test", scopes=tuple(Scope), expires_at=None).text
        process.use(store, read_limit=SPENT)
        client = TestClient(api, base_url="http://mallard.test", raise_server_exceptions=False)
        return lambda path: client.get(path, headers={"Authorization": f"Bearer {text}"})

    @pytest.mark.parametrize("path", ["/contacts", "/contacts/1", "/pipelines", "/notices"])
    def test_a_read_is_refused_with_the_way_out(self, ask: Callable[[str], Response], path: str) -> None:
        answer = ask(path)
        problem = answer.json()
        assert answer.status_code == 422
        assert problem["type"] == "urn:mallard:problem:too-slow"
        assert problem["title"] == "Takes too long: narrow it"
        assert "fewer conditions" in problem["detail"]

    def test_an_export_takes_as_long_as_it_takes(self, ask: Callable[[str], Response]) -> None:
        answer = ask("/exports/contacts.csv")
        assert answer.status_code == 200
        assert "Zoe" in answer.text
