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
    """One picture. `name` is unique on a page; `draw` gives the drawing for the room there is."""

    name: str
    title: str
    caption: str
    draw: Callable[[Frame], ChartType]
    tables: Sequence[Table]
