"""What tests of pages share."""

import pytest
from streamlit.runtime.pages_manager import PagesManager

from crm import deals, pipelines
from crm.deals import Deal
from crm.pipelines import Pipeline
from crm.store import Store
from tests.people import Team


@pytest.fixture
def framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn with the frame around them, as `main.py` draws it."""
    begin = PagesManager.__init__

    def init(manager: PagesManager, *args: object, **kwargs: object) -> None:
        begin(manager, *args, **kwargs)  # type: ignore[arg-type]
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", init)


@pytest.fixture
def sales(store: Store, team: Team) -> Pipeline:
    with store.writing(team.marta) as tx:
        return pipelines.create(tx, "Sales", ["Lead", "Talk"])


@pytest.fixture
def chairs(store: Store, team: Team, sales: Pipeline) -> Deal:
    """Ana's, in Lead."""
    with store.writing(team.ana) as tx:
        return deals.create(tx, title="Chairs *and* desks", pipeline_id=sales.id, value=1200)


def now(store: Store, team: Team, deal: Deal) -> Deal:
    """The deal as it is now."""
    with store.reading(team.marta) as tx:
        return deals.get(tx, deal.id)
