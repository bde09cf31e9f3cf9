"""The small picture of a figure's last months, drawn by the style sheet alone.

A chart of Streamlit's brings Vega, a quarter of a megabyte of script, for four lines without axes.
"""

from collections.abc import Iterable, Sequence
from typing import Literal
from urllib.parse import quote

Shape = Literal["line", "area", "bar"]

WIDTH, HEIGHT = 100, 30
GAP = 2
"""Between two bars."""

STROKE = "fill='none' stroke='black' stroke-width='2' vector-effect='non-scaling-stroke'"


def rule(selector: str, points: Sequence[float], shape: Shape) -> str:
    """The CSS that draws the points at the foot of what the selector names, which is to be `position: relative`;
    nothing where all are zero, or one is no line."""
    if not any(points) or (len(points) < 2 and shape != "bar"):
        return ""
    marks = "".join(_bars(points) if shape == "bar" else _curve(points, filled=shape == "area"))
    # A mask, since a picture knows nothing of the theme's colours.
    picture = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' preserveAspectRatio='none'>"
        f"{marks}</svg>"
    )
    mask = f'url("data:image/svg+xml,{quote(picture)}") 0 0 / 100% 100% no-repeat'
    return f'{selector}::after {{ content: ""; mask: {mask}; }}\n'


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
