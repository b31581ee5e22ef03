"""What is fixed before a run: how long an act is followed, and which stretches of time are looked at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


class Span(NamedTuple):
    """A stretch of time [first, last), in days from the scenario's start."""

    label: str
    first: float
    last: float


class Plan(NamedTuple):
    """What is fixed before a run: the window in days, and stretches of time that are also looked at alone.

    A parent belongs to the stretches that it happens in. `spans` are few and long, for R itself; `months` are
    the finer ones of R through time. `cut` is true when the run is too short for a window as long as the
    actors may take to answer.
    """

    window: float
    spans: tuple[Span, ...] = ()
    cut: bool = False
    months: tuple[Span, ...] = ()

    @property
    def bounds(self) -> npt.NDArray[np.float64]:
        """The ends of all stretches, ascending and distinct, float64[n]: time is divided into n + 1 cells."""
        ends = {float(end) for span in (*self.spans, *self.months) for end in (span.first, span.last)}
        return np.array(sorted(ends))

    def cells(self, span: Span) -> slice:
        """Return the cells of time that make up one of the stretches."""
        first, last = np.searchsorted(self.bounds, (span.first, span.last))
        return slice(int(first) + 1, int(last) + 1)

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON values, the stretches in days from the start."""
        return {
            "window_days": self.window,
            "window_cut": self.cut,
            "spans": _plain(self.spans),
            "months": _plain(self.months),
        }


def _plain(spans: Iterable[Span]) -> list[dict[str, Any]]:
    return [{"span": span.label, "first_day": span.first, "end_day": span.last} for span in spans]
