"""Notes in Markdown: what would take long to read is shown as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crm.ui.components import prose

LONG = 20_000


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the parser was given."""
    seen: list[str] = []
    render = prose._MARKDOWN.render
    monkeypatch.setattr(prose._MARKDOWN, "render", lambda text: (seen.append(text), render(text))[1])
    prose.html.cache_clear()
    return seen


@pytest.mark.parametrize(
    "piece",
    ["[", "![", "*[", "[a][", "[`", "[](", "[a](<", "[[]]", "|a|b|\n|-|-|\n" + "|\n" * 5000, "|a" * 5001 + "\n"],
)
def test_what_is_dear_to_parse_is_shown_as_it_was_written(parsed: list[str], piece: str) -> None:
    text = (piece * LONG)[:LONG]
    shown = prose.html(text)
    assert parsed == []
    assert piece[:2].strip() in shown


def test_what_is_shown_as_it_was_written_is_no_markup() -> None:
    assert "<script>" not in prose.html("<script>" + "[" * LONG)


@given(
    some.lists(some.sampled_from(["[", "|", "\n", "a", "*", "`", "](x)", "<", ">", "- "]), max_size=3000).map("".join)
)
def test_the_parser_never_meets_more_than_it_can_bear(text: str) -> None:
    if "white-space: pre-wrap" in prose.html(text):
        return
    assert text.count("[") <= prose.MOST_BRACKETS
    lines = text.splitlines()
    assert sum(line.count("|") for line in lines) <= prose.MOST_CELLS


@pytest.mark.parametrize("deep", [">" * LONG, "".join("  " * depth + "- a\n" for depth in range(90)), "> - " * 4000])
def test_quotes_and_lists_go_no_deeper_than_anybody_reads(deep: str) -> None:
    shown = prose.html(deep[:LONG])
    assert shown.count("<blockquote>") + shown.count("<ul>") <= prose.DEEPEST


def test_a_note_that_is_shown_again_is_not_parsed_again(parsed: list[str]) -> None:
    assert prose.html("Some *news*") == prose.html("Some *news*")
    assert parsed == ["Some *news*"]


def test_a_long_honest_note_keeps_its_shape() -> None:
    table = "|" + "a|" * 20 + "\n|" + "-|" * 20 + "\n" + ("|" + "x|" * 20 + "\n") * 100
    assert "<table>" in prose.html(table)
    assert prose.html("[a](https://example.com) " * 700).count("<a ") == 700
