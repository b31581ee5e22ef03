"""What a picture is: a title that says the finding, how to read it, the drawing, and the numbers in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from escalation.present.table import Table

if TYPE_CHECKING:
    from altair.typing import ChartType

Row = dict[str, Any]
"""One datum of a drawing."""


class Scales(NamedTuple):
    """How far axes reach at least, so that several runs on one page can be compared by eye."""

    tension: float = 0.0
    acts: float = 0.0
    answers: float = 0.0
    R: float = 0.0


class Frame(NamedTuple):
    """How much room a drawing has: the width of its plot in pixels, and whether it is for a phone."""

    width: int
    narrow: bool

    @property
    def columns(self) -> int:
        """How many small pictures stand side by side."""
        return 2 if self.narrow else 3

    @property
    def panel(self) -> int:
        """The width of each of them."""
        return 118 if self.narrow else 198


WIDE, NARROW = Frame(660, False), Frame(285, True)


@dataclass(frozen=True)
class Figure:
    """One picture. `name` is unique on a page; `draw` gives the drawing for the room there is.

    `caption` is how to read it anywhere; `alone` is said besides where it stands alone, `on_page` on a page,
    where its tables and a glossary are at hand.
    """

    name: str
    title: str
    caption: str
    draw: Callable[[Frame], ChartType]
    tables: Sequence[Table]
    alone: str = ""
    on_page: str = ""

    @property
    def caption_alone(self) -> str:
        """The caption of a picture that stands alone."""
        return f"{self.caption} {self.alone}".strip()

    @property
    def caption_on_page(self) -> str:
        """The caption of a picture on a page, with its tables below it."""
        return f"{self.caption} {self.on_page}".strip()
