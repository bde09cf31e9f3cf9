"""README's recipes, followed word for word on a copy of the product: the laws hold for what they make."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COPIED = ("crm", "pages", "static", ".streamlit", "data", "tests", "pyproject.toml", "streamlit_app.py", "main.py")


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """The product as it is, without stores and history. What Python compiled comes along: it knows which files are as
    they were."""
    left = {"data": ("store*", "demo*"), "tests": ("browser",)}
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns(*left.get(name, ())))
        elif source.exists():
            shutil.copy(source, tmp_path / name)
    yield tmp_path
    shutil.rmtree(tmp_path)


def blocks(heading: str) -> list[tuple[str, str]]:
    """(file and place, code) of each block under a heading of README."""
    section = re.split(r"\n#{2,3} ", README.split(f"### {heading}\n")[1])[0]
    found = re.findall(r"```\w+\n(?:--|#) ([^\n]+)\n(.*?)```", section, re.DOTALL)
    return [(place, code) for place, code in found]


def put(copy: Path, place: str, code: str) -> None:
    """A new file; or, where a class or dictionary is named, lines at its beginning."""
    name, _, within = place.partition(", ")
    path = copy / name
    if not within:
        path.write_text(code)
        return
    text = path.read_text()
    start = re.search(rf"^{within}\b.*?[:{{]\n", text, re.MULTILINE)
    assert start, f"{name} has no “{within}”"
    lines = "".join(f"    {line}\n" for line in code.splitlines())
    path.write_text(text[: start.end()] + lines + text[start.end() :])


def laws_hold(copy: Path, key: str, *, but: str = "") -> None:
    """Run there what `tests/laws` says of one type, without the laws whose names hold `but`."""
    mute = ("-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=", "-v")
    chosen = ("-k", f"{key} and not {but}" if but else key)
    done = run(copy, "-m", "pytest", "tests/laws", "--ignore", "tests/laws/test_recipes.py", *chosen, *mute)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    for page in ("a_column_of_the_list_page", "on_the_page_of_the_record"):
        assert f"test_each_field_is_{page}[{key}] PASSED" in done.stdout


def fields_of(copy: Path, key: str) -> str:
    found = run(copy, "-c", f"from crm.records import registry; print(list(registry.get({key!r}).fields))")
    assert found.returncode == 0, found.stderr
    return found.stdout


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=copy, capture_output=True, text=True, timeout=900)


def test_a_field_is_a_migration_and_a_line(copy: Path) -> None:
    (migration, sql), (place, line) = blocks("Add a field")
    put(copy, migration, sql)
    put(copy, place, line)
    kinds = copy / "crm/companies/declaration.py"
    kinds.write_text(kinds.read_text().replace("import AttributeValues, ", "import AttributeValues, Link, "))
    assert "'website'" in fields_of(copy, "company")
    laws_hold(copy, "company")


def test_a_record_type_is_its_files_and_a_line(copy: Path) -> None:
    example = copy / "tests/laws/visit"
    section = README.split("### Add a record type\n")[1]
    for files, places in re.findall(r"^\| (`.+?) \| (`.+?) \|$", section.split("\n## ")[0], re.MULTILINE):
        (place,) = re.findall(r"`(crm/[^`]+)`", places)
        for name in re.findall(r"`([^`]+)`", files):
            target = copy / place / name if place.endswith("/") else copy / place
            target.parent.mkdir(exist_ok=True)
            target.write_text((example / name).read_text().replace("tests.laws.visit", "crm.visits"))
    ((place, line),) = blocks("Add a record type")
    put(copy, place, line)
    shutil.rmtree(example)
    assert "'happens_on'" in fields_of(copy, "visit")
    laws_hold(copy, "visit", but="can_be_translated")  # its words are the newcomer's to translate
