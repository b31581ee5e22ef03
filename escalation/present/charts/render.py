"""From a figure to SVG and PNG, by Vega-Lite, with no browser and no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from escalation.errors import EnvironmentFault
from escalation.present.charts.figure import WIDE, Figure, Frame
from escalation.present.charts.theme import CONFIG, NAMES, PAPER
from escalation.present.words import harmless

if TYPE_CHECKING:
    from types import ModuleType

GAP = 36
"""Pixels between figures that stand below one another."""
SVG = "http://www.w3.org/2000/svg"
LINE, FINE_LINE = 84, 108
"""Letters in a line of a picture's title and of its subtitle."""


def need_pictures() -> ModuleType:
    """Return the converter of Vega-Lite; EnvironmentFault tells how to install what is missing."""
    try:
        import altair  # noqa: PLC0415, F401 - an extra
        import jinja2  # noqa: PLC0415, F401 - an extra
        import vl_convert  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EnvironmentFault(
            f"pictures need {error.name}, which is not installed; pip install 'escalation[report]'"
        ) from error
    converter: ModuleType = vl_convert
    return converter


def specification(figure: Figure, frame: Frame, titled: bool) -> dict[str, Any]:
    """Return the drawing in Vega-Lite; `titled` with the finding and the caption above it."""
    need_pictures()
    drawing = figure.draw(frame).to_dict()
    if titled:
        drawing["title"] = {
            "text": wrap(harmless(figure.title), LINE),
            "subtitle": wrap(harmless(figure.caption_alone), FINE_LINE),
        }
    return {**drawing, "config": CONFIG}


def svg(figures: Sequence[Figure]) -> str:
    """Return figures below one another as a picture that stands alone, with titles and captions, light."""
    drawn = [_element(figure, WIDE, True, f"p{n}") for n, figure in enumerate(figures)]
    root = ElementTree.Element(f"{{{SVG}}}svg")
    width, height = 0.0, 0.0
    for element in drawn:
        element.set("y", f"{height:g}")
        width = max(width, float(element.get("width", 0)))
        height += float(element.get("height", 0)) + GAP
        root.append(element)
    height -= GAP
    title = ElementTree.Element(f"{{{SVG}}}title")
    title.text = harmless(figures[0].title)
    root[:0] = [title, ElementTree.Element(f"{{{SVG}}}rect", width="100%", height="100%", fill=PAPER)]
    root.attrib |= {
        "width": f"{width:g}", "height": f"{height:g}", "viewBox": f"0 0 {width:g} {height:g}", "role": "img",
    }  # fmt: skip
    return ElementTree.tostring(root, encoding="unicode")


def png(figures: Sequence[Figure], scale: float = 2.0) -> bytes:
    """Return the same as an image, `scale` times as large."""
    drawn: bytes = need_pictures().svg_to_png(svg(figures), scale=scale)
    return drawn


def inline(figure: Figure, frame: Frame, identity: str) -> str:
    """Return a picture for a page: its colours are variables of the page, its description that of its figure.

    `identity` makes the ids in it unique on the page.
    """
    root = _element(figure, frame, False, identity)
    for element in root.iter():
        for name in ("fill", "stroke"):
            colour = element.attrib.get(name)
            if colour in NAMES:
                element.attrib[name] = f"var(--{NAMES[colour]})"
    width = float(root.attrib.pop("width"))
    root.attrib.pop("height", None)
    root.attrib |= {
        "role": "img", "aria-label": harmless(figure.title), "focusable": "false",
        "style": f"max-width:{width:g}px",
    }  # fmt: skip
    return ElementTree.tostring(root, encoding="unicode")


def _element(figure: Figure, frame: Frame, titled: bool, identity: str) -> ElementTree.Element:
    """Return a drawing as a tree, its ids made unique by `identity`, its roles and labels dropped.

    Vega escapes texts; reading what it wrote as XML, to write it anew, makes sure of that.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(need_pictures().vegalite_to_svg(specification(figure, frame, titled)))
    for element in root.iter():
        kept = {
            name: _adapted(name, value, identity)
            for name, value in element.attrib.items()
            if name != "role" and not name.startswith("aria-")
        }
        element.attrib.clear()
        element.attrib |= kept
    return root


def _adapted(name: str, value: str, identity: str) -> str:
    """Return an attribute with the id that it is, or refers to, made unique, and colours in one notation."""
    if name == "id":
        return f"{identity}-{value}"
    if name in ("fill", "stroke"):
        value = {"white": "#ffffff", "black": "#000000"}.get(value, value)
    return re.sub(r"url\(#", f"url(#{identity}-", value)
