"""Streamlit's page, told to load at once what the first board needs.

By itself a browser learns of a button's script only when the first message names such an element, and of
what that script needs only when it has come.
"""

import json
import logging
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from crm.ui.routes import own_scripts

log = logging.getLogger(__name__)

DRAWN_FIRST = (
    "widgets/BidiComponent/BidiComponent.tsx",
    "widgets/Button/Button.tsx",
    "widgets/ButtonGroup/ButtonGroup.tsx",
    "widgets/MenuButton/MenuButton.tsx",
    "widgets/Selectbox/Selectbox.tsx",
    "widgets/TextInput/TextInput.tsx",
    "elements/Html/Html.tsx",
    "elements/Metric/Metric.tsx",
)
"""The sources of what the frame and the board are made of, as the manifest names them."""

FONT = "./app/static/inter-latin-wght-normal.woff2"
OWN_SCRIPTS = f'<script type="module" src=".{own_scripts.ADDRESS}"></script>'

TEXTS = '<script src="./texts.js"></script>'
"""Before all other scripts: the texts that they show."""

START = '<script src="./app/static/start.js"></script>'
"""Run before Streamlit's own scripts, which wait for the whole page: they read the theme and the server's address when
they start."""

ICONS = "MaterialSymbols-Rounded.woff2"
HASHED = re.compile(r"\.[\w-]{8}\.\w+$")
"""A name such as `Button.CORxUu4r.js`: another content has another name."""

UNUSED_FONT = re.compile(r"<link\s+rel=\"preload\"[^>]*SourceSansVF[^>]*>")
"""Streamlit's own font, which it loads ahead; the product has another one."""
OWN_FONT = "<style>[data-testid=stSkipToContent] { font-family: Inter, sans-serif !important; }</style>"
"""For the one text that comes before the theme: for it Streamlit's font, 170 kB, would come ahead of the board."""


def altered(index: str, manifest: str) -> str:
    """The page with its links to load ahead. It stays as it is where Streamlit's files are not as expected here."""
    try:
        chunks = json.loads(manifest)
        links = [*_fonts(chunks), *_scripts(chunks, index)]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("Streamlit's manifest is not as expected, so nothing is loaded ahead: %r", error)
        return index
    if index.count("</head>") != 1:
        log.warning("Streamlit's page is not as expected, so nothing is loaded ahead")
        return index
    return UNUSED_FONT.sub("", index).replace(
        "</head>", f"{OWN_FONT}{TEXTS}{START}{''.join(links)}{OWN_SCRIPTS}</head>"
    )


def files_of(page: str) -> list[str]:
    """The addresses of the files that this page loads and that never change, of whatever page asks for them."""
    return [address for address in re.findall(r'(?:href|src)="\.(/[^"]+)"', page) if HASHED.search(address)]


def _scripts(manifest: dict[str, dict[str, Any]], index: str) -> Iterator[str]:
    """A link for each script of what is drawn first that the page does not load ahead already."""
    at_once: dict[str, None] = {}
    for source in DRAWN_FIRST:
        _follow(manifest, _key(manifest, source), at_once)
    for file in at_once:
        if file not in index:
            yield f'<link rel="modulepreload" crossorigin href="./{escape(file)}">'


def _follow(manifest: dict[str, dict[str, Any]], key: str, found: dict[str, None]) -> None:
    """Find the files that a chunk needs, itself included."""
    chunk = manifest[key]
    if chunk["file"] in found:
        return
    found[chunk["file"]] = None
    for needed in chunk.get("imports", ()):
        _follow(manifest, needed, found)


def _fonts(manifest: dict[str, dict[str, Any]]) -> Iterator[str]:
    icons = manifest[_key(manifest, ICONS)]["file"]
    for address in (FONT, f"./{icons}"):
        yield f'<link rel="preload" href="{escape(address)}" as="font" type="font/woff2" crossorigin>'


def _key(manifest: dict[str, dict[str, Any]], source: str) -> str:
    found = [key for key in manifest if source in key]
    if len(found) != 1:
        raise KeyError(source)
    return found[0]
