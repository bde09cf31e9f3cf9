"""Every text that people read is said in their language: translated where it is shown, and found by the extractor."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard

import pytest

from crm.foundation.settings import ROOT

FILES = [*sorted((ROOT / "crm").rglob("*.py")), *sorted((ROOT / "pages").glob("*.py"))]

TRANSLATING = {"tr", "tr_as", "plural"}
COMMANDS = (
    "crm/cli.py",
    "crm/imports/command.py",
    "crm/platform/at_server.py",
    "crm/platform/people/tokens_command.py",
)
"""Modules of commands, which a shell of one language imports."""

COMPOSED = ("crm/records/kind_names.py",)
"""Where a text is composed of the name of a type; tests/laws/test_names.py holds that the catalogues have them."""

SHOWING = {
    *("badge", "button", "caption", "checkbox", "date_input", "download_button", "error", "expander", "file_uploader"),
    *("form_submit_button", "header", "info", "link_button", "markdown", "menu_button", "metric", "multiselect"),
    *("number_input", "page_link", "pills", "popover", "radio", "segmented_control", "selectbox", "slider", "spinner"),
    *("status", "subheader", "success", "text", "text_area", "text_input", "time_input", "title", "toast", "toggle"),
    *("warning", "write", "dialog", "tabs"),
    *("CheckboxColumn", "Column", "DateColumn", "DatetimeColumn", "LinkColumn", "MultiselectColumn", "NumberColumn"),
    *("SelectboxColumn", "TextColumn"),
}
"""Functions of Streamlit, and of its column configuration, that show their first argument."""
SHOWN = ("label", "help", "placeholder", "body", "text", "title", "alt", "caption", "hovertemplate")
"""Arguments by keyword that are shown."""

NO_TEXT = re.compile(r":material/\w+:|:[a-z]+(?:-[a-z]+)?\[|<[^>]*>?|\]\([^)]*\)?|%\{[^}]*\}|pages/\w+\.py")
"""What holds letters and is none: icons, colours, tags, links, values of charts, scripts of pages."""
NAMES = {"CSV", "PDF", "ABC-123", "https://"}
"""What is the same in every language."""
OTHERS = {"log", "LOG", "form", "filter_builder"}
"""What has functions of these names too, which take no texts first."""
WORD = re.compile(r"[^\W\d_]{2,}")


class _Literal(ast.Constant):
    value: str


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def _of_all_files(
    find: Callable[[ast.Module], Iterator[ast.expr]], *, below: tuple[str, ...] = ("",), but: tuple[str, ...] = ()
) -> list[str]:
    named = [(str(file.relative_to(ROOT)), file) for file in FILES]
    return [
        f"{name}:{found.lineno}: {ast.unparse(found)[:100]}"
        for name, file in named
        if name.startswith(below) and name not in but
        for found in find(_tree(file))
    ]


def test_no_text_is_translated_when_a_module_is_imported() -> None:
    """It would stay in the language of whoever came first."""
    # The scripts in pages/ run anew at each visit.
    assert _of_all_files(_at_import, below=("crm/",), but=COMMANDS) == []


def test_the_extractor_finds_every_text() -> None:
    """It knows literals outside of f-strings alone."""
    assert _of_all_files(_missed) == []


def test_texts_are_composed_where_a_law_holds_them_alone() -> None:
    assert _of_all_files(_composed, but=COMPOSED) == []


def test_what_streamlit_shows_is_translated() -> None:
    assert _of_all_files(_untranslated, below=("crm/ui/", "pages/")) == []


@pytest.mark.parametrize(
    ("find", "code", "faults"),
    [
        ("_at_import", 'A = tr("Add")', 1),
        ("_at_import", 'def a(b: str = tr("Add")) -> None: ...', 1),
        ("_at_import", 'class A:\n    b = plural("{count} duck", "{count} ducks", 2)', 1),
        ("_at_import", '@dialog(tr("Add"))\ndef a() -> None: ...', 1),
        ("_at_import", 'A = lambda: tr("Add")\ndef b() -> str:\n    return tr("Add")', 0),
        ("_missed", "f\"{tr('Add')} it\"", 1),
        ("_missed", 'tr("Add" if one else "Remove")', 1),
        ("_missed", 'tr(name or "Add")', 1),
        ("_missed", 'tr("Add" + name)', 1),
        ("_missed", 'tr("Add" if one else name)', 1),
        ("_missed", 'f"{tr(name)}" + tr("Add " "it") + tr(names["add"])', 0),
        ("_composed", 'tr(f"Add {kind}")', 1),
        ("_untranslated", 'st.button("Add")', 1),
        ("_untranslated", 'st.button(f"Add {kind}")', 1),
        ("_untranslated", 'st.button(tr("Add"), help="Add it" if new else None)', 1),
        ("_untranslated", '@dialog("Add")\ndef add() -> None: ...', 1),
        ("_untranslated", 'st.column_config.TextColumn("Added")', 1),
        ("_untranslated", 'st.button(tr("Add"), key="add", icon=":material/add:")', 0),
        ("_untranslated", 'st.markdown(f":material/add: **{tr(name)}** :red-badge[{number}]")', 0),
    ],
)
def test_a_fault_is_found(find: str, code: str, faults: int) -> None:
    assert len(list(globals()[find](ast.parse(code)))) == faults


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Calls that an import makes: outside of functions, or where one is declared."""
    within: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        own = [*node.args.defaults, *(each for each in node.args.kw_defaults if each)]
        within = [*own, *getattr(node, "decorator_list", ())]
    elif isinstance(node, ast.Call) and _called(node) in TRANSLATING:
        yield node
    for each in within:
        yield from _at_import(each)


def _translations(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in TRANSLATING | {"later"})


def _texts(call: ast.Call) -> list[ast.expr]:
    return call.args[: 2 if _called(call) in ("plural", "tr_as") else 1]


def _missed(tree: ast.Module) -> Iterator[ast.Call]:
    for string in ast.walk(tree):
        if isinstance(string, ast.JoinedStr):
            yield from (call for call in _translations(string) if any(map(_is_text, _texts(call))))
    for call in _translations(tree):
        if any(not _is_text(text) and any(map(_is_text, _parts(text))) for text in _texts(call)):
            yield call


def _parts(text: ast.expr) -> Iterator[ast.expr]:
    """What an expression may be, or is put together of."""
    match text:
        case ast.IfExp():
            within = [text.body, text.orelse]
        case ast.BoolOp():
            within = text.values
        case ast.BinOp():
            within = [text.left, text.right]
        case _:
            within = []
    yield text
    for each in within:
        yield from _parts(each)


def _composed(tree: ast.Module) -> Iterator[ast.Call]:
    for call in _translations(tree):
        if any(isinstance(text, ast.JoinedStr) for text in _texts(call)):
            yield call


def _untranslated(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first = node.args[:1] if _shows(node) else []
            given = [keyword.value for keyword in node.keywords if keyword.arg in SHOWN]
            for text in (part for each in [*first, *given] for part in _parts(each)):
                pieces = text.values if isinstance(text, ast.JoinedStr) else [text]
                said = "".join(piece.value if _is_literal(piece) else "_" for piece in pieces)
                if said not in NAMES and WORD.search(NO_TEXT.sub(" ", said)):
                    yield text


def _shows(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in SHOWING and ast.unparse(call.func.value) not in OTHERS
    return _called(call) == "dialog"


def _is_text(node: ast.expr) -> bool:
    return _is_literal(node) and bool(WORD.search(node.value))


def _is_literal(node: ast.expr) -> TypeGuard[_Literal]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
