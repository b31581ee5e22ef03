"""From a picture to SVG and PNG, by Vega-Lite, with no browser and no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import Any
from xml.etree import ElementTree

import vl_convert

from escalation.present.charts.theme import CONFIG, NAMES, PAPER
from escalation.present.output import PictureForm
from escalation.present.page import WIDE, Frame, Picture
from escalation.present.screen import harmless

GAP = 36
"""Pixels between pictures that stand below one another."""
SVG = "http://www.w3.org/2000/svg"
LINE, FINE_LINE = 84, 108
"""Letters in a line of a picture's title and of its subtitle."""


def specification(picture: Picture, frame: Frame, titled: bool) -> dict[str, Any]:
    """Return the drawing in Vega-Lite; `titled` with the finding and the caption above it."""
    drawing = picture.draw(frame).to_dict()
    if titled:
        drawing["title"] = {
            "text": wrap(harmless(picture.title), LINE),
            "subtitle": wrap(harmless(picture.caption_where(alone=True)), FINE_LINE),
        }
    return {**drawing, "config": CONFIG}


def svg(pictures: Sequence[Picture]) -> str:
    """Return pictures below one another as a picture that stands alone, with titles and captions, light."""
    elements = [_element(picture, WIDE, True, f"p{n}") for n, picture in enumerate(pictures)]
    root = ElementTree.Element(f"{{{SVG}}}svg")
    width, height = 0.0, 0.0
    for element in elements:
        element.set("y", f"{height:g}")
        width = max(width, float(element.get("width", 0)))
        height += float(element.get("height", 0)) + GAP
        root.append(element)
    height -= GAP
    title = ElementTree.Element(f"{{{SVG}}}title")
    title.text = harmless(pictures[0].title)
    root[:0] = [title, ElementTree.Element(f"{{{SVG}}}rect", width="100%", height="100%", fill=PAPER)]
    root.attrib |= {
        "width": f"{width:g}", "height": f"{height:g}", "viewBox": f"0 0 {width:g} {height:g}", "role": "img",
    }  # fmt: skip
    return ElementTree.tostring(root, encoding="unicode")


def png(pictures: Sequence[Picture], scale: float = 2.0) -> bytes:
    """Return the same as an image, `scale` times as large."""
    content: bytes = vl_convert.svg_to_png(svg(pictures), scale=scale)
    return content


def as_file(pictures: Sequence[Picture], form: PictureForm) -> bytes:
    """Return pictures below one another as what a file holds."""
    return png(pictures) if form is PictureForm.PNG else svg(pictures).encode()


def image(picture: Picture, frame: Frame, scale: float = 2.0) -> bytes:
    """Return the drawing of one picture alone as PNG, without its title and caption."""
    content: bytes = vl_convert.vegalite_to_png(specification(picture, frame, False), scale=scale)
    return content


def inline(picture: Picture, frame: Frame, identity: str) -> str:
    """Return a picture for a page: its colours are variables of the page, its description its title.

    `identity` makes the ids in it unique on the page.
    """
    root = _element(picture, frame, False, identity)
    for element in root.iter():
        for name in ("fill", "stroke"):
            colour = element.attrib.get(name)
            if colour in NAMES:
                element.attrib[name] = f"var(--{NAMES[colour]})"
    width = float(root.attrib.pop("width"))
    root.attrib.pop("height", None)
    root.attrib |= {
        "role": "img", "aria-label": harmless(picture.title), "focusable": "false",
        "style": f"max-width:{width:g}px",
    }  # fmt: skip
    return ElementTree.tostring(root, encoding="unicode")


def _element(picture: Picture, frame: Frame, titled: bool, identity: str) -> ElementTree.Element:
    """Return a drawing as a tree, its ids made unique by `identity`, its roles and labels dropped.

    Vega escapes texts; reading what it wrote as XML, to write it anew, makes sure of that.
    """
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(specification(picture, frame, titled)))
    for element in root.iter():
        attributes = {
            name: _adapted(name, value, identity)
            for name, value in element.attrib.items()
            if name != "role" and not name.startswith("aria-")
        }
        element.attrib.clear()
        element.attrib |= attributes
    return root


def _adapted(name: str, value: str, identity: str) -> str:
    """Return an attribute with the id that it is, or refers to, made unique, and colours in one notation."""
    if name == "id":
        return f"{identity}-{value}"
    if name in ("fill", "stroke"):
        value = {"white": "#ffffff", "black": "#000000"}.get(value, value)
    return re.sub(r"url\(#", f"url(#{identity}-", value)
