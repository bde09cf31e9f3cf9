"""The small picture of a figure's last months.

A chart of Streamlit's brings Vega, a quarter of a megabyte of script, for four lines without axes.
"""

from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

import streamlit as st

Shape = Literal["line", "area", "bar"]

WIDTH, HEIGHT = 100, 30
GAP = 2
"""Between two bars."""

STROKE = "fill='none' stroke='black' stroke-width='2' vector-effect='non-scaling-stroke'"


def draw(points: Sequence[float], shape: Shape) -> None:
    """Draw the points as wide as what they are drawn in; nothing where all are zero, or one is no line."""
    if found := html(points, shape):
        st.html(found)


def html(points: Sequence[float], shape: Shape) -> str:
    """What `draw` draws. It says nothing to screen readers: the figure above it does."""
    if not any(points) or (len(points) < 2 and shape != "bar"):
        return ""
    marks = "".join(_bars(points) if shape == "bar" else _curve(points, filled=shape == "area"))
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'>"
        f"{marks}</svg>"
    )
    # A mask, since a picture knows nothing of the theme's colours.
    colour = st.get_option(f"theme.{st.context.theme.type or 'light'}.primaryColor")
    mask = f"url(&quot;data:image/svg+xml,{quote(picture)}&quot;) 0 0 / 100% 100% no-repeat"
    return f'<div aria-hidden="true" style="height: 3rem; background: {colour}; mask: {mask}"></div>'


def _curve(points: Sequence[float], *, filled: bool) -> Iterable[str]:
    low, high = min(*points, 0) if filled else min(points), max(points)
    step, span = WIDTH / (len(points) - 1), (high - low) or 1
    heights = [1 + (HEIGHT - 2) * (1 - (each - low) / span) for each in points]
    places = " ".join(f"{place * step:.1f},{height:.1f}" for place, height in enumerate(heights))
    if filled:
        yield f"<polygon points='0,{HEIGHT} {places} {WIDTH},{HEIGHT}' opacity='.25'/>"
    yield f"<polyline points='{places}' {STROKE}/>"


def _bars(points: Sequence[float]) -> Iterable[str]:
    step, high = WIDTH / len(points), max(*points, 0) or 1
    for place, each in enumerate(points):
        tall = max(HEIGHT * max(each, 0) / high, 0.5)
        yield f"<rect x='{place * step:.1f}' y='{HEIGHT - tall:.1f}' width='{step - GAP:.1f}' height='{tall:.1f}'/>"
