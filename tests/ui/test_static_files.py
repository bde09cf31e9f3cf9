"""Streamlit's files and page as the product sends them: compressed, kept by browsers, loaded ahead."""

import asyncio
import base64
import gzip
import hashlib
import re
from collections.abc import Callable
from typing import Any

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit.web.server.starlette.starlette_gzip_middleware import SelectiveGZipMiddleware
from streamlit.web.server.starlette.starlette_static_routes import create_streamlit_static_assets_routes

from crm.foundation.access import SYSTEM
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.auth import auth_pages
from crm.ui.auth.auth_middleware import AuthMiddleware, Site
from crm.ui.routes import front_page, own_scripts, static_files
from crm.ui.routes.static_files import OWN, STREAMLIT, StaticFiles
from tests.people import Team

SCRIPT = max((STREAMLIT / "static" / "js").glob("Button.*.js"), key=lambda path: path.name)
ADDRESS = f"/static/js/{SCRIPT.name}"
INDEX = (STREAMLIT / "index.html").read_text()
MANIFEST = (STREAMLIT / "manifest.json").read_text()
DECODED: dict[str | None, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
    None: lambda content: content,
}


class Served:
    """Streamlit's static routes behind the product's middleware."""

    def __init__(self, store: Store, team: Team) -> None:
        process.use(store)
        with store.writing(SYSTEM) as tx:
            self._cookie = f"mallard={sessions.begin(tx, team.ids.ana)}"
        long = HTMLResponse("<p>Quote</p>" * 2000)
        self._app = Starlette(
            routes=[
                Route("/quote", long),
                Route("/login", HTMLResponse(INDEX.replace("Streamlit", "Sign in", 1))),
                *create_streamlit_static_assets_routes(""),
            ],
            middleware=[
                Middleware(AuthMiddleware, site=Site.of(Settings(base_url=None))),
                Middleware(StaticFiles),
                Middleware(SelectiveGZipMiddleware),
            ],
        )

    def get(self, path: str, accept: str = "", *, signed_in: bool = True, method: str = "GET", **headers: str) -> Any:
        """The response, its content as it came over the wire."""
        sent = {"accept-encoding": accept, "accept": "text/html", **headers}
        if signed_in:
            sent["cookie"] = self._cookie

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with (
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8501") as client,
                client.stream(method, path, headers=sent) as response,
            ):
                response.raw = b"".join([part async for part in response.aiter_raw()])  # type: ignore[attr-defined]
                return response

        return asyncio.run(ask())


@pytest.fixture
def site(store: Store, team: Team) -> Served:
    return Served(store, team)


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, br;q=0", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("deflate", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("path", [ADDRESS, "/", "/pipeline"])
def test_what_is_sent_is_in_the_best_form_that_is_taken(
    site: Served, path: str, accepted: str, encoding: str | None
) -> None:
    answer = site.get(path, accepted)
    page = front_page.altered(INDEX, MANIFEST).encode()
    assert (answer.status_code, answer.headers.get("content-encoding")) == (200, encoding)
    assert DECODED[encoding](answer.raw) == (SCRIPT.read_bytes() if path == ADDRESS else page)
    assert int(answer.headers["content-length"]) == len(answer.raw)
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_hashed_file_is_kept_for_good_and_the_page_asked_for_each_time(site: Served) -> None:
    assert site.get(ADDRESS).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get(ADDRESS).headers["content-type"] == "text/javascript; charset=utf-8"
    assert site.get("/").headers["cache-control"] == "no-cache"
    assert site.get("/app/static/icon.svg").headers["cache-control"] == "no-cache"
    font = site.get("/app/static/inter-latin-wght-normal.woff2", "br")
    assert font.raw == (OWN / "inter-latin-wght-normal.woff2").read_bytes()
    assert (font.headers["cache-control"], font.headers["content-type"]) == ("public, max-age=604800", "font/woff2")


def test_the_products_own_scripts_are_one_file_that_is_kept_for_good(site: Served) -> None:
    assert own_scripts.ADDRESS in site.get("/pipeline").raw.decode()
    answer = site.get(own_scripts.ADDRESS, "br")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    sent = brotli.decompress(answer.raw).decode()
    assert [name for name in own_scripts.NAMES if (OWN / f"{name}.js").read_text() not in sent] == []
    # In a block nothing can be imported or exported.
    assert re.findall(r"^(?:import|export)\b.*", sent, re.M) == []


def test_the_sign_in_fetches_the_files_of_the_first_page_ahead(site: Served) -> None:
    signing_in = bytes(auth_pages.sign_in(fetched_ahead=static_files.of_front_page()).body).decode()
    ahead = re.findall(r'<link rel="prefetch" href="([^"]+)" crossorigin>', signing_in)
    page = site.get("/pipeline").raw.decode()
    kept = re.findall(r'(?:src|href)="\.(/static/js/[^"]+)"', page)
    assert set(ahead) >= {*kept, own_scripts.ADDRESS}
    lifetimes = {site.get(path, signed_in=False).headers["cache-control"] for path in ahead}
    assert lifetimes == {"public, max-age=31536000, immutable"}


@pytest.mark.parametrize("path", [ADDRESS, "/", "/pipeline"])
def test_who_has_it_in_this_form_is_sent_nothing(site: Served, path: str) -> None:
    first = site.get(path, "br")
    again = site.get(path, "br", **{"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.raw) == (304, b"")
    assert site.get(path, "gzip", **{"if-none-match": first.headers["etag"]}).status_code == 200


def test_a_head_request_names_the_length_alone(site: Served) -> None:
    answer = site.get(ADDRESS, "br", method="HEAD")
    assert (answer.raw, answer.headers["content-length"]) == (b"", str(len(site.get(ADDRESS, "br").raw)))


def test_a_part_of_a_file_is_not_compressed(site: Served) -> None:
    answer = site.get(ADDRESS, "br", range="bytes=0-9")
    assert (answer.status_code, answer.raw) == (206, SCRIPT.read_bytes()[:10])


@pytest.mark.parametrize(
    "path",
    [
        "/static/../index.html",
        "/static/js/..%2f..%2f..%2f..%2fversion.py",
        "/static/%2e%2e/%2e%2e/version.py",
        "/app/static/%2e%2e/pyproject.toml",
        "//evil.example.com",
    ],
)
def test_nothing_outside_the_folders_is_served(site: Served, path: str) -> None:
    answer = site.get(path, "")
    assert answer.status_code in (301, 400, 404) or answer.raw == front_page.altered(INDEX, MANIFEST).encode()


def test_an_unknown_script_is_not_a_script(site: Served) -> None:
    answer = site.get("/static/js/None.AAAAAAAA.js")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_is_for_those_who_are_signed_in_and_the_files_are_for_all(site: Served) -> None:
    assert site.get("/pipeline", signed_in=False).headers["location"] == "/login?next=/pipeline"
    assert site.get(ADDRESS, signed_in=False).status_code == 200
    assert site.get(ADDRESS, signed_in=False, host="evil.example.com").status_code == 403


def test_other_pages_are_left_as_they_are(site: Served) -> None:
    assert site.get("/quote").raw == b"<p>Quote</p>" * 2000
    assert gzip.decompress(site.get("/quote", "gzip, br").raw) == b"<p>Quote</p>" * 2000
    assert site.get("/login").raw == INDEX.replace("Streamlit", "Sign in", 1).encode()


def test_what_the_page_loads_ahead_is_there_and_its_own_scripts_may_run(site: Served) -> None:
    answer = site.get("/pipeline")
    page = answer.raw.decode()
    ahead = re.findall(r'<link rel="(?:module)?preload"[^>]*href="\.([^"]+)"', page)
    assert len(ahead) > len(re.findall("preload", INDEX))
    assert len(ahead) == len(set(ahead))
    assert [site.get(path).headers["content-type"] for path in ahead if site.get(path).status_code != 200] == []
    assert any("BidiComponent" in path for path in ahead)
    assert "SourceSans" not in page
    for script in re.findall(r"<script>(.*?)</script>", page, re.S):
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("index", "manifest"),
    [
        (INDEX, "no JSON"),
        (INDEX, "{}"),
        (INDEX, MANIFEST.replace("widgets/Button/Button.tsx", "widgets/Press/Press.tsx")),
        (INDEX, MANIFEST.replace('"file"', '"path"')),
        (INDEX, "[]"),
        (INDEX.replace("</head>", ""), MANIFEST),
    ],
)
def test_another_streamlits_page_stays_as_it_is(index: str, manifest: str) -> None:
    assert front_page.altered(index, manifest) == index
