"""What a tuning found, as one document: written to `tuning.json`, read back, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import inf
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from escalation.study.points.levers import Value

SCHEMA_VERSION = 1
KIND = "tuning"

Kept = Literal["yes", "no", "unsure"]
"""Whether a limit is kept: its whole 95% interval lies within it, beyond it, or across it."""


class Part(BaseModel):
    """A part of the document; nothing in it changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Part):
    """A value with its 95% interval; None for what cannot be said."""

    value: float | None
    low: float | None = None
    high: float | None = None


class Standing(Part):
    """A policy that came into the final choice: its levers and what it comes to.

    `tuned` are the goals in the trial, from the replications that it was tuned on, `goals` and `limits` the
    same on the held-out ones; `kept` says of each limit whether it is kept there.
    """

    trial: int
    point: dict[str, Value]
    tuned: tuple[float | None, ...]
    goals: tuple[Figure, ...]
    limits: tuple[Figure, ...]
    kept: tuple[Kept, ...]


class InCase(Part):
    """How the chosen policy and the untuned one stand in one case; `gains` are the differences of goals."""

    case: str
    untuned: tuple[Figure, ...]
    tuned: tuple[Figure, ...]
    gains: tuple[Figure, ...]
    limits: tuple[Figure, ...]
    kept: tuple[Kept, ...]


class Deviation(Part):
    """One lever turned away from the chosen policy: how goals change, which limits are then missed."""

    lever: str
    value: Value
    changes: tuple[Figure, ...]
    broken: tuple[str, ...]


class Compared(Part):
    """An outcome of the scenario in the untuned and the tuned policy, as `compare` has it."""

    outcome: str
    measure: str
    label: str
    untuned: float | None
    tuned: float | None
    difference: float | None
    interval: tuple[float, float] | None
    sure: bool


class Tuned(Part):
    """The whole finding. Figures are of held-out replications unless they are called tuned.

    `satisfied` is false when no policy that was tried keeps the limits: `chosen` is then the one nearest to
    them. `optimism` is, for each goal, how much better the chosen policy looked on the replications that it
    was tuned on. `importance` holds for each lever a share for each goal. `stopped` trials were given up
    early, `unknown` ones could not be measured, `keeping` ones kept the limits; `played` replications were
    played in all trials. `start` is the day from which the dates in `compared` are counted; None in findings
    of old versions.
    """

    schema_version: int = SCHEMA_VERSION
    kind: str = KIND
    title: str
    scenario: str | None
    actor: str | None
    overrides: tuple[str, ...]
    levers: tuple[str, ...]
    goals: tuple[str, ...]
    directions: tuple[Literal["maximise", "minimise"], ...]
    limits: tuple[str, ...]
    cases: tuple[str, ...]
    robust: str
    of_cases: str
    sampler: str
    trials: int
    stopped: int
    faults: tuple[str, ...]
    unknown: int
    replications: int
    held_out: int
    played: int
    seed: int
    held_out_seed: int
    failed: int
    truncated: int
    satisfied: bool
    keeping: int
    chosen: Standing
    untuned: Standing
    gains: tuple[Figure, ...]
    optimism: tuple[Figure, ...]
    finalists: tuple[Standing, ...]
    in_cases: tuple[InCase, ...]
    deviations: tuple[Deviation, ...]
    importance: dict[str, tuple[float | None, ...]]
    compared: tuple[Compared, ...]
    start: date | None = None
    seconds: float
    seconds_asking: float
    """Of these, the optimiser's own."""

    @property
    def signs(self) -> tuple[float, ...]:
        """What makes each goal a loss: -1 where more is better, else 1. A regret is a loss as it is."""
        regret = self.robust == "regret" and bool(self.cases)
        return tuple(-1.0 if way == "maximise" and not regret else 1.0 for way in self.directions)

    @property
    def gained(self) -> bool:
        """Whether the chosen policy is surely better than the untuned one in a goal, or keeps limits better.

        Surely: the whole 95% interval of the difference, in the same held-out replications, is on the good
        side.
        """
        surer = any(
            _KEPT.index(mine) > _KEPT.index(before)
            for mine, before in zip(self.chosen.kept, self.untuned.kept, strict=True)
        )
        return surer or any(_surely_less(*pair) for pair in zip(self.signs, self.gains, strict=True))

    @property
    def file(self) -> str:
        """The name of the chosen policy's file: `nearest.yaml` where none keeps the limits."""
        return "chosen.yaml" if self.satisfied else "nearest.yaml"

    def beaten(self, one: Standing) -> bool:
        """Return whether another finalist, or the untuned policy, is no worse in any goal and better in one.

        By the values on held-out replications, whether or not their difference is sure. What surely misses a
        limit beats nothing.
        """
        rivals = [other for other in (self.untuned, *self.finalists) if "no" not in other.kept]
        mine, *others = (_losses(self.signs, other) for other in (one, *rivals))
        return any(
            all(theirs <= my for theirs, my in zip(other, mine, strict=True)) and other != mine
            for other in others
        )

    @property
    def clean(self) -> bool:
        """True when no replication failed or was truncated."""
        return not (self.failed or self.truncated)

    def to_json(self) -> dict[str, Any]:
        """Return the document as plain JSON values."""
        return self.model_dump(mode="json")


_KEPT: tuple[Kept, ...] = ("no", "unsure", "yes")
"""Verdicts on a limit, the worst first."""


def _surely_less(sign: float, gain: Figure) -> bool:
    ends = [sign * end for end in (gain.low, gain.high) if end is not None]
    return max(ends) < 0 if ends else gain.value is not None and sign * gain.value < 0


def _losses(signs: Sequence[float], one: Standing) -> list[float]:
    return [
        sign * figure.value if figure.value is not None else inf
        for sign, figure in zip(signs, one.goals, strict=True)
    ]
