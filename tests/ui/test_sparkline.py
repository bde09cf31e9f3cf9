"""The small pictures of figures: what they draw, and when they draw nothing."""

from typing import Any
from urllib.parse import unquote

import pytest
from defusedxml import ElementTree

from crm.ui.components import sparkline

SVG = "{http://www.w3.org/2000/svg}"


def picture(points: list[float], shape: sparkline.Shape) -> Any:
    found = unquote(sparkline.html(points, shape))
    assert found.startswith('<div aria-hidden="true"')
    return ElementTree.fromstring(found[found.index("<svg") : found.index("</svg>") + 6])


def test_a_line_goes_from_its_lowest_to_its_highest_point() -> None:
    line = picture([1, 3, 2], "line").find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == "0.0,29.0 50.0,1.0 100.0,15.0"


def test_an_area_stands_on_zero() -> None:
    area = picture([10, 20], "area").find(f"{SVG}polyline")
    assert area is not None
    assert area.get("points") == "0.0,15.0 100.0,1.0"


def test_bars_are_as_tall_as_their_share_of_the_tallest() -> None:
    bars = picture([1, 2, 0], "bar").findall(f"{SVG}rect")
    assert [bar.get("height") for bar in bars] == ["15.0", "30.0", "0.5"]


@pytest.mark.parametrize(
    ("points", "shape"), [([], "line"), ([5], "line"), ([0, 0], "area"), ([], "bar"), ([0], "bar")]
)
def test_what_is_no_picture_draws_nothing(points: list[float], shape: sparkline.Shape) -> None:
    assert sparkline.html(points, shape) == ""


def test_equal_points_are_a_level_line() -> None:
    line = picture([4, 4], "line").find(f"{SVG}polyline")
    assert line is not None
    assert line.get("points") == "0.0,29.0 100.0,29.0"
