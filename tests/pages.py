"""Driving a page without a browser: AppTest, signed in as one of the people."""

import json
from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from crm.foundation.access import SYSTEM, Actor
from crm.platform import process
from crm.platform.people import sessions
from crm.store import Store

MAIN = Path(__file__).resolve().parent.parent / "main.py"

manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
"""Every run of an AppTest reads the metadata of all installed packages, which takes longer than the page does."""


def open_page(store: Store, name: str, actor: Actor, **query: str) -> AppTest:
    """The page of this address as this actor sees it, already run once. Query parameters as keywords.

    It runs among its sister pages, so that links between pages resolve, but without the frame around them.
    """
    process.use(store)
    with store.writing(SYSTEM) as tx:
        session_id = sessions.begin(tx, actor.id)
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    page._page_hash = calc_hash(name)  # `AppTest.switch_page` knows pages with a script alone
    page.user = {"session": sessions.hashed(session_id)}
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    page._page_hash = ""  # from here on it stays where a run ends, also where that switches the page
    return page


def unfold(page: AppTest, key: str, is_open: bool | str = True) -> AppTest:
    """The page once its popover or expander of this key was opened, or closed, or the tab of this label was chosen:
    AppTest cannot click them."""
    page.session_state[key] = is_open
    return page.run()


def undo_text(page: AppTest) -> str:
    """What the message at the page's foot says; AppTest draws none of our own components."""
    return str(page.session_state["undo"].text)


def tell(page: AppTest, key: str, event: str, what: object = None, /, **value: object) -> AppTest:
    """The page once its component of this key has told of an event, with keywords as its value or with `what`: AppTest
    draws none."""
    told = next(part.proto.id for part in page.get("bidi_component") if part.proto.id.endswith(f"-{key}"))
    states = page._tree.get_widget_states()
    said = [{"event": event, "value": value if what is None else what}]
    states.widgets.add(id=_make_trigger_id(told, "events"), json_trigger_value=json.dumps(said))
    return page._run(states)


def picker_labels(page: AppTest) -> list[str]:
    """The labels of the type-ahead boxes, of which AppTest knows nothing."""
    shown = (json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.id.endswith("-box"))
    return [str(data["label"]) for data in shown]


def pick(page: AppTest, key: str, record_id: int | None) -> AppTest:
    """The page once a record was picked in the type-ahead box of this key."""
    return tell(page, f"{key}-box", "picked", id=record_id, turn=1)
