"""The difference between two flywheels."""

from __future__ import annotations

from math import hypot

import numpy as np
import numpy.typing as npt

from escalation.study.comparing.comparison import Difference, Level
from escalation.study.comparing.pairing import matched_batches
from escalation.study.comparing.sides import Data
from escalation.study.flywheel.batches import Batches
from escalation.study.flywheel.reading import FEWEST_BATCHES, Reading
from escalation.study.stats import Z95, Interval, apart, two_sided

Array = npt.NDArray[np.float64]

UNLIKE = "of different numbers of replications, they are divided into other batches"
NAME = "flywheel.R"
LABEL = "further hostile acts that each one calls forth"


def difference_of_wheels(a: Data, b: Data, paired: bool) -> tuple[Difference | None, str | None]:
    """Return the difference in R, and why it is not a paired one where the others are.

    Paired, both are resampled together, batch by batch; else it is that of two independent estimates, from
    their intervals. None where a run knows nothing of its flywheel.
    """
    if a.flywheel is None or b.flywheel is None:
        silent = " and ".join(data.side.name for data in (a, b) if data.flywheel is None)
        return None, f"R is not compared: the version that made {silent} did not store it."
    if not paired:
        return _apart(a.flywheel.counted, b.flywheel.counted), None
    batches = matched_batches(a, b)
    if batches and (len(batches[0].numbers) >= FEWEST_BATCHES or not _enough_alone(a, b)):
        return _together(*batches), None
    if batches:
        why = f"R is compared as that of independent runs: {UNLIKE}."
        return _apart(a.flywheel.counted, b.flywheel.counted), why
    silent = " and ".join(data.side.name for data in (a, b) if data.batches is None)
    why = f"R is compared as that of independent runs: {silent} did not keep its batches."
    return _apart(a.flywheel.counted, b.flywheel.counted), why


def _enough_alone(a: Data, b: Data) -> bool:
    """Return whether each by itself has batches enough for an interval."""
    return all(data.batches is not None and len(data.batches.numbers) >= FEWEST_BATCHES for data in (a, b))


def _together(a: Batches, b: Batches) -> Difference:
    """Return the difference of flywheels whose batches hold the same replications."""
    n, enough = len(a.numbers), len(a.numbers) >= FEWEST_BATCHES
    (one, x), (other, y) = (_resampled(batches, enough) for batches in (a, b))
    if n and a.same(b):
        return _difference(n, one, other, Interval(0.0, 0.0), 1.0, equal=True)
    if x is None or y is None or one.estimate is None or other.estimate is None:
        return _difference(n, one, other, None, None)
    count = min(len(x), len(y))
    between = y[:count] - x[:count]
    error, alone = float(between.std()), float(x.var() + y.var())
    p = _p(other.estimate - one.estimate, error)
    return _difference(n, one, other, _middle(between), p, saved=alone / error**2 if error else None)


def _resampled(batches: Batches, enough: bool) -> tuple[Level, Array | None]:
    samples = batches.radii() if enough else None
    return Level(batches.R, None if samples is None else _middle(samples)), samples


def _apart(a: Reading, b: Reading) -> Difference:
    one, other = Level(a.R, _interval(a)), Level(b.R, _interval(b))
    if a.R is None or b.R is None or one.interval is None or other.interval is None:
        return _difference(0, one, other, None, None)
    between = apart((a.R, one.interval), (b.R, other.interval))
    errors = ((ends.high - ends.low) / (2 * Z95) for ends in (one.interval, other.interval))
    return _difference(0, one, other, between, _p(b.R - a.R, hypot(*errors)))


def _interval(reading: Reading) -> Interval | None:
    return None if reading.low is None or reading.high is None else Interval(reading.low, reading.high)


def _middle(samples: Array) -> Interval:
    low, high = np.quantile(samples, (0.025, 0.975))
    return Interval(float(low), float(high))


def _p(difference: float, error: float) -> float:
    return two_sided(difference / error) if error else float(difference == 0.0)


def _difference(
    n: int, a: Level, b: Level, interval: Interval | None, p: float | None, equal: bool = False,
    saved: float | None = None,
) -> Difference:  # fmt: skip
    between = None if a.estimate is None or b.estimate is None else b.estimate - a.estimate
    return Difference(
        name=NAME, measure="R", label=LABEL, kind="estimate", unit="acts per act", headline=True, n=n,
        baseline=a, other=b, difference=between, interval=interval, p=p, equal=equal, variance_ratio=saved,
    )  # fmt: skip
