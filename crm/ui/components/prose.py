"""Markdown that people write, as HTML that can do nothing: no markup of its own, no pictures, links that only lead
away."""

from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import streamlit as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

STYLE = """
<style>
.prose { overflow-wrap: anywhere; line-height: 1.5; }
.prose a { color: inherit; text-decoration: underline; }
.prose > :first-child { margin-top: 0; } .prose > :last-child { margin-bottom: 0; }
.prose p, .prose ul, .prose ol, .prose blockquote, .prose pre, .prose table { margin: .4rem 0; padding-top: 0; }
.prose ul, .prose ol { padding-left: 1.3rem; } .prose li { margin: .1rem 0; font-size: inherit; }
.prose h1, .prose h2, .prose h3, .prose h4, .prose h5, .prose h6 { font-size: 1.05rem; margin: .6rem 0 .2rem;
  padding: 0; }
.prose blockquote { border-left: 3px solid color-mix(in srgb, currentColor 20%, transparent); padding-left: .8rem;
  opacity: .85; }
.prose code { background: color-mix(in srgb, currentColor 8%, transparent); border-radius: 4px; padding: .1rem .25rem; }
.prose pre { overflow-x: auto; padding: .6rem; border-radius: 6px;
  background: color-mix(in srgb, currentColor 6%, transparent); } .prose pre code { background: none; padding: 0; }
.prose table { display: block; overflow-x: auto; border-collapse: collapse; }
.prose th, .prose td { padding: .25rem .6rem; border: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
</style>
"""

MOST_BRACKETS = 1_000
MOST_CELLS = 5_000
DEEPEST = 20
"""Of quotes and lists in each other, and of marks in each other. What is deeper is left out of the text's shape."""

# Not `st.markdown`, which fetches pictures from anywhere and reads directives of its own. What may not be is switched
# off in the parser, not cleaned up after it.
_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True, "maxNesting": DEEPEST}).disable(
    "image"
)


def _link(self: Any, tokens: Sequence[Token], place: int, options: Any, env: MutableMapping[str, Any]) -> str:
    """The opening tag of a link."""
    # The other page learns nothing of this one, and cannot reach back into it.
    tokens[place].attrSet("target", "_blank")
    tokens[place].attrSet("rel", "noopener noreferrer nofollow")
    return str(self.renderToken(tokens, place, options, env))


_MARKDOWN.add_render_rule("link_open", _link)
# With a scheme alone: a relative address would lead into the product under a stranger's words.
_MARKDOWN.validateLink = lambda url: url.lower().startswith(("https://", "http://", "mailto:", "tel:"))  # type: ignore[method-assign]


@lru_cache(maxsize=200)
def html(markdown: str) -> str:
    """The text as HTML, cached for texts that are shown again."""
    # Shown as it was written, not refused: notes of imports, of the API and of earlier versions need no rule then.
    if _is_costly(markdown):
        return f"<div class='prose'><p style='white-space: pre-wrap'>{escape(markdown)}</p></div>"
    return f"<div class='prose'>{_MARKDOWN.render(markdown)}</div>"


def _is_costly(markdown: str) -> bool:
    """Whether rendering would take long, as it does for texts that are made to."""
    lines = markdown.splitlines()
    cells = len(lines) * max((line.count("|") for line in lines), default=0)
    # For each bracket the parser looks through all that follows; a table's missing cells are made.
    return markdown.count("[") > MOST_BRACKETS or cells > MOST_CELLS


def show(markdown: str) -> None:
    st.html(STYLE + html(markdown))
