"""The address behind a cell that opens a record carries the name that the cell shows."""

import re
from urllib.parse import unquote

import pytest

from crm.ui.imports.rows import NAME, opening


@pytest.mark.parametrize("name", ["Ana", "=1+1", "100 %", "two\nlines", "C# & co", "javascript:alert(1)", "Zé “Três”"])
def test_the_name_comes_back_whole(name):
    address = opening("contact", 7, name)
    assert address
    assert address.startswith("/contact?contact=7#")
    shown = re.search(NAME, address)
    assert shown
    assert unquote(shown[1].replace("+", " ")) == name


def test_no_record_no_cell():
    assert opening("contact", None, "Ana") is None
