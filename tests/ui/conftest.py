"""What tests of pages share."""

import pytest
from streamlit.runtime.pages_manager import PagesManager


@pytest.fixture
def framed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are drawn with the frame around them, as `main.py` draws it."""
    begin = PagesManager.__init__

    def init(manager: PagesManager, *args: object, **kwargs: object) -> None:
        begin(manager, *args, **kwargs)  # type: ignore[arg-type]
        PagesManager.uses_pages_directory = False

    monkeypatch.setattr(PagesManager, "__init__", init)
