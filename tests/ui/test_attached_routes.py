"""/files/<id>: saved and shown to those who may see the record, and nothing in a file ever runs."""

from collections.abc import Callable

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from crm import contacts
from crm.foundation.access import SYSTEM, Actor
from crm.platform import files, process
from crm.platform.people import sessions
from crm.records import attachments
from crm.records.attachments import Attachment
from crm.store import Store
from crm.ui.auth.auth_middleware import TRUSTED_HEADER
from crm.ui.routes.attached_routes import ROUTES
from tests import pictures
from tests.owner_privacy import owner_privacy
from tests.people import Team

PNG = pictures.png()
PDF = b"%PDF-1.4\n%%EOF"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"

Browser = Callable[[Actor | None], TestClient]
Attach = Callable[[str, bytes], Attachment]


@pytest.fixture
def browser(store: Store) -> Browser:
    def open_as(actor: Actor | None) -> TestClient:
        process.use(store)
        if actor is None:
            return TestClient(Starlette(routes=ROUTES))
        with store.writing(SYSTEM) as tx:
            session_id = sessions.begin(tx, actor.id)
        return TestClient(Starlette(routes=ROUTES), headers={TRUSTED_HEADER.decode(): sessions.hashed(session_id)})

    return open_as


@pytest.fixture
def attach(store: Store, team: Team) -> Attach:
    """Beside a contact of Ana's."""
    with store.writing(team.ana) as tx:
        zoe = contacts.create(tx, name="Zoe")

    def attach(name: str, content: bytes) -> Attachment:
        sha256, size = files.keep(store, [content], 2**20)
        media_type = attachments.media_type(files.folder(store) / sha256, name)
        with store.writing(team.ana) as tx:
            return attachments.attach(
                tx, "contact", zoe.id, sha256=sha256, file_name=name, size=size, media_type=media_type
            )

    return attach


@pytest.mark.parametrize(("name", "content"), [("page.html", HTML), ("logo.svg", SVG), ("photo.png", PNG)])
def test_a_file_is_saved_under_its_name_and_opened_by_nothing(
    team: Team, browser: Browser, attach: Attach, name: str, content: bytes
) -> None:
    answer = browser(team.bob).get(f"/files/{attach(name, content).id}")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"


def test_a_picture_and_a_pdf_are_shown_in_place(team: Team, browser: Browser, attach: Attach) -> None:
    picture = browser(team.bob).get(f"/files/{attach('photo.png', PNG).id}/preview")
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    assert picture.headers["content-disposition"] == 'inline; filename="photo.png"'
    assert picture.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    document = browser(team.bob).get(f"/files/{attach('offer.pdf', PDF).id}/preview")
    assert (document.content, document.headers["content-type"]) == (PDF, "application/pdf")
    assert document.headers["content-security-policy"].startswith("default-src 'none'")
    assert "script-src" not in document.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "content"), [("page.html", HTML), ("logo.svg", SVG), ("list.txt", b"one"), ("photo", HTML)]
)
def test_nothing_else_is_shown_in_place(
    team: Team, browser: Browser, attach: Attach, name: str, content: bytes
) -> None:
    assert browser(team.bob).get(f"/files/{attach(name, content).id}/preview").status_code == 404


def test_a_picture_is_shown_small_by_another_picture(team: Team, browser: Browser, attach: Attach) -> None:
    photo = attach("photo.jpg", pictures.jpeg())
    answer = browser(team.bob).get(f"/files/{photo.id}/thumbnail")
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) < photo.size
    assert browser(team.bob).get(f"/files/{attach('list.txt', b'one').id}/thumbnail").status_code == 404


@pytest.mark.parametrize("content", [pictures.vast_png(), pictures.png(30, 30)[:60]])
def test_a_picture_that_cannot_be_shown_is_a_sign_and_a_download_and_never_its_own_thumbnail(
    team: Team, browser: Browser, attach: Attach, content: bytes
) -> None:
    found, bob = attach("vast.png", content), browser(team.bob)
    sign = bob.get(f"/files/{found.id}/thumbnail")
    assert sign.headers["content-type"].startswith("image/svg+xml")
    assert sign.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert len(sign.content) < 500
    refused = bob.get(f"/files/{found.id}/preview")
    assert refused.status_code == 422
    assert "This picture is" in refused.text
    assert bob.get(f"/files/{found.id}").content == content


def test_a_picture_under_a_false_name_is_what_it_is(team: Team, browser: Browser, attach: Attach) -> None:
    answer = browser(team.bob).get(f"/files/{attach('harmless.html', PNG).id}/preview")
    assert answer.headers["content-type"] == "image/png"


def test_a_name_that_could_break_a_header_is_encoded(team: Team, browser: Browser, attach: Attach) -> None:
    found = attach('a"; b\r\nX: y ç.txt', b"one")
    answer = browser(team.bob).get(f"/files/{found.id}")
    assert answer.status_code == 200
    assert "x" not in answer.headers
    assert answer.headers["content-disposition"].startswith("attachment; filename*=utf-8''")


@pytest.mark.parametrize("path", ["/files/{id}", "/files/{id}/preview", "/files/{id}/thumbnail"])
def test_files_of_a_record_that_one_may_not_see_do_not_exist(
    store: Store, team: Team, browser: Browser, attach: Attach, path: str
) -> None:
    found = path.format(id=attach("photo.png", PNG).id)
    assert browser(None).get(found).status_code == 403
    assert browser(team.vera).get(found).status_code == 200
    owner_privacy(store, team)
    assert browser(team.bob).get(found).status_code == 404
    assert browser(team.ana).get(found).status_code == 200
    assert browser(team.marta).get("/files/999").status_code == 404


def test_a_name_is_sent_so_that_no_header_and_no_reader_is_misled(store: Store, team: Team) -> None:
    with store.writing(team.ana) as tx:
        zoe = contacts.create(tx, name="Zoe")
    sha256, size = files.keep(store, [b"a,b\n"], 100)
    with store.writing(team.ana) as tx:
        found = attachments.attach(
            tx,
            "contact",
            zoe.id,
            sha256=sha256,
            file_name='oferta "ção"\r\nX-Bad: 1\u202e.csv',
            size=size,
            media_type="text/csv",
        )
    assert found.file_name == "oferta _ção_X-Bad_ 1.csv"
