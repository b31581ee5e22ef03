"""What an object shows at a Python prompt and in a notebook: three lines, the page of its command, HTML."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

PAGES: dict[str, Callable[[Any], str]] = {}
"""What makes `text` and `html` of an object; the room that makes pages puts it here."""


class Shown:
    """An object with a short `repr`; `print` shows the page of its command, as notebooks do."""

    def brief(self) -> str:
        """Return at most three lines."""
        return object.__repr__(self)

    def __repr__(self) -> str:
        """Return at most three lines."""
        return self.brief()

    def __str__(self) -> str:
        """Return the page of its command, as in a pipe."""
        return PAGES["text"](self) if PAGES else self.brief()

    def _repr_html_(self) -> str:
        return PAGES["html"](self) if PAGES else f"<pre>{escape(self.brief())}</pre>"


def brief(kind: str, title: str, *lines: str) -> str:
    """Return a few lines on an object: its kind, its title, what else is known."""
    return "\n".join((f"<{kind}: {title}", *(f"  {line}" for line in lines))) + ">"
