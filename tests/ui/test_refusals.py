"""What a refusal shows beside its sentence."""

import pytest
from streamlit.testing.v1 import AppTest


def _refused(kind: str) -> None:
    from crm.foundation.errors import Duplicate
    from crm.ui import refusals

    refusals.show(Duplicate("There is one already.", field="name", holder_kind=kind, holder_id=3))


@pytest.mark.parametrize("kind", ["label", "team", "user", "attribute", "product"])
def test_a_holder_without_a_page_is_not_linked_to(kind: str) -> None:
    page = AppTest.from_function(_refused, kwargs={"kind": kind}).run()
    assert [box.value for box in page.error] == ["There is one already\\."]
    assert not page.exception
    assert not page.get("page_link")
