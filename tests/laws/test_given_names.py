"""A type with a name that a team gave is called by it on every page, in refusals and in the API's description; its key,
which nobody chose, is in addresses alone."""

import json
import re
from collections.abc import Iterator
from typing import Any

import fastexcel
import pytest
from fastapi import FastAPI
from google.protobuf.message import Message
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from crm import imports, objects
from crm.api import records
from crm.foundation.access import SYSTEM
from crm.foundation.errors import CrmError
from crm.foundation.language import LANGUAGES, speaking
from crm.imports import Options
from crm.imports.run import run
from crm.platform import files, process
from crm.platform.people import sessions, users
from crm.records import merging, registry, segments
from crm.records.declaration import RecordType
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.components.unsaved import PREFIX
from crm.ui.records import record_actions
from crm.ui.routes import downloads, uploads
from tests.pages import open_page
from tests.people import Team
from tests.ui.test_search_everywhere import found

KEY = re.compile(r"\bobjects?[_ ]?1", re.IGNORECASE)
"""The key and the plural of the type, as nobody should read them."""
UNREAD = {
    "id",
    "element_id",
    "form_id",
    "group_id",
    "page",
    "page_script_hash",
    "query_string",
    "icon",
    "url",
    "elements",
}
"""Fields of elements that nobody reads."""
ADDRESSES = ("/", "./", PREFIX)
LINK = re.compile(r"\]\([^)]*\)")


@pytest.fixture(autouse=True)
def of(store: Store, team: Team) -> RecordType[Any]:
    with store.writing(team.ada) as tx:
        tx.run("UPDATE base.modules SET enabled = true")
    with store.writing(SYSTEM) as tx:
        surveys = objects.create(tx, singular="NPS survey", plural="NPS surveys", primary="Wave")
        objects.add_field(tx, surveys.id, name="Code", type="text", unique=True)
    return registry.get(surveys.kind)


@pytest.fixture
def made(store: Store, team: Team, of: RecordType[Any]) -> Any:
    with store.writing(team.ada) as tx:
        return registry.room(of.key).create(tx, wave="Spring", code="S1")


def shown(page: AppTest) -> str:
    """What people read on a page: texts, labels, options and cells, without what keeps them from being markup."""
    assert not page.exception
    texts = [text for element in page._tree for text in _texts(getattr(element, "proto", None))]
    tables = [table.value for table in (*page.dataframe, *page.table)]
    cells = [str(cell) for table in tables for row in (table.columns, *table.to_numpy()) for cell in row]
    return "\n".join(text for text in (*texts, *cells) if not text.startswith(ADDRESSES)).replace("\\", "")


def _texts(message: object) -> Iterator[str]:
    for field, value in message.ListFields() if isinstance(message, Message) else ():
        if field.name in UNREAD:
            continue
        for each in value if field.is_repeated else (value,):
            if isinstance(each, Message):
                yield from _texts(each)
            elif isinstance(each, str):
                yield from _of_json(each) if field.name == "json" else (each,)


def _of_json(text: str) -> Iterator[str]:
    found = json.loads(text)
    yield from (value for value in found.values() if isinstance(value, str))


def by_its_key(text: str) -> list[str]:
    """The lines that call the type by its key."""
    return [line for line in LINK.sub("]", text).splitlines() if KEY.search(line)]


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label.replace("\\", "") == label).click().run()
    return page


def fill(page: AppTest, label: str, value: str) -> None:
    next(one for one in page.text_input if one.label == label).set_value(value)


PAGES: tuple[tuple[str, dict[str, str]], ...] = (
    ("objects_1", {}),
    ("objects_1", {"q": "nothing like it"}),
    ("objects_1", {"new": "1"}),
    ("object_1", {"object_1": "1"}),
    ("object_1", {"object_1": "2"}),
    ("object_1", {"object_1": "3"}),
    ("object_1", {"object_1": "99"}),
    ("bin", {}),
    ("imports", {}),
    ("imports", {"new": "objects_1"}),
    ("imports", {"import": "1"}),
    ("duplicates", {"kind": "object_1"}),
    ("duplicates", {"kind": "object_1", "tab": "apart"}),
    ("duplicates", {"kind": "object_1", "tab": "merged"}),
    ("duplicates", {"kind": "object_1", "left": "1"}),
    ("duplicates", {"kind": "object_1", "left": "1", "right": "4"}),
    ("segments", {}),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_call_a_type_by_its_given_name(store: Store, team: Team, made: Any, language: str) -> None:
    with store.writing(team.ada) as tx:
        users.choose_language(tx, language)
        room = registry.room("object_1")
        room.delete(tx, room.create(tx, wave="Deleted").id)
        merging.merge(tx, "object_1", made.id, room.create(tx, wave="Merged").id)
        room.create(tx, wave="Other")
        segments.create(tx, kind="objects_1", name="Homes", search="home")
    imported(store, team)
    texts = {(page, *query.values()): shown(open_page(store, page, team.ada, **query)) for page, query in PAGES}
    assert {page: found for page, text in texts.items() if (found := by_its_key(text))} == {}
    assert [page for page, text in texts.items() if "NPS survey" not in text] == []


def imported(store: Store, team: Team) -> None:
    sha256, size = files.keep(store, [b"wave\nAt home\n"], 2**20)
    with store.writing(team.ada) as tx:
        upload = files.register(tx, sha256=sha256, file_name="homes.csv", size=size)
        begun = imports.begin(tx, "objects_1", upload.id, Options(), queue=False)
    run(store, begun.id)


def test_what_a_list_offers_calls_a_type_by_its_given_name(store: Store, team: Team, made: Any) -> None:
    texts = [shown(open_page(store, "objects_1", team.ada))]
    page = press(open_page(store, "objects_1", team.ada), "Advanced filter")
    texts.append(shown(page))
    page = open_page(store, "objects_1", team.ada)
    (table,) = [one for one in page.dataframe if (one.key or "").startswith("objects_1-table-")]
    page.session_state[table.key] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    texts.append(shown(page.run()))
    texts.append(shown(press(page, "Set owner")))
    page.selectbox(key="bulk-owner").set_value(team.ids.bob).run()
    texts.append(shown(press(page, "Change 1 NPS survey")))
    texts.append(shown(press(page, "Undo")))
    page = press(open_page(store, "objects_1", team.ada), "New NPS survey")
    texts.append(shown(page))
    texts.append(shown(press(page, "Add NPS survey")))
    assert "“Wave” needs a value." in texts[-1]
    fill(page, "Wave", "Autumn")
    fill(page, "Code", "S1")
    texts.append(shown(press(page, "Add NPS survey")))
    assert "Open that NPS survey" in texts[-1]
    assert [line for text in texts for line in by_its_key(text)] == []


def test_what_a_record_offers_calls_its_type_by_its_given_name(
    store: Store, team: Team, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [shown(press(open_page(store, "object_1", team.ada, object_1="1"), "Edit"))]
    with monkeypatch.context() as chosen:  # no AppTest chooses from a menu
        chosen.setattr(record_actions.st, "menu_button", lambda label, options, **_: options[-1])
        page = open_page(store, "object_1", team.ada, object_1="1")
        texts.append(shown(page))
        assert "Delete this NPS survey?" in texts[-1]
        press(page, "Delete")
    texts.append(shown(page))
    assert page.title[0].value == "NPS surveys"
    texts.append(shown(open_page(store, "object_1", team.ada, object_1="1")))
    assert "This NPS survey is in the bin." in texts[-1]
    assert [line for text in texts for line in by_its_key(text)] == []


def test_refusals_call_a_type_by_its_given_name(store: Store, team: Team, made: Any) -> None:
    room = registry.room("object_1")
    refused: list[str] = []
    with store.writing(team.ada) as tx, speaking("pt_BR"):
        for refuse in (
            lambda: room.get(tx, 99),
            lambda: room.restore(tx, 99),
            lambda: room.create(tx, wave=None),
            lambda: room.create(tx, wave="Autumn", code="S1"),
            lambda: room.create(tx, wave="Autumn", colour="red"),
            lambda: merging.merge(tx, "object_1", made.id, made.id),
        ):
            with pytest.raises(CrmError) as refusal:
                refuse()
            refused.append(str(refusal.value))
    assert by_its_key("\n".join(refused)) == []
    assert refused[:3] == [
        "Não encontrado: NPS survey. Não existe, ou você não tem acesso.",
        "Não encontrado: NPS survey na lixeira. Não existe, ou você não tem acesso.",
        "Falta um valor em “Wave”.",
    ]


def test_the_api_describes_a_type_by_its_given_name(of: RecordType[Any]) -> None:
    api = FastAPI(generate_unique_id_function=lambda route: route.name)
    with speaking("pt_BR"):
        api.include_router(records.declared(of))
        described = api.openapi()
    shapes = described["components"]["schemas"]
    routes = {said["operationId"]: said for methods in described["paths"].values() for said in methods.values()}
    names = ("list_object_nps_survey", "create_object_nps_survey", "preview_object_nps_survey_merge")
    assert {routes[name]["summary"] for name in names} == {
        *("List NPS surveys", "Create NPS survey", "Preview NPS survey merge"),
    }
    assert routes["list_object_nps_survey_merges"]["description"].startswith("What was merged into the NPS survey")
    assert shapes["NpsSurveyApart"]["description"].startswith("Both NPS surveys")
    told = [said.get(part, "") for said in (*routes.values(), *shapes.values()) for part in ("summary", "description")]
    assert by_its_key("\n".join(told)) == []


def test_the_search_everywhere_calls_a_type_by_its_given_name(store: Store, team: Team, made: Any) -> None:
    (record,) = [entry for entry in found(store, team.ada, "Spring") if entry["address"] == "/object_1?object_1=1"]
    assert (record["group"], record["title"]) == ("NPS surveys", "Spring")
    offered = {entry["address"]: entry["title"] for entry in found(store, team.ada, "NPS")}
    assert offered == {"/objects_1?new=1": "New NPS survey", "/objects_1": "NPS surveys"}


def test_files_of_a_type_are_called_by_its_given_name(store: Store, team: Team, made: Any) -> None:
    process.use(store)
    with store.writing(SYSTEM) as tx:
        headers = {TRUSTED_HEADER.decode(): sessions.hashed(sessions.begin(tx, team.ada.id))}
    client = TestClient(Starlette(routes=[*downloads.ROUTES, *uploads.ROUTES]), headers=headers)
    template = client.get("/imports/templates/objects_1.xlsx")
    assert template.headers["content-disposition"] == 'attachment; filename="nps-surveys-template.xlsx"'
    assert fastexcel.read_excel(template.content).sheet_names == ["NPS surveys"]
    exported = client.get("/exports/objects_1.csv")
    assert exported.headers["content-disposition"] == 'attachment; filename="nps-surveys.csv"'
    assert by_its_key(exported.text) == []
